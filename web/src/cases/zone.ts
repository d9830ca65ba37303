// Local time as the house has it: in the jurisdiction's time zone, which the server tells, wherever somebody looks from.

import type { Language } from "../types";

let zone = "Asia/Shanghai"; // of a house that has not said otherwise

export function settle(timeZone: string | undefined): void {
  if (timeZone) zone = timeZone;
}

export function moment(at: string, language: Language): string {
  const shown: Intl.DateTimeFormatOptions = { timeZone: zone, month: "short", day: "numeric", weekday: "short", hour: "2-digit", minute: "2-digit" };
  return new Date(at).toLocaleString(language === "zh" ? "zh-CN" : "en-GB", shown);
}

// The calendar day there, as 2026-05-20.
export function dayOf(at: number): string {
  return wall(at).slice(0, 10);
}

// The instant at which clocks there show what a form's date and time says (2026-05-20T09:00); of an hour that summer time
// leaves out, the one after it.
export function instant(written: string): string {
  const as = Date.parse(`${written}Z`);
  const ahead = (at: number): number => Date.parse(`${wall(at)}Z`) - at;
  const first = as - ahead(as);
  const second = as - ahead(first);
  return new Date(second).toISOString();
}

function wall(at: number): string {
  const parts: Intl.DateTimeFormatOptions = { timeZone: zone, dateStyle: "short", timeStyle: "medium", hourCycle: "h23" };
  return new Intl.DateTimeFormat("sv-SE", parts).format(at).replace(" ", "T");
}
