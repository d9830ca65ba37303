// Buttons: day and night, language, sharing the view, signing out; and the notice line.

import { at, el, redraw } from "../elements";
import { written } from "../share";
import type { Keeper, Store } from "../store";
import { say } from "../words";

const NOTICE_MILLISECONDS = 5_000;

export function tools(store: Store, leave: () => void): void {
  const place = at("tools");
  const share = async (): Promise<void> => {
    await navigator.clipboard?.writeText(location.origin + location.pathname + written(store.state));
    store.set({ notice: say("shared", store.state.language) });
  };
  const ruler = (): void => {
    const begins = store.state.ruler === null;
    store.set({ ruler: begins ? [] : null, notice: begins ? say("measureHint", store.state.language) : null });
  };
  store.follow(["language", "theme", "token", "ruler"], ({ language, theme, token, ruler: measuring }) => {
    Object.assign(document.documentElement, { lang: language }).dataset.theme = theme;
    const button = (key: string, label: string, shown: string, click: () => void): HTMLElement =>
      el("button", { "data-key": key, title: label, "aria-label": label, click }, shown);
    document.querySelector(".skip")?.replaceChildren(say("skip", language));
    redraw(
      place,
      button("language", say("language", language), language === "zh" ? "EN" : "中", () =>
        store.set({ language: language === "zh" ? "en" : "zh" }),
      ),
      button("theme", say("theme", language), theme === "light" ? "☾" : "☀", () =>
        store.set({ theme: theme === "light" ? "dark" : "light" }),
      ),
      token && button("cases", say("cases", language), "☰", () => location.assign("/cases")), // the tab stays signed in
      token && button("measure", say("measure", language), measuring ? "✕" : "↔", ruler),
      token && button("print", say("print", language), "▤", () => print()),
      button("share", say("share", language), "⤴", () => void share()),
      token && button("leave", say("leave", language), "↪", leave),
    );
  });
}

export function notices<State extends { notice: string | null }>(store: Keeper<State>): void {
  const place = at("notice");
  let waiting = 0;
  store.follow(["notice"], ({ notice }) => {
    clearTimeout(waiting);
    place.hidden = !notice;
    place.textContent = notice;
    if (notice) waiting = window.setTimeout(() => store.set({ notice: null } as Partial<State>), NOTICE_MILLISECONDS);
  });
}
