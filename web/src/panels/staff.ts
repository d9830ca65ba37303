// Who is on duty: state, and how old the last position is.

import type { Map as MapLibre } from "maplibre-gl";
import { since } from "../clock";
import { el, redraw } from "../elements";
import type { State, StaffWorker, Store } from "../store";
import type { Position, WorkerPosition } from "../types";
import { say, sayCode } from "../words";

const ORDER = ["AVAILABLE", "OFFERED", "COMMITTED"];

export function staff(map: MapLibre, store: Store): HTMLElement {
  const place = el("section");
  store.follow(["staff", "positions", "language"], (state) => redraw(place, ...parts(map, state)));
  return place;
}

// Those on duty; a position brings the newer state of its worker.
export function onDuty({ staff, positions }: Pick<State, "staff" | "positions">): StaffWorker[] {
  const all = new Map(staff);
  for (const { worker } of positions.values()) if (!all.has(worker.id)) all.set(worker.id, { areas: [], ...worker });
  return [...all.values()]
    .filter(({ status }) => status !== "OFF_DUTY")
    .sort((one, other) => ORDER.indexOf(one.status) - ORDER.indexOf(other.status) || one.name.localeCompare(other.name, "zh"));
}

function parts(map: MapLibre, state: State): HTMLElement[] {
  const { language, positions } = state;
  const workers = onDuty(state);
  return [
    el("h2", {}, `${say("onDuty", language)} · ${workers.length}`),
    workers.length
      ? el("ul", { class: "rows staff" }, ...workers.map((worker) => row(map, worker, positions.get(worker.id), language)))
      : el("p", { class: "quiet" }, say("noWorkers", language)),
  ];
}

function row(map: MapLibre, worker: StaffWorker, position: WorkerPosition | undefined, language: State["language"]): HTMLElement {
  const go = (): void => {
    if (position) map.flyTo({ center: position.location.coordinates as Position, zoom: Math.max(map.getZoom(), 16) });
  };
  const age = position ? since(position.fixedAt, say("seen", language)) : el("span", { class: "quiet" }, say("noPosition", language));
  const state = [sayCode(worker.role, language), sayCode(worker.status, language), position?.stale && say("stale", language)];
  return el(
    "li",
    { class: worker.status.toLowerCase() },
    el("button", { "data-key": worker.id, click: go }, el("span", { class: "what" }, el("strong", {}, worker.name), el("small", {}, state.filter(Boolean).join(" · "))), age),
  );
}
