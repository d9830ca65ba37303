// The panel beside a changing grid: what to do on the map, then code and name, then save; nothing changes before that.

import type { Api } from "../api";
import { isSound } from "../borders";
import { save } from "../editing";
import type { Editing, EditKind } from "../editing";
import { at, el, redraw } from "../elements";
import type { State, Store } from "../store";
import { nameOf, say } from "../words";
import type { Word } from "../words";

const HINTS: Record<EditKind, Word> = { split: "splitHint", merge: "mergeHint", border: "borderHint" };

export function editing(store: Store, api: Api): void {
  const place = at("edit");
  const close = (): void => store.set({ editing: null });
  place.addEventListener("keydown", ({ key }) => key === "Escape" && close());
  let form: HTMLElement | null = null;
  let of = "";
  store.follow(["editing", "language"], (state) => {
    const { editing, language } = state;
    place.hidden = !editing;
    if (!editing) {
      of = "";
      return redraw(place);
    }
    const key = `${editing.kind} ${editing.grid.id} ${language}`;
    if (key !== of) form = formOf(store, api, editing, state, close); // else somebody may be writing in it
    of = key;
    const told = el("p", { class: "state", id: "edit-told", role: "status" }, tellOf(editing, state));
    told.classList.toggle("lost", Boolean(editing.check && !isSound(editing.check)));
    const undo = el("button", { type: "button", "data-key": "undo", click: () => store.set({ editing: { ...editing, line: editing.line.slice(0, -1) } }) }, say("undo", language));
    place.replaceChildren(
      el("h2", {}, `${say(editing.kind, language)} · ${nameOf(editing.grid, language)}`),
      el("p", { class: "quiet" }, say(HINTS[editing.kind], language)),
      told,
      ...(editing.kind === "split" && editing.line.length ? [undo] : []),
      form!,
    );
    const submit = form!.querySelector<HTMLButtonElement>("[type=submit]")!;
    submit.disabled = !isReady(editing);
  });
}

function isReady({ kind, line, chosen, check }: Editing): boolean {
  if (kind === "split") return line.length > 1;
  return kind === "merge" ? chosen.length > 1 : check !== null && isSound(check);
}

function tellOf({ kind, line, chosen, grids, check }: Editing, { language }: State): string {
  if (kind === "split") return `${say("points", language)} ${line.length}`;
  if (kind === "merge") return grids.filter(({ id }) => chosen.includes(id)).map((grid) => nameOf(grid, language)).join(" + ");
  if (!check) return say("unchanged", language);
  const faults: Word[] = [...(check.outside.length ? ["borderOutside" as const] : []), ...(check.gaps.length ? ["borderGap" as const] : []), ...(check.swallowed.length ? ["borderSwallows" as const] : [])];
  return faults.length ? faults.map((word) => say(word, language)).join(" ") : say("borderSound", language);
}

function formOf(store: Store, api: Api, { kind, code }: Editing, { language }: State, close: () => void): HTMLElement {
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    const told = new FormData(event.target as HTMLFormElement);
    await save(store, api, String(told.get("code") ?? ""), String(told.get("name") ?? "").trim());
  };
  const field = (name: "code" | "name", value: string, pattern: string): HTMLElement =>
    el("p", { class: "field" }, el("label", { for: `edit-${name}` }, say(name === "code" ? "gridCode" : "gridName", language)), el("input", { id: `edit-${name}`, name, value, pattern, required: true }));
  return el(
    "form",
    { submit: (event: Event) => void submit(event) },
    ...(kind === "border" ? [] : [field("code", code, "[0-9]{15}"), field("name", "", ".*\\S.*")]),
    el("p", { class: "pair" }, el("button", { type: "submit", class: "main", "data-key": "save" }, say("save", language)), el("button", { type: "button", click: close }, say("back", language))),
  );
}
