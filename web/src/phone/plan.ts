// The plan of the visiting days: homes in the order of the walk, what was heard at each door. Written without a network,
// it is kept and sent later; a home that the server has as seen is not sent again.

import type { Api } from "../api";
import { Refused, Unreached } from "../api";
import { Act, HomeOf, MyPlan, PlanVersion, ProposePlan, StorePlan } from "../cases/operations";
import type { ProposePlanData } from "../cases/operations";
import { dayOf } from "../cases/zone";
import { Keeper } from "../store";
import { put } from "./keep";
import type { PhoneStore } from "./state";

const PLACE = "linli-phone-plan";
const TRY_AGAIN_MILLISECONDS = 15_000;

export interface PlanHome {
  id: string;
  address: string;
  done: "VISIT" | "SKIP" | null;
}

export interface Heard {
  subject: string;
  description: string;
}

export interface DoorVisit {
  caseId: string;
  householdId: string;
  action: "VISIT" | "SKIP";
  note: string | null;
  heard: Heard[];
  refused: string | null; // the server's words, when it would not take it
}

export interface PlanState {
  caseId: string | null;
  number: string;
  homes: PlanHome[];
  waiting: DoorVisit[];
  proposal: NonNullable<ProposePlanData["planVisits"]> | null;
}

type Lines = readonly { kind: string; detail: unknown }[];

// What became of each home, by the timeline of the plan.
export function doneAt(lines: Lines): Map<string, "VISIT" | "SKIP"> {
  const found = new Map<string, "VISIT" | "SKIP">();
  for (const { kind, detail } of lines) {
    const home = (detail as { fields?: { household_id?: string } }).fields?.household_id;
    if (home && (kind === "VISIT" || (kind === "SKIP" && !found.has(home)))) found.set(home, kind);
  }
  return found;
}

export function plansWait(): boolean {
  return read().waiting.length > 0;
}

export class Plan extends Keeper<PlanState> {
  private sending = false;

  constructor(
    phone: PhoneStore,
    private api: Api,
  ) {
    super(read());
    this.follow(["caseId", "number", "homes", "waiting"], (state) => put(PLACE, { ...state, proposal: null }));
    phone.follow(["line"], ({ line }) => line === "open" && void this.send());
    addEventListener("online", () => void this.send());
    setInterval(() => void this.send(), TRY_AGAIN_MILLISECONDS);
    void this.load().catch(() => undefined); // what was kept before is shown
  }

  async load(): Promise<void> {
    const found = await this.api.ask(MyPlan, {});
    const node = found.cases?.edges[0]?.node;
    if (!node) return this.set({ caseId: null, number: "", homes: [] });
    const ids = (node.details.household_ids as string[] | undefined) ?? [];
    const done = doneAt(node.timeline);
    const known = new Map(this.state.homes.map((home) => [home.id, home.address]));
    const homes = await Promise.all(ids.map(async (id) => ({ id, address: known.get(id) ?? (await this.address(id)), done: done.get(id) ?? null })));
    this.set({ caseId: node.id, number: node.number, homes });
  }

  // Homes whose care is due first, in the order of the shortest walk: thought of by the server, not stored yet.
  async propose(): Promise<void> {
    const workerId = (await this.api.ask(MyPlan, {})).viewer.worker?.id;
    if (!workerId) return;
    const month = dayOf(Date.now()).slice(0, 7);
    this.set({ proposal: (await this.api.ask(ProposePlan, { workerId, month })).planVisits });
  }

  async accept(areaId: string): Promise<void> {
    const { proposal } = this.state;
    if (!proposal) return;
    await this.api.ask(StorePlan, { input: { kind: "VISIT_PLAN", subject: `入户走访 ${proposal.month}`, details: proposal.details, areaId } });
    this.set({ proposal: null });
    await this.load();
  }

  record(home: PlanHome, action: DoorVisit["action"], note: string, heard: Heard[]): void {
    const { caseId, waiting, homes } = this.state;
    if (!caseId) return;
    const made: DoorVisit = { caseId, householdId: home.id, action, note: note || null, heard, refused: null };
    this.set({ waiting: [...waiting, made], homes: homes.map((one) => (one.id === home.id ? { ...one, done: action } : one)) });
    void this.send();
  }

  discard(visit: DoorVisit): void {
    this.set({ waiting: this.state.waiting.filter((one) => one !== visit) });
    void this.load().catch(() => undefined);
  }

  async send(): Promise<void> {
    if (this.sending) return;
    this.sending = true;
    const tried = new Set<DoorVisit>();
    for (let next = this.next(tried); next; next = this.next(tried)) {
      tried.add(next);
      const refused = await this.sent(next);
      if (refused === "unreached") break;
      const sent = next;
      this.set({ waiting: this.state.waiting.flatMap((one) => (one !== sent ? [one] : refused ? [{ ...one, refused }] : [])) });
    }
    this.sending = false;
    if (tried.size) await this.load().catch(() => undefined);
  }

  private next(tried: ReadonlySet<DoorVisit>): DoorVisit | undefined {
    return this.state.waiting.find((one) => !one.refused && !tried.has(one));
  }

  // Null when it is stored, or was stored before an answer was lost.
  private async sent({ caseId, householdId, action, note, heard }: DoorVisit): Promise<string | null | "unreached"> {
    try {
      const plan = (await this.api.ask(PlanVersion, { id: caseId })).case;
      if (!plan || doneAt(plan.timeline).get(householdId) === action) return null;
      const fields = { household_id: householdId, ...(action === "VISIT" ? { heard } : {}) };
      await this.api.ask(Act, { input: { id: caseId, action, version: plan.version, note, fields } });
      return null;
    } catch (problem) {
      if (problem instanceof Unreached) return "unreached";
      if (problem instanceof Refused && ["NOT_SIGNED_IN", "STORE_UNAVAILABLE", "STALE_VERSION", "UNKNOWN"].includes(problem.code)) return "unreached";
      return (problem as Error).message;
    }
  }

  private async address(id: string): Promise<string> {
    return (await this.api.ask(HomeOf, { id }).catch(() => null))?.household?.address ?? "—";
  }
}

function read(): PlanState {
  const nothing: PlanState = { caseId: null, number: "", homes: [], waiting: [], proposal: null };
  try {
    return { ...nothing, ...JSON.parse(localStorage.getItem(PLACE) ?? "{}") };
  } catch {
    return nothing;
  }
}
