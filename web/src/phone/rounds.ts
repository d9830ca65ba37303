// Visits from the phone: what is due is kept for when there is no network; what was made is written down at once and
// sent as soon as the server is reached, each with an id of its own, so that it is stored once.

import type { Api } from "../api";
import { Refused, Unreached } from "../api";
import { RecordVisit, VisitsDue } from "../operations";
import type { RecordVisitVariables } from "../operations";
import { keep } from "./keep";
import type { PhoneStore } from "./state";
import { afterSending, nextToSend } from "./visits";
import type { DueVisit, PendingVisit, Sent } from "./visits";

export type Purpose = RecordVisitVariables["input"]["purpose"];
const AHEAD_MILLISECONDS = 7 * 86_400_000;
const TRY_AGAIN_MILLISECONDS = 15_000;

export class Rounds {
  private sending = false;

  constructor(
    private store: PhoneStore,
    private api: Api,
  ) {
    store.follow(["due", "pending"], ({ due, pending }) => keep({ due, pending }));
    store.follow(["line"], ({ line }) => line === "open" && void this.send());
    addEventListener("online", () => void this.send());
    setInterval(() => void this.send(), TRY_AGAIN_MILLISECONDS);
    void this.load();
  }

  async load(): Promise<void> {
    const by = new Date(Date.now() + AHEAD_MILLISECONDS).toISOString();
    const found = await this.api.ask(VisitsDue, { by }).catch(() => null);
    if (!found) return; // what was kept before is shown
    const due = (found.visitsDue?.edges ?? []).map(
      ({ node }): DueVisit => ({
        careRecordId: node.careRecord.id,
        category: node.careRecord.category.name,
        categoryEn: node.careRecord.category.nameEn,
        address: node.household?.address ?? "—",
        dueAt: node.dueAt ?? "",
        overdueDays: node.overdueDays,
      }),
    );
    this.store.set({ due });
  }

  record(visit: DueVisit, purpose: Purpose, note: string): void {
    const now = new Date().toISOString();
    const made: PendingVisit = { id: newId(), careRecordId: visit.careRecordId, address: visit.address, visitedAt: now, purpose, note: note || null, refused: null };
    this.store.set({ pending: [...this.store.state.pending, made] });
    void this.send();
  }

  discard(visit: PendingVisit): void {
    this.store.set({ pending: this.store.state.pending.filter(({ id }) => id !== visit.id) });
  }

  async send(): Promise<void> {
    if (this.sending) return;
    this.sending = true;
    let stored = 0;
    for (let next = nextToSend(this.store.state.pending); next; next = nextToSend(this.store.state.pending)) {
      const sent = await this.sent(next);
      this.store.set({ pending: afterSending(this.store.state.pending, next, sent) });
      if (sent === "unreached") break;
      stored += 1;
    }
    this.sending = false;
    if (stored) await this.load();
  }

  private async sent({ id, careRecordId, visitedAt, purpose, note }: PendingVisit): Promise<Sent> {
    try {
      await this.api.ask(RecordVisit, { input: { id, careRecordId, visitedAt, writtenAt: visitedAt, purpose: purpose as Purpose, note } });
      return "stored";
    } catch (problem) {
      if (problem instanceof Unreached) return "unreached";
      if (problem instanceof Refused && ["NOT_SIGNED_IN", "STORE_UNAVAILABLE", "UNKNOWN"].includes(problem.code)) return "unreached";
      return { refused: (problem as Error).message };
    }
  }
}

// A UUID of version 4 (RFC 9562); `randomUUID` is not there on plain HTTP.
function newId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6]! & 0x0f) | 0x40;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
