// A ruler: the length of a line clicked on the map, along the ground.

import type { Map as MapLibre } from "maplibre-gl";
import { LngLat } from "maplibre-gl";
import type { Store } from "../store";
import type { Position } from "../types";
import { number, say } from "../words";
import { drawing } from "./drawing";

export function measure(map: MapLibre, store: Store): void {
  drawing(
    map,
    store,
    "measure",
    ["ruler"],
    () => [
      { id: "measure", type: "line", paint: { "line-color": "#d81b60", "line-width": 3, "line-dasharray": [2, 1] } },
      { id: "measure-points", type: "circle", filter: ["==", ["geometry-type"], "Point"], paint: { "circle-radius": 5, "circle-color": "#d81b60" } },
    ],
    ({ ruler }) => [
      ...(ruler && ruler.length > 1 ? [{ shape: { type: "LineString", coordinates: ruler } }] : []),
      ...(ruler ?? []).map((at) => ({ shape: { type: "Point", coordinates: at } })),
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
