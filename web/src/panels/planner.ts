// The planner: a service circle that follows the marker, and a check which homes of an area nobody reaches.

import type { Map as MapLibre } from "maplibre-gl";
import type { Api } from "../api";
import { el, redraw } from "../elements";
import { AUDIT, CIRCLE, COMMUNITIES } from "../operations";
import type { State, Store } from "../store";
import type { Area, Circle, CircleAnswer, Coverage, CoverageAnswer, Gap, Language, Position } from "../types";
import { nameOf, number, say, sayCode, span } from "../words";

const MODES = ["WALK", "WALK_SLOW", "EBIKE"];
const SUPPLIES = ["SERVICE_POINTS", "SERVICE_CENTRE", "CLINIC", "CANTEEN", "POSTS", "WORKERS_ON_SHIFT"];
const MINUTES = ["5", "10", "15"];
const CHECKERS = ["PLANNER", "MANAGER", "SUPERVISOR", "DISPATCHER", "ADMIN"];

export function planner(map: MapLibre, store: Store, api: Api): HTMLElement {
  const circlePlace = el("section");
  const checkPlace = el("section");
  follow(store, api);
  store.follow(["circle", "language"], (state) => redraw(circlePlace, ...circleParts(map, store, state)));
  let areas: Area[] = [];
  const draw = (state: State): void => {
    const may = state.viewer?.roles.some((role) => CHECKERS.includes(role));
    redraw(checkPlace, ...(may ? checkParts(map, store, api, state, areas) : []));
  };
  store.follow(["coverage", "language", "viewer"], draw);
  void api.ask<{ areas: { edges: { node: Area }[] } }>(COMMUNITIES).then((found) => {
    areas = found.areas.edges.map(({ node }) => node);
    draw(store.state);
  });
  return el("div", { class: "planner" }, circlePlace, checkPlace);
}

// Asks while the marker is dragged, one question at a time; the last place always gets its answer.
function follow(store: Store, api: Api): void {
  let asking = false;
  let answered = "";
  const ask = async (): Promise<void> => {
    const circle = store.state.circle;
    const wanted = circle && JSON.stringify([circle.center, circle.minutes, circle.travelMode]);
    if (asking || !circle || !wanted || wanted === answered) return;
    asking = true;
    const answer = await answerOf(api, circle).catch((problem: Error) => {
      store.set({ notice: problem.message });
      return null;
    });
    [asking, answered] = [false, wanted];
    const now = store.state.circle;
    if (now) store.set({ circle: { ...now, answer, failed: !answer } });
    void ask();
  };
  store.follow(["circle"], ({ circle }) => {
    if (!circle) answered = "";
    void ask();
  });
}

async function answerOf(api: Api, { center, minutes, travelMode }: Circle): Promise<CircleAnswer> {
  const variables = { center: { longitude: center[0], latitude: center[1] }, minutes, travelMode };
  return (await api.ask<{ serviceCircle: CircleAnswer }>(CIRCLE, variables)).serviceCircle;
}

function circleParts(map: MapLibre, store: Store, { circle, language }: State): HTMLElement[] {
  const head = el("h2", {}, say("planner", language));
  if (!circle) {
    const place = (): void => {
      const center = map.getCenter().toArray() as Position;
      store.set({ circle: { center, minutes: 10, travelMode: "WALK", answer: null } });
    };
    const button = el("button", { class: "main", click: place, "data-key": "circle" }, say("place", language));
    return [head, el("p", { class: "quiet" }, say("plannerHint", language)), button];
  }
  const change = (changes: Partial<Circle>): void => store.set({ circle: { ...circle, ...changes } });
  const minutes = chosen("circle-minutes", say("minutes", language), MINUTES, String(circle.minutes), String, (value) =>
    change({ minutes: Number(value) }),
  );
  const mode = chosen("circle-mode", say("mode", language), MODES, circle.travelMode, (one) => sayCode(one, language), (value) =>
    change({ travelMode: value }),
  );
  const remove = el("button", { click: () => store.set({ circle: null }), "data-key": "circle" }, say("remove", language));
  return [head, minutes, mode, figures(circleFigures(circle, language)), remove];
}

