// A vote in the file of a decision: how it stands, and a home's vote entered at the door.

import type { Api } from "../api";
import { el } from "../elements";
import { CastVote, VotingHomes } from "./operations";
import type { Sheet, StaffStore } from "./staffstate";
import { tell } from "./staffwords";

export function votePart(store: StaffStore, api: Api, sheet: Sheet, load: () => Promise<void>): HTMLElement | null {
  const { language } = store.state;
  const { vote } = sheet;
  if (!vote || ["RAISED", "DISCUSSED", "DROPPED"].includes(sheet.state)) return null;
  const rows = vote.tally.map(({ choice, households }) => tallied(choice, households, vote.voted));
  const secret = sheet.details.secret === true && sheet.state === "VOTING";
  return el(
    "section",
    { class: "card votes", id: "vote" },
    el("h3", {}, tell("vote", language)),
    el("p", {}, String(sheet.details.question ?? "")),
    el("p", { id: "voted" }, `${tell("voted", language)}: ${vote.voted} / ${vote.eligible} · ${tell(vote.quorumReached ? "quorum" : "noQuorum", language)}`),
    secret ? el("p", { class: "quiet" }, tell("hidden", language)) : el("div", { id: "tally" }, ...rows),
    sheet.state === "VOTING" ? door(store, api, sheet, load) : null,
  );
}

export function tallied(choice: string, households: number, voted: number): HTMLElement {
  const meter = el("meter", { min: "0", max: String(Math.max(voted, 1)), value: String(households), "aria-label": choice });
  return el("p", { "data-choice": choice }, `${choice}: ${households}`, meter);
}

function door(store: StaffStore, api: Api, sheet: Sheet, load: () => Promise<void>): HTMLElement {
  const { language } = store.state;
  const homes = el("select", { id: "vote-home", required: true });
  const find = async (event: Event): Promise<void> => {
    const text = (event.target as HTMLInputElement).value.trim();
    if (text.length < 2) return;
    const found = (await api.ask(VotingHomes, { text })).households?.edges ?? [];
    homes.replaceChildren(...found.map(({ node }) => el("option", { value: node.id }, `${node.address} (${node.code})`)));
  };
  const choices = (sheet.details.choices as string[]).map((one) => el("option", { value: one }, one));
  const choice = el("select", { id: "vote-choice", required: true }, el("option", { value: "" }, "—"), ...choices);
  const submit = (event: Event): void => {
    event.preventDefault();
    store.set({ problem: null });
    const input = { caseId: sheet.id, householdId: homes.value, choice: choice.value };
    void api.ask(CastVote, { input }).then(load).catch((problem) => store.fail(problem));
  };
  const found = (event: Event): void => void find(event).catch((problem) => store.fail(problem));
  return el(
    "form",
    { class: "act", submit, "aria-label": tell("door", language) },
    el("h3", {}, tell("door", language)),
    el("p", { class: "field" }, el("label", { for: "vote-find" }, tell("findHome", language)), el("input", { id: "vote-find", type: "search", input: found })),
    el("p", { class: "field" }, el("label", { for: "vote-home" }, tell("home", language)), homes),
    el("p", { class: "field" }, el("label", { for: "vote-choice" }, tell("choice", language)), choice),
    el("button", { type: "submit", class: "main", id: "vote-cast" }, tell("cast", language)),
  );
}
