// Signing in by a pasted token.

import { at, el, redraw } from "../elements";
import type { Store } from "../store";
import { say } from "../words";

export function door(store: Store, enter: (token: string) => void): void {
  const place = at("door");
  store.follow(["token", "language"], ({ token, language }) => {
    place.hidden = token !== null;
    if (token !== null) return redraw(place);
    const input = el("input", { id: "token", type: "password", autocomplete: "off", required: true, "data-key": "token" });
    const submit = (event: Event): void => {
      event.preventDefault();
      enter(input.value.trim());
    };
    redraw(
      place,
      el(
        "form",
        { submit, "aria-label": say("enter", language) },
        el("h1", {}, say("title", language)),
        el("label", { for: "token" }, say("token", language)),
        input,
        el("p", { class: "quiet" }, say("hint", language)),
        el("button", { type: "submit", class: "main" }, say("enter", language)),
      ),
    );
    input.focus();
  });
}
