import assert from "node:assert/strict";
import { test } from "node:test";
import { afterSending, nextToSend, stillDue } from "../src/phone/visits";
import type { DueVisit, PendingVisit } from "../src/phone/visits";

const visit = (careRecordId: string, visitedAt: string, refused: string | null = null): PendingVisit => ({
  id: `visit-${careRecordId}`,
  careRecordId,
  address: "Willow Lane 1",
  visitedAt,
  purpose: "ROUTINE",
  note: null,
  refused,
});
const [early, late] = [visit("a", "2026-01-01T08:00:00Z"), visit("b", "2026-01-01T09:00:00Z")];

test("visits are sent oldest first; a refused one waits for its writer", () => {
  assert.equal(nextToSend([late, early]), early);
  assert.equal(nextToSend([{ ...early, refused: "No" }, late]), late);
  assert.equal(nextToSend([{ ...early, refused: "No" }]), null);
});

test("a visit is kept until the server has stored it", () => {
  assert.deepEqual(afterSending([early, late], early, "stored"), [late]);
  assert.deepEqual(afterSending([early, late], early, "unreached"), [early, late]);
  assert.deepEqual(afterSending([early], early, { refused: "Too old" }), [{ ...early, refused: "Too old" }]);
});

test("what was visited is no longer due, sent or not; the most overdue stands first", () => {
  const due = (careRecordId: string, dueAt: string): DueVisit => ({ careRecordId, category: "X", categoryEn: null, address: "", dueAt, overdueDays: 0 });
  const [one, other] = [due("b", "2026-01-02"), due("c", "2026-01-01")];
  assert.deepEqual(stillDue([one, other, due("a", "2025-12-01")], [early]), [other, one]);
});
