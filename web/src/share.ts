// The view in the address: `#zoom/latitude/longitude/layers/theme/language`. It names no person and carries no token.

import type { State } from "./store";
import type { Language, Theme, View } from "./types";

export interface SharedView {
  view: View | null;
  shown: ReadonlySet<string> | null;
  theme: Theme | null;
  language: Language | null;
}

export function written(state: State): string {
  if (!state.view) return "";
  const { zoom, center } = state.view;
  const place = [zoom.toFixed(2), center[1].toFixed(5), center[0].toFixed(5)];
  return `#${[...place, [...state.shown].sort().join(","), state.theme, state.language].join("/")}`;
}

export function read(hash: string): SharedView {
  const [zoom, latitude, longitude, layers, theme, language] = hash.replace(/^#/, "").split("/");
  const numbers = [zoom, latitude, longitude].map(Number);
  const sound = zoom && latitude && longitude && numbers.every(Number.isFinite);
  return {
    view: sound ? { zoom: numbers[0]!, center: [numbers[2]!, numbers[1]!] } : null,
    shown: layers === undefined ? null : new Set(layers.split(",").filter((name) => /^[a-z-]+$/.test(name))),
    theme: theme === "light" || theme === "dark" ? theme : null,
    language: language === "zh" || language === "en" ? language : null,
  };
}

// Takes `#token=...` out of the address at once, so that it is neither kept in the history nor passed on.
export function takeToken(location: Location, history: History): string | null {
  const found = /^#token=([\w.-]+)/.exec(location.hash);
  if (found) history.replaceState(null, "", location.pathname);
  return found?.[1] ?? null;
}
