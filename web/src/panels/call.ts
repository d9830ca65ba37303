// The file of one call: where it stands, what can be done, who could come and why, who was asked, what happened.

import type { Api } from "../api";
import { since, until } from "../clock";
import type { Desk } from "../desk";
import { at, el, redraw } from "../elements";
import { OfferCall } from "../operations";
import type { State, Store } from "../store";
import type { CallFile, Candidate, Language } from "../types";
import { minutes, moment, nameOf, number, say, sayCode, sayEvent, sayLevel } from "../words";
import { callActs, mayAct } from "./call_acts";

export function call(store: Store, api: Api, desk: Desk): void {
  const place = at("call");
  const acts = el("div", { class: "acts" });
  const body = el("div", { class: "body" });
  const close = (): void => store.set({ openCall: null });
  place.addEventListener("keydown", ({ key }) => key === "Escape" && close());
  callActs(acts, store, api, desk);
  const head = el("header");
  place.replaceChildren(head, acts, body);
  store.follow(["openCall", "file", "language", "home", "viewer"], (state) => {
    place.hidden = !state.openCall;
    const button = el("button", { class: "close", "aria-label": say("close", state.language), click: close, "data-key": "close" }, "×");
    redraw(head, button, ...(state.file ? headParts(state.file, state.language) : [el("p", { class: "quiet" }, say("loading", state.language))]));
    redraw(body, ...(state.file ? parts(store, api, desk, state, state.file) : []));
  });
}

function headParts(file: CallFile, language: Language): HTMLElement[] {
  const where = file.household?.address ?? `${say("unknownHome", language)} ${file.terminalSerial}`;
  const ended = file.outcome ? sayCode(file.outcome, language) : "";
  const state = [sayCode(file.status, language), ended, file.claimedBy && `${say("heldBy", language)} ${file.claimedBy.name}`];
  const { currentOffer: offer } = file;
  const over = ["RESOLVED", "CLOSED", "CANCELLED"].includes(file.status);
  const asking = offer?.status === "OFFERED" && file.status === "OFFERED";
  return [
    el("h2", {}, where),
    el("p", { class: "quiet", id: "call-state" }, state.filter(Boolean).join(" · ")),
    ...(over ? [] : [el("p", {}, file.pressCount > 1 && `${say("pressed", language)} ${file.pressCount} ${say("times", language)} · `, `${say("waiting", language)} `, since(file.openedAt, say("waiting", language)))]),
    ...(asking ? [el("p", {}, `${say("asks", language)} ${offer.worker.name} · ${say("left", language)} `, until(offer.expiresAt, say("left", language)))] : []),
    ...(file.cancelPressed ? [el("p", { class: "state lost" }, say("cancelWarning", language))] : []),
  ];
}

function parts(store: Store, api: Api, desk: Desk, state: State, file: CallFile): HTMLElement[] {
  const { language } = state;
  const ended = ["RESOLVED", "CLOSED", "CANCELLED"].includes(file.status);
  return [
    ...(ended ? [] : candidateParts(store, api, desk, file, language)),
    ...(state.home ? homeParts(state.home, language) : []),
    ...(file.offers.length ? offerParts(file, language) : []),
    el("h3", {}, say("timeline", language)),
    el("ol", { class: "timeline", id: "timeline" }, ...[...file.timeline].reverse().map((line) => timelineRow(line, file, language))),
  ];
}

function candidateParts(store: Store, api: Api, desk: Desk, file: CallFile, language: Language): HTMLElement[] {
  const rows = file.candidates.map((one) => candidateRow(store, api, desk, file, one, language));
  const title = el("h3", {}, say("candidates", language));
  return [title, rows.length ? el("ul", { class: "rows", id: "candidates" }, ...rows) : el("p", { class: "quiet" }, say("nobodyNear", language))];
}

function candidateRow(store: Store, api: Api, desk: Desk, file: CallFile, one: Candidate, language: Language): HTMLElement {
  const { worker } = one;
  const show = (): void => store.set({ candidate: worker.id });
  const ask = (): Promise<boolean> => desk.act(api.ask(OfferCall, { id: file.id, workerId: worker.id }));
  const far = one.distanceMeters === null ? "" : `${number(one.distanceMeters, language)}\u00a0m`;
  const why = [sayCode(worker.role, language), sayCode(one.reason, language), far, sayCode(one.positionSource, language)];
  const word = file.currentOffer?.status === "OFFERED" ? "offerAgain" : "offer";
  const name = `${say(word, language)} ${worker.name}`;
  return el(
    "li",
    { class: one.eligible ? "eligible" : "not", mouseenter: show, focusin: show, "data-worker": worker.id },
    el("span", { class: "what" }, el("strong", {}, worker.name), el("small", {}, why.filter(Boolean).join(" · "))),
    el("span", { class: "minutes" }, minutes(one.etaSeconds, language)),
    one.eligible && mayAct(store) && el("button", { click: () => void ask(), "aria-label": name, "data-key": `ask-${worker.id}` }, say(word, language)),
  );
}

function homeParts(residents: NonNullable<State["home"]>, language: Language): HTMLElement[] {
  const rows = residents.map(({ name, phone, careRecords }) => {
    const care = careRecords.map(({ category, level, notes }) => [nameOf(category, language), sayLevel(level, language), notes].filter(Boolean).join(" "));
    return el("li", {}, el("strong", {}, [name, phone].filter(Boolean).join(" · ")), el("small", {}, care.join("; ")));
  });
  return [el("h3", {}, say("resident", language)), el("ul", { class: "plain", id: "call-home" }, ...rows)];
}

function offerParts(file: CallFile, language: Language): HTMLElement[] {
  const rows = file.offers.map((offer) => {
    const told = [sayCode(offer.status, language), sayCode(offer.reason, language), minutes(offer.etaSeconds, language)];
    return el("li", {}, el("strong", {}, offer.worker.name), el("small", {}, `${moment(offer.offeredAt, language)} · ${told.join(" · ")}`));
  });
  return [el("h3", {}, say("asked", language)), el("ul", { class: "plain" }, ...rows)];
}

function timelineRow({ at: when, kind, actor, detail, note }: CallFile["timeline"][number], file: CallFile, language: Language): HTMLElement {
  const told = detail as { worker?: string; offer?: string; outcome?: string };
  const worker = file.offers.find(({ id, worker }) => worker.id === told.worker || id === told.offer)?.worker.name;
  const more = [worker, actor?.name !== worker && actor?.name, told.outcome && sayCode(told.outcome, language), note];
  return el("li", {}, el("time", { datetime: when }, moment(when, language)), ` ${sayEvent(kind, language)} `, el("small", {}, more.filter(Boolean).join(" · ")));
}
