// The resident's page: raise a matter by a one-time code, follow it, rate the answer; vote for the own home. No account, no map, one column.

import "./resident.css";

import { Api } from "../api";
import { at, el, redraw } from "../elements";
import { Keeper } from "../store";
import type { Language, Theme } from "../types";
import { following } from "./following";
import type { Matter } from "./following";
import { renewed } from "./forms";
import { HouseSettings, ResidentKinds } from "./operations";
import type { Ballot, ResidentKindsData } from "./operations";
import { raising } from "./raising";
import { problemText, tell } from "./residentwords";
import * as tracking from "./tracking";
import type { Tracking } from "./tracking";
import { settle } from "./zone";
import { voting } from "./voting";

export type ResidentKind = NonNullable<ResidentKindsData["caseKinds"]>[number];

export interface ResidentState {
  token: null;
  theme: Theme;
  language: Language;
  page: "start" | "raise" | "follow" | "vote";
  kinds: ResidentKind[];
  areaId: string | null; // told by the notice that was scanned
  raised: Tracking | null; // just now: its tracking code is shown once
  tracking: Tracking | null;
  matter: Matter | null;
  voteNumber: string | null; // told by the notice that was scanned
  ballot: Ballot | null;
  problem: string | null;
}

export class ResidentStore extends Keeper<ResidentState> {
  fail(problem: unknown): void {
    this.set({ problem: problemText(problem, this.state.language) });
  }
}

const before = tracking.kept();
const notice = tracking.takeNotice(location, history);
const store = new ResidentStore({
  token: null,
  theme: "light",
  language: navigator.language.startsWith("zh") ? "zh" : "en",
  page: location.pathname === "/vote" ? "vote" : before ? "follow" : "start",
  kinds: [],
  areaId: notice.areaId,
  raised: null,
  tracking: before,
  matter: null,
  voteNumber: notice.voteNumber,
  ballot: null,
  problem: null,
});
const api = new Api(store);

async function settled(): Promise<void> {
  const { settings } = await api.ask(HouseSettings, {});
  settle(settings?.timeZone);
  const { matter } = store.state;
  if (matter) store.set({ matter: { ...matter } }); // its times are written anew
}

async function load(): Promise<void> {
  const found = await api.ask(ResidentKinds, {});
  store.set({ kinds: (found.caseKinds ?? []).filter(({ residents }) => residents) });
}

function leave(): void {
  tracking.forget();
  location.replace(location.pathname); // all that the page holds goes with it
}

function head({ language, page, tracking: own, raised }: ResidentState): HTMLElement[] {
  const button = (key: string, text: string, click: () => void): HTMLElement => el("button", { "data-key": key, click }, text);
  const back = (): void => store.set({ page: "start", problem: null, raised: null, ballot: null });
  return [
    el("h1", {}, tell(page === "vote" ? "vote" : "title", language)),
    button("language", tell("other", language), () => store.set({ language: language === "zh" ? "en" : "zh", problem: null })),
    ...(page === "start" ? [] : [button("back", tell("back", language), back)]),
    ...(own || raised ? [button("leave", tell("leave", language), leave)] : []),
  ];
}

function start({ language }: ResidentState): HTMLElement[] {
  const go = (page: "raise" | "follow" | "vote") => () => store.set({ page, problem: null });
  return [
    el("p", {}, tell("intro", language)),
    el("button", { class: "main", "data-key": "raise", click: go("raise") }, tell("raise", language)),
    el("button", { "data-key": "follow", click: go("follow") }, tell("follow", language)),
    el("button", { "data-key": "vote", click: go("vote") }, tell("vote", language)),
  ];
}

const problem = el("p", { class: "problem", role: "alert" });
const pages = { start: el("section", { class: "part" }), raise: raising(store, api), follow: following(store, api), vote: voting(store, api) };
at("main").append(problem, ...Object.values(pages));
store.follow(["language"], ({ language }) => {
  document.documentElement.lang = language;
  document.title = tell(location.pathname === "/vote" ? "vote" : "title", language);
});
store.follow(["language", "page", "tracking", "raised"], (state) => redraw(at("head"), ...head(state)));
store.follow(["language"], (state) => renewed(pages.start, ...start(state)));
store.follow(["page"], ({ page }) => {
  for (const [name, place] of Object.entries(pages)) place.hidden = name !== page;
  scrollTo(0, 0);
});
store.follow(["problem"], ({ problem: told }) => {
  problem.textContent = told;
  if (told) problem.scrollIntoView({ block: "nearest" });
});
void settled().catch(() => undefined); // without it the times are those of a house that has settled nothing
store.follow(["page"], ({ page, kinds }) => {
  if (!kinds.length && page !== "vote") void load().catch((reason) => store.fail(reason)); // again, if it failed before
});
