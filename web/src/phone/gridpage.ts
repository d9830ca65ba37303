// My grid, and the card of a home in it.

import type { Api } from "../api";
import { el, redraw } from "../elements";
import { MyGrid, PhoneHome, PhoneHomes } from "../operations";
import { nameOf, number, say, sayCode } from "../words";
import { doorText, personRow } from "./dutypage";
import type { PhoneState, PhoneStore } from "./state";
import { tell } from "./words";

const LEAST_LETTERS = 2;
const PAUSE_MILLISECONDS = 300;

export function gridPage(store: PhoneStore, api: Api): HTMLElement {
  const [about, hits, card] = [el("div"), el("ul", { class: "rows", id: "homes" }), el("div", { id: "home" })];
  const input = el("input", { type: "search", id: "find", autocomplete: "off" });
  let waiting = 0;
  const open = async (id: string): Promise<void> => {
    const { household } = await api.ask(PhoneHome, { id });
    store.set({ home: household });
    redraw(hits);
  };
  const look = async (): Promise<void> => {
    const text = input.value.trim();
    if (text.length < LEAST_LETTERS) return redraw(hits);
    const { households } = await api.ask(PhoneHomes, { text });
    const rows = (households?.edges ?? []).map(({ node }) => el("li", {}, el("button", { click: () => void open(node.id).catch(said(store)) }, node.address, el("small", {}, node.code))));
    redraw(hits, ...(rows.length ? rows : [el("li", { class: "quiet" }, say("nothing", store.state.language))]));
  };
  input.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = window.setTimeout(() => void look().catch(said(store)), PAUSE_MILLISECONDS);
  });
  store.follow(["grid", "language"], (state) => {
    input.placeholder = tell("findHome", state.language);
    input.setAttribute("aria-label", tell("findHome", state.language));
    redraw(about, ...gridParts(state));
  });
  store.follow(["home", "language"], (state) => redraw(card, ...homeParts(state)));
  store.follow(["page", "worker"], ({ page, worker, grid }) => {
    const mine = worker?.areas.find(({ level }) => level === "GRID");
    if (page === "grid" && mine && grid?.id !== mine.id)
      void api.ask(MyGrid, { id: mine.id }).then(({ grid }) => store.set({ grid })).catch(said(store));
  });
  return el("section", { id: "grid" }, about, input, hits, card);
}

function said(store: PhoneStore): (problem: Error) => void {
  return ({ message }) => store.set({ notice: message });
}

function gridParts({ grid, worker, language }: PhoneState): HTMLElement[] {
  if (!grid) return [el("p", { class: "quiet" }, (worker?.areas ?? []).map((area) => nameOf(area, language)).join(" · ") || say("loading", language))];
  const care = grid.careCounts.map(({ category, count }) => `${nameOf(category, language)} ${count ?? say("few", language)}`);
  const row = (name: string, value: string): HTMLElement[] => [el("dt", {}, name), el("dd", {}, value)];
  return [
    el("h2", {}, nameOf(grid, language)),
    el("dl", {}, ...row(say("homes", language), number(grid.householdCount, language)), ...row(say("people", language), grid.residentCount === null ? say("few", language) : number(grid.residentCount, language)), ...row(say("care", language), care.join(", "))),
  ];
}

function homeParts({ home, language }: PhoneState): HTMLElement[] {
  if (!home) return [];
  const terminals = home.terminals.map(({ serial, status }) => `${serial} ${sayCode(status, language)}`);
  return [
    el("h2", {}, home.address),
    el("p", { class: "quiet" }, [home.code, doorText(home, language), ...terminals].join(" · ")),
    el("ul", { class: "plain" }, ...home.residents.map((one) => personRow(one, language))),
  ];
}
