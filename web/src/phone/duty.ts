// What the phone does while its worker is on duty: says where it is, follows its offers, and answers them.

import type { Api } from "../api";
import { Refused, Unreached } from "../api";
import * as operations from "../operations";
import type { PhoneOffer } from "../operations";
import type { Line } from "../socket";
import { say } from "../words";
import type { Position } from "../types";
import type { PhoneStore } from "./state";

const TELL_MILLISECONDS = 10_000;
const LOOK_AGAIN_MILLISECONDS = 20_000;

export class Duty {
  private watch: number | null = null;
  private toldAt = 0;

  constructor(
    private store: PhoneStore,
    private api: Api,
    line: Line,
  ) {
    line.follow(operations.MyOffers, () => ({}), ({ myOffers }) => void this.take(myOffers));
    store.follow(["line"], ({ line }) => line === "open" && void this.catchUp());
    store.follow(["worker"], ({ worker }) => (worker && worker.status !== "OFF_DUTY" ? this.watchPosition() : this.stopWatching()));
    setInterval(() => void this.catchUp(), LOOK_AGAIN_MILLISECONDS);
  }

  async goOn(): Promise<void> {
    const { startShift } = await this.api.ask(operations.GoOnDuty, {});
    this.status(startShift?.status);
    if (this.store.state.position) await this.tellPosition();
  }

  async goOff(): Promise<void> {
    const { endShift } = await this.api.ask(operations.GoOffDuty, {});
    this.store.set({ offer: null, call: null });
    this.status(endShift?.status);
  }

  // Tries one act; what the server refuses is said in its own words, and the state is looked at again.
  async act(doing: () => Promise<unknown>): Promise<void> {
    try {
      await doing();
    } catch (problem) {
      const unreached = problem instanceof Unreached;
      this.store.set({ notice: unreached ? say("offline", this.store.state.language) : (problem as Error).message });
      if (problem instanceof Refused) await this.catchUp();
    }
  }

  async accept(offer: PhoneOffer): Promise<void> {
    const { acceptOffer } = await this.api.ask(operations.AcceptOffer, { id: offer.id });
    if (acceptOffer) await this.take(acceptOffer);
  }

  async decline(offer: PhoneOffer, reason: string): Promise<void> {
    await this.api.ask(operations.DeclineOffer, { id: offer.id, reason });
    this.store.set({ offer: null });
    await this.catchUp();
  }

  async arrive(id: string): Promise<void> {
    await this.api.ask(operations.Arrive, { id });
    await this.loadCall(id);
  }

  async confirm(id: string): Promise<void> {
    await this.api.ask(operations.ConfirmCall, { id });
  }

  async resolve(how: operations.ResolveCallVariables): Promise<void> {
    await this.api.ask(operations.ResolveCall, how);
    this.store.set({ call: null, offer: null, closing: false });
    await this.catchUp();
  }

  async followUp(id: string, satisfied: boolean): Promise<void> {
    await this.api.ask(operations.FollowUpCall, { id, satisfied });
    await this.catchUp();
  }

  // Looks at everything afresh: after a loss of the line, and now and then.
  async catchUp(): Promise<void> {
    const { offer, call } = this.store.state;
    const found = await this.api.ask(operations.PhoneOpening, {}).catch(() => null);
    if (!found?.viewer.worker) return;
    this.store.set({ worker: found.viewer.worker, name: found.viewer.name });
    if (call) await this.loadCall(call.id);
    else if (offer) await this.check(offer);
    const returns = await this.api.ask(operations.ReturnVisits, {}).catch(() => null);
    if (returns) this.store.set({ returns: (returns.calls?.edges ?? []).map(({ node }) => node) });
  }

  private async take(offer: PhoneOffer): Promise<void> {
    const { offer: held, call } = this.store.state;
    if (offer.status === "OFFERED") this.store.set({ offer, page: "duty" });
    else if (offer.status === "ACCEPTED" && offer.call) {
      this.store.set({ offer, page: "duty" });
      await this.loadCall(offer.call.id);
    } else if (held?.id === offer.id) this.store.set({ offer: null, call: null, closing: false });
    else if (call && call.id === offer.call?.id) await this.loadCall(call.id);
  }

  // An offer that ended while the line was down is no longer shown.
  private async check(offer: PhoneOffer): Promise<void> {
    if (!offer.call) return this.store.set({ offer: null });
    const found = await this.api.ask(operations.PhoneCall, { id: offer.call.id }).catch((problem) => (problem instanceof Refused ? { call: null } : null));
    if (!found) return;
    const current = found.call?.currentOffer;
    if (current?.id !== offer.id) this.store.set({ offer: null });
    else if (current.status === "ACCEPTED") await this.take(current);
  }

  private async loadCall(id: string): Promise<void> {
    const found = await this.api.ask(operations.PhoneCall, { id }).catch((problem) => (problem instanceof Refused ? { call: null } : null));
    if (!found) return;
    const { call } = found;
    const mine = call?.holder?.id === this.store.state.worker?.id && ["ACCEPTED", "ARRIVED"].includes(call?.status ?? "");
    if (mine) this.store.set({ call, offer: call!.currentOffer ?? this.store.state.offer });
    else this.store.set({ call: null, offer: null, closing: false });
  }

  private status(status: NonNullable<operations.GoOnDutyData["startShift"]>["status"] | undefined): void {
    const { worker } = this.store.state;
    if (worker && status) this.store.set({ worker: { ...worker, status } });
  }

  private watchPosition(): void {
    if (this.watch !== null || !navigator.geolocation) return;
    const known = ({ coords }: GeolocationPosition): void => {
      this.store.set({ position: [coords.longitude, coords.latitude] as Position, positionTrouble: false });
      if (Date.now() - this.toldAt > TELL_MILLISECONDS) void this.tellPosition(coords.accuracy);
    };
    const unknown = (): void => this.store.set({ positionTrouble: true });
    this.watch = navigator.geolocation.watchPosition(known, unknown, { enableHighAccuracy: true, maximumAge: 5_000 });
  }

  private stopWatching(): void {
    if (this.watch !== null) navigator.geolocation.clearWatch(this.watch);
    this.watch = null;
  }

  private async tellPosition(accuracyMeters: number | null = null): Promise<void> {
    const { position } = this.store.state;
    if (!position) return;
    this.toldAt = Date.now();
    const input = { point: { longitude: position[0], latitude: position[1] }, accuracyMeters, fixedAt: new Date().toISOString() };
    await this.api.ask(operations.ReportPosition, { input }).catch(() => null);
  }
}
