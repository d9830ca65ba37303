// What became of the homes of a plan, read from its timeline.

import assert from "node:assert/strict";
import { test } from "node:test";
import { doneAt } from "../src/phone/plan";

const line = (kind: string, home?: string) => ({ kind, detail: home ? { fields: { household_id: home } } : {} });

test("a home that was not met first and seen later was seen", () => {
  const found = doneAt([line("OPENED"), line("SKIP", "a"), line("VISIT", "a"), line("SKIP", "b")]);
  assert.deepEqual([...found], [["a", "VISIT"], ["b", "SKIP"]]);
});

test("a home that was seen stays seen", () => {
  assert.equal(doneAt([line("VISIT", "a"), line("SKIP", "a")]).get("a"), "VISIT");
});
