// The self-assessment of a dispute: its questions drawn into the form, and the printed opinion for the answers given.

import type { Api } from "../api";
import { el } from "../elements";
import type { Language } from "../types";
import { Questions } from "./operations";
import type { QuestionsData, QuestionsVariables } from "./operations";
import type { Sheet } from "./staffstate";
import { tell } from "./staffwords";

type Question = NonNullable<QuestionsData["disputeQuestions"]>[number];

export function asksQuestions(sheet: Sheet, action: string): boolean {
  return sheet.kind.code === "DISPUTE" && action === "ASSESS";
}

export async function questionsOf(api: Api, { details }: Sheet): Promise<Question[]> {
  const topic = details.topic as QuestionsVariables["topic"];
  return (await api.ask(Questions, { topic })).disputeQuestions ?? [];
}

// The form's schema with the questions in the place of its bare pairs of codes.
export function withQuestions(schema: unknown, questions: Question[]): unknown {
  const { properties, ...more } = schema as { properties: Record<string, object> };
  const asked = questions.map(({ code, text, choices }) => {
    const oneOf = choices.map((one) => ({ const: one.code, title: one.text }));
    return [code, { title: text, oneOf }] as const;
  });
  const answers = { ...properties.answers, properties: Object.fromEntries(asked), required: questions.map(({ code }) => code) };
  return { ...more, properties: { ...properties, answers } };
}

// What rules suggest for the answers of a line of the timeline; the page says itself that it is no legal advice.
export function opinionLink({ kind, details }: Sheet, line: Sheet["timeline"][number], language: Language): HTMLElement | null {
  const { answers } = ((line.detail as { fields?: object }).fields ?? {}) as { answers?: Record<string, string> };
  if (kind.code !== "DISPUTE" || !answers) return null;
  const asked = new URLSearchParams({ topic: String(details.topic), ...answers });
  return el("a", { href: `/disputes/opinion.html?${asked}`, target: "_blank", rel: "noopener", "data-key": "opinion" }, tell("opinion", language));
}
