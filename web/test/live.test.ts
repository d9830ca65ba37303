// What lives is asked for again once it is there, and in the end also when it is not.

import assert from "node:assert/strict";
import { mock, test } from "node:test";
import type { Map as MapLibre } from "maplibre-gl";
import { live } from "../src/layers/live";
import type { Store } from "../src/store";

test("a layer on its way is not asked for again, unless for half a minute nothing has come", (scene) => {
  mock.timers.enable({ apis: ["setInterval"] });
  scene.after(() => mock.timers.reset());
  let [now, loaded] = [100_000, true];
  scene.mock.method(performance, "now", () => now);
  Object.assign(globalThis, { document: { hidden: false } });
  const asked: string[] = [];
  const map = { getSource: () => ({}), isSourceLoaded: () => loaded, refreshTiles: (layer: string) => asked.push(layer) };
  live(map as unknown as MapLibre, { state: { shown: new Set(["calls", "grids"]) } } as unknown as Store);
  const pass = (seconds: number): number => {
    for (let second = 0; second < seconds; second++) {
      now += 1_000;
      mock.timers.tick(1_000);
    }
    return asked.splice(0).length;
  };
  assert.equal(pass(10), 2);
  loaded = false;
  assert.equal(pass(25), 0);
  assert.equal(pass(10), 1);
  assert.equal(pass(20), 0);
  loaded = true;
  assert.equal(pass(5), 1);
});
