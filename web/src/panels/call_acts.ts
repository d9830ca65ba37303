// What a dispatcher does about a call: take it in hand, give it back, more help, end it; each with what it must be told.

import type { Api } from "../api";
import { ACTORS, may } from "../desk";
import type { Desk } from "../desk";
import { el, redraw } from "../elements";
import { CancelCall, ClaimCall, EscalateCall, FollowUpCall, ReleaseCall, ResolveCall } from "../operations";
import type { ResolveCallVariables } from "../operations";
import type { State, Store } from "../store";
import type { CallFile, Language } from "../types";
import { say, sayCode } from "../words";
import type { Word } from "../words";

type Outcome = ResolveCallVariables["outcome"];
type Mode = NonNullable<ResolveCallVariables["serviceMode"]>;
const OUTCOMES: Outcome[] = ["HELP_GIVEN", "SERVICE_ARRANGED", "TAKEN_TO_HOSPITAL", "HANDED_TO_POLICE_OR_FIRE", "NOBODY_FOUND", "FALSE_ALARM", "TEST"];
const MODES: Mode[] = ["SOCIAL_WORKER", "COMMITTEE", "VOLUNTEERS", "MARKET"];

export function mayAct(store: Store): boolean {
  return may(store, ACTORS);
}

// `form` is the act whose questions are shown, if any; it ends with the call that it belongs to.
export function callActs(place: HTMLElement, store: Store, api: Api, desk: Desk): void {
  let form: Word | null = null;
  let of: string | null = null;
  const draw = (state: State): void => {
    if (state.openCall !== of) [form, of] = [null, state.openCall];
    if (place.contains(document.activeElement) && form && place.querySelector("form")) return; // somebody is writing
    const { file } = state;
    redraw(place, ...(file && mayAct(store) ? (form ? [formOf(form, file)] : buttons(state, file)) : []));
  };
  const show = (next: Word | null) => (): void => {
    form = next;
    place.replaceChildren();
    draw(store.state);
    place.querySelector<HTMLElement>("input, select, button")?.focus();
  };
  const done = async (doing: ReturnType<typeof desk.act>): Promise<void> => {
    if (await doing) show(null)();
  };

  const buttons = ({ language, viewer }: State, file: CallFile): HTMLElement[] => {
    const button = (word: Word, click: () => void, main = false): HTMLElement =>
      el("button", { click, "data-key": word, class: main ? "main" : "" }, say(word, language));
    const id = file.id;
    if (file.status === "RESOLVED") {
      const visit = (satisfied: boolean) => () => void done(desk.act(api.ask(FollowUpCall, { id, satisfied })));
      return [button("satisfied", visit(true), true), button("unsatisfied", visit(false))];
    }
    if (["CLOSED", "CANCELLED"].includes(file.status)) return [];
    const mine = file.claimedBy?.id === viewer?.id;
    const claim = button("claim", () => void done(desk.act(api.ask(ClaimCall, { id }))), true);
    const release = button("release", () => void done(desk.act(api.ask(ReleaseCall, { id }))));
    if (file.claimedBy && !mine) return [];
    return [mine ? release : claim, button("escalate", show("escalate")), ...(mine && file.status === "HELD" ? [button("resolve", show("resolve"))] : []), button("cancel", show("cancel"))];
  };

  const formOf = (word: Word, file: CallFile): HTMLElement => {
    const { language } = store.state;
    const submit = (event: Event): void => {
      event.preventDefault();
      const told = new FormData(event.target as HTMLFormElement);
      const text = (name: string): string => String(told.get(name) ?? "").trim();
      const { id } = file;
      if (word === "escalate") void done(desk.act(api.ask(EscalateCall, { id, reason: text("reason") })));
      else if (word === "cancel") void done(desk.act(api.ask(CancelCall, { id, reason: text("reason") })));
      else void done(desk.act(api.ask(ResolveCall, { id, ...ending(text) })));
    };
    const parts = word === "resolve" ? endingFields(language) : [labelled("reason", say("reason", language), el("input", { name: "reason", id: "reason", required: true, maxlength: 500 }))];
    return el(
      "form",
      { submit, "aria-label": say(word, language) },
      ...parts,
      el("p", { class: "pair" }, el("button", { type: "submit", class: "main" }, `${say(word, language)}`), el("button", { type: "button", click: show(null) }, say("back", language))),
    );
  };
  store.follow(["openCall", "file", "language", "viewer"], draw);
}

export function ending(text: (name: string) => string): Omit<ResolveCallVariables, "id"> {
  const when = text("appointmentAt");
  return {
    outcome: text("outcome") as Outcome,
    serviceMode: (text("serviceMode") || null) as Mode | null,
    note: text("note") || null,
    provider: text("provider") || null,
    appointmentAt: when ? new Date(when).toISOString() : null,
  };
}

export function endingFields(language: Language): HTMLElement[] {
  const options = (values: readonly string[], none = false): HTMLElement[] => [
    ...(none ? [el("option", { value: "" }, "—")] : []),
    ...values.map((value) => el("option", { value }, sayCode(value, language))),
  ];
  const ofMarket = [
    labelled("provider", say("provider", language), el("input", { name: "provider", id: "provider" })),
    labelled("appointmentAt", say("appointment", language), el("input", { name: "appointmentAt", id: "appointmentAt", type: "datetime-local" })),
  ];
  const show = (isMarket: boolean): void => ofMarket.forEach((field) => (field.hidden = !isMarket));
  show(false);
  const change = (event: Event): void => show((event.target as HTMLSelectElement).value === "MARKET");
  return [
    labelled("outcome", say("outcome", language), el("select", { name: "outcome", id: "outcome" }, ...options(OUTCOMES))),
    labelled("serviceMode", say("serviceMode", language), el("select", { name: "serviceMode", id: "serviceMode", change }, ...options(MODES, true))),
    ...ofMarket,
    labelled("note", say("note", language), el("input", { name: "note", id: "note", maxlength: 500 })),
  ];
}

function labelled(id: string, label: string, input: HTMLElement): HTMLElement {
  return el("p", { class: "field" }, el("label", { for: id }, label), input);
}
