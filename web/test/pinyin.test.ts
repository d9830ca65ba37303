import assert from "node:assert/strict";
import { test } from "node:test";
import { fits } from "../src/pinyin";

test("a name is found by its pinyin, whole or by initials, from any character on", () => {
  const name = "老街社区第一网格"; // lao jie she qu di yi wang ge
  for (const typed of ["laojie", "LaoJie", "lao jie", "ljsq", "lj", "diyi", "dywg", "wangge"]) assert.ok(fits(name, typed), typed);
  for (const typed of ["hexi", "jl", "l", "老街", "laojie1"]) assert.ok(!fits(name, typed), typed);
});
