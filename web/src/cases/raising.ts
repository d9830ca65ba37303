// Raising a matter: what, where, and the one-time code that proves the phone.

import type { Api } from "../api";
import { el } from "../elements";
import type { Json, Position } from "../types";
import { drawn, renewed } from "./forms";
import type { Drawn } from "./forms";
import { RaiseMatter, SendCode } from "./operations";
import type { ResidentKind, ResidentState, ResidentStore } from "./resident";
import { tell } from "./residentwords";
import type { Word } from "./residentwords";
import * as tracking from "./tracking";

const POSITION: PositionOptions = { enableHighAccuracy: true, timeout: 20_000, maximumAge: 60_000 };

export function raising(store: ResidentStore, api: Api): HTMLElement {
  const place = el("section", { class: "part", id: "raise" });
  const raise = new Raise(store, api, place);
  store.follow(["language", "kinds", "raised", "areaId"], (state) => raise.draw(state));
  return place;
}

class Raise {
  private kind = "APPEAL";
  private position: Position | null = null;
  private told: Word | null = null; // of the code
  private form: Drawn = { parts: [], read: () => ({}) };
  private busy = false;

  constructor(
    private store: ResidentStore,
    private api: Api,
    private place: HTMLElement,
  ) {}

  draw(state: ResidentState): void {
    if (state.raised) return renewed(this.place, ...done(state, () => this.store.set({ page: "follow", tracking: state.raised, raised: null })));
    const kind = state.kinds.find(({ code }) => code === this.kind);
    this.form = drawn(kind?.detailsSchema ?? {}, state.language);
    const submit = (event: Event): void => {
      event.preventDefault();
      void this.send(kind);
    };
    renewed(this.place, el("form", { submit, "aria-label": tell("raise", state.language) }, ...this.what(state), ...this.where(state), ...this.who(state, kind)));
  }

  private again = (): void => this.draw(this.store.state);

  private what({ language, kinds }: ResidentState): HTMLElement[] {
    const choose = (event: Event): void => {
      this.kind = (event.target as HTMLSelectElement).value;
      this.again();
    };
    const options = kinds.map((one) => el("option", { value: one.code, selected: one.code === this.kind }, language === "zh" ? one.name : one.nameEn));
    return [
      field("kind", tell("kind", language), el("select", { id: "kind", change: choose }, ...options)),
      field("subject", tell("subject", language), el("input", { id: "subject", required: true, minlength: "2", maxlength: "120", autocomplete: "off" })),
      ...this.form.parts,
      field("description", tell("description", language), el("textarea", { id: "description", maxlength: "4000" })),
    ];
  }

  private where({ language, areaId }: ResidentState): HTMLElement[] {
    const told = this.position ? tell("hereIs", language) : areaId ? tell("byNotice", language) : tell("whereHint", language);
    return [
      el("h2", {}, tell("where", language)),
      el("button", { type: "button", id: "here", click: () => this.locate() }, tell("here", language)),
      el("p", { class: "quiet", id: "where", role: "status" }, told),
    ];
  }

  private who({ language }: ResidentState, kind: ResidentKind | undefined): HTMLElement[] {
    const consent = el("label", { class: "tick" }, el("input", { type: "checkbox", id: "consent", required: true }), tell("consent", language));
    return [
      el("h2", {}, tell("reach", language)),
      field("phone", tell("phone", language), el("input", { id: "phone", type: "tel", required: true, autocomplete: "tel", inputmode: "tel" })),
      el("button", { type: "button", id: "send-code", click: () => void this.ask() }, tell("send", language)),
      el("p", { class: "quiet", id: "code-state", role: "status" }, this.told ? tell(this.told, language) : ""),
      field("code", tell("code", language), el("input", { id: "code", required: true, autocomplete: "one-time-code", inputmode: "numeric", maxlength: "6" })),
      ...(kind?.needsConsent ? [consent] : []),
      el("button", { type: "submit", class: "main", id: "whistle" }, tell("whistle", language)),
    ];
  }

  private locate(): void {
    const failed = (): void => this.store.set({ problem: tell("noPosition", this.store.state.language) });
    if (!navigator.geolocation) return failed();
    navigator.geolocation.getCurrentPosition(({ coords }) => {
      this.position = [coords.longitude, coords.latitude];
      this.store.set({ problem: null });
      this.again();
    }, failed, POSITION);
  }

  private async ask(): Promise<void> {
    await this.once(async () => {
      await this.api.ask(SendCode, { phone: this.value("phone") });
      this.told = "sent";
      this.again();
      this.place.querySelector<HTMLElement>("#code")?.focus();
    });
  }

  private async send(kind: ResidentKind | undefined): Promise<void> {
    const at = this.position ? { point: { longitude: this.position[0], latitude: this.position[1] } } : { areaId: this.store.state.areaId };
    const details = this.form.read() as Json;
    const words = { kind: this.kind, subject: this.value("subject"), description: this.value("description") || null };
    const proof = { phone: this.value("phone"), code: this.value("code"), consent: kind?.needsConsent ?? null };
    await this.once(async () => {
      const { openCase: found } = await this.api.ask(RaiseMatter, { input: { ...words, details, ...at, ...proof } });
      if (!found?.trackingCode) return;
      const raised = { number: found.case.number, code: found.trackingCode };
      tracking.keep(raised);
      this.told = null;
      this.position = null;
      this.place.replaceChildren(); // what was written is not kept for whoever has the phone next
      this.store.set({ raised, matter: null });
    });
  }

  // One press, one question: a slow network does not send twice.
  private async once(act: () => Promise<void>): Promise<void> {
    if (this.busy) return;
    this.busy = true;
    this.store.set({ problem: null });
    await act().catch((problem) => this.store.fail(problem));
    this.busy = false;
  }

  private value(id: string): string {
    return this.place.querySelector<HTMLInputElement>(`#${id}`)?.value.trim() ?? "";
  }
}

function done({ language, raised }: ResidentState, look: () => void): HTMLElement[] {
  return [
    el("h2", {}, tell("done", language)),
    el(
      "div",
      { class: "card" },
      el("p", {}, tell("number", language)),
      el("p", { class: "keep", id: "number" }, raised!.number),
      el("p", {}, tell("tracking", language)),
      el("p", { class: "keep", id: "tracking" }, raised!.code),
    ),
    el("p", {}, tell("keepHint", language)),
    el("button", { class: "main", id: "look", click: look }, tell("look", language)),
  ];
}

export function field(id: string, text: string, control: HTMLElement): HTMLElement {
  return el("p", { class: "field" }, el("label", { for: id }, text), control);
}
