// Shows and hides the style's layers as the store says; what the server did not list is not there to be shown.

import type { Map as MapLibre } from "maplibre-gl";
import type { Store } from "../store";

export function visibility(map: MapLibre, store: Store): void {
  const apply = (): void => {
    for (const layer of map.getStyle()?.layers ?? []) {
      const own = (layer.metadata as { layer?: string } | undefined)?.layer;
      if (!own || store.state.layers.find(({ id }) => id === own)?.base) continue;
      map.setLayoutProperty(layer.id, "visibility", store.state.shown.has(own) ? "visible" : "none");
    }
  };
  map.on("style.load", apply);
  store.follow(["shown"], apply);
}
