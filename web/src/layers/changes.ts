// Where two checks differ: homes that gained, and homes that lost.

import type { Map as MapLibre } from "maplibre-gl";
import type { Store } from "../store";
import { drawing } from "./drawing";

export function changes(map: MapLibre, store: Store): void {
  drawing(
    map,
    store,
    "changes",
    ["compared"],
    (theme) => {
      const [gained, lost] = theme === "light" ? ["#1565c0", "#b26a00"] : ["#82b1ff", "#ffb74d"];
      const color = ["match", ["get", "what"], "gained", gained, lost];
      return [
        { id: "changes-fill", type: "fill", paint: { "fill-color": color, "fill-opacity": 0.35 } },
        { id: "changes-line", type: "line", paint: { "line-color": color, "line-width": 2.5 } },
      ];
    },
    ({ compared }) =>
      compared
        ? [
            { shape: compared.answer.gained.area, told: { what: "gained" } },
            { shape: compared.answer.lost.area, told: { what: "lost" } },
          ]
        : [],
  );
}
