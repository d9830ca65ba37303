// Open calls on the map, and for the call that lies open: the ways of those who could come, with their minutes.

import { LngLatBounds } from "maplibre-gl";
import type { Map as MapLibre } from "maplibre-gl";
import { NARROW_PIXELS } from "../map";
import { ordered } from "../queue";
import type { State, Store } from "../store";
import type { GeoJSON, Position } from "../types";
import { minutes } from "../words";
import { drawing } from "./drawing";

export const FONT = ["Noto Sans CJK SC", "PingFang SC", "Microsoft YaHei", "sans-serif"];

export function calls(map: MapLibre, store: Store): void {
  ways(map, store);
  const points = (state: State) =>
    ordered(state.queue)
      .filter(({ household }) => household)
      .map(({ id, household, priority, status }) => ({
        shape: household!.location,
        told: { call: id, priority, urgent: priority >= 6 || status === "RINGING", held: ["ACCEPTED", "ARRIVED", "HELD"].includes(status) },
      }));
  drawing(map, store, "queue", ["queue"], layersOf, points, null);
  map.on("click", "queue-dot", ({ features }) => {
    const id = features?.[0]?.properties.call as string | undefined;
    if (id) store.set({ openCall: id, tab: "calls" });
  });
  let seen: string | null = null;
  store.follow(["file"], (state) => {
    if (state.file && state.file.id !== seen) frame(map, state);
    seen = state.file?.id ?? null;
  });
}

// Home and the way that is drawn strongly, in the room between the panels.
function frame(map: MapLibre, state: State): void {
  const home = state.file?.household?.location.coordinates as Position | undefined;
  if (!home) return;
  const way = shapes(state).at(-1)?.shape.coordinates as Position[] | undefined;
  const bounds = [home, ...(way ?? [])].reduce((all, point) => all.extend(point), new LngLatBounds(home, home));
  const wide = innerWidth > NARROW_PIXELS;
  const padding = wide ? { top: 60, bottom: 60, left: 360, right: 490 } : { top: innerHeight * 0.42, bottom: innerHeight * 0.47, left: 30, right: 70 };
  map.fitBounds(bounds, { padding, maxZoom: 17 });
}

function layersOf(): Record<string, unknown>[] {
  const color = ["case", ["get", "held"], "#6a1b9a", ["get", "urgent"], "#c62828", "#b26a00"];
  return [
    { id: "queue-halo", type: "circle", paint: { "circle-radius": 18, "circle-color": color, "circle-opacity": 0.25 } },
    { id: "queue-dot", type: "circle", paint: { "circle-radius": 10, "circle-color": color, "circle-stroke-color": "#ffffff", "circle-stroke-width": 2 } },
    {
      id: "queue-priority",
      type: "symbol",
      layout: { "text-field": ["to-string", ["get", "priority"]], "text-font": FONT, "text-size": 12, "text-allow-overlap": true },
      paint: { "text-color": "#ffffff" },
    },
  ];
}

function ways(map: MapLibre, store: Store): void {
  drawing(
    map,
    store,
    "ways",
    ["file", "candidate", "language"],
    (theme) => {
      const color = theme === "light" ? "#1b5e9b" : "#8ec1ff";
      const width = ["case", ["get", "strong"], 6, 3];
      return [
        { id: "ways-edge", type: "line", layout: { "line-cap": "round", "line-join": "round" }, paint: { "line-color": "#ffffff", "line-width": ["+", width, 3], "line-opacity": 0.8 } },
        { id: "ways", type: "line", layout: { "line-cap": "round", "line-join": "round" }, paint: { "line-color": color, "line-width": width, "line-opacity": ["case", ["get", "strong"], 1, 0.45] } },
        {
          id: "ways-minutes",
          type: "symbol",
          filter: ["==", ["geometry-type"], "Point"],
          layout: { "text-field": ["get", "label"], "text-font": FONT, "text-size": ["case", ["get", "strong"], 14, 12], "text-offset": [0, -1.3] },
          paint: { "text-color": "#12385f", "text-halo-color": "#ffffff", "text-halo-width": 2.5 },
        },
      ];
    },
    shapes,
  );
}

// The accepted or standing offer's way, else those of the candidates; the one looked at lies uppermost.
function shapes({ file, candidate, language }: State): { shape: GeoJSON; told: Record<string, unknown> }[] {
  if (!file || ["RESOLVED", "CLOSED", "CANCELLED"].includes(file.status)) return [];
  const going = file.offers.find(({ id, status }) => id === file.currentOffer?.id && ["OFFERED", "ACCEPTED"].includes(status));
  const all = [
    ...file.candidates.map((one) => ({ who: one.worker, path: one.path, seconds: one.etaSeconds })),
    ...(going ? [{ who: going.worker, path: going.path, seconds: going.etaSeconds }] : []),
  ];
  const strong = candidate ?? going?.worker.id ?? file.candidates.find(({ eligible }) => eligible)?.worker.id;
  return all
    .filter(({ path }) => path)
    .flatMap(({ who, path, seconds }) => {
      const told = { strong: who.id === strong, label: minutes(seconds, language) };
      return [{ shape: { type: "Point", coordinates: (path!.coordinates as Position[])[0] }, told }, { shape: path!, told }];
    })
    .sort((one, other) => Number(one.told.strong) - Number(other.told.strong));
}
