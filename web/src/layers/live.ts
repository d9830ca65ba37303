// Layers that change by themselves are asked for again every few seconds; unchanged tiles cost a 304. What is still on its
// way is waited for a while: over a slow line it would be asked for again before it has come.

import type { Map as MapLibre } from "maplibre-gl";
import type { Store } from "../store";

const LIVE = ["workers", "terminals", "calls", "cases"];
const EVERY_MILLISECONDS = 5_000;
const PATIENCE_MILLISECONDS = 30_000;

export function live(map: MapLibre, store: Store): void {
  const asked = new Map<string, number>();
  setInterval(() => {
    if (document.hidden) return;
    for (const layer of LIVE) {
      if (!store.state.shown.has(layer) || !map.getSource(layer)) continue;
      if (!map.isSourceLoaded(layer) && performance.now() - (asked.get(layer) ?? 0) < PATIENCE_MILLISECONDS) continue;
      asked.set(layer, performance.now());
      map.refreshTiles(layer);
    }
  }, EVERY_MILLISECONDS);
}
