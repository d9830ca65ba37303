// The coverage check: which homes of an area nobody reaches in time, and what one more post, or one less, would change.

import type { Map as MapLibre } from "maplibre-gl";
import type { Api } from "../api";
import { el } from "../elements";
import * as operations from "../operations";
import type { State, Store } from "../store";
import type { Area, Coverage, CoverageAnswer, Gap, Language, Supply } from "../types";
import { nameOf, number, say, sayCode, span } from "../words";
import { chosen, figures } from "./fields";

const SUPPLIES: readonly Supply[] = ["SERVICE_POINTS", "SERVICE_CENTRE", "CLINIC", "CANTEEN", "POSTS", "WORKERS_ON_SHIFT"];

export function checkParts(map: MapLibre, store: Store, api: Api, state: State, areas: Area[]): HTMLElement[] {
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
  const input = { areaId: asked.areaId, supply: asked.supply, minutes: 10, travelMode: "WALK" as const };
  try {
    const found = await api.ask(operations.Audit, { input });
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
