// Layers that change by themselves are asked for again every few seconds; unchanged tiles cost a 304.

import type { Map as MapLibre } from "maplibre-gl";
import type { Store } from "../store";

const LIVE = ["workers", "terminals", "calls", "cases"];
const EVERY_MILLISECONDS = 5_000;

export function live(map: MapLibre, store: Store): void {
  setInterval(() => {
    if (document.hidden) return;
    for (const layer of LIVE) if (store.state.shown.has(layer) && map.getSource(layer)) map.refreshTiles(layer);
  }, EVERY_MILLISECONDS);
}
