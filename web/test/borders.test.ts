import assert from "node:assert/strict";
import { test } from "node:test";
import { area, checked, freeCode, isSound, snapped } from "../src/borders";
import type { Polygons } from "../src/borders";

// A community of 0..4 by 0..2 (hundredths of a degree): grid A is its west, grid B its middle, grid C its east.
const box = (west: number, south: number, east: number, north: number): Polygons => {
  const at = (x: number, y: number): [number, number] => [x / 100, y / 100];
  return [[[at(west, south), at(east, south), at(east, north), at(west, north), at(west, south)]]];
};
const [community, a, b, c] = [box(0, 0, 4, 2), box(0, 0, 1, 2), box(1, 0, 3, 2), box(3, 0, 4, 2)];
const neighbours = [
  { id: "a", shape: a },
  { id: "c", shape: c },
];
const size = (shape: Polygons): number => Math.round(shape.reduce((sum, [outer]) => sum + Math.abs(area(outer!)) * 10_000, 0) * 1000) / 1000;

test("a border moved between two grids takes here and frees there", () => {
  const found = checked(b, box(0.5, 0, 2.5, 2), community, neighbours);
  assert.equal(size(found.taken), 1, "0.5 wide, 2 high, from a");
  assert.equal(size(found.freed), 1, "0.5 wide, 2 high, to c");
  assert.ok(isSound(found));
});

test("what reaches out of the community is shown", () => {
  const found = checked(b, box(1, 0, 3, 2.5), community, neighbours);
  assert.equal(size(found.outside), 1, "2 wide, 0.5 high");
  assert.equal(size(found.taken), 0);
  assert.ok(!isSound(found));
});

test("a strip of centimetres beyond the community is a sliver, however long; one of a metre is a fault", () => {
  const wider = (degrees: number) => checked(b, box(1, 0, 3, 2 + degrees * 100), community, neighbours);
  assert.ok(isSound(wider(3e-7)), "2.2 km by 3 cm");
  assert.equal(wider(1e-5).outside.length, 1, "2.2 km by 1.1 m");
});

test("what is freed where no other grid stands is a gap", () => {
  const found = checked(b, box(1, 0, 3, 1.5), community, neighbours);
  // The strip along the north touches a at x = 1 and c at x = 3, each along an edge of 0.5: they can take it.
  assert.deepEqual([size(found.freed), size(found.gaps)], [1, 0]);
  const notch: Polygons = [[[[0.01, 0], [0.03, 0], [0.03, 0.02], [0.022, 0.02], [0.02, 0.015], [0.018, 0.02], [0.01, 0.02], [0.01, 0]]]];
  const cut = checked(b, notch, community, neighbours);
  assert.equal(size(cut.gaps), 0.1, "a triangle 0.4 wide and 0.5 high on the outer border");
  assert.ok(!isSound(cut));
});

test("a neighbour of which nothing is left is named", () => {
  assert.deepEqual(checked(b, box(0, 0, 3, 2), community, neighbours).swallowed, ["a"]);
});

test("an unchanged border is sound and changes nothing", () => {
  const found = checked(b, b, community, neighbours);
  assert.deepEqual([found.taken, found.freed, found.outside, found.gaps], [[], [], [], []]);
});

test("the next free code of a community", () => {
  assert.equal(freeCode(["529901001001001", "529901001001003"]), "529901001001004");
});

test("a point near a border is put on it, on a corner before an edge; a far one stays", () => {
  const near = (at: [number, number]): number[] => snapped(at, [community], 0.0005).map((degrees) => Number(degrees.toFixed(9)));
  assert.deepEqual(near([0.0052, 0.0203]), [0.0052, 0.02], "down onto the northern edge");
  assert.deepEqual(near([0.0397, 0.0203]), [0.04, 0.02], "onto the corner in the north-east");
  assert.deepEqual(near([0.0052, 0.03]), [0.0052, 0.03]);
});
