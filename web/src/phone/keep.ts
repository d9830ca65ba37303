// What the phone keeps when the page is closed: the sign-in, the visits due and those not sent yet. Signing out clears it.

import type { DueVisit, PendingVisit } from "./visits";

const PLACE = "linli-phone";

export interface Kept {
  token: string | null;
  due: DueVisit[];
  pending: PendingVisit[];
}

export function kept(): Kept {
  const nothing = { token: null, due: [], pending: [] };
  try {
    return { ...nothing, ...JSON.parse(localStorage.getItem(PLACE) ?? "{}") };
  } catch {
    return nothing;
  }
}

export function keep(changes: Partial<Kept>): void {
  put(PLACE, { ...kept(), ...changes });
}

let isOver = false;

// What comes in after the phone was left, while the page is still there, is kept no more.
export function put(place: string, value: unknown): void {
  if (!isOver) localStorage.setItem(place, JSON.stringify(value));
}

export function forget(): void {
  isOver = true;
  localStorage.clear();
  sessionStorage.clear();
}
