// The card of what was clicked. Each kind asks for what the viewer may know; the server decides.

import type { Api } from "../api";
import { EDITORS, may } from "../desk";
import { at, el, redraw } from "../elements";
import { GridCard, HomesCard, ServicePointCard, TerminalCard } from "../operations";
import type { Store } from "../store";
import type { GeoJSON, Language, Selected } from "../types";
import { mayPress, press } from "./demo";
import { editButtons } from "./editbuttons";
import { nameOf, number, say, sayCode, span } from "../words";

type Row = [string, string | string[]];
type Content = { title: string; under: string; rows: Row[]; shape?: GeoJSON };

export function card(store: Store, api: Api): void {
  const place = at("card");
  const close = (): void => store.set({ selected: null });
  document.addEventListener("keydown", ({ key }) => key === "Escape" && close());
  store.follow(["selected", "language"], async (state) => {
    const { selected, language } = state;
    place.hidden = !selected;
    if (!selected) return redraw(place);
    if (selected.told.boundary && place.dataset.of === selected.id + language) return;
    redraw(place, el("p", { class: "quiet" }, "…"));
    const content = await contentOf(api, selected, language).catch((problem: Error) => failed(problem));
    if (store.state.selected?.id !== selected.id || store.state.selected?.at !== selected.at) return;
    place.dataset.of = selected.id + language;
    show(place, content, language, close, actsOf(store, api, selected, content));
    if (content.shape) store.set({ selected: { ...selected, told: { ...selected.told, boundary: content.shape } } });
  });
}

// What can be done about what was clicked.
function actsOf(store: Store, api: Api, { layer, id }: Selected, { title }: Content): HTMLElement[] {
  const { coverage } = store.state;
  if (layer === "service-points" && id && coverage?.answer) {
    const closed = [...coverage.closed.filter((one) => one.id !== id), { id, name: title }];
    return [el("button", { "data-key": "close-post", click: () => void import("./audit").then(({ check }) => check(store, api, { ...coverage, closed })) }, say("closePost", store.state.language))];
  }
  const pressable = layer === "terminals" && title !== "—" && mayPress();
  if ((layer === "grids" || layer === "care") && id && may(store, EDITORS)) return [editButtons(store, api, id)];
  return pressable ? [el("button", { click: () => void press(store, api, title) }, say("demoPress", store.state.language))] : [];
}

function show(place: HTMLElement, { title, under, rows }: Content, language: Language, close: () => void, acts: HTMLElement[]): void {
  redraw(
    place,
    el("button", { class: "close", "aria-label": say("close", language), click: close, "data-key": "close" }, "×"),
    el("h2", {}, title),
    under && el("p", { class: "quiet" }, under),
    ...acts,
    el("dl", {}, ...rows.flatMap(([name, value]) => [el("dt", {}, name), el("dd", {}, ...lines(value))])),
  );
}

function lines(value: string | string[]): Node[] {
  return [value].flat().map((line) => el("div", {}, line));
}

function failed(problem: Error): Content {
  return { title: "—", under: problem.message, rows: [] };
}

async function contentOf(api: Api, selected: Selected, language: Language): Promise<Content> {
  const { layer, id, told } = selected;
  if (layer === "grids" || layer === "care" || layer === "communities") return gridCard(api, id!, language);
  if (layer === "households") return told.suppressed === undefined ? homesCard(api, selected, language) : cellCard(told, language);
  if (layer === "service-points") return servicePointCard(api, id!, language);
  if (layer === "terminals") return terminalCard(api, id!, language);
  return workerCard(told, language);
}

