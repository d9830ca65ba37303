// The file of one matter: what it is, whose, which clocks run, what happened; and what may be done next.

import type { Api } from "../api";
import { Refused } from "../api";
import { el } from "../elements";
import { figures } from "../panels/fields";
import type { Json } from "../types";
import { Acts } from "./acts";
import { attachments } from "./attachments";
import { dueText, lateText } from "./board";
import { opinionLink } from "./dispute";
import { renewed } from "./forms";
import { label } from "./labels";
import { File as FilePage } from "./operations";
import { named } from "./staffstate";
import type { Sheet, StaffState, StaffStore } from "./staffstate";
import { tell } from "./staffwords";
import { votePart } from "./votepart";
import { moment } from "./zone";

export function file(store: StaffStore, api: Api): HTMLElement {
  const place = el("section", { id: "file" });
  const load = (): Promise<void> => loaded(store, api).catch((problem) => store.fail(problem));
  const acts = new Acts(store, api, load);
  store.follow(["caseId", "view"], ({ caseId, view }) => view === "file" && caseId && void load());
  store.follow(["language", "sheet"], (state) => renewed(place, ...(state.sheet ? parts(store, api, state, state.sheet, acts, load) : [])));
  return place;
}

async function loaded(store: StaffStore, api: Api): Promise<void> {
  const id = store.state.caseId;
  if (!id) return;
  const found = (await api.ask(FilePage, { id })).case;
  if (!found) throw new Refused("NOT_FOUND", "NOT_FOUND");
  if (id === store.state.caseId) store.set({ sheet: found });
}

function parts(store: StaffStore, api: Api, state: StaffState, sheet: Sheet, acts: Acts, load: () => Promise<void>): HTMLElement[] {
  const { language } = state;
  const vote = votePart(store, api, sheet, load);
  const left = [about(state, sheet), attachments(store, api, sheet, load), team(state, sheet), linked(state, sheet), clocks(state, sheet), timeline(state, sheet)];
  const right = [el("section", { class: "card", id: "next" }, el("h3", {}, tell("next", language)), acts.draw(sheet)), vote];
  return [
    el("p", {}, el("a", { href: "#", "data-key": "back" }, `← ${tell("back", language)}`)),
    el("div", { class: "sheet" }, el("div", {}, ...left), el("div", {}, ...right.filter((one): one is HTMLElement => Boolean(one)))),
  ];
}

function about(state: StaffState, sheet: Sheet): HTMLElement {
  const { language } = state;
  const days = sheet.overdueWorkingDays;
  const place = `${label(sheet.rung.level, language)} · ${sheet.rung.unit?.name ?? named(sheet.rung.area, state)}`;
  return el(
    "section",
    { class: "card" },
    el("h2", { id: "subject" }, sheet.subject),
    el("p", { class: "quiet" }, `${sheet.number} · ${named(sheet.kind, state)}`),
    el("p", {}, el("span", { class: "state", id: "state" }, label(sheet.state, language, sheet.stateName)), ` · `, el("span", { id: "rung" }, place)),
    sheet.sealed && el("p", { class: "quiet", id: "sealed" }, tell("sealedHint", language)),
    el("p", { id: "due" }, dueText(sheet, state), days > 0 && el("span", { class: "late-by" }, ` ${lateText(days, state)}`)),
    sheet.description && el("p", { id: "description" }, sheet.description),
    figures(facts(state, sheet)),
  );
}

function facts(state: StaffState, sheet: Sheet): [string, string][] {
  const { language } = state;
  const rows: [string, string | null | undefined][] = [
    [tell("openedAt", language), moment(sheet.openedAt, language)],
    [tell("opener", language), sheet.opener?.name ?? tell("resident", language)],
    [tell("home", language), sheet.household?.address],
    [tell("assignee", language), sheet.assignee?.name ?? tell("nobody", language)],
    [tell("agent", language), sheet.agent?.name],
    [tell("lead", language), sheet.leadUnit?.name],
    [tell("round", language), sheet.round > 1 ? String(sheet.round) : null],
    [tell("consent", language), sheet.consentAt && moment(sheet.consentAt, language)],
    [tell("satisfied", language), sheet.satisfied === null ? null : tell(sheet.satisfied ? "yes" : "no", language)],
    ...Object.entries(sheet.details).map(([name, value]): [string, string] => [titled(sheet, name, state), shown(value, state)]),
  ];
  return rows.filter((row): row is [string, string] => Boolean(row[1]));
}

function titled(sheet: Sheet, name: string, { language }: StaffState): string {
  const properties = (sheet.kind.detailsSchema as { properties?: Record<string, { title?: string }> }).properties;
  return label(name, language, properties?.[name]?.title);
}

