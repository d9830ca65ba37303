// Who leaves is signed out, whatever is on its way just then, and nothing is kept.

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import * as keep from "../src/phone/keep";
import { SignIn } from "../src/signin";

class Kept extends Map<string, string> {
  getItem = (key: string): string | null => this.get(key) ?? null;
  setItem = (key: string, value: string): unknown => this.set(key, value);
  removeItem = (key: string): unknown => this.delete(key);
}

let [marks, asked, answers] = [new Kept(), [] as string[], [] as (unknown | Promise<unknown>)[]];
const signIn = (): SignIn => new SignIn(() => "en", () => undefined, marks as unknown as Storage);
const entered = { step: "SIGNED_IN", ticket: null, accessToken: "second", expiresAt: new Date(Date.now() + 3_600_000).toISOString() };
const over = { errors: [{ message: "over", extensions: { code: "NOT_SIGNED_IN" } }] };

beforeEach(() => {
  [marks, asked, answers] = [new Kept([["linli-signed-in-here", ""]]), [], []];
  const told = async (_: string, { headers, body }: RequestInit): Promise<unknown> => {
    const operation = /mutation (\w+)/.exec(String(body))![1];
    asked.push(`${operation} ${(headers as Record<string, string>).Authorization ?? ""}`.trim());
    const answer = await answers.shift();
    return { headers: new Headers(), json: async () => answer };
  };
  const setting = { window: globalThis, document: { documentElement: { lang: "en" } }, localStorage: new Kept(), sessionStorage: new Kept() };
  Object.assign(globalThis, setting, { fetch: told });
  Object.defineProperty(globalThis, "navigator", { value: {}, configurable: true });
});

test("who leaves with a token that is over signs out with the next one", async () => {
  answers = [over, { data: { refresh: entered } }, { data: { signOut: true } }];
  await signIn().out("first");
  assert.deepEqual(asked, ["SignOut Bearer first", "Refresh", "SignOut Bearer second"]);
  assert.equal(marks.size, 0);
});

test("a renewal under way is waited for, and nobody begins another", async () => {
  let come = (_: unknown): void => undefined;
  answers = [new Promise((done) => (come = done)), { data: { signOut: true } }];
  const leaving = signIn();
  const renewal = leaving.renew();
  const out = leaving.out("first");
  assert.equal(await leaving.renew(), null);
  come({ data: { refresh: entered } });
  await Promise.all([renewal, out]);
  assert.deepEqual(asked, ["Refresh", "SignOut Bearer second"]);
  assert.equal(marks.size, 0);
});

test("without an answer it is left all the same", async (scene) => {
  scene.mock.timers.enable({ apis: ["setTimeout"] });
  answers = [new Promise(() => undefined)];
  const out = signIn().out("first");
  scene.mock.timers.tick(10_000);
  await out;
  assert.equal(marks.size, 0);
});

test("what comes in after the phone was left is kept no more", () => {
  const stored = globalThis.localStorage as unknown as Kept;
  keep.put("plan", { homes: ["Willow Lane 50"] });
  assert.deepEqual([...stored.keys()], ["plan"]);
  keep.forget();
  keep.put("plan", { homes: ["Willow Lane 50"] });
  keep.keep({ token: "late" });
  assert.equal(stored.size, 0);
});
