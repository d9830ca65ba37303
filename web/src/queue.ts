// The desk's queue as values: what an event or a fresh list makes of it, its order, and what should sound.

import type { QueueCall } from "./operations";

export type Queue = ReadonlyMap<string, QueueCall>;
export type Sound = "none" | "new" | "alarm";

const ENDED = new Set(["RESOLVED", "CLOSED", "CANCELLED"]);
const UNTAKEN = new Set(["OPEN", "OFFERED"]);

export function isOpen({ status }: { status: string }): boolean {
  return !ENDED.has(status);
}

// The queue after one call is known to be as told.
export function taken(queue: Queue, call: QueueCall): Queue {
  const next = new Map(queue);
  if (isOpen(call)) next.set(call.id, call);
  else next.delete(call.id);
  return next;
}

// The queue after a fresh list; calls that were told of while the list was on its way stay as they were told.
export function reloaded(queue: Queue, fresh: readonly QueueCall[], toldMeanwhile: ReadonlySet<string>): Queue {
  const next = new Map(fresh.filter(({ id }) => !toldMeanwhile.has(id)).map((call) => [call.id, call]));
  for (const id of toldMeanwhile) {
    const call = queue.get(id);
    if (call) next.set(id, call);
  }
  return next;
}

// Whether an event is the next of its area; a number left out means that the list must be loaded afresh.
export function step(last: number | undefined, sequence: number): "next" | "gap" | "old" {
  if (last === undefined || sequence === last + 1) return "next";
  return sequence <= last ? "old" : "gap";
}

// The desk's alarms first, then by priority, then by age.
export function ordered(queue: Queue): QueueCall[] {
  const rings = ({ status }: QueueCall): number => (status === "RINGING" ? 0 : 1);
  return [...queue.values()].sort(
    (one, other) =>
      rings(one) - rings(other) || other.priority - one.priority || one.openedAt.localeCompare(other.openedAt) || one.id.localeCompare(other.id),
  );
}

// A call sounds until somebody has taken it: a worker by accepting, a dispatcher by claiming.
export function sound(queue: Queue): Sound {
  const calls = [...queue.values()].filter(({ claimedBy }) => !claimedBy);
  if (calls.some(({ status }) => status === "RINGING")) return "alarm";
  return calls.some(({ status }) => UNTAKEN.has(status)) ? "new" : "none";
}

// Statistical codes grow by tier: 6 digits a district, 9 a street, 12 a community, 15 a grid.
export function isWithin(code: string, area: string): boolean {
  const digits = area.length === 12 ? area.replace(/0+$/, "").length : 15;
  return code.startsWith(area.slice(0, [6, 9, 12, 15].find((tier) => tier >= digits)));
}
