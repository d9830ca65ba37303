// All that the page asks; tests/web checks each against the schema.

export const OPENING = `query Opening($language: Language!, $theme: Theme!) {
  viewer { name roles areas { id code name nameEn level } }
  mapLayers(language: $language, theme: $theme) { id title description base bounds legend { label color } }
}`;

export const GRID = `query GridCard($id: ID!) {
  grid(id: $id) {
    id code name nameEn boundary areaSquareMeters householdCount residentCount
    community { name nameEn }
    workers { id name role status }
    careCounts { category { code name nameEn } count suppressed }
  }
}`;

export const HOMES = `query HomesCard($point: PointInput!) {
  households(filter: { within: { point: $point, meters: 1 } }, first: 30) {
    totalCount
    edges { node { id code address residentCount hasTerminal careCategories { code name nameEn } } }
  }
}`;

export const SERVICE_POINT = `query ServicePointCard($id: ID!) {
  servicePoint(id: $id) { id name nameEn kind address openNow hours { weekdays opens closes } }
}`;

export const TERMINAL = `query TerminalCard($id: ID!) {
  terminal(id: $id) { id serial model status lastSeenAt batteryPercent household { code address } }
}`;

export const SEARCH_GRIDS = `query SearchGrids($text: String!) {
  grids(filter: { text: $text }, first: 8) { edges { node { id code name nameEn labelPoint } } }
}`;

export const SEARCH_HOMES = `query SearchHomes($text: String!) {
  households(filter: { text: $text }, first: 8) { edges { node { id code address location } } }
}`;

export const CIRCLE = `query Circle($center: PointInput!, $minutes: Float!, $travelMode: TravelMode!) {
  serviceCircle(center: $center, minutes: $minutes, travelMode: $travelMode) {
    area areaSquareMeters speedMetersPerSecond householdCount residentCount
    straightLine { householdCount falselyCovered }
  }
}`;

export const COMMUNITIES = `query Communities {
  areas(filter: { level: COMMUNITY }, first: 100) { edges { node { id code name nameEn level } } }
}`;

export const AUDIT = `mutation Audit($input: AuditCoverageInput!) {
  auditCoverage(input: $input) {
    id supplyCount householdCount coveredCount coveredShare twiceCoveredCount
    straightLine { falselyCovered }
    gaps { id area householdCount residentCount nearestSeconds grids { code } }
  }
}`;
