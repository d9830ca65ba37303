// The service circle: what lies in reach over the streets, the straight-line circle beside it, and the marker to drag.

import { Marker } from "maplibre-gl";
import type { Map as MapLibre } from "maplibre-gl";
import type { Store } from "../store";
import type { Circle, GeoJSON, Position } from "../types";
import { drawing } from "./drawing";

const METERS_PER_DEGREE = 111_320;

export function circle(map: MapLibre, store: Store): void {
  drawing(
    map,
    store,
    "circle",
    ["circle"],
    (theme) => {
      const color = theme === "light" ? "#0b7a3b" : "#5be49b";
      const straight = ["==", ["get", "straight"], true];
      return [
        { id: "circle-fill", type: "fill", filter: ["!", straight], paint: { "fill-color": color, "fill-opacity": 0.22 } },
        { id: "circle-line", type: "line", filter: ["!", straight], paint: { "line-color": color, "line-width": 2.5 } },
        {
          id: "circle-straight",
          type: "line",
          filter: straight,
          paint: { "line-color": theme === "light" ? "#b3261e" : "#ff8a80", "line-width": 2, "line-dasharray": [3, 2] },
        },
      ];
    },
    ({ circle }) => {
      if (!circle?.answer) return [];
      return [{ shape: circle.answer.area }, { shape: around(circle), told: { straight: true } }];
    },
  );
  mark(map, store);
}

// What a ruler on the map would claim: speed by time as the radius.
function around({ center, minutes, answer }: Circle): GeoJSON {
  const meters = (answer?.speedMetersPerSecond ?? 0) * minutes * 60;
  const wide = meters / (METERS_PER_DEGREE * Math.cos((center[1] * Math.PI) / 180));
  const ring = Array.from({ length: 97 }, (_, i): Position => {
    const angle = (i / 96) * 2 * Math.PI;
    return [center[0] + wide * Math.cos(angle), center[1] + (meters / METERS_PER_DEGREE) * Math.sin(angle)];
  });
  return { type: "Polygon", coordinates: [ring] };
}

function mark(map: MapLibre, store: Store): void {
  let marker: Marker | null = null;
  store.follow(["circle"], ({ circle }) => {
    if (!circle) {
      marker?.remove();
      marker = null;
    } else if (!marker) {
      marker = new Marker({ draggable: true, color: "#0b7a3b" }).setLngLat(circle.center).addTo(map);
      marker.on("drag", () => {
        const { circle: now } = store.state;
        if (now && marker) store.set({ circle: { ...now, center: marker.getLngLat().toArray() } });
      });
    }
  });
}
