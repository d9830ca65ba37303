import assert from "node:assert/strict";
import { test } from "node:test";
import type { QueueCall } from "../src/operations";
import { isWithin, ordered, reloaded, sound, step, taken } from "../src/queue";

function call(id: string, changes: Partial<QueueCall> = {}): QueueCall {
  return { id, status: "OPEN", priority: 3, openedAt: "2026-01-01T08:00:00Z", claimedBy: null, ...changes } as QueueCall;
}

const queueOf = (...calls: QueueCall[]): Map<string, QueueCall> => new Map(calls.map((one) => [one.id, one]));

test("a call that is told of comes into the queue, and leaves it when it has ended", () => {
  const one = taken(new Map(), call("a"));
  assert.deepEqual([...one.keys()], ["a"]);
  assert.equal(taken(one, call("a", { status: "ACCEPTED" })).get("a")?.status, "ACCEPTED");
  for (const status of ["RESOLVED", "CLOSED", "CANCELLED"] as const) assert.equal(taken(one, call("a", { status })).size, 0);
  assert.equal(one.size, 1, "the queue before is left as it was");
});

test("the desk's alarm stands first, then the more urgent, then the older", () => {
  const late = call("late", { openedAt: "2026-01-01T08:05:00Z" });
  const urgent = call("urgent", { priority: 7, openedAt: "2026-01-01T08:09:00Z" });
  const rings = call("rings", { status: "RINGING", priority: 1, openedAt: "2026-01-01T08:10:00Z" });
  assert.deepEqual(ordered(queueOf(late, call("early"), urgent, rings)).map(({ id }) => id), ["rings", "urgent", "early", "late"]);
});

test("it sounds until somebody has taken the call", () => {
  const me = { id: "me", name: "Me" };
  assert.equal(sound(new Map()), "none");
  assert.equal(sound(queueOf(call("a"))), "new");
  assert.equal(sound(queueOf(call("a", { status: "OFFERED" }))), "new", "being asked is not taking");
  assert.equal(sound(queueOf(call("a", { status: "ACCEPTED" }))), "none");
  assert.equal(sound(queueOf(call("a"), call("b", { status: "RINGING" }))), "alarm");
  assert.equal(sound(queueOf(call("a", { claimedBy: me }), call("b", { status: "HELD", claimedBy: me }))), "none");
});

test("a fresh list replaces the queue, save for calls told of while it was on its way", () => {
  const before = queueOf(call("gone"), call("told", { status: "ACCEPTED" }));
  const after = reloaded(before, [call("told"), call("ended"), call("new")], new Set(["told", "ended"]));
  // "ended" was told of as ended meanwhile, so it is not in the queue before and must not come back
  assert.deepEqual([...after.keys()].sort(), ["new", "told"]);
  assert.equal(after.get("told")?.status, "ACCEPTED");
});

test("numbers of an area follow each other; a missing one is seen", () => {
  assert.equal(step(undefined, 41), "next");
  assert.equal(step(41, 42), "next");
  assert.equal(step(41, 43), "gap");
  assert.equal(step(41, 41), "old");
  assert.equal(step(41, 3), "old");
});

test("codes of areas tell what lies in what", () => {
  assert.ok(isWithin("529901001001001", "529901000000"), "a grid in its district");
  assert.ok(isWithin("529901001001", "529901001000"), "a community in its street");
  assert.ok(!isWithin("529901002001", "529901001000"));
  assert.ok(!isWithin("529901001010001", "529901001001"), "001 is not 010");
  assert.ok(isWithin("529901001010001", "529901001010"), "a code that ends in 0 is still twelve digits");
});
