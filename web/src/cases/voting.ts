// The vote of the own home: what is asked, a choice, the one-time code; afterwards how many voted, and the result.

import type { Api } from "../api";
import { el } from "../elements";
import type { Language } from "../types";
import { renewed } from "./forms";
import { label } from "./labels";
import { OwnVote, ReadVote, SendCode } from "./operations";
import type { Ballot } from "./operations";
import { field } from "./raising";
import type { ResidentState, ResidentStore } from "./resident";
import { tell } from "./residentwords";
import type { Word } from "./residentwords";

export function voting(store: ResidentStore, api: Api): HTMLElement {
  const place = el("section", { class: "part", id: "voting" });
  const vote = new Voting(store, api, place);
  store.follow(["language", "ballot"], (state) => vote.draw(state));
  store.follow(["voteNumber"], ({ voteNumber }) => voteNumber && void vote.read(voteNumber));
  return place;
}

class Voting {
  private told: Word | null = null;
  private busy = false;

  constructor(
    private store: ResidentStore,
    private api: Api,
    private place: HTMLElement,
  ) {}

  draw({ language, ballot }: ResidentState): void {
    renewed(this.place, ...(ballot ? this.ballot(language, ballot) : [this.door(language)]));
  }

  async read(number: string): Promise<void> {
    await this.once(async () => this.store.set({ ballot: (await this.api.ask(ReadVote, { number })).publicVote }));
  }

  private door(language: Language): HTMLElement {
    const submit = (event: Event): void => {
      event.preventDefault();
      void this.read(this.value("vote-number"));
    };
    return el(
      "form",
      { submit, "aria-label": tell("vote", language) },
      field("vote-number", tell("voteNumber", language), el("input", { id: "vote-number", required: true, autocomplete: "off", autocapitalize: "characters" })),
      el("button", { type: "submit", class: "main" }, tell("readVote", language)),
    );
  }

  private ballot(language: Language, ballot: Ballot): HTMLElement[] {
    const most = Math.max(ballot.voted, 1);
    const results = ballot.result.map(({ choice, households }) =>
      el("p", { "data-choice": choice }, `${choice}: ${households}`, el("meter", { min: "0", max: String(most), value: String(households), "aria-label": choice })),
    );
    return [
      el("h2", { id: "question" }, ballot.question),
      el("p", { class: "quiet" }, `${ballot.number} · ${tell(ballot.secret ? "secret" : "openVote", language)}${ballot.voteUntil ? ` · ${tell("until", language)} ${ballot.voteUntil}` : ""}`),
      el(
        "div",
        { class: "card" },
        el("p", { class: "state", id: "vote-state" }, label(ballot.state, language, ballot.stateName)),
        el("p", { id: "voted" }, `${tell("voted", language)}: ${ballot.voted} / ${ballot.eligible}`),
        el("p", { class: "quiet" }, tell(ballot.quorumReached ? "quorum" : "noQuorum", language)),
        ...results,
      ),
      el("p", { id: "told", role: "status" }, this.told ? tell(this.told, language) : ""),
      ...(ballot.isOpen && this.told !== "voteKept" ? [this.form(language, ballot)] : []),
      el("button", { id: "again", click: () => void this.read(ballot.number) }, tell("again", language)),
    ];
  }

  private form(language: Language, ballot: Ballot): HTMLElement {
    const submit = (event: Event): void => {
      event.preventDefault();
      void this.send(ballot);
    };
    const options = ballot.choices.map((choice, number) => el("label", { class: "tick" }, el("input", { type: "radio", name: "choice", id: `choice-${number}`, value: choice, required: true }), choice));
    return el(
      "form",
      { submit, "aria-label": tell("vote", language) },
      el("fieldset", { id: "choices" }, el("legend", {}, tell("choose", language)), ...options),
      el("p", { class: "quiet" }, tell("voteHint", language)),
      field("vote-phone", tell("phone", language), el("input", { id: "vote-phone", type: "tel", required: true, autocomplete: "tel" })),
      el("button", { type: "button", id: "vote-send-code", click: () => void this.code() }, tell("send", language)),
      field("vote-code", tell("code", language), el("input", { id: "vote-code", required: true, autocomplete: "one-time-code", inputmode: "numeric", maxlength: "6" })),
      el("button", { type: "submit", class: "main", id: "cast" }, tell("castVote", language)),
    );
  }

  private async code(): Promise<void> {
    await this.once(async () => {
      await this.api.ask(SendCode, { phone: this.value("vote-phone") });
      this.told = "sent";
      this.draw(this.store.state);
    });
  }

  private async send({ number }: Ballot): Promise<void> {
    const choice = this.place.querySelector<HTMLInputElement>("input[name=choice]:checked")?.value ?? "";
    await this.once(async () => {
      const found = await this.api.ask(OwnVote, { input: { number, choice, phone: this.value("vote-phone"), code: this.value("vote-code") } });
      this.told = "voteKept";
      this.place.replaceChildren(); // nothing of it stays on the phone
      this.store.set({ ballot: found.voteByPhone });
    });
  }

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