async function gridCard(api: Api, id: string, language: Language): Promise<Content> {
  const { grid } = await api.ask(GridCard, { id });
  if (!grid) return { title: "—", under: say("nothing", language), rows: [] };
  const free = grid.workers.filter(({ role, status }) => role === "GRID_WORKER" || status !== "OFF_DUTY");
  const others = grid.workers.length - free.length;
  const workers = free.map(({ name, role, status }) => `${name} (${sayCode(role, language)}, ${sayCode(status, language)})`);
  if (others) workers.push(`+ ${others} ${say("offDuty", language)}`);
  const care = grid.careCounts.map(({ category, count }) => `${nameOf(category, language)} ${count ?? say("few", language)}`);
  return {
    title: nameOf(grid, language),
    under: grid.code,
    shape: grid.boundary,
    rows: [
      [say("homes", language), number(grid.householdCount, language)],
      [say("people", language), grid.residentCount === null ? say("few", language) : number(grid.residentCount, language)],
      [say("area", language), `${number(grid.areaSquareMeters / 10_000, language, 1)} ha`],
      [say("workers", language), workers.length ? workers : say("none", language)],
      [say("care", language), care.length ? care : say("none", language)],
    ],
  };
}

async function homesCard(api: Api, { at: [longitude, latitude] }: Selected, language: Language): Promise<Content> {
  const { households } = await api.ask(HomesCard, { point: { longitude, latitude } });
  const rows = (households?.edges ?? []).map(({ node }): Row => {
    const care = node.careCategories.map((category) => nameOf(category, language));
    const marks = [`${say("people", language)} ${node.residentCount ?? say("few", language)}`, ...care, node.hasTerminal && say("terminal", language)];
    return [node.address, marks.filter(Boolean).join(" · ")];
  });
  return { title: say("homes", language), under: number(households?.totalCount ?? 0, language), rows };
}

function cellCard(told: Record<string, unknown>, language: Language): Content {
  const homes = told.suppressed ? say("few", language) : `${say("about", language)} ${number(Number(told.homes), language)}`;
  return { title: say("counted", language), under: homes, rows: [] };
}

async function servicePointCard(api: Api, id: string, language: Language): Promise<Content> {
  const { servicePoint } = await api.ask(ServicePointCard, { id });
  if (!servicePoint) return { title: "—", under: say("nothing", language), rows: [] };
  const hours = servicePoint.hours.map(({ weekdays, opens, closes }) => `${days(weekdays, language)} ${opens}–${closes}`);
  const now = say(servicePoint.openNow ? "open" : "closed", language);
  return {
    title: nameOf(servicePoint, language),
    under: `${sayCode(servicePoint.kind, language)} · ${now}`,
    rows: [[say("openHours", language), hours.length ? hours : say("always", language)], ...(servicePoint.address ? [[say("address", language), servicePoint.address] as Row] : [])],
  };
}

async function terminalCard(api: Api, id: string, language: Language): Promise<Content> {
  const { terminal } = await api.ask(TerminalCard, { id });
  if (!terminal) return { title: "—", under: say("nothing", language), rows: [] };
  const seen = terminal.lastSeenAt ? ago((Date.now() - Date.parse(terminal.lastSeenAt)) / 1000, language) : say("none", language);
  const battery = terminal.batteryPercent === null ? [] : [[say("battery", language), `${terminal.batteryPercent} %`] as Row];
  return {
    title: terminal.serial,
    under: terminal.household?.address ?? "",
    rows: [[say("state", language), sayCode(terminal.status, language)], [say("seen", language), seen], ...battery],
  };
}

function workerCard(told: Record<string, unknown>, language: Language): Content {
  const age = Date.now() / 1000 - Number(told.fixed_at);
  return {
    title: String(told.name),
    under: sayCode(told.role, language),
    rows: [
      [say("state", language), sayCode(told.status, language)],
      [say("seen", language), ago(age, language)],
    ],
  };
}

function ago(seconds: number, language: Language): string {
  return `${span(Math.max(0, seconds), language)}${language === "zh" ? "" : " "}${say("ago", language)}`;
}

// Monday is 1; 1 January 2024 was a Monday.
function days(weekdays: number[], language: Language): string {
  const names = new Intl.DateTimeFormat(language, { weekday: "short", timeZone: "UTC" });
  const name = (day: number): string => names.format(Date.UTC(2024, 0, day));
  const first = weekdays[0]!;
  const last = weekdays[weekdays.length - 1]!;
  return last - first === weekdays.length - 1 && weekdays.length > 2
    ? `${name(first)}–${name(last)}`
    : weekdays.map(name).join(" ");
}
