// Changing the borders of grids: what is being drawn, and what is sent. Nothing changes before it is sent.

import type { Api } from "./api";
import { Refused } from "./api";
import { checked, freeCode, multi, polygonsOf } from "./borders";
import type { Check, Polygons } from "./borders";
import * as operations from "./operations";
import type { Store } from "./store";
import type { GeoJSON, Position } from "./types";

export type GridShape = NonNullable<operations.GridsOfData["grids"]>["edges"][number]["node"];
export type EditKind = "split" | "merge" | "border";

export interface Editing {
  kind: EditKind;
  grid: GridShape;
  grids: GridShape[]; // all of the community
  community: { name: string; boundary: GeoJSON };
  line: Position[]; // split: where to cut
  chosen: string[]; // merge: the grids to make one of
  shape: Polygons; // border: as it would be
  check: Check | null;
  code: string;
}

export async function beginEditing(store: Store, api: Api, kind: EditKind, gridId: string): Promise<void> {
  try {
    const { grid } = await api.ask(operations.GridCard, { id: gridId });
    const areaId = grid!.community.id;
    const [{ grids }, { area }] = await Promise.all([api.ask(operations.GridsOf, { areaId }), api.ask(operations.Border, { id: areaId })]);
    const all = (grids?.edges ?? []).map(({ node }) => node);
    const own = all.find(({ id }) => id === gridId)!;
    const editing = { kind, grid: own, grids: all, community: area!, line: [], chosen: [gridId], shape: polygonsOf(own.boundary), check: null };
    store.set({ editing: { ...editing, code: freeCode(all.map(({ code }) => code)) }, selected: null });
  } catch (problem) {
    store.set({ notice: (problem as Error).message });
  }
}

// A click on the map while something is edited: a point of the line, or a grid more or less.
export function clicked(store: Store, at: Position, gridId: string | null): void {
  const { editing } = store.state;
  if (editing?.kind === "split") store.set({ editing: { ...editing, line: [...editing.line, at] } });
  if (editing?.kind !== "merge" || !gridId || gridId === editing.grid.id || !editing.grids.some(({ id }) => id === gridId)) return;
  const chosen = editing.chosen.includes(gridId) ? editing.chosen.filter((id) => id !== gridId) : [...editing.chosen, gridId];
  store.set({ editing: { ...editing, chosen } });
}

export function redrawn(editing: Editing, shape: Polygons): Editing {
  const neighbours = editing.grids.filter(({ id }) => id !== editing.grid.id).map(({ id, boundary }) => ({ id, shape: polygonsOf(boundary) }));
  return { ...editing, shape, check: checked(polygonsOf(editing.grid.boundary), shape, polygonsOf(editing.community.boundary), neighbours) };
}

// Sends the change. What the server refuses is shown in its words, and its faults are drawn.
export async function save(store: Store, api: Api, code: string, name: string): Promise<boolean> {
  const { editing } = store.state;
  if (!editing) return false;
  try {
    await sent(api, editing, code, name);
    store.set({ editing: null, changes: store.state.changes + 1 });
    return true;
  } catch (problem) {
    const faults = problem instanceof Refused ? faultsOf(problem.details) : [];
    const check = faults.length && editing.check ? { ...editing.check, outside: faults } : editing.check;
    store.set({ notice: (problem as Error).message, editing: { ...editing, check } });
    return false;
  }
}

function sent(api: Api, { kind, grid, grids, line, chosen, shape }: Editing, code: string, name: string): Promise<unknown> {
  const { id, version } = grid;
  if (kind === "split") return api.ask(operations.SplitGrid, { id, line: { type: "LineString", coordinates: line }, code, name, version });
  if (kind === "border") return api.ask(operations.MoveBorder, { id, boundary: multi(shape), version });
  const versions = chosen.map((one) => grids.find(({ id }) => id === one)!.version);
  return api.ask(operations.MergeGrids, { ids: chosen, code, name, versions });
}

function faultsOf(details: Record<string, unknown>): Polygons {
  const told = (details.violations ?? []) as { area?: GeoJSON }[];
  return told.flatMap(({ area }) => (area ? polygonsOf(area) : []));
}
