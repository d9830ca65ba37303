// What the staff's page holds.

import { Keeper } from "../store";
import type { Language, Theme } from "../types";
import type { BoardCase, BoardOpeningData, FileData } from "./operations";
import { problemText } from "./staffwords";

export type StaffViewer = BoardOpeningData["viewer"];
export type StaffKind = NonNullable<BoardOpeningData["caseKinds"]>[number];
export type StaffArea = StaffViewer["areas"][number];
export type Sheet = NonNullable<FileData["case"]>;
export type View = "board" | "file" | "new" | "assessment";

export interface Chosen {
  areaId: string | null;
  kind: string | null;
  overdue: boolean;
  mine: boolean;
}

export interface StaffState {
  token: string | null;
  language: Language;
  theme: Theme;
  viewer: StaffViewer | null;
  kinds: StaffKind[];
  areas: StaffArea[];
  view: View;
  chosen: Chosen;
  group: "rung" | "state";
  cases: BoardCase[];
  total: number;
  after: string | null; // where the next page begins
  caseId: string | null;
  sheet: Sheet | null;
  problem: string | null;
  notice: string | null;
}

export class StaffStore extends Keeper<StaffState> {
  fail(problem: unknown): void {
    this.set({ problem: problemText(problem, this.state.language) });
  }
}

export function initialStaff(changes: Partial<StaffState>): StaffState {
  return {
    token: null,
    language: "zh",
    theme: "light",
    viewer: null,
    kinds: [],
    areas: [],
    view: "board",
    chosen: { areaId: null, kind: null, overdue: false, mine: false },
    group: "rung",
    cases: [],
    total: 0,
    after: null,
    caseId: null,
    sheet: null,
    problem: null,
    notice: null,
    ...changes,
  };
}

export function named(one: { name: string; nameEn?: string | null }, { language }: StaffState): string {
  return language === "en" && one.nameEn ? one.nameEn : one.name;
}
