// The gaps of the last coverage check: homes that nobody reaches in time.

import type { Map as MapLibre } from "maplibre-gl";
import type { Store } from "../store";
import { drawing } from "./drawing";

export function gaps(map: MapLibre, store: Store): void {
  drawing(
    map,
    store,
    "check-gaps",
    ["coverage"],
    (theme) => {
      const color = theme === "light" ? "#c2185b" : "#ff6f9f";
      return [
        { id: "gaps-fill", type: "fill", paint: { "fill-color": color, "fill-opacity": 0.32 } },
        { id: "gaps-line", type: "line", paint: { "line-color": color, "line-width": 2 } },
      ];
    },
    ({ coverage }) => (coverage?.answer?.gaps ?? []).map(({ area }) => ({ shape: area })),
  );
}
