// Which feature a click means: the uppermost of those that tell something, else the grid below.

import type { Map as MapLibre, MapGeoJSONFeature } from "maplibre-gl";
import type { Store } from "../store";
import type { Position } from "../types";

const NEAR_PIXELS = 6;
const ORDER = ["workers", "service-points", "terminals", "homes", "homes-counted", "grids-fill"];

export function pick(map: MapLibre, store: Store): void {
  const under = (x: number, y: number): MapGeoJSONFeature | undefined => {
    const layers = ORDER.filter((id) => map.getLayer(id));
    const box: [Position, Position] = [
      [x - NEAR_PIXELS, y - NEAR_PIXELS],
      [x + NEAR_PIXELS, y + NEAR_PIXELS],
    ];
    const found = map.queryRenderedFeatures(box, { layers });
    const points = found.filter(({ geometry }) => geometry.type === "Point");
    const ranked = points.sort((one, other) => ORDER.indexOf(one.layer.id) - ORDER.indexOf(other.layer.id));
    return ranked[0] ?? map.queryRenderedFeatures([x, y], { layers: layers.filter((id) => id === "grids-fill") })[0];
  };
  map.on("click", ({ point, lngLat }) => {
    if (store.state.editing || store.state.ruler) return; // what is clicked then belongs to the drawing
    const found = under(point.x, point.y);
    if (!found) return store.set({ selected: null });
    const place = found.geometry.type === "Point" ? (found.geometry.coordinates as Position) : lngLat.toArray();
    const told = found.properties as Record<string, unknown>;
    store.set({ selected: { layer: found.source, id: (told.id as string) ?? null, told, at: place } });
  });
  map.on("mousemove", ({ point }) => {
    if (store.state.editing || store.state.ruler) return;
    map.getCanvas().style.cursor = under(point.x, point.y)?.geometry.type === "Point" ? "pointer" : "";
  });
}
