// Which matter this tab follows: number and tracking code, in the tab's own store and nowhere else, never in the address.

const PLACE = "linli-matter";

export interface Tracking {
  number: string;
  code: string;
}

export function kept(): Tracking | null {
  try {
    return JSON.parse(sessionStorage.getItem(PLACE) ?? "null") as Tracking | null;
  } catch {
    return null;
  }
}

export function keep(tracking: Tracking): void {
  sessionStorage.setItem(PLACE, JSON.stringify(tracking));
}

export function forget(): void {
  sessionStorage.removeItem(PLACE);
}

// A notice at the door carries `#at=...`, the area's id: where a matter is when the phone has no position; or, on the
// page of a vote, the number of the decision. Neither tells who has the phone.
export function takeNotice(location: Location, history: History): { areaId: string | null; voteNumber: string | null } {
  const areaId = /^#at=([0-9a-f-]{36})$/.exec(location.hash)?.[1] ?? null;
  const voteNumber = /^#([A-Z]{2}\d{11})$/.exec(location.hash)?.[1] ?? null;
  if (location.hash) history.replaceState(null, "", location.pathname);
  return { areaId, voteNumber };
}
