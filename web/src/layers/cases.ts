// Open matters on the map: a click opens the file of one, on the staff's page of matters.

import type { Map as MapLibre } from "maplibre-gl";

export function cases(map: MapLibre): void {
  map.on("click", "cases", ({ features }) => {
    const id = features?.[0]?.properties.id as string | undefined;
    if (id) location.assign(`/cases#case=${id}`);
  });
  map.on("mouseenter", "cases", () => (map.getCanvas().style.cursor = "pointer"));
  map.on("mouseleave", "cases", () => (map.getCanvas().style.cursor = ""));
}
