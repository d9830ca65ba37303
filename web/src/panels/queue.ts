// The queue of the desk: open calls by urgency with their timers, the state of the line, the bell, who is on duty.

import type { Api } from "../api";
import { since } from "../clock";
import { demoPress } from "./demo";
import { el, redraw } from "../elements";
import type { QueueCall } from "../operations";
import { ordered, sound } from "../queue";
import { Bell } from "../sound";
import type { State, Store } from "../store";
import { say, sayCode } from "../words";

const EMERGENCY_FROM = 6;

export function queue(store: Store, api: Api): HTMLElement {
  const [line, calls, visits] = [el("section", { class: "line" }), el("section"), el("section")];
  const bell = new Bell((soundIsOn) => store.set({ soundIsOn }));
  store.follow(["queue"], (state) => bell.ring(sound(state.queue)));
  store.follow(["line", "language", "soundIsOn"], (state) => redraw(line, ...lineParts(state)));
  store.follow(["queue", "loaded", "language", "openCall", "viewer"], (state) => redraw(calls, ...callParts(store, state)));
  store.follow(["visits", "language", "openCall"], (state) => redraw(visits, ...visitParts(store, state)));
  return el("div", { class: "queue" }, line, demoPress(store, api), calls, visits);
}

function lineParts({ line, language, soundIsOn }: State): HTMLElement[] {
  const word = line === "open" ? "lineOpen" : line === "opening" ? "lineOpening" : "lineLost";
  return [
    el("p", { class: `state ${line}`, role: "status", id: "line" }, say(word, language)),
    el("p", { class: soundIsOn ? "quiet" : "state lost", id: "sound" }, `♪ ${say(soundIsOn ? "soundIs" : "soundOn", language)}`),
  ];
}

function callParts(store: Store, { queue, loaded, language, openCall, viewer }: State): HTMLElement[] {
  const rows = ordered(queue).map((call) => row(store, call, language, call.id === openCall, call.claimedBy?.id === viewer?.id));
  const empty = say(loaded ? "noCalls" : "loading", language);
  return [
    el("h2", {}, `${say("queue", language)} · ${queue.size}`),
    rows.length ? el("ol", { class: "calls", id: "queue" }, ...rows) : el("p", { class: "quiet", id: "queue" }, empty),
  ];
}

function row(store: Store, call: QueueCall, language: State["language"], isOpen: boolean, isMine: boolean): HTMLElement {
  const urgent = call.priority >= EMERGENCY_FROM || call.status === "RINGING";
  const kind = [urgent ? "urgent" : "", call.overdue ? "overdue" : "", isMine ? "mine" : ""].join(" ");
  const name = call.household?.address ?? `${say("unknownHome", language)} ${call.terminalSerial}`;
  return el(
    "li",
    { class: kind },
    el(
      "button",
      { "data-key": call.id, "data-call": call.id, "aria-pressed": isOpen ? "true" : "false", click: () => store.set({ openCall: isOpen ? null : call.id }) },
      el("span", { class: "priority", title: sayCode(call.status, language) }, String(call.priority)),
      el("span", { class: "what" }, el("strong", {}, name), el("small", {}, under(call, language))),
      since(call.openedAt, say("waiting", language)),
    ),
  );
}

function under(call: QueueCall, language: State["language"]): string {
  const { currentOffer: offer } = call;
  const who = call.claimedBy?.name ?? call.holder?.name ?? (offer?.status === "OFFERED" ? offer.worker.name : "");
  const presses = call.pressCount > 1 ? `${say("pressed", language)} ${call.pressCount} ${say("times", language)}` : "";
  const mark = call.mark ? sayCode(call.mark, language) : "";
  return [sayCode(call.status, language), who, presses, mark].filter(Boolean).join(" · ");
}

function visitParts(store: Store, { visits, language, openCall }: State): HTMLElement[] {
  if (!visits.length) return [];
  const rows = visits.map(({ id, household, outcome }) =>
    el(
      "li",
      {},
      el(
        "button",
        { "data-key": id, "data-visit": id, "aria-pressed": id === openCall ? "true" : "false", click: () => store.set({ openCall: id }) },
        household?.address ?? "—",
        el("small", {}, outcome ? sayCode(outcome, language) : ""),
      ),
    ),
  );
  return [el("h2", {}, `${say("returnVisits", language)} · ${visits.length}`), el("ul", { class: "rows" }, ...rows)];
}
