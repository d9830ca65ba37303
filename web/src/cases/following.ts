// Following the own matter: where it stands, who has it, by when; the rating of the answer; a photo; the consent.

import type { Api } from "../api";
import { Refused } from "../api";
import { el } from "../elements";
import type { Language } from "../types";
import { renewed } from "./forms";
import { label } from "./labels";
import { FollowMatter, RateMatter, RevokeConsent } from "./operations";
import type { FollowMatterData } from "./operations";
import { field } from "./raising";
import type { ResidentState, ResidentStore } from "./resident";
import { tell } from "./residentwords";
import * as tracking from "./tracking";
import type { Tracking } from "./tracking";
import { moment } from "./zone";

export type Matter = NonNullable<FollowMatterData["trackCase"]>;
const AGAIN_MILLISECONDS = 30_000;

export function following(store: ResidentStore, api: Api): HTMLElement {
  const place = el("section", { class: "part", id: "follow" });
  const follow = new Follow(store, api, place);
  store.follow(["language", "tracking", "matter", "kinds"], (state) => follow.draw(state));
  store.follow(["tracking"], ({ tracking: own }) => own && void follow.load(own));
  setInterval(() => void follow.look(), AGAIN_MILLISECONDS);
  return place;
}

class Follow {
  private told = "";
  private busy = false;

  constructor(
    private store: ResidentStore,
    private api: Api,
    private place: HTMLElement,
  ) {}

  draw(state: ResidentState): void {
    renewed(this.place, ...(state.tracking && state.matter ? this.matter(state, state.matter) : [this.door(state)]));
  }

  async load(own: Tracking): Promise<void> {
    await this.once(() => this.fetch(own));
  }

  // By itself now and then, while somebody looks.
  async look(): Promise<void> {
    const { tracking: own, page, matter } = this.store.state;
    if (own && matter && page === "follow" && !document.hidden && !this.busy) await this.fetch(own).catch(() => undefined);
  }

  private async fetch(own: Tracking): Promise<void> {
    try {
      const found = (await this.api.ask(FollowMatter, { ...own })).trackCase;
      this.store.set({ matter: found, tracking: own });
      tracking.keep(own);
    } catch (problem) {
      if (problem instanceof Refused && problem.code === "NOT_FOUND") {
        tracking.forget();
        this.store.set({ tracking: null, matter: null });
      }
      throw problem;
    }
  }

  private door({ language }: ResidentState): HTMLElement {
    const submit = (event: Event): void => {
      event.preventDefault();
      const value = (id: string): string => this.place.querySelector<HTMLInputElement>(`#${id}`)!.value.trim();
      void this.load({ number: value("own-number"), code: value("own-code") });
    };
    return el(
      "form",
      { submit, "aria-label": tell("follow", language) },
      field("own-number", tell("number", language), el("input", { id: "own-number", required: true, autocomplete: "off", autocapitalize: "characters" })),
      field("own-code", tell("tracking", language), el("input", { id: "own-code", required: true, autocomplete: "off", autocapitalize: "characters" })),
      el("button", { type: "submit", class: "main" }, tell("look", language)),
    );
  }

  private matter(state: ResidentState, matter: Matter): HTMLElement[] {
    const { language } = state;
    const petition = state.kinds.some(({ code, needsConsent }) => code === matter.kind && needsConsent);
    return [
      el("h2", {}, matter.number),
      el("p", { id: "told", role: "status", class: "quiet" }, this.told),
      ...(matter.mayRate ? [this.rating(language)] : []),
      el("div", { class: "card" }, el("p", { class: "state", id: "state" }, label(matter.state, language, matter.stateName)), facts(matter, language)),
      el("h2", {}, tell("timeline", language)),
      el("ol", { id: "timeline" }, ...matter.publicTimeline.map((line) => news(line, language))),
      ...sent(matter, language),
      this.photo(language),
      el("button", { id: "again", click: () => void this.load(state.tracking!) }, tell("again", language)),
      ...(petition ? [this.consent(language)] : []),
    ];
  }