function circleFigures({ answer, failed }: Circle, language: Language): [string, string][] {
  if (!answer) return [["", failed ? "—" : say("busy", language)]];
  return [
    [say("reached", language), number(answer.householdCount, language)],
    [say("people", language), answer.residentCount === null ? say("few", language) : number(answer.residentCount, language)],
    [say("false", language), number(answer.straightLine.falselyCovered, language)],
  ];
}

function checkParts(map: MapLibre, store: Store, api: Api, state: State, areas: Area[]): HTMLElement[] {
  const { language, coverage, viewer } = state;
  const places = [...(viewer?.areas ?? []), ...areas].filter((area, i, all) => all.findIndex(({ id }) => id === area.id) === i);
  const asked: Coverage = coverage ?? { areaId: places[0]?.id ?? "", supply: "SERVICE_POINTS", answer: null };
  const names = new Map(places.map((area) => [area.id, nameOf(area, language)]));
  const set = (changes: Partial<Coverage>): void => store.set({ coverage: { ...asked, ...changes, answer: null } });
  const where = chosen("check-area", say("where", language), [...names.keys()], asked.areaId, (id) => names.get(id) ?? id, (areaId) => set({ areaId }));
  const supply = chosen("check-supply", say("supply", language), SUPPLIES, asked.supply, (one) => sayCode(one, language), (value) => set({ supply: value }));
  const run = el("button", { class: "main", click: () => void check(store, api, asked), "data-key": "check" }, say("check", language));
  return [
    el("h2", {}, say("audit", language)),
    el("p", { class: "quiet" }, say("auditHint", language)),
    where,
    supply,
    run,
    ...(asked.answer ? answerParts(map, asked.answer, language) : []),
  ];
}

async function check(store: Store, api: Api, asked: Coverage): Promise<void> {
  store.set({ notice: say("busy", store.state.language) });
  const input = { areaId: asked.areaId, supply: asked.supply, minutes: 10, travelMode: "WALK" };
  try {
    const found = await api.ask<{ auditCoverage: CoverageAnswer }>(AUDIT, { input });
    store.set({ coverage: { ...asked, answer: found.auditCoverage }, notice: null });
  } catch (problem) {
    store.set({ notice: (problem as Error).message });
  }
}

function answerParts(map: MapLibre, answer: CoverageAnswer, language: Language): HTMLElement[] {
  const share = answer.coveredShare === null ? "—" : `${number(answer.coveredShare * 100, language, 1)} %`;
  return [
    figures([
      [say("covered", language), `${share} · ${number(answer.coveredCount, language)} / ${number(answer.householdCount, language)}`],
      [say("twice", language), number(answer.twiceCoveredCount, language)],
      [say("false", language), number(answer.straightLine.falselyCovered, language)],
      [say("gaps", language), number(answer.gaps.length, language)],
    ]),
    el("ol", { class: "gaps" }, ...answer.gaps.slice(0, 20).map((gap) => gapRow(map, gap, language))),
  ];
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

function chosen(
  id: string,
  label: string,
  values: string[],
  now: string,
  told: (value: string) => string,
  choose: (value: string) => void,
): HTMLElement {
  const options = values.map((value) => el("option", { value, selected: value === now }, told(value)));
  const select = el("select", { id, "data-key": id, change: (event: Event) => choose((event.target as HTMLSelectElement).value) }, ...options);
  return el("p", { class: "field" }, el("label", { for: id }, label), select);
}

function figures(rows: [string, string][]): HTMLElement {
  return el("dl", {}, ...rows.flatMap(([name, value]) => [el("dt", {}, name), el("dd", {}, value)]));
}
