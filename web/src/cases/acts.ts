// What may be done next: a button for each action that the server allows, and its form. Of two at once the loser is told.

import type { Api } from "../api";
import { Refused } from "../api";
import { el } from "../elements";
import { asksQuestions, questionsOf, withQuestions } from "./dispute";
import { drawn } from "./forms";
import type { Drawn } from "./forms";
import { label } from "./labels";
import { Act, HomeOf, WhoMay } from "./operations";
import type { Sheet, StaffStore } from "./staffstate";
import { tell } from "./staffwords";

type Choice = { value: string; text: string };
// Written by hand a relation may be any code; these two are what somebody at a desk means.
const RELATIONS = ["DUPLICATE", "SIMILAR"];

type Action = Sheet["allowedActions"][number];

export class Acts {
  private open: { caseId: string; name: string } | null = null;
  private choices: { caseId: string; by: Record<string, Choice[]> } | null = null;
  private questions: { caseId: string; asked: Awaited<ReturnType<typeof questionsOf>> } | null = null;
  private note = "";
  private busy = false;

  constructor(
    private store: StaffStore,
    private api: Api,
    private load: () => Promise<void>,
  ) {}

  draw(sheet: Sheet): HTMLElement {
    const { language } = this.store.state;
    const open = this.open?.caseId === sheet.id ? sheet.allowedActions.find(({ name }) => name === this.open!.name) : undefined;
    if (!sheet.allowedActions.length) return el("p", { class: "quiet" }, tell("nothing", language));
    const buttons = sheet.allowedActions.map(({ name }) =>
      el(
        "button",
        { "data-act": name, "data-key": `act-${name}`, "aria-expanded": open?.name === name ? "true" : "false", click: () => void this.choose(sheet, name) },
        label(name, language),
      ),
    );
    return el("div", {}, el("div", { class: "acts" }, ...buttons), open && this.form(sheet, open));
  }

  private async choose(sheet: Sheet, name: string): Promise<void> {
    this.open = this.open?.name === name && this.open.caseId === sheet.id ? null : { caseId: sheet.id, name };
    const action = sheet.allowedActions.find((one) => one.name === name)!;
    if (/"[a-z_]*_ids?"/.test(JSON.stringify(action.fieldsSchema)) && this.choices?.caseId !== sheet.id) {
      this.choices = { caseId: sheet.id, by: await this.offered(sheet).catch(() => ({})) };
    }
    if (asksQuestions(sheet, name) && this.questions?.caseId !== sheet.id) {
      const asked = await questionsOf(this.api, sheet).catch((problem) => void this.store.fail(problem));
      this.questions = asked ? { caseId: sheet.id, asked } : null;
    }
    this.again(sheet);
    document.querySelector<HTMLElement>("form.act input, form.act select, form.act textarea, form.act button")?.focus();
  }

  private again(sheet: Sheet): void {
    this.store.set({ sheet: { ...sheet } });
  }

  private form(sheet: Sheet, action: Action): HTMLElement {
    const { language } = this.store.state;
    const by = this.choices?.caseId === sheet.id ? this.choices.by : {};
    const questions = asksQuestions(sheet, action.name) && this.questions?.caseId === sheet.id ? this.questions.asked : null;
    const schema = questions ? withQuestions(action.fieldsSchema, questions) : action.fieldsSchema;
    const fields = drawn(schema, language, (name) => (by[name]?.length ? by[name]! : null), `act-${action.name}`);
    const note = el("textarea", { id: "act-note", required: action.needsNote, input: () => (this.note = note.value) });
    note.value = this.note;
    const submit = (event: Event): void => {
      event.preventDefault();
      void this.send(sheet, action, fields);
    };
    return el(
      "form",
      { class: "act", submit, "aria-label": label(action.name, language) },
      ...fields.parts,
      el("p", { class: "field" }, el("label", { for: "act-note" }, tell(action.answers ? "answer" : "note", language)), note),
      el("button", { type: "submit", class: "main", id: "act-send" }, `${label(action.name, language)} ›`),
    );
  }

  private async send(sheet: Sheet, action: Action, fields: Drawn): Promise<void> {
    if (this.busy) return;
    this.busy = true;
    this.store.set({ problem: null });
    try {
      await this.api.ask(Act, { input: { id: sheet.id, action: action.name, version: sheet.version, note: this.note.trim() || null, fields: fields.read() } });
      this.note = "";
      this.open = null;
      this.store.set({ notice: `${label(action.name, this.store.state.language)}: ${tell("done", this.store.state.language)}` });
      await this.load();
    } catch (problem) {
      this.store.fail(problem);
      if (problem instanceof Refused && problem.code === "STALE_VERSION") await this.load().catch(() => undefined);
    }
    this.busy = false;
  }

  // Ids are chosen by name: workers and offices, other matters, the homes of a plan, people of a team.
  private async offered(sheet: Sheet): Promise<Record<string, Choice[]>> {
    const found = await this.api.ask(WhoMay, { areaId: sheet.rung.area.id });
    const named = (edges: { node: { id: string; name: string } }[] | undefined): Choice[] => (edges ?? []).map(({ node }) => ({ value: node.id, text: node.name }));
    const others = [...sheet.links.flatMap((link) => (link.case ? [link.case] : [])), ...this.store.state.cases].filter(({ id }) => id !== sheet.id);
    const cases = [...new Map(others.map((one) => [one.id, { value: one.id, text: `${one.number} ${one.subject}` }])).values()];
    const relation = RELATIONS.map((value) => ({ value, text: label(value, this.store.state.language) }));
    return { relation, worker_id: named(found.workers?.edges), unit_id: named(found.caseOffices?.edges), account_id: named(found.accounts?.edges), case_id: cases, household_id: await this.homes(sheet) };
  }

  private async homes({ details }: Sheet): Promise<Choice[]> {
    const ids = Array.isArray(details.household_ids) ? (details.household_ids as string[]) : [];
    const found = await Promise.all(ids.map((id) => this.api.ask(HomeOf, { id }).catch(() => null)));
    return found.flatMap((one) => (one?.household ? [{ value: one.household.id, text: one.household.address }] : []));
  }
}
