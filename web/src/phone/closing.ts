// The end of a call at the door: what came of it, in words that can be counted.

import { el } from "../elements";
import { endingFields, ending } from "../panels/call_acts";
import { say } from "../words";
import type { Duty } from "./duty";
import type { PhoneCall, PhoneStore } from "./state";
import { tell } from "./words";

export function closing(store: PhoneStore, duty: Duty, call: PhoneCall): HTMLElement {
  const { language } = store.state;
  const submit = (event: Event): void => {
    event.preventDefault();
    const told = new FormData(event.target as HTMLFormElement);
    const text = (name: string): string => String(told.get(name) ?? "").trim();
    void duty.act(() => duty.resolve({ id: call.id, ...ending(text) }));
  };
  return el(
    "form",
    { submit, "aria-label": tell("close", language) },
    el("h2", {}, tell("close", language)),
    ...endingFields(language),
    el("button", { type: "submit", class: "main tall" }, tell("close", language)),
    el("button", { type: "button", class: "tall", click: () => store.set({ closing: false }) }, say("back", language)),
  );
}
