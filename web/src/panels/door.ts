// Signing in: by login and password where the page offers it, and by a pasted token.

import { at, el, redraw } from "../elements";
import type { Keeper } from "../store";
import type { Language } from "../types";
import { say } from "../words";

interface Signing {
  token: string | null;
  language: Language;
}

export function door<State extends Signing>(store: Keeper<State>, enter: (token: string) => void, role = "dispatcher", byPassword?: () => HTMLElement): void {
  const place = at("door");
  store.follow(["token", "language"], ({ token, language }) => {
    place.hidden = token !== null;
    if (token !== null) return redraw(place);
    const input = el("input", { id: "token", type: "password", autocomplete: "off", required: true, "data-key": "token" });
    const submit = (event: Event): void => {
      event.preventDefault();
      enter(input.value.trim());
    };
    const signing = byPassword?.();
    redraw(
      place,
      signing,
      el(
        "form",
        { submit, "aria-label": say("enter", language) },
        signing ? null : el("h1", {}, say("title", language)),
        el("label", { for: "token" }, say("token", language)),
        input,
        el("p", { class: "quiet" }, say("hint", language).replace("dispatcher", role)),
        el("button", { type: "submit", class: signing ? "" : "main" }, say("enter", language)),
      ),
    );
    (signing?.querySelector("input") ?? input).focus();
  });
}
