// Posts that are only thought of, and sites that were suggested.

import type { Map as MapLibre } from "maplibre-gl";
import type { Store } from "../store";
import { drawing } from "./drawing";

export function posts(map: MapLibre, store: Store): void {
  drawing(
    map,
    store,
    "posts",
    ["coverage"],
    () => [
      {
        id: "posts",
        type: "circle",
        paint: {
          "circle-radius": 10,
          "circle-color": ["match", ["get", "what"], "added", "#0b7a3b", "#ffffff"],
          "circle-stroke-color": "#0b7a3b",
          "circle-stroke-width": 3,
        },
      },
    ],
    ({ coverage }) => [
      ...(coverage?.sites ?? []).map(({ location }) => ({ shape: location, told: { what: "suggested" } })),
      ...(coverage?.added ?? []).map((at) => ({ shape: { type: "Point", coordinates: at }, told: { what: "added" } })),
    ],
    null,
  );
}
