// What the server tells, as far as this page reads it, and what the page keeps of it.

import type { AuditsData, AuditVariables, CallFileData, CircleVariables, ComparisonData, DutyHoursData, OpeningData, PositionsData, SitesData } from "./operations";

// What is sent: `text` goes to the server, the types stay here.
export interface Operation<Data, Variables> {
  text: string;
  data?: Data;
  variables?: Variables;
}

export type Json = Record<string, unknown>;
export type TravelMode = NonNullable<CircleVariables["travelMode"]>;

export type Language = "zh" | "en";
export type Theme = "light" | "dark";
export type Position = [number, number];

export interface View {
  zoom: number;
  center: Position;
}

export interface Area {
  id: string;
  code: string;
  name: string;
  nameEn: string | null;
  level: string;
}

export type Viewer = OpeningData["viewer"];

export type MapLayer = NonNullable<OpeningData["mapLayers"]>[number];

// What was clicked: a layer, the feature's global id if it has one, what the tile told, and where.
export interface Selected {
  layer: string;
  id: string | null;
  told: Record<string, unknown>;
  at: Position;
}

export interface Circle {
  center: Position;
  minutes: number;
  travelMode: TravelMode;
  answer: CircleAnswer | null;
  failed?: boolean; // the last place got no answer; why was said in a notice
}

export interface CircleAnswer {
  area: GeoJSON;
  areaSquareMeters: number;
  speedMetersPerSecond: number | null;
  householdCount: number;
  residentCount: number | null;
  straightLine: { householdCount: number; falselyCovered: number };
}

export interface Gap {
  id: string;
  area: GeoJSON;
  householdCount: number | null;
  residentCount: number | null;
  nearestSeconds: number | null;
  grids: { code: string }[];
}

export type Supply = AuditVariables["input"]["supply"];
export type CallFile = NonNullable<CallFileData["call"]>;
export type Candidate = CallFile["candidates"][number];
export type WorkerPosition = PositionsData["workerPositions"];

export interface Coverage {
  areaId: string;
  supply: Supply;
  answer: CoverageAnswer | null;
  before: CoverageAnswer | null; // the answer without what is only thought of
  added: Position[]; // posts only thought of
  closed: { id: string; name: string }[]; // service points thought away
  sites: Site[] | null;
  at: string | null; // the hour whose shifts count; null: now
  shares: Record<string, number>; // what was found for other hours
}

export type DutyHour = NonNullable<DutyHoursData["dutyByHour"]>[number];
export type PastAudit = NonNullable<AuditsData["coverageAudits"]>["edges"][number]["node"];

// Two audits of one area side by side.
export interface Compared {
  before: string;
  after: string;
  answer: NonNullable<ComparisonData["compareAudits"]>;
}

export type Site = NonNullable<SitesData["suggestSites"]>["sites"][number];

export interface CoverageAnswer {
  id: string;
  householdCount: number;
  coveredCount: number;
  coveredShare: number | null;
  twiceCoveredCount: number;
  supplyCount: number;
  straightLine: { falselyCovered: number };
  gaps: Gap[];
}

export type GeoJSON = { type: string; coordinates: unknown };
