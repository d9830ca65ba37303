// Forms drawn from a JSON Schema, as the server sends it for a kind or an action; read again as JSON.

import { el } from "../elements";
import type { Json, Language } from "../types";
import { label } from "./labels";
import { instant } from "./zone";

interface Schema {
  type?: string;
  format?: string;
  title?: string;
  default?: unknown;
  enum?: string[];
  oneOf?: { const: string; title: string }[]; // choices in the words of the server
  $ref?: string;
  anyOf?: Schema[];
  items?: Schema;
  properties?: Record<string, Schema>;
  required?: string[];
  maxLength?: number;
  pattern?: string;
  $defs?: Record<string, Schema>;
}

// Ids that a form asks are chosen out of a list: what is offered for a field of this name, or null: it is written.
export type Offered = (name: string) => { value: string; text: string }[] | null;

export interface Drawn {
  parts: HTMLElement[];
  read: () => Json;
}

export function drawn(schema: unknown, language: Language, offered: Offered = () => null, prefix = "field"): Drawn {
  const root = schema as Schema;
  const fields = Object.entries(root.properties ?? {}).map(([name, one]) =>
    field(name, resolved(one, root), language, offered, `${prefix}-${name}`, root, (root.required ?? []).includes(name)),
  );
  return { parts: fields.map(({ part }) => part), read: () => Object.fromEntries(fields.flatMap(({ name, read }) => (read() === undefined ? [] : [[name, read()]]))) };
}

interface Field {
  name: string;
  part: HTMLElement;
  read: () => unknown; // undefined: left out
}

function field(name: string, schema: Schema, language: Language, offered: Offered, id: string, root: Schema, required: boolean): Field {
  const text = label(name, language, schema.title);
  if (schema.type === "boolean") return ticked(name, text, id, schema.default === true);
  const inner = schema.items ? resolved(schema.items, root) : null;
  if (schema.type === "array" && inner?.type === "object") return rows(name, text, id, { ...inner, $defs: root.$defs ?? {} }, language, offered);
  const found = offered(name.replace(/s$/, "")) ?? offered(name);
  if (schema.oneOf) {
    const choices = [{ value: "", text: "—" }, ...schema.oneOf.map((one) => ({ value: one.const, text: one.title }))];
    return selected(name, schema.title ?? name, id, choices, "", true, false);
  }
  if (schema.type === "object" && schema.properties) return group(name, text, id, schema, language, offered);
  if (schema.enum || found) {
    const choices = found ?? schema.enum!.map((value) => ({ value, text: label(value, language) }));
    return selected(name, text, id, choices, String(schema.default ?? ""), required, schema.type === "array");
  }
  if (schema.type === "array" || schema.type === "object") return listed(name, text, id, schema, language);
  return typed(name, text, id, schema, required);
}

function resolved(schema: Schema, root: Schema): Schema {
  const { $ref, anyOf, ...own } = schema;
  const target = $ref ? (root.$defs?.[$ref.split("/").pop()!] ?? {}) : (anyOf?.find(({ type }) => type !== "null") ?? {});
  const { title: _ofType, ...shape } = $ref ? target : { ...target };
  return anyOf?.some(({ $ref }) => $ref) || shape.$ref ? resolved({ ...shape, ...own }, root) : { ...shape, ...own };
}

function framed(id: string, text: string, control: HTMLElement): HTMLElement {
  return el("p", { class: "field" }, el("label", { for: id }, text), control);
}

function ticked(name: string, text: string, id: string, checked: boolean): Field {
  const input = el("input", { id, type: "checkbox", checked });
  return { name, part: el("label", { class: "tick", for: id }, input, text), read: () => input.checked };
}

function selected(name: string, text: string, id: string, choices: { value: string; text: string }[], now: string, required: boolean, many: boolean): Field {
  const empty = required || now ? [] : [el("option", { value: "" }, "—")];
  const options = choices.map((one) => el("option", { value: one.value, selected: one.value === now }, one.text));
  const select = el("select", { id, required, multiple: many }, ...empty, ...options);
  const read = (): unknown => (many ? [...select.selectedOptions].map(({ value }) => value) : select.value || undefined);
  return { name, part: framed(id, text, select), read };
}

const ONE_A_LINE = { array: ["每行一个", "one a line"], object: ["每行一个：名称=内容", "one a line: name = what"] } as const;

function listed(name: string, text: string, id: string, schema: Schema, language: Language): Field {
  const placeholder = ONE_A_LINE[schema.type === "object" ? "object" : "array"][language === "zh" ? 0 : 1];
  const area = el("textarea", { id, rows: 3, placeholder });
  area.value = Array.isArray(schema.default) ? schema.default.join("\n") : "";
  const lines = (): string[] => area.value.split("\n").map((line) => line.trim()).filter(Boolean);
  const pairs = (): Json => Object.fromEntries(lines().map((line) => line.split(/[:：=]/, 2).map((part) => part.trim())));
  return { name, part: framed(id, text, area), read: () => (schema.type === "object" ? pairs() : lines()) };
}

function rows(name: string, text: string, id: string, schema: Schema, language: Language, offered: Offered): Field {
  const found: Drawn[] = [];
  const place = el("fieldset", { id }, el("legend", {}, text));
  const add = (): void => {
    const row = drawn(schema, language, offered, `${id}-${found.length}`);
    found.push(row);
    more.before(...row.parts);
  };
  const more = el("button", { type: "button", click: add }, "＋");
  more.setAttribute("aria-label", `${text} ＋`);
  place.append(more);
  return { name, part: place, read: () => found.map((row) => row.read()) };
}

function group(name: string, text: string, id: string, schema: Schema, language: Language, offered: Offered): Field {
  const { parts, read } = drawn(schema, language, offered, id);
  return { name, part: el("fieldset", { id }, el("legend", {}, text), ...parts), read };
}

function typed(name: string, text: string, id: string, schema: Schema, required: boolean): Field {
  const numeric = schema.type === "integer" || schema.type === "number";
  const type = schema.format === "date" ? "date" : schema.format === "date-time" ? "datetime-local" : numeric ? "number" : "text";
  const long = type === "text" && !schema.format && (schema.maxLength ?? 0) > 300;
  const given = { id, required, maxlength: type === "text" ? String(schema.maxLength ?? 2000) : null };
  const control = long ? el("textarea", given) : el("input", { ...given, type, step: schema.type === "number" ? "any" : null });
  control.value = String(schema.default ?? "");
  const read = (): unknown => {
    if (!control.value.trim()) return undefined;
    return numeric ? Number(control.value) : type === "datetime-local" ? instant(control.value) : control.value.trim();
  };
  return { name, part: framed(id, text, control), read };
}

const TICKED = new Set(["checkbox", "radio"]);

// Draws anew (another language) and keeps what somebody has written.
export function renewed(place: HTMLElement, ...children: (HTMLElement | null | false)[]): void {
  type Control = HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement;
  const controls = (): Control[] => [...place.querySelectorAll<Control>("input[id]:not([type=file]), select[id], textarea[id]")];
  const before = new Map(controls().map((one) => [one.id, one instanceof HTMLInputElement && TICKED.has(one.type) ? one.checked : one.value]));
  place.replaceChildren(...children.filter((child): child is HTMLElement => Boolean(child)));
  for (const one of controls()) {
    const kept = before.get(one.id);
    if (typeof kept === "boolean") (one as HTMLInputElement).checked = kept;
    else if (kept !== undefined && (!(one instanceof HTMLSelectElement) || [...one.options].some(({ value }) => value === kept))) one.value = kept;
  }
}
