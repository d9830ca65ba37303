// Parts of forms: a choice with its label, figures with their names, a line of own words.

import { el } from "../elements";

export function chosen<Value extends string>(
  id: string,
  label: string,
  values: readonly Value[],
  now: Value,
  told: (value: Value) => string,
  choose: (value: Value) => void,
): HTMLElement {
  const options = values.map((value) => el("option", { value, selected: value === now }, told(value)));
  const select = el("select", { id, "data-key": id, change: (event: Event) => choose((event.target as HTMLSelectElement).value as Value) }, ...options);
  return el("p", { class: "field" }, el("label", { for: id }, label), select);
}

export function figures(rows: [string, string][]): HTMLElement {
  return el("dl", {}, ...rows.flatMap(([name, value]) => [el("dt", {}, name), el("dd", {}, value)]));
}
