// What a new border would do, as values: what it takes, what it frees, and what the server would refuse.
// Coordinates are degrees; a border is the same line in both grids, so that shared corners are equal.

import clip from "polygon-clipping";
import type { GeoJSON, Position } from "./types";

export type Ring = Position[];
export type Polygons = Ring[][]; // of each polygon the outer ring, then its holes

export interface Neighbour {
  id: string;
  shape: Polygons;
}

export interface Check {
  taken: Polygons; // from neighbours
  freed: Polygons; // to neighbours
  outside: Polygons; // beyond the community: would overlap others
  gaps: Polygons; // freed where no neighbour stands: would belong to nobody
  swallowed: string[]; // neighbours of which nothing would be left
}

const TOLERANCE_METERS = 0.5; // the server's: a piece that is no wider is a sliver, and no fault
const METERS_PER_DEGREE = 111_320; // of latitude, and of longitude on the equator
const NEAR_DEGREES = 1e-7; // about a centimetre

export function polygonsOf(shape: GeoJSON): Polygons {
  return (shape.type === "Polygon" ? [shape.coordinates] : shape.coordinates) as Polygons;
}

export function multi(shape: Polygons): GeoJSON {
  return { type: "MultiPolygon", coordinates: shape };
}

export function checked(before: Polygons, after: Polygons, community: Polygons, neighbours: readonly Neighbour[]): Check {
  const gained = thick(clip.difference(after, before));
  const freed = thick(clip.difference(before, after));
  return {
    taken: thick(clip.intersection(gained, community)),
    freed,
    outside: thick(clip.difference(gained, community)),
    gaps: freed.filter((piece) => !neighbours.some(({ shape }) => touches(piece, shape))),
    swallowed: neighbours.filter(({ shape }) => !thick(clip.difference(shape, after)).length).map(({ id }) => id),
  };
}

export function isSound({ outside, gaps, swallowed }: Check): boolean {
  return !outside.length && !gaps.length && !swallowed.length;
}

function thick(shape: Polygons): Polygons {
  return shape.filter(([outer]) => width(outer!) > TOLERANCE_METERS);
}

// The mean width in metres: twice the area by the outline, which is the width of a strip. An area alone does not tell: a
// long border is straight in degrees for one area and has a corner more for the next, which leaves centimetres between
// them over its whole length. The server looks for the widest place, and has the last word.
function width(ring: Ring): number {
  const [x0, y0] = ring[0]!;
  const east = METERS_PER_DEGREE * Math.cos((y0 * Math.PI) / 180);
  const meters = ring.map(([x, y]): Position => [(x - x0) * east, (y - y0) * METERS_PER_DEGREE]);
  const outline = meters.slice(1).reduce((sum, [x, y], i) => sum + Math.hypot(x - meters[i]![0], y - meters[i]![1]), 0);
  return outline && (2 * Math.abs(area(meters))) / outline;
}

// Half the sum of cross products (the shoelace formula), in the square of the ring's own unit.
export function area(ring: Ring): number {
  return ring.reduce((sum, [x, y], i) => {
    const [nextX, nextY] = ring[(i + 1) % ring.length]!;
    return sum + (x * nextY - nextX * y) / 2;
  }, 0);
}

// Two corners in common, or on the other's edge, are a stretch of border in common.
function touches(piece: Ring[], shape: Polygons): boolean {
  const corners = piece[0]!.slice(0, -1);
  const onBorder = corners.filter((corner) => shape.some((rings) => rings.some((ring) => isOn(corner, ring))));
  const within = shape.flatMap((rings) => rings.flatMap((ring) => ring.slice(0, -1))).filter((corner) => isOn(corner, piece[0]!));
  return new Set([...onBorder, ...within].map(String)).size >= 2;
}

function isOn(point: Position, ring: Ring): boolean {
  return ring.some((start, i) => i + 1 < ring.length && distance(point, start, ring[i + 1]!) < NEAR_DEGREES);
}

// The nearest place on other borders, when one is as near as `within` degrees: corners before edges. A hand on a map
// cannot hit a border exactly, and a line beside it would leave a sliver.
export function snapped(point: Position, borders: readonly Polygons[], within: number): Position {
  const rings = borders.flatMap((shape) => shape.flat());
  const far = (at: Position): number => Math.hypot(at[0] - point[0], at[1] - point[1]);
  const nearest = (places: Position[]): Position | undefined => places.filter((at) => far(at) <= within).sort((one, other) => far(one) - far(other))[0];
  const edges = rings.flatMap((ring) => ring.slice(1).map((end, i) => foot(point, ring[i]!, end)));
  return nearest(rings.flat()) ?? nearest(edges) ?? point;
}

function distance(point: Position, start: Position, end: Position): number {
  const [x, y] = foot(point, start, end);
  return Math.hypot(point[0] - x, point[1] - y);
}

// The place on a stretch that is nearest to a point.
function foot([x, y]: Position, [x1, y1]: Position, [x2, y2]: Position): Position {
  const [dx, dy] = [x2 - x1, y2 - y1];
  const length = dx * dx + dy * dy;
  const along = length ? Math.max(0, Math.min(1, ((x - x1) * dx + (y - y1) * dy) / length)) : 0;
  return [x1 + along * dx, y1 + along * dy];
}

// The codes of a community's grids end in three digits: the next one that nobody has.
export function freeCode(codes: readonly string[]): string {
  const community = codes[0]?.slice(0, 12) ?? "";
  const last = Math.max(0, ...codes.map((code) => Number(code.slice(12))));
  return `${community}${String(last + 1).padStart(3, "0")}`;
}
