// Two checks of one area side by side: which homes gained, which lost, in figures and on the map.

import type { Api } from "../api";
import { el, redraw } from "../elements";
import * as operations from "../operations";
import type { State, Store } from "../store";
import type { Compared, Language, PastAudit } from "../types";
import { nameOf, number, say, sayCode } from "../words";
import { chosen, figures } from "./fields";

export function comparing(store: Store, api: Api, areaId: () => string): HTMLElement {
  const place = el("details", { class: "compare" });
  let audits: PastAudit[] = [];
  let [of, seen] = ["", -1];
  let [before, after] = ["", ""];
  const draw = ({ language, compared }: State): void => {
    const [latest, earlier] = audits;
    [before, after] = [known(audits, before) ?? earlier?.id ?? "", known(audits, after) ?? latest?.id ?? ""];
    redraw(place, el("summary", { "data-key": "compare" }, say("compare", language)), ...(earlier ? parts(compared, language) : [el("p", { class: "quiet" }, say("tooFewAudits", language))]));
  };
  const parts = (compared: Compared | null, language: Language): HTMLElement[] => {
    const told = (id: string): string => tell(audits.find((one) => one.id === id)!, language);
    const ids = audits.map(({ id }) => id);
    return [
      chosen("compare-before", say("earlier", language), ids, before, told, (id) => (before = id)),
      chosen("compare-after", say("later", language), ids, after, told, (id) => (after = id)),
      el("button", { class: "main", "data-key": "compare-now", click: () => void compare() }, say("compare", language)),
      ...(compared ? answerParts(compared, language) : []),
    ];
  };
  const compare = async (): Promise<void> => {
    try {
      const { compareAudits: answer } = await api.ask(operations.Comparison, { before, after });
      store.set({ compared: answer && { before, after, answer } });
    } catch (problem) {
      store.set({ notice: (problem as Error).message });
    }
  };
  const load = async (): Promise<void> => {
    const [id, count] = [areaId(), store.state.audits];
    if (!place.open || !id || (of === id && seen === count)) return;
    if (of !== id) store.set({ compared: null });
    [of, seen] = [id, count];
    const found = await api.ask(operations.Audits, { areaId: id }).catch(() => null);
    audits = (found?.coverageAudits?.edges ?? []).map(({ node }) => node).filter(({ state }) => state === "DONE");
    draw(store.state);
  };
  place.addEventListener("toggle", () => void (place.open ? load() : store.set({ compared: null })));
  store.follow(["coverage", "compared", "audits", "language"], (state) => {
    draw(state);
    void load();
  });
  return place;
}

function known(audits: PastAudit[], id: string): string | undefined {
  return audits.find((one) => one.id === id)?.id;
}

function tell({ createdAt, supply, coveredShare }: PastAudit, language: Language): string {
  const at = new Intl.DateTimeFormat(language, { month: "short", day: "numeric", hour: "2-digit", minute: "2-digit", second: "2-digit" }).format(Date.parse(createdAt));
  const share = coveredShare === null ? "—" : `${number(coveredShare * 100, language, 1)} %`;
  return `${at} · ${sayCode(supply, language)} · ${share}`;
}

function answerParts({ answer }: Compared, language: Language): HTMLElement[] {
  const homes = ({ householdCount, residentCount }: { householdCount: number; residentCount: number | null }): string => {
    const people = residentCount === null ? say("few", language) : number(residentCount, language);
    return `${number(householdCount, language)} ${say("homes", language)} · ${people} ${say("people", language)}`;
  };
  const moved = answer.byGrid.filter(({ coveredBefore, coveredAfter }) => coveredBefore !== coveredAfter);
  const count = (value: number | null): string => (value === null ? "—" : number(value, language));
  const rows = moved.map(({ grid, coveredBefore, coveredAfter }) =>
    el("li", {}, `${nameOf(grid, language)}: ${count(coveredBefore)} → ${count(coveredAfter)}`),
  );
  return [
    figures([
      [say("gained", language), homes(answer.gained)],
      [say("lostHomes", language), homes(answer.lost)],
    ]),
    el("ul", { class: "plain", id: "compared-grids" }, ...rows),
  ];
}
