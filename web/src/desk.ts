// What the desk follows: the calls of its areas, numbered without a gap, and where the workers are. After a loss of the
// connection each area goes on after the last number that was seen, so that nothing is missed.

import type { Api } from "./api";
import { Refused } from "./api";
import * as operations from "./operations";
import type { QueueCall } from "./operations";
import { isWithin, reloaded, step, taken } from "./queue";
import type { Line } from "./socket";
import type { Store } from "./store";
import type { Area } from "./types";

export const WATCHERS = ["DISPATCHER", "SUPERVISOR", "MANAGER", "COMMUNITY_STAFF", "ADMIN"];
export const ACTORS = ["DISPATCHER", "SUPERVISOR", "ADMIN"];
export const EDITORS = ["MANAGER", "ADMIN"]; // of borders
const BEAT_MILLISECONDS = 15_000;
const RELOAD_MILLISECONDS = 30_000;
const AGAIN_MILLISECONDS = 2_000;
const FILE_PAUSE_MILLISECONDS = 200;
const STAFF_PAUSE_MILLISECONDS = 800;
const MOST_AREAS = 10;
const MOST_FOLLOWED = 30;

export function may(store: Store, roles: readonly string[]): boolean {
  return Boolean(store.state.viewer?.roles.some((role) => roles.includes(role)));
}

export class Desk {
  private sequences = new Map<string, number>();
  private told = new Set<string>();
  private waiting = 0;
  private counting = 0;

  constructor(
    private store: Store,
    private api: Api,
    private line: Line,
  ) {
    for (const area of this.areas) this.followCalls(area);
    void this.followAllWorkers();
    setInterval(() => void this.beat(), BEAT_MILLISECONDS);
    setInterval(() => void this.reload(), RELOAD_MILLISECONDS);
    store.follow(["line"], ({ line }) => line === "open" && void this.reload().then(() => this.beat()));
    store.follow(["openCall"], ({ openCall }) => {
      store.set({ file: null, home: null, candidate: null });
      if (openCall) void this.loadFile();
    });
  }

  private get areas(): Area[] {
    return (this.store.state.viewer?.areas ?? []).slice(0, MOST_AREAS);
  }

  private followCalls(area: Area): void {
    const variables = (): operations.CallEventsVariables => ({ areaId: area.id, afterSequence: this.sequences.get(area.id) ?? null });
    const stop = this.line.follow(operations.CallEvents, variables, ({ callEvents }) => this.take(area, callEvents), () => {
      stop();
      this.sequences.delete(area.id);
      setTimeout(() => {
        this.followCalls(area);
        void this.reload();
      }, AGAIN_MILLISECONDS);
    });
  }

  // Who serves a community as a whole is told of with that community, not with the district around it.
  private async followAllWorkers(): Promise<void> {
    const { areas } = await this.api.ask(operations.Communities, {}).catch(() => ({ areas: null }));
    const inside = (areas?.edges ?? []).map(({ node }) => node).filter(({ code }) => this.areas.some((area) => isWithin(code, area.code)));
    const all = new Map([...this.areas, ...inside].map(({ id }) => [id, id]));
    for (const id of [...all.keys()].slice(0, MOST_FOLLOWED)) this.followWorkers(id);
  }

  private followWorkers(areaId: string): void {
    this.line.follow(operations.Positions, () => ({ areaId }), ({ workerPositions }) => {
      const positions = new Map(this.store.state.positions).set(workerPositions.worker.id, workerPositions);
      this.store.set({ positions });
    });
  }

  private take(area: Area, { sequence, call }: operations.CallEventsData["callEvents"]): void {
    const known = step(this.sequences.get(area.id), sequence);
    if (known === "old") return;
    this.sequences.set(area.id, sequence);
    if (known === "gap") void this.reload();
    this.know(call);
  }

  // Puts into the queue what is now known of a call, and loads its file again when it lies open.
  know(call: QueueCall): void {
    this.told.add(call.id);
    this.store.set({ queue: taken(this.store.state.queue, call) });
    clearTimeout(this.counting);
    this.counting = window.setTimeout(() => void this.loadStaff(), STAFF_PAUSE_MILLISECONDS);
    if (call.id !== this.store.state.openCall) return;
    clearTimeout(this.waiting);
    this.waiting = window.setTimeout(() => void this.loadFile(), FILE_PAUSE_MILLISECONDS);
  }

  async reload(): Promise<void> {
    this.told = new Set();
    const fresh: QueueCall[] = [];
    try {
      for (let after: string | null | undefined = null; after !== undefined; ) {
        const { calls }: operations.OpenCallsData = await this.api.ask(operations.OpenCalls, { after });
        fresh.push(...(calls?.edges ?? []).map(({ node }) => node));
        after = calls?.pageInfo.hasNextPage ? calls.pageInfo.endCursor : undefined;
      }
      const { calls: ended } = await this.api.ask(operations.ReturnVisits, {});
      this.store.set({ visits: (ended?.edges ?? []).map(({ node }) => node) });
    } catch {
      return; // the line says that the server is away; the list is loaded again when it is back
    }
    this.store.set({ queue: reloaded(this.store.state.queue, fresh, this.told), loaded: true });
    await this.loadStaff();
  }

  async loadFile(): Promise<void> {
    const id = this.store.state.openCall;
    if (!id) return;
    try {
      const { call } = await this.api.ask(operations.CallFile, { id });
      if (id === this.store.state.openCall) this.store.set({ file: call });
      if (call?.claimedBy?.id !== this.store.state.viewer?.id) return this.store.set({ home: null });
      const home = await this.api.ask(operations.CallHome, { id }).catch(() => null);
      if (id === this.store.state.openCall) this.store.set({ home: home?.call?.household?.residents ?? null });
    } catch (problem) {
      this.store.set({ notice: (problem as Error).message });
    }
  }

  // Does one act on a call; a refusal is shown in its own words, and the call is loaded as it stands.
  async act(doing: Promise<Record<string, QueueCall | null>>): Promise<boolean> {
    try {
      for (const call of Object.values(await doing)) if (call) this.know(call);
      return true;
    } catch (problem) {
      this.store.set({ notice: (problem as Error).message });
      if (problem instanceof Refused) await Promise.all([this.loadFile(), this.reload()]);
      return false;
    }
  }

  private async beat(): Promise<void> {
    const me = this.store.state.viewer?.id;
    const mine = [...this.store.state.queue.values()].filter(({ claimedBy }) => claimedBy && claimedBy.id === me);
    for (const { id } of mine)
      await this.api.ask(operations.KeepClaim, { id }).catch((problem) => problem instanceof Refused && void this.reload());
  }

  private async loadStaff(): Promise<void> {
    const found = await this.api.ask(operations.WorkersOnDuty, {}).catch(() => null);
    if (!found) return;
    const workers = Object.values(found).flatMap((page) => (page?.edges ?? []).map(({ node }) => node));
    const here = workers.filter(({ areas }) => areas.some(({ code }) => this.areas.some((area) => isWithin(code, area.code))));
    this.store.set({ staff: new Map(here.map((worker) => [worker.id, worker])) });
  }
}
