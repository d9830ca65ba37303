// A GeoJSON layer of this page's own: added to each new style, fed from the store. Begin once a style is loaded.

import type { AddLayerObject, GeoJSONSource, Map as MapLibre } from "maplibre-gl";
import type { State, Store } from "../store";
import type { GeoJSON } from "../types";

const BELOW = "service-points"; // points and names stay readable

type Shapes = { shape: GeoJSON; told?: Record<string, unknown> }[];

export function drawing(
  map: MapLibre,
  store: Store,
  id: string,
  parts: (keyof State)[],
  layers: (theme: State["theme"]) => Record<string, unknown>[],
  shapes: (state: State) => Shapes,
  below: string | null = BELOW,
): void {
  const add = (): void => {
    if (map.getSource(id)) return;
    map.addSource(id, { type: "geojson", data: collected(shapes(store.state)) });
    const above = below && map.getLayer(below) ? below : undefined;
    for (const layer of layers(store.state.theme)) map.addLayer({ source: id, ...layer } as unknown as AddLayerObject, above);
  };
  map.on("style.load", add);
  add();
  store.follow(parts, (state) => map.getSource<GeoJSONSource>(id)?.setData(collected(shapes(state))));
}

function collected(shapes: Shapes): Parameters<GeoJSONSource["setData"]>[0] {
  const features = shapes.map(({ shape, told }) => ({ type: "Feature", geometry: shape, properties: told ?? {} }));
  return { type: "FeatureCollection", features } as Parameters<GeoJSONSource["setData"]>[0];
}
