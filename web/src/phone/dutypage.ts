// The page of duty: on and off, the offer that rings, the way, the door, the end.

import { since, until } from "../clock";
import { el, redraw } from "../elements";
import type { PhoneOffer } from "../operations";
import type { GeoJSON, Language } from "../types";
import { minutes, nameOf, number, say, sayCode, sayLevel } from "../words";
import { closing } from "./closing";
import type { Duty } from "./duty";
import type { PhoneCall, PhoneState, PhoneStore } from "./state";
import type { Waking } from "./waking";
import { tell } from "./words";

export function dutyPage(store: PhoneStore, duty: Duty, waking: Waking): HTMLElement {
  const place = el("section", { id: "duty" });
  let declining = false;
  const draw = (state: PhoneState): void => {
    if (!state.offer) declining = false;
    if (place.querySelector("form")?.contains(document.activeElement) && (declining || state.closing)) return; // somebody writes
    redraw(place, ...parts(state));
  };
  const parts = (state: PhoneState): HTMLElement[] => {
    const { call, offer, language, worker } = state;
    if (call) return state.closing ? [closing(store, duty, call)] : tripParts(store, duty, call, offer, language);
    if (offer?.status === "OFFERED") return declining ? [declineForm(offer, language)] : offerParts(offer, language);
    return [...quietParts(duty, waking, state), ...(worker ? returnParts(duty, state) : [])];
  };
  const ask = (on: boolean): void => {
    declining = on;
    place.replaceChildren();
    draw(store.state);
    place.querySelector<HTMLElement>("input")?.focus();
  };
  const offerParts = (offer: PhoneOffer, language: Language): HTMLElement[] => [
    el("h2", { class: "rings", role: "alert" }, tell("offered", language)),
    el("p", { class: "large" }, offer.call?.household?.address ?? "—"),
    el("p", {}, `${tell("minutesAway", language)} ${minutes(offer.etaSeconds, language)} · ${offer.distanceMeters === null ? "" : `${number(offer.distanceMeters, language)} m`}`),
    el("p", { class: "countdown", id: "countdown" }, until(offer.expiresAt, say("left", language))),
    el("button", { class: "main tall", id: "accept", click: () => void duty.act(() => duty.accept(offer)) }, tell("accept", language)),
    el("button", { class: "tall", id: "decline", click: () => ask(true) }, tell("decline", language)),
  ];
  const declineForm = (offer: PhoneOffer, language: Language): HTMLElement => {
    const submit = (event: Event): void => {
      event.preventDefault();
      const reason = String(new FormData(event.target as HTMLFormElement).get("reason") ?? "").trim();
      declining = false;
      void duty.act(() => duty.decline(offer, reason));
    };
    return el(
      "form",
      { submit },
      el("label", { for: "why" }, tell("declineWhy", language)),
      el("input", { id: "why", name: "reason", required: true, maxlength: 200 }),
      el("button", { type: "submit", class: "main tall" }, tell("decline", language)),
      el("button", { type: "button", class: "tall", click: () => ask(false) }, say("back", language)),
    );
  };
  store.follow(["call", "offer", "worker", "language", "closing", "returns", "positionTrouble", "waking"], draw);
  return place;
}

function quietParts(duty: Duty, waking: Waking, { worker, language, positionTrouble, waking: woken }: PhoneState): HTMLElement[] {
  if (!worker) return [el("p", {}, tell("notWorker", language))];
  const on = worker.status !== "OFF_DUTY";
  const wake = (): void => void duty.act(() => (woken === "on" ? waking.off() : waking.on()));
  const press = (): void => void duty.act(() => (on ? duty.goOff() : duty.goOn()));
  return [
    el("p", { class: on ? "state open" : "state", id: "status" }, on ? tell("quietOn", language) : tell("quietOff", language)),
    el("button", { class: on ? "tall" : "main tall", id: "shift", click: press }, on ? tell("goOff", language) : tell("goOn", language)),
    ...(woken === "none" ? [] : [el("button", { class: "tall", id: "wake", click: wake }, tell(woken === "on" ? "wakeNot" : "wake", language))]),
    ...(on && positionTrouble ? [el("p", { class: "state lost" }, tell("noPosition", language))] : []),
  ];
}

function tripParts(store: PhoneStore, duty: Duty, call: PhoneCall, offer: PhoneOffer | null, language: Language): HTMLElement[] {
  const arrived = call.status === "ARRIVED";
  const { household } = call;
  return [
    el("h2", {}, arrived ? tell("atDoor", language) : tell("underWay", language)),
    el("p", { class: "large", id: "address" }, household?.address ?? "—"),
    ...(household ? [el("p", { class: "quiet" }, doorText(household, language))] : []),
    el("p", {}, arrived ? "" : `${tell("minutesAway", language)} ${minutes(offer?.etaSeconds, language)} · `, since(call.openedAt, say("waiting", language))),
    arrived
      ? el("button", { class: "main tall", id: "close", click: () => store.set({ closing: true }) }, tell("close", language))
      : el("button", { class: "main tall", id: "arrive", click: () => void duty.act(() => duty.arrive(call.id)) }, tell("arrive", language)),
    ...(arrived ? [] : [el("button", { class: "tall", click: () => void duty.act(() => duty.confirm(call.id)) }, tell("stillComing", language))]),
    ...(household ? [el("ul", { class: "plain", id: "people" }, ...household.residents.map((one) => personRow(one, language)))] : []),
  ];
}

export function doorText(home: { floor: number | null; hasLift: boolean }, language: Language): string {
  const floor = home.floor === null ? "" : language === "zh" ? `${home.floor} ${tell("floor", language)}` : `${tell("floor", language)} ${home.floor}`;
  return [floor, tell(home.hasLift ? "lift" : "noLift", language)].filter(Boolean).join(" · ");
}

type Person = { name: string | null; phone: string | null; careRecords: { category: { name: string; nameEn: string | null }; level: string | null; notes: string | null }[] };

export function personRow({ name, phone, careRecords }: Person, language: Language): HTMLElement {
  const care = careRecords.map(({ category, level, notes }) => [nameOf(category, language), sayLevel(level, language), notes].filter(Boolean).join(" "));
  const call = phone && el("a", { href: `tel:${phone}` }, phone);
  return el("li", {}, el("strong", {}, name ?? "—"), " ", call, el("small", {}, care.join("; ")));
}

function returnParts(duty: Duty, { returns, language }: PhoneState): HTMLElement[] {
  if (!returns.length) return [];
  const rows = returns.map(({ id, household, outcome }) =>
    el(
      "li",
      { "data-return": id },
      el("strong", {}, household?.address ?? "—"),
      el("small", {}, outcome ? sayCode(outcome, language) : ""),
      el(
        "p",
        { class: "pair" },
        el("button", { class: "main", click: () => void duty.act(() => duty.followUp(id, true)) }, tell("well", language)),
        el("button", { click: () => void duty.act(() => duty.followUp(id, false)) }, tell("notWell", language)),
      ),
    ),
  );
  return [el("h2", {}, tell("returns", language)), el("ul", { class: "plain", id: "returns" }, ...rows)];
}

// Where the way is known: of the offer that stands or was accepted.
export function wayOf({ offer, call }: PhoneState): { path: GeoJSON | null; home: [number, number] | null } {
  const at = (call?.household ?? offer?.call?.household)?.location.coordinates as [number, number] | undefined;
  return { path: offer?.path ?? null, home: at ?? null };
}
