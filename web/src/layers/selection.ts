// What was clicked, outlined: a grid by its border, a point by a ring.

import type { Map as MapLibre } from "maplibre-gl";
import type { Store } from "../store";
import type { GeoJSON } from "../types";
import { drawing } from "./drawing";

export function selection(map: MapLibre, store: Store): void {
  drawing(
    map,
    store,
    "selection",
    ["selected"],
    (theme) => {
      const color = theme === "light" ? "#d81b60" : "#ff80ab";
      return [
        { id: "selection-line", type: "line", paint: { "line-color": color, "line-width": 3.5 } },
        {
          id: "selection-ring",
          type: "circle",
          filter: ["==", ["geometry-type"], "Point"],
          paint: { "circle-radius": 13, "circle-opacity": 0, "circle-stroke-color": color, "circle-stroke-width": 3 },
        },
      ];
    },
    ({ selected }) => {
      if (!selected) return [];
      const border = selected.told.boundary as GeoJSON | undefined;
      return [{ shape: border ?? { type: "Point", coordinates: selected.at } }];
    },
  );
}
