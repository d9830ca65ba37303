// The coverage check: which homes of an area nobody reaches in time, and what one more post, or one less, would change.

import type { Map as MapLibre } from "maplibre-gl";
import type { Api } from "../api";
import { el, redraw } from "../elements";
import * as operations from "../operations";
import type { State, Store } from "../store";
import type { Area, Coverage, CoverageAnswer, Gap, Language, Position, Supply } from "../types";
import { nameOf, number, say, sayCode, span } from "../words";
import type { Word } from "../words";
import { comparing } from "./compare";
import { chosen, figures } from "./fields";
import { hours } from "./hours";
import { taking } from "./taking";

const SUPPLIES: readonly Supply[] = ["SERVICE_POINTS", "SERVICE_CENTRE", "CLINIC", "CANTEEN", "POSTS", "WORKERS_ON_SHIFT"];
const SITES = 3;

export function checking(map: MapLibre, store: Store, api: Api): HTMLElement {
  const place = el("section");
  let areas: Area[] = [];
  const draw = (state: State): void => redraw(place, ...checkParts(map, store, api, state, areas));
  store.follow(["coverage", "language", "viewer"], draw);
  void api.ask(operations.Communities, {}).then((found) => {
    areas = (found.areas?.edges ?? []).map(({ node }) => node);
    draw(store.state);
  });
  const areaId = (): string => store.state.coverage?.areaId ?? store.state.viewer?.areas[0]?.id ?? areas[0]?.id ?? "";
  return el("div", { class: "planner" }, place, hours(store, api, areaId), comparing(store, api, areaId));
}

function checkParts(map: MapLibre, store: Store, api: Api, state: State, areas: Area[]): HTMLElement[] {
  const { language, coverage, viewer } = state;
  const places = [...(viewer?.areas ?? []), ...areas].filter((area, i, all) => all.findIndex(({ id }) => id === area.id) === i);
  const asked = coverage ?? nothingAsked(places[0]?.id ?? "");
  const names = new Map(places.map((area) => [area.id, nameOf(area, language)]));
  const set = (changes: Partial<Coverage>): void => store.set({ coverage: { ...asked, at: null, shares: {}, ...changes, answer: null, before: null, sites: null } });
  const where = chosen("check-area", say("where", language), [...names.keys()], asked.areaId, (id) => names.get(id) ?? id, (areaId) => set({ areaId }));
  const supply = chosen("check-supply", say("supply", language), SUPPLIES, asked.supply, (one) => sayCode(one, language), (value) => set({ supply: value }));
  const run = el("button", { class: "main", click: () => void check(store, api, { ...asked, at: null }), "data-key": "check" }, say("check", language));
  return [
    el("h2", {}, say("audit", language)),
    el("p", { class: "quiet" }, say("auditHint", language)),
    where,
    supply,
    run,
    ...(asked.answer ? [...whatIfParts(map, store, api, asked, language), ...answerParts(map, asked, asked.answer, language), taking(store, api, asked.answer.id)] : []),
  ];
}

export function nothingAsked(areaId: string): Coverage {
  return { areaId, supply: "SERVICE_POINTS", answer: null, before: null, added: [], closed: [], sites: null, at: null, shares: {} };
}

// Asks with what is thought of; the first answer without it is kept beside, for the change to be seen.
export async function check(store: Store, api: Api, asked: Coverage): Promise<void> {
  store.set({ notice: say("busy", store.state.language) });
  const thoughtOf = asked.added.length + asked.closed.length > 0;
  const input = {
    areaId: asked.areaId,
    supply: asked.supply,
    minutes: 10,
    travelMode: "WALK" as const,
    at: asked.at,
    add: asked.added.map(([longitude, latitude]) => ({ longitude, latitude })),
    remove: asked.closed.map(({ id }) => id),
  };
  try {
    const { auditCoverage: answer } = await api.ask(operations.Audit, { input });
    const shares = answer && asked.at && answer.coveredShare !== null ? { ...asked.shares, [asked.at]: answer.coveredShare } : asked.shares;
    store.set({ coverage: { ...asked, answer, shares, before: thoughtOf ? (asked.before ?? asked.answer) : null }, notice: null, audits: store.state.audits + 1 });
  } catch (problem) {
    store.set({ notice: (problem as Error).message });
  }
}

