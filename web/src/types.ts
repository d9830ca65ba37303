// What the server tells, as far as this page reads it, and what the page keeps of it.

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

export interface Viewer {
  name: string;
  roles: string[];
  areas: Area[];
}

export interface MapLayer {
  id: string;
  title: string;
  description: string;
  base: boolean;
  bounds: [number, number, number, number];
  legend: { label: string; color: string }[];
}

// What was clicked: a layer, the feature's global id if it has one, what the tile told, and where.
export interface Selected {
  layer: string;
  id: string | null;
  told: Record<string, unknown>;
  at: Position;
}

export interface Count {
  category: { code: string; name: string; nameEn: string };
  count: number | null;
  suppressed: boolean;
}

export interface Circle {
  center: Position;
  minutes: number;
  travelMode: string;
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

export interface Coverage {
  areaId: string;
  supply: string;
  answer: CoverageAnswer | null;
}

export interface CoverageAnswer {
  householdCount: number;
  coveredCount: number;
  coveredShare: number | null;
  twiceCoveredCount: number;
  supplyCount: number;
  straightLine: { falselyCovered: number };
  gaps: Gap[];
}

export type GeoJSON = { type: string; coordinates: unknown };
