// Who is on shift in the coming day, hour by hour, and the check for any of these hours.

import type { Api } from "../api";
import { el, redraw } from "../elements";
import * as operations from "../operations";
import type { State, Store } from "../store";
import type { DutyHour, Language } from "../types";
import { number, say } from "../words";
import { check, nothingAsked } from "./audit";

export function hours(store: Store, api: Api, areaId: () => string): HTMLElement {
  const place = el("details", { class: "hours" });
  let [of, found]: [string, DutyHour[]] = ["", []];
  const draw = (state: State): void => {
    const rows = found.map((hour) => row(store, api, areaId(), hour, found, state));
    redraw(place, el("summary", { "data-key": "hours" }, say("hours", state.language)), el("p", { class: "quiet" }, say("hoursHint", state.language)), el("ol", { class: "plain" }, ...rows));
  };
  const load = async (): Promise<void> => {
    const id = areaId();
    if (!place.open || !id || of === id) return;
    of = id;
    found = (await api.ask(operations.DutyHours, { areaId: id }).catch(() => null))?.dutyByHour ?? [];
    draw(store.state);
  };
  place.addEventListener("toggle", () => void load());
  store.follow(["coverage", "language"], (state) => {
    draw(state);
    void load();
  });
  return place;
}

function row(store: Store, api: Api, areaId: string, hour: DutyHour, all: DutyHour[], { coverage, language }: State): HTMLElement {
  const people = hour.staff + hour.volunteers;
  const most = Math.max(1, ...all.map(({ staff, volunteers }) => staff + volunteers));
  const bar = el("span", { class: "bar", "aria-hidden": "true" });
  bar.style.width = `${(40 * people) / most}%`; // by CSSOM, since the page's policy forbids style attributes
  const share = coverage?.shares[hour.startsAt];
  const told = share === undefined ? "" : ` · ${number(share * 100, language, 1)} %`;
  const now = coverage?.supply === "WORKERS_ON_SHIFT" && coverage.at === hour.startsAt;
  const ask = (): void => {
    const before = coverage?.areaId === areaId ? coverage : nothingAsked(areaId);
    void check(store, api, { ...before, supply: "WORKERS_ON_SHIFT", at: hour.startsAt, before: null, sites: null });
  };
  const button = el("button", { "data-key": `hour-${hour.startsAt}`, "aria-pressed": String(now), click: ask }, el("span", {}, clock(hour.startsAt, language)), bar, el("span", {}, `${hour.staff} + ${hour.volunteers}${told}`));
  return el("li", {}, button);
}

function clock(at: string, language: Language): string {
  return new Intl.DateTimeFormat(language, { weekday: "short", hour: "2-digit", minute: "2-digit", hourCycle: "h23" }).format(Date.parse(at));
}