function whatIfParts(map: MapLibre, store: Store, api: Api, asked: Coverage, language: Language): HTMLElement[] {
  const again = (changes: Partial<Coverage>): void => void check(store, api, { ...asked, ...changes });
  const button = (key: string, word: Word, click: () => void): HTMLElement => el("button", { "data-key": key, click }, say(word, language));
  const add = (): void => again({ added: [...asked.added, store.state.circle?.center ?? (map.getCenter().toArray() as Position)] });
  const suggest = async (): Promise<void> => {
    const input = { areaId: asked.areaId, supply: asked.supply, count: SITES, minutes: 10, travelMode: "WALK" as const };
    const found = await api.ask(operations.Sites, { input }).catch((problem: Error) => void store.set({ notice: problem.message }));
    if (found) store.set({ coverage: { ...asked, sites: found.suggestSites?.sites ?? [] } });
  };
  const undone = asked.added.length + asked.closed.length > 0;
  const closed = asked.closed.map(({ name }) => el("li", {}, `${say("closedPost", language)}: ${name}`));
  const added = asked.added.map((_, i) => el("li", {}, `${say("addedPost", language)} ${i + 1}`));
  const sites = (asked.sites ?? []).map((site) => {
    const at = site.location.coordinates as Position;
    const told = `+ ${number(site.newlyCoveredHouseholds, language)} ${say("homes", language)} → ${number(site.coveredShareAfter * 100, language, 1)} %`;
    return el("li", {}, el("button", { click: () => again({ added: [...asked.added, at] }) }, told));
  });
  return [
    el("p", { class: "acts" }, button("add-post", "addPost", add), button("suggest", "suggest", () => void suggest()), undone && button("undo-posts", "undoPosts", () => again({ added: [], closed: [], before: null }))),
    ...(undone ? [el("ul", { class: "plain", id: "thought-of" }, ...closed, ...added)] : []),
    ...(asked.sites ? [el("ol", { class: "gaps", id: "sites" }, ...sites)] : []),
  ];
}

function answerParts(map: MapLibre, { before }: Coverage, answer: CoverageAnswer, language: Language): HTMLElement[] {
  const share = answer.coveredShare === null ? "—" : `${number(answer.coveredShare * 100, language, 1)} %`;
  return [
    figures([
      ...(before ? [[say("change", language), signed(answer.coveredCount - before.coveredCount, language)] as [string, string]] : []),
      [say("covered", language), `${share} · ${number(answer.coveredCount, language)} / ${number(answer.householdCount, language)}`],
      [say("twice", language), number(answer.twiceCoveredCount, language)],
      [say("false", language), number(answer.straightLine.falselyCovered, language)],
      [say("gaps", language), number(answer.gaps.length, language)],
    ]),
    el("ol", { class: "gaps" }, ...answer.gaps.slice(0, 20).map((gap) => gapRow(map, gap, language))),
  ];
}

function signed(value: number, language: Language): string {
  return `${value > 0 ? "+" : ""}${number(value, language)} ${say("homes", language)}`;
}

function gapRow(map: MapLibre, gap: Gap, language: Language): HTMLElement {
  const homes = gap.householdCount === null ? say("few", language) : number(gap.householdCount, language);
  const nearest = gap.nearestSeconds === null ? "" : ` · ${say("nearest", language)} ${span(gap.nearestSeconds, language)}`;
  const grids = gap.grids.map(({ code }) => code.slice(-6)).join(" ");
  const go = (): void => void map.fitBounds(boundsOf(gap), { padding: 120, maxZoom: 17 });
  return el("li", {}, el("button", { click: go }, `${homes} ${say("homes", language)}${nearest}`, el("small", {}, grids)));
}

function boundsOf(gap: Gap): [number, number, number, number] {
  const numbers = (gap.area.coordinates as unknown[]).flat(Infinity) as number[];
  const lons = numbers.filter((_, i) => i % 2 === 0);
  const lats = numbers.filter((_, i) => i % 2 === 1);
  return [Math.min(...lons), Math.min(...lats), Math.max(...lons), Math.max(...lats)];
}
