// A ruler: the length of a line clicked on the map, along the ground.

import type { Map as MapLibre } from "maplibre-gl";
import { LngLat } from "maplibre-gl";
import type { Store } from "../store";
import type { Position } from "../types";
import { number, say } from "../words";
import { FONT } from "./calls";
import { drawing } from "./drawing";

export function measure(map: MapLibre, store: Store): void {
  drawing(
    map,
    store,
    "measure",
    ["ruler", "language"],
    () => [
      { id: "measure", type: "line", paint: { "line-color": "#d81b60", "line-width": 3, "line-dasharray": [2, 1] } },
      { id: "measure-points", type: "circle", filter: ["==", ["geometry-type"], "Point"], paint: { "circle-radius": 5, "circle-color": "#d81b60" } },
      {
        id: "measure-text",
        type: "symbol",
        filter: ["has", "label"],
        layout: { "text-field": ["get", "label"], "text-font": FONT, "text-size": 14, "text-offset": [0, -1.2], "text-allow-overlap": true },
        paint: { "text-color": "#9d1246", "text-halo-color": "#ffffff", "text-halo-width": 2.5 },
      },
    ],
    ({ ruler, language }) => [
      ...(ruler && ruler.length > 1 ? [{ shape: { type: "LineString", coordinates: ruler } }] : []),
      ...(ruler ?? []).map((at, i, all) => ({ shape: { type: "Point", coordinates: at }, told: i && i === all.length - 1 ? { label: `${number(meters(all), language)} m` } : {} })),
    ],
    null,
  );
  map.on("click", ({ lngLat }) => {
    const { ruler, language } = store.state;
    if (!ruler) return;
    const next = [...ruler, lngLat.toArray() as Position];
    store.set({ ruler: next, notice: next.length > 1 ? `${say("measure", language)}: ${number(meters(next), language)} m` : null });
  });
  store.follow(["ruler"], ({ ruler }) => (map.getCanvas().style.cursor = ruler ? "crosshair" : ""));
}

export function meters(line: readonly Position[]): number {
  return line.slice(1).reduce((sum, at, i) => sum + LngLat.convert(line[i]!).distanceTo(LngLat.convert(at)), 0);
}
