// The state of the page, apart from the map and from the panels: changed by `set`, followed by `follow`.

import type { Editing } from "./editing";
import type { CallHomeData, OnDuty, ReturnVisitsData } from "./operations";
import type { Queue } from "./queue";
import type { LineState } from "./socket";
import type { CallFile, Circle, Compared, Coverage, Language, MapLayer, Position, Selected, Theme, View, Viewer, WorkerPosition } from "./types";

export type Residents = NonNullable<NonNullable<CallHomeData["call"]>["household"]>["residents"];
export type StaffWorker = OnDuty["edges"][number]["node"];
export type ReturnVisit = NonNullable<ReturnVisitsData["calls"]>["edges"][number]["node"];

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
  compared: Compared | null;
  audits: number; // how many this page has ordered: the layers of coverage are asked for again
  notice: string | null;
  tab: "map" | "calls";
  line: LineState;
  soundIsOn: boolean;
  loaded: boolean;
  queue: Queue;
  openCall: string | null;
  file: CallFile | null;
  home: Residents | null;
  candidate: string | null; // whose way is drawn strongly
  positions: ReadonlyMap<string, WorkerPosition>;
  staff: ReadonlyMap<string, StaffWorker>;
  visits: ReturnVisit[];
  editing: Editing | null;
  ruler: Position[] | null; // the points of a line that is being measured
  changes: number; // how often this page has changed borders: their tiles are asked for again
}

// Any state: the map page's, and the phone's.
export class Keeper<State extends object> {
  private followers: { parts: readonly (keyof State)[]; call: (state: State) => void }[] = [];

  constructor(public state: State) {}

  set(changes: Partial<State>): void {
    const changed = (Object.keys(changes) as (keyof State)[]).filter((part) => this.state[part] !== changes[part]);
    if (!changed.length) return;
    this.state = { ...this.state, ...changes };
    for (const { parts, call } of this.followers) if (parts.some((part) => changed.includes(part))) call(this.state);
  }

  // Calls at once, and again whenever one of the parts has changed.
  follow(parts: readonly (keyof State)[], call: (state: State) => void): void {
    this.followers.push({ parts, call });
    call(this.state);
  }
}

export class Store extends Keeper<State> {
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
    compared: null,
    audits: 0,
    notice: null,
    tab: "map",
    line: "opening",
    soundIsOn: false,
    loaded: false,
    queue: new Map(),
    openCall: null,
    file: null,
    home: null,
    candidate: null,
    positions: new Map(),
    staff: new Map(),
    visits: [],
    editing: null,
    ruler: null,
    changes: 0,
    ...changes,
  };
}
