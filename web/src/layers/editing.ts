// What is being drawn when a manager changes grids: the cut, the chosen grids, the moved border with its corners to drag,
// and in red what the server would refuse.

import type { Map as MapLibre, MapMouseEvent, MapTouchEvent } from "maplibre-gl";
import { multi, polygonsOf, snapped } from "../borders";
import type { Polygons } from "../borders";
import { clicked, redrawn } from "../editing";
import type { Editing } from "../editing";
import type { State, Store } from "../store";
import type { Position } from "../types";
import { drawing } from "./drawing";
const SNAP_PIXELS = 10;
const TILE_PIXELS = 512;

export function editing(map: MapLibre, store: Store): void {
  drawing(map, store, "editing", ["editing"], layersOf, shapes, null);
  map.on("click", ({ point, lngLat }) => {
    if (!store.state.editing) return;
    const grid = map.getLayer("grids-fill") && map.queryRenderedFeatures(point, { layers: ["grids-fill"] })[0];
    clicked(store, lngLat.toArray(), (grid?.properties.id as string | undefined) ?? null);
  });
  map.on("mousedown", "editing-corners", (event) => drag(map, store, event, "mousemove", "mouseup"));
  map.on("touchstart", "editing-corners", (event) => drag(map, store, event, "touchmove", "touchend"));
  store.follow(["editing"], ({ editing }) => {
    map.doubleClickZoom[editing ? "disable" : "enable"]();
    map.getCanvas().style.cursor = editing ? "crosshair" : "";
  });
}

function layersOf(theme: State["theme"]): Record<string, unknown>[] {
  const color = theme === "light" ? "#14508f" : "#8ec1ff";
  const by = (...pairs: string[]): unknown[] => ["match", ["get", "what"], ...pairs];
  return [
    {
      id: "editing-fill",
      type: "fill",
      filter: ["all", ["!=", ["geometry-type"], "Point"], ["in", ["get", "what"], ["literal", ["chosen", "taken", "freed", "wrong"]]]],
      paint: { "fill-color": by("taken", "#1f7a4d", "freed", "#b26a00", "wrong", "#d50000", color), "fill-opacity": ["match", ["get", "what"], "wrong", 0.6, 0.3] },
    },
    { id: "editing-line", type: "line", filter: ["!=", ["geometry-type"], "Point"], paint: { "line-color": by("wrong", "#d50000", color), "line-width": 3 } },
    {
      id: "editing-corners",
      type: "circle",
      filter: ["==", ["geometry-type"], "Point"],
      paint: { "circle-radius": ["case", ["get", "middle"], 4, 7], "circle-color": "#ffffff", "circle-stroke-color": color, "circle-stroke-width": 2.5 },
    },
  ];
}

function shapes({ editing }: State): { shape: { type: string; coordinates: unknown }; told: Record<string, unknown> }[] {
  if (!editing) return [];
  if (editing.kind === "split") return [...whole(editing), ...cut(editing.line)];
  if (editing.kind === "merge") return editing.grids.filter(({ id }) => editing.chosen.includes(id)).map(({ boundary }) => ({ shape: boundary, told: { what: "chosen" } }));
  const { check } = editing;
  const area = (what: string, shape: Polygons = []) => (shape.length ? [{ shape: multi(shape), told: { what } }] : []);
  const swallowed = editing.grids.filter(({ id }) => check?.swallowed.includes(id)).flatMap(({ boundary }) => area("wrong", polygonsOf(boundary)));
  return [
    { shape: multi(editing.shape), told: { what: "border" } },
    ...area("taken", check?.taken),
    ...area("freed", check?.freed),
    ...swallowed,
    ...area("wrong", check?.gaps),
    ...area("wrong", check?.outside),
    ...corners(editing.shape),
  ];
}

function whole({ grid }: Editing) {
  return [{ shape: grid.boundary, told: { what: "chosen" } }];
}

function cut(line: Position[]) {
  const points = line.map((at) => ({ shape: { type: "Point", coordinates: at }, told: { what: "cut", middle: false } }));
  return line.length > 1 ? [{ shape: { type: "LineString", coordinates: line }, told: { what: "cut" } }, ...points] : points;
}

// Each corner, and between two of them a point that becomes a corner when it is dragged.
function corners(shape: Polygons) {
  return shape.flatMap((rings, polygon) =>
    rings.flatMap((ring, r) =>
      ring.slice(0, -1).flatMap((at, i) => {
        const next = ring[i + 1]!;
        const middle: Position = [(at[0] + next[0]) / 2, (at[1] + next[1]) / 2];
        const told = { what: "corner", polygon, ring: r, i };
        return [
          { shape: { type: "Point", coordinates: at }, told: { ...told, middle: false } },
          { shape: { type: "Point", coordinates: middle }, told: { ...told, middle: true } },
        ];
      }),
    ),
  );
}

type Pressed = (MapMouseEvent | MapTouchEvent) & { features?: { properties: Record<string, unknown> }[] };

function drag(map: MapLibre, store: Store, event: Pressed, move: "mousemove" | "touchmove", end: "mouseup" | "touchend"): void {
  const found = event.features?.[0]?.properties as { polygon: number; ring: number; i: number; middle: boolean } | undefined;
  const { editing } = store.state;
  if (!found || editing?.kind !== "border") return;
  event.preventDefault();
  const begun = found.middle ? withCorner(editing.shape, found) : editing.shape;
  const corner = found.middle ? found.i + 1 : found.i;
  const follow = ({ lngLat }: MapMouseEvent | MapTouchEvent): void => {
    const now = store.state.editing;
    if (!now) return;
    const near = SNAP_PIXELS * (360 / (TILE_PIXELS * 2 ** map.getZoom()));
    const at = snapped(lngLat.toArray(), snapsTo(now), near);
    store.set({ editing: redrawn(now, moved(begun, { ...found, i: corner }, at)) });
  };
  map.on(move, follow);
  map.once(end, () => map.off(move, follow));
}

function snapsTo({ community, grids, grid }: Editing): Polygons[] {
  return [community.boundary, ...grids.filter(({ id }) => id !== grid.id).map(({ boundary }) => boundary)].map(polygonsOf);
}

function withCorner(shape: Polygons, { polygon, ring, i }: { polygon: number; ring: number; i: number }): Polygons {
  return edited(shape, polygon, ring, (points) => [...points.slice(0, i + 1), points[i]!, ...points.slice(i + 1)]);
}

function moved(shape: Polygons, { polygon, ring, i }: { polygon: number; ring: number; i: number }, to: Position): Polygons {
  return edited(shape, polygon, ring, (points) => points.map((at, k) => (k === i || (i === 0 && k === points.length - 1) ? to : at)));
}

function edited(shape: Polygons, polygon: number, ring: number, change: (points: Position[]) => Position[]): Polygons {
  return shape.map((rings, p) => (p === polygon ? rings.map((points, r) => (r === ring ? change(points) : points)) : rings));
}
