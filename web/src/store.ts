// The state of the page, apart from the map and from the panels: changed by `set`, followed by `follow`.

import type { Circle, Coverage, Language, MapLayer, Selected, Theme, View, Viewer } from "./types";

export interface State {
  token: string | null;
  viewer: Viewer | null;
  layers: MapLayer[];
  shown: ReadonlySet<string>;
  theme: Theme;
  language: Language;
  view: View | null;
  selected: Selected | null;
  circle: Circle | null;
  coverage: Coverage | null;
  notice: string | null;
}

type Part = keyof State;

export class Store {
  private followers: { parts: readonly Part[]; call: (state: State) => void }[] = [];

  constructor(public state: State) {}

  set(changes: Partial<State>): void {
    const changed = (Object.keys(changes) as Part[]).filter((part) => this.state[part] !== changes[part]);
    if (!changed.length) return;
    this.state = { ...this.state, ...changes };
    for (const { parts, call } of this.followers) if (parts.some((part) => changed.includes(part))) call(this.state);
  }

  // Calls at once, and again whenever one of the parts has changed.
  follow(parts: readonly Part[], call: (state: State) => void): void {
    this.followers.push({ parts, call });
    call(this.state);
  }

  toggle(layer: string): void {
    const shown = new Set(this.state.shown);
    if (!shown.delete(layer)) shown.add(layer);
    this.set({ shown });
  }
}

export const SHOWN_AT_FIRST = ["communities", "grids", "service-points", "workers"];

export function initial(changes: Partial<State> = {}): State {
  return {
    token: null,
    viewer: null,
    layers: [],
    shown: new Set(SHOWN_AT_FIRST),
    theme: "light",
    language: "zh",
    view: null,
    selected: null,
    circle: null,
    coverage: null,
    notice: null,
    ...changes,
  };
}
