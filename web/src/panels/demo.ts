// In development only: one button presses a terminal of the demo town, so that a newcomer sees a call travel.

import type { Api } from "../api";
import { el, redraw } from "../elements";
import type { Store } from "../store";
import { say } from "../words";

export function mayPress(): boolean {
  return document.querySelector("meta[name='linli-demo']") !== null;
}

// Presses the terminal with this serial, or any one.
export async function press(store: Store, api: Api, serial: string | null = null): Promise<void> {
  try {
    await api.send("/demo/press", { serial });
    store.set({ notice: say("demoPressed", store.state.language) });
  } catch (problem) {
    store.set({ notice: (problem as Error).message });
  }
}

export function demoPress(store: Store, api: Api): HTMLElement {
  const place = el("section");
  store.follow(["language"], ({ language }) => {
    const button = el("button", { id: "demo-press", "data-key": "demo", click: () => void press(store, api) }, say("demoPress", language));
    redraw(place, mayPress() && button);
  });
  return place;
}
