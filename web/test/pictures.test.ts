import assert from "node:assert/strict";
import { test } from "node:test";
import { shiftOf, toGcj02 } from "../src/pictures";

test("GCJ-02 of Beijing is the published one", () => {
  // coordtransform's README: wgs84togcj02(116.404, 39.915)
  const [lon, lat] = toGcj02([116.404, 39.915]);
  assert.ok(Math.abs(lon - 116.41024449916938) < 1e-11 && Math.abs(lat - 39.91640428150164) < 1e-11, `${lon} ${lat}`);
});

test("a tile of Beijing is fetched from the east and the north of its place", () => {
  // 0.00624449916938 degrees east are 0.00624449916938 / 360 * 2^15 * 256 = 145.5 pixels at zoom 15; 0.0014 degrees north
  // are 0.0014042815 / 360 / cos(39.915 degrees) * 2^15 * 256 = 42.7 pixels up. The tile's middle lies within 700 m of the
  // place, where the shift is the same to a pixel or two.
  const [x, y] = [Math.floor(((116.404 + 180) / 360) * 2 ** 15), 12413];
  const [right, down] = shiftOf(15, x, y);
  assert.ok(Math.abs(right - 145.5) < 3, String(right));
  assert.ok(Math.abs(down + 42.7) < 3, String(down));
});
