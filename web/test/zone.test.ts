// Local time of the house, from whatever zone somebody looks.
import assert from "node:assert/strict";
import { test } from "node:test";
import { dayOf, instant, moment, settle } from "../src/cases/zone";

test("a form's date and time is that of the house", () => {
  settle("Asia/Shanghai"); // eight hours ahead, all year
  assert.equal(instant("2026-05-20T09:00"), "2026-05-20T01:00:00.000Z");
  assert.equal(dayOf(Date.parse("2026-05-20T16:30:00Z")), "2026-05-21");
  assert.match(moment("2026-05-20T16:30:00Z", "en"), /21 May.*00:30/);
});

test("summer time is that of the day itself", () => {
  settle("Europe/Lisbon"); // one hour ahead from 29 March 2026, 01:00 UTC, to 25 October
  assert.equal(instant("2026-03-28T12:00"), "2026-03-28T12:00:00.000Z");
  assert.equal(instant("2026-03-29T12:00"), "2026-03-29T11:00:00.000Z");
  assert.equal(instant("2026-10-25T12:00"), "2026-10-25T12:00:00.000Z");
  settle(undefined); // nothing was told: as it was
  assert.equal(instant("2026-07-01T00:30"), "2026-06-30T23:30:00.000Z");
});
