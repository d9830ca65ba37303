// The page of visits: those due, those that wait to be sent, and writing one down, with a network or without.

import { el, redraw } from "../elements";
import { nameOf, number, say } from "../words";
import type { Purpose, Rounds } from "./rounds";
import type { PhoneState, PhoneStore } from "./state";
import { stillDue } from "./visits";
import type { DueVisit } from "./visits";
import { sayPurpose, tell } from "./words";

const PURPOSES: readonly Purpose[] = ["ROUTINE", "AFTER_CHANGE", "COMPANY", "HOUSEWORK", "HEALTH", "RETURN_VISIT", "OTHER"];

export function visitsPage(store: PhoneStore, rounds: Rounds): HTMLElement {
  const place = el("section", { id: "visits" });
  let writing: DueVisit | null = null;
  const draw = (state: PhoneState): void => {
    if (writing && place.querySelector("form")) return; // somebody writes
    redraw(place, ...(writing ? [form(writing, state)] : lists(state)));
  };
  const write = (visit: DueVisit | null): void => {
    writing = visit;
    place.replaceChildren();
    draw(store.state);
    place.querySelector<HTMLElement>("select")?.focus();
  };
  const form = (visit: DueVisit, { language }: PhoneState): HTMLElement => {
    const submit = (event: Event): void => {
      event.preventDefault();
      const told = new FormData(event.target as HTMLFormElement);
      rounds.record(visit, told.get("purpose") as Purpose, String(told.get("note") ?? "").trim());
      write(null);
    };
    const options = PURPOSES.map((value) => el("option", { value }, sayPurpose(value, language)));
    return el(
      "form",
      { submit, "aria-label": tell("record", language) },
      el("h2", {}, visit.address),
      el("p", { class: "quiet" }, category(visit, language)),
      el("label", { for: "purpose" }, tell("purpose", language)),
      el("select", { id: "purpose", name: "purpose" }, ...options),
      el("label", { for: "visit-note" }, say("note", language)),
      el("textarea", { id: "visit-note", name: "note", rows: 4, maxlength: 2000 }),
      el("button", { type: "submit", class: "main tall" }, tell("record", language)),
      el("button", { type: "button", class: "tall", click: () => write(null) }, say("back", language)),
    );
  };
  const lists = (state: PhoneState): HTMLElement[] => {
    const { language } = state;
    const due = stillDue(state.due, state.pending);
    const rows = due.map((visit) =>
      el(
        "li",
        {},
        el("button", { class: "wide", "data-due": visit.careRecordId, click: () => write(visit) }, el("strong", {}, visit.address), el("small", {}, [category(visit, language), late(visit, language)].filter(Boolean).join(" · "))),
      ),
    );
    return [
      ...pendingParts(rounds, state),
      el("h2", {}, `${tell("due", language)} · ${number(due.length, language)}`),
      rows.length ? el("ul", { class: "plain", id: "due" }, ...rows) : el("p", { class: "quiet", id: "due" }, tell("noneDue", language)),
    ];
  };
  store.follow(["due", "pending", "language"], draw);
  return place;
}

function pendingParts(rounds: Rounds, { pending, language }: PhoneState): HTMLElement[] {
  if (!pending.length) return [];
  const rows = pending.map((visit) => {
    const refused = visit.refused && [el("p", { class: "state lost" }, `${tell("refused", language)}: ${visit.refused}`), el("button", { click: () => rounds.discard(visit) }, tell("discard", language))];
    return el("li", {}, el("strong", {}, visit.address), el("small", {}, sayPurpose(visit.purpose, language)), ...(refused || []));
  });
  return [el("h2", {}, `${tell("pending", language)} · ${pending.length}`), el("p", { class: "quiet" }, tell("pendingHint", language)), el("ul", { class: "plain", id: "pending" }, ...rows)];
}

function category(visit: DueVisit, language: PhoneState["language"]): string {
  return nameOf({ name: visit.category, nameEn: visit.categoryEn }, language);
}

function late({ overdueDays, dueAt }: DueVisit, language: PhoneState["language"]): string {
  if (overdueDays) return `${tell("overdue", language)} ${overdueDays} ${tell("days", language)}`;
  if (!dueAt) return "";
  const day = new Date(dueAt).toLocaleDateString(language === "zh" ? "zh-CN" : "en-GB", { month: "short", day: "numeric" });
  return language === "zh" ? `${day}${tell("dueOn", language)}` : `${tell("dueOn", language)} ${day}`;
}
