// The board: open matters in columns by rung or by state, what is due first comes first; late ones stand out.

import type { Api } from "../api";
import { el, redraw } from "../elements";
import { chosen } from "../panels/fields";
import { label } from "./labels";
import { Board as BoardPage } from "./operations";
import type { BoardCase } from "./operations";
import { named } from "./staffstate";
import type { Chosen, StaffState, StaffStore } from "./staffstate";
import { tell } from "./staffwords";
import { moment } from "./zone";

const AGAIN_MILLISECONDS = 20_000;
const RUNGS = ["GRID", "COMMUNITY", "STREET", "DISTRICT", "DISTRICT_CENTRE", "DISTRICT_LEADER"];

export function board(store: StaffStore, api: Api): HTMLElement {
  const [filters, columns, foot] = [el("div", { class: "filters" }), el("div", { class: "board", id: "board", role: "region", tabindex: "0" }), el("p")];
  const load = (): Promise<void> => loaded(store, api).catch((problem) => store.fail(problem));
  store.follow(["language", "kinds", "areas", "chosen", "group"], (state) => redraw(filters, ...filterParts(store, state)));
  store.follow(["language", "cases", "group", "total"], (state) => {
    columns.setAttribute("aria-label", tell("board", state.language));
    redraw(columns, ...columnParts(state));
    redraw(foot, ...footParts(store, api, state));
  });
  store.follow(["chosen"], () => void load());
  store.follow(["view"], ({ view }) => view === "board" && void load());
  setInterval(() => store.state.view === "board" && store.state.cases.length <= 50 && !document.hidden && void load(), AGAIN_MILLISECONDS);
  return el("section", { id: "board-page" }, filters, columns, foot);
}

async function loaded(store: StaffStore, api: Api, after: string | null = null): Promise<void> {
  const asked = store.state.chosen;
  const { areaId, kind, overdue, mine } = asked;
  const filter = { areaId, kind, overdue: overdue || null, mine: mine || null, open: true };
  const found = (await api.ask(BoardPage, { filter, after })).cases;
  if (!found || asked !== store.state.chosen) return; // another choice was made meanwhile
  const cases = found.edges.map(({ node }) => node);
  const { hasNextPage, endCursor } = found.pageInfo;
  store.set({ cases: after ? [...store.state.cases, ...cases] : cases, total: found.totalCount, after: hasNextPage ? endCursor : null });
}

function filterParts(store: StaffStore, state: StaffState): HTMLElement[] {
  const { language, chosen: now } = state;
  const choose = (changes: Partial<Chosen>): void => store.set({ chosen: { ...store.state.chosen, ...changes } });
  const areas = ["", ...state.areas.map(({ id }) => id)];
  const kinds = ["", ...state.kinds.map(({ code }) => code)];
  const areaText = (id: string): string => (id ? named(state.areas.find((one) => one.id === id)!, state) : tell("all", language));
  const kindText = (code: string): string => (code ? named(state.kinds.find((one) => one.code === code)!, state) : tell("all", language));
  return [
    chosen("area", tell("area", language), areas, now.areaId ?? "", areaText, (areaId) => choose({ areaId: areaId || null })),
    chosen("kind", tell("kind", language), kinds, now.kind ?? "", kindText, (kind) => choose({ kind: kind || null })),
    chosen("group", tell("group", language), ["rung", "state"] as const, state.group, (one) => tell(one === "rung" ? "byRung" : "byState", language), (group) => store.set({ group })),
    ticked("late", tell("late", language), now.overdue, (overdue) => choose({ overdue })),
    ticked("mine", tell("mine", language), now.mine, (mine) => choose({ mine })),
  ];
}

function ticked(id: string, text: string, checked: boolean, change: (now: boolean) => void): HTMLElement {
  const changed = (event: Event): void => change((event.target as HTMLInputElement).checked);
  return el("label", { class: "tick" }, el("input", { type: "checkbox", id, "data-key": id, checked, change: changed }), text);
}

function columnParts(state: StaffState): HTMLElement[] {
  const of = (one: BoardCase): string => (state.group === "rung" ? one.rung.level : one.state);
  const keys = [...new Set(state.cases.map(of))].sort((a, b) => RUNGS.indexOf(a) - RUNGS.indexOf(b));
  if (!keys.length) {
    const { overdue, mine, kind } = state.chosen;
    const narrowed = overdue || mine || kind;
    return [el("p", { class: "quiet" }, tell(narrowed ? "none" : "noneHint", state.language))];
  }
  return keys.map((key) => {
    const mine = state.cases.filter((one) => of(one) === key);
    const told = state.group === "state" ? mine[0]!.stateName : null;
    return el(
      "section",
      { class: "column", "data-column": key },
      el("h2", {}, label(key, state.language, told), el("span", { class: "quiet" }, String(mine.length))),
      ...mine.map((one) => row(one, state)),
    );
  });
}

function row(one: BoardCase, state: StaffState): HTMLElement {
  const { language } = state;
  const kind = one.overdueWorkingDays ? "late" : one.paused ? "paused" : "";
  return el(
    "div",
    { class: kind },
    el(
      "a",
      { href: `#case=${one.id}`, "data-case": one.number, "data-key": one.id },
      el("strong", {}, one.subject),
      el("small", {}, `${one.number} · ${named(one.kind, state)}${one.sealed ? ` · ${tell("sealed", language)}` : ""}`),
      el("small", {}, `${label(one.state, language, one.stateName)} · ${one.assignee?.name ?? one.rung.unit?.name ?? tell("nobody", language)}`),
      el("small", {}, dueText(one, state)),
      one.overdueWorkingDays > 0 && el("small", { class: "late-by" }, lateText(one.overdueWorkingDays, state)),
    ),
  );
}

export function dueText({ acceptDueAt, closeDueAt, paused, provisional }: BoardCase, { language }: StaffState): string {
  if (paused) return tell("paused", language);
  const parts = [acceptDueAt && `${tell("accept", language)} ${moment(acceptDueAt, language)}`, closeDueAt && `${tell("close", language)} ${moment(closeDueAt, language)}`];
  return parts.filter(Boolean).join(" · ") + (provisional ? tell("provisional", language) : "");
}

export function lateText(days: number, { language }: StaffState): string {
  return language === "zh" ? `${tell("overdue", language)} ${days} ${tell("days", language)}` : `${tell("overdue", language)} ${days} ${tell("days", language)}`;
}

function footParts(store: StaffStore, api: Api, { language, total, after }: StaffState): HTMLElement[] {
  const more = (): void => void loaded(store, api, after).catch((problem) => store.fail(problem));
  const count = el("span", { class: "quiet", id: "total", role: "status" }, `${total} ${tell("count", language)} `);
  return after ? [count, el("button", { "data-key": "more", click: more }, tell("more", language))] : [count];
}