  private rating(language: Language): HTMLElement {
    const rate = (satisfied: boolean) => () => void this.rate(satisfied);
    return el(
      "form",
      { class: "card", submit: (event: Event) => event.preventDefault(), "aria-label": tell("rating", language) },
      el("h2", {}, tell("rating", language)),
      field("comment", tell("comment", language), el("textarea", { id: "comment", maxlength: "1000" })),
      el(
        "div",
        { class: "pair" },
        el("button", { type: "button", class: "main", id: "content", click: rate(true) }, tell("content", language)),
        el("button", { type: "button", class: "bad", id: "not-content", click: rate(false) }, tell("notContent", language)),
      ),
      el("p", { class: "quiet" }, tell("ratingHint", language)),
    );
  }

  private photo(language: Language): HTMLElement {
    const choose = (event: Event): void => {
      const file = (event.target as HTMLInputElement).files?.[0];
      if (file) void this.once(() => this.attach(file));
    };
    const accept = "image/jpeg,image/png,image/webp,application/pdf";
    return field("photo", tell("photo", language), el("input", { id: "photo", type: "file", accept, change: choose }));
  }

  private consent(language: Language): HTMLElement {
    const revoke = (event: Event): void => {
      event.preventDefault();
      const reason = this.place.querySelector<HTMLInputElement>("#revoke-reason")!.value;
      void this.once(async () => {
        await this.api.ask(RevokeConsent, { ...this.store.state.tracking!, reason });
        await this.fetch(this.store.state.tracking!);
      });
    };
    const input = el("input", { id: "revoke-reason", required: true });
    return el("form", { submit: revoke }, field("revoke-reason", tell("revokeWhy", language), input), el("button", { class: "bad" }, tell("revoke", language)));
  }

  private async rate(satisfied: boolean): Promise<void> {
    const comment = this.place.querySelector<HTMLTextAreaElement>("#comment")?.value.trim() || null;
    const { tracking: own, language } = this.store.state;
    await this.once(async () => {
      await this.api.ask(RateMatter, { ...own!, satisfied, comment });
      this.told = tell(satisfied ? "thanks" : "reopened", language);
      await this.fetch(own!);
    });
  }

  private async attach(file: File): Promise<void> {
    const { tracking: own, language } = this.store.state;
    const body = new FormData();
    body.append("file", file);
    const answer = await fetch(`/cases/${encodeURIComponent(own!.number)}/attachments`, { method: "POST", headers: { "Tracking-Code": own!.code }, body });
    const found = (await answer.json()) as { code?: string; description?: string };
    if (!answer.ok) throw new Refused(found.code ?? "UNKNOWN", found.description ?? "");
    this.told = tell("photoSent", language);
    await this.fetch(own!);
  }

  private async once(act: () => Promise<void>): Promise<void> {
    if (this.busy) return;
    this.busy = true;
    this.told = "";
    this.store.set({ problem: null });
    await act().catch((problem) => this.store.fail(problem));
    this.busy = false;
  }
}

// What happened; an answer stands in the words that were written to whoever raised it.
function news({ kind, text, at, answer }: Matter["publicTimeline"][number], language: Language): HTMLElement {
  const words = answer ? el("blockquote", { "aria-label": tell("answer", language) }, answer) : null;
  return el("li", {}, label(kind, language, text), words ?? el("br"), el("span", { class: "quiet" }, moment(at, language)));
}

function sent({ files }: Matter, language: Language): HTMLElement[] {
  if (!files.length) return [];
  const rows = files.map(({ name, sizeBytes, addedAt }) => el("li", {}, `${name} · ${Math.ceil(sizeBytes / 1024)} kB`, el("br"), el("span", { class: "quiet" }, moment(addedAt, language))));
  return [el("h2", {}, tell("files", language)), el("ol", { id: "files" }, ...rows)];
}

function facts({ rung, handledBy, acceptDueAt, closeDueAt }: Matter, language: Language): HTMLElement {
  const rows: [string, string][] = [[tell("owner", language), `${handledBy} · ${label(rung, language)}`]];
  if (acceptDueAt) rows.push([tell("acceptDue", language), moment(acceptDueAt, language)]);
  if (closeDueAt) rows.push([tell("closeDue", language), moment(closeDueAt, language)]);
  if (rows.length === 1) rows.push([tell("noDue", language), ""]);
  return el("dl", { id: "facts" }, ...rows.flatMap(([name, value]) => [el("dt", {}, name), el("dd", {}, value)]));
}
