// Visits as values: which are due, which were made and not sent yet, and what a try to send them makes of the list.

export interface DueVisit {
  careRecordId: string;
  category: string;
  categoryEn: string | null;
  address: string;
  dueAt: string;
  overdueDays: number;
}

export interface PendingVisit {
  id: string; // made here: sent again after a lost answer, it is the same visit
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
  if (sent === "stored") return pending.filter((one) => one.id !== tried.id);
  if (sent === "unreached") return [...pending];
  return pending.map((one) => (one.id === tried.id ? { ...one, refused: sent.refused } : one));
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
