// Visits as values: which are due, which were made and not sent yet, and what a try to send them makes of the list.

export interface DueVisit {
  careRecordId: string;
  category: string;
  householdId: string;
  address: string;
  dueAt: string;
  overdueDays: number;
}

export interface PendingVisit {
  careRecordId: string;
  address: string;
  visitedAt: string;
  purpose: string;
  note: string | null;
  refused: string | null; // the server's words, when it would not take it
}

export type Sent = "stored" | "unreached" | { refused: string };

// What remains after one visit was tried: gone when stored, kept for later when nobody answered, marked when refused.
export function afterSending(pending: readonly PendingVisit[], tried: PendingVisit, sent: Sent): PendingVisit[] {
  if (sent === "stored") return pending.filter((one) => !isSame(one, tried));
  if (sent === "unreached") return [...pending];
  return pending.map((one) => (isSame(one, tried) ? { ...one, refused: sent.refused } : one));
}

// A visit is told apart by whom and when: sent twice after a lost answer, it is the same visit.
export function isSame(one: PendingVisit, other: PendingVisit): boolean {
  return one.careRecordId === other.careRecordId && one.visitedAt === other.visitedAt;
}

// The next one to send, oldest first; a refused one waits for its writer.
export function nextToSend(pending: readonly PendingVisit[]): PendingVisit | null {
  const waiting = pending.filter(({ refused }) => refused === null);
  return waiting.sort((one, other) => one.visitedAt.localeCompare(other.visitedAt))[0] ?? null;
}

// Due visits without those that were made and wait to be sent; the most overdue first.
export function stillDue(due: readonly DueVisit[], pending: readonly PendingVisit[]): DueVisit[] {
  const made = new Set(pending.map(({ careRecordId }) => careRecordId));
  return due.filter(({ careRecordId }) => !made.has(careRecordId)).sort((one, other) => one.dueAt.localeCompare(other.dueAt));
}