const INSTANT = /^\d{4}-\d{2}-\d{2}T\d{2}:/;

function shown(value: unknown, state: StaffState): string {
  if (value === null || value === undefined || value === "") return "";
  if (typeof value === "boolean") return value ? "✓" : "✗";
  if (Array.isArray(value)) return value.map((one) => shown(one, state)).join("；");
  if (INSTANT.test(String(value))) return moment(String(value), state.language);
  if (typeof value === "object") return Object.entries(value).map(([name, one]) => `${label(name, state.language)} ${shown(one, state)}`).join("，");
  return label(String(value), state.language, /^[A-Z_]{2,}$/.test(String(value)) ? null : String(value));
}

// Whoever sees a sealed matter is of its team, so all of them are told; those who left stand last.
function team({ language }: StaffState, sheet: Sheet): HTMLElement | null {
  if (!sheet.team.length) return null;
  const rows = [...sheet.team]
    .sort((one, other) => Number(Boolean(one.until)) - Number(Boolean(other.until)))
    .map(({ part, since, until, member }) => {
      const when = until ? `${tell("left", language)} ${moment(until, language)}` : moment(since, language);
      return el("li", {}, `${member?.name ?? "—"} · ${part}`, el("span", { class: "quiet" }, ` ${when}`));
    });
  return el("section", { class: "card" }, el("h3", {}, tell("team", language)), el("ul", { class: "plain", id: "team" }, ...rows));
}

function linked(state: StaffState, sheet: Sheet): HTMLElement | null {
  const { language } = state;
  const others = sheet.links.flatMap(({ relation, case: other }) =>
    other ? [el("li", {}, el("a", { href: `#case=${other.id}` }, `${other.number} ${other.subject}`), el("span", { class: "quiet" }, ` ${label(relation, language)} · ${label(other.state, language, other.stateName)}`))] : [],
  );
  const units = sheet.units.map(({ unit, part, doneAt }) => el("li", {}, `${unit?.name ?? "—"}: ${part}`, doneAt && el("span", { class: "quiet" }, ` ${tell("unitDone", language)} ${moment(doneAt, language)}`)));
  if (!others.length && !units.length) return null;
  return el(
    "section",
    { class: "card" },
    others.length > 0 && el("h3", {}, tell("links", language)),
    others.length > 0 && el("ul", {}, ...others),
    units.length > 0 && el("h3", {}, tell("units", language)),
    units.length > 0 && el("ul", {}, ...units),
  );
}

function clocks(state: StaffState, sheet: Sheet): HTMLElement {
  const { language } = state;
  const rows = sheet.terms.map((term) =>
    el(
      "tr",
      {},
      el("td", {}, label(term.name, language)),
      el("td", {}, term.dueAt ? moment(term.dueAt, language) : tell("paused", language)),
      el("td", {}, term.metAt ? moment(term.metAt, language) : "—"),
      el("td", { class: term.late ? "late-by" : null }, term.late ? tell("lateNow", language) : ""),
    ),
  );
  const head = ["clocks", "due", "met"] as const;
  const titles = head.map((word) => el("th", { scope: "col" }, tell(word, language)));
  return el("section", { class: "card" }, el("table", { id: "clocks" }, el("thead", {}, el("tr", {}, ...titles, el("td"))), el("tbody", {}, ...rows)));
}

function timeline(state: StaffState, sheet: Sheet): HTMLElement {
  const { language } = state;
  const lines = sheet.timeline.map((line) => {
    const { note, fields } = line.detail as { note?: string; fields?: Json };
    const told = fields ? Object.entries(fields).map(([name, value]) => `${label(name, language)}: ${readable(value, state)}`).join("，") : "";
    const opinion = opinionLink(sheet, line, language);
    return el(
      "li",
      {},
      el("strong", {}, label(line.kind, language)),
      el("span", { class: "quiet" }, ` ${moment(line.at, language)} ${line.actor?.name ?? ""}`),
      note ? el("p", {}, `“${note}”`) : null,
      opinion ? el("p", {}, opinion) : told ? el("p", { class: "quiet" }, told) : null,
    );
  });
  return el("section", { class: "card" }, el("h3", {}, tell("timeline", language)), el("ol", { class: "timeline", id: "timeline" }, ...lines));
}

// Ids of people and offices say nothing to a reader.
function readable(value: unknown, state: StaffState): string {
  const text = shown(value, state);
  return /^[0-9a-f-]{36}$/.test(text) ? "…" : text;
}
