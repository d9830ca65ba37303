// The planner: a service circle that follows the marker, and a check which homes of an area nobody reaches.

import type { Map as MapLibre } from "maplibre-gl";
import type { Api } from "../api";
import { may } from "../desk";
import { el, redraw } from "../elements";
import * as operations from "../operations";
import type { State, Store } from "../store";
import type { Circle, CircleAnswer, Language, Position, TravelMode } from "../types";
import { number, say, sayCode } from "../words";
import { chosen, figures } from "./fields";

const MODES: readonly TravelMode[] = ["WALK", "WALK_SLOW", "EBIKE"];
const MINUTES = ["5", "10", "15"];
const CHECKERS = ["PLANNER", "MANAGER", "SUPERVISOR", "DISPATCHER", "ADMIN"];

export function planner(map: MapLibre, store: Store, api: Api): HTMLElement {
  const circlePlace = el("section");
  const place = el("div", { class: "planner" }, circlePlace);
  follow(store, api);
  store.follow(["circle", "language"], (state) => redraw(circlePlace, ...circleParts(map, store, state)));
  if (may(store, CHECKERS)) void import("./audit").then(({ checking }) => place.append(checking(map, store, api)));
  return place;
}

// Asks while the marker is dragged, one question at a time; the last place always gets its answer.
function follow(store: Store, api: Api): void {
  let asking = false;
  let answered = "";
  const ask = async (): Promise<void> => {
    const circle = store.state.circle;
    const wanted = circle && JSON.stringify([circle.center, circle.minutes, circle.travelMode]);
    if (asking || !circle || !wanted || wanted === answered) return;
    asking = true;
    const answer = await answerOf(api, circle).catch((problem: Error) => {
      store.set({ notice: problem.message });
      return null;
    });
    [asking, answered] = [false, wanted];
    const now = store.state.circle;
    if (now) store.set({ circle: { ...now, answer, failed: !answer } });
    void ask();
  };
  store.follow(["circle"], ({ circle }) => {
    if (!circle) answered = "";
    void ask();
  });
}

async function answerOf(api: Api, { center, minutes, travelMode }: Circle): Promise<CircleAnswer | null> {
  const variables = { center: { longitude: center[0], latitude: center[1] }, minutes, travelMode };
  return (await api.ask(operations.Circle, variables)).serviceCircle;
}

function circleParts(map: MapLibre, store: Store, { circle, language }: State): HTMLElement[] {
  const head = el("h2", {}, say("planner", language));
  if (!circle) {
    const place = (): void => {
      const center = map.getCenter().toArray() as Position;
      store.set({ circle: { center, minutes: 10, travelMode: "WALK", answer: null } });
    };
    const button = el("button", { class: "main", click: place, "data-key": "circle" }, say("place", language));
    return [head, el("p", { class: "quiet" }, say("plannerHint", language)), button];
  }
  const change = (changes: Partial<Circle>): void => store.set({ circle: { ...circle, ...changes } });
  const minutes = chosen("circle-minutes", say("minutes", language), MINUTES, String(circle.minutes), String, (value) =>
    change({ minutes: Number(value) }),
  );
  const mode = chosen("circle-mode", say("mode", language), MODES, circle.travelMode, (one) => sayCode(one, language), (value) =>
    change({ travelMode: value }),
  );
  const remove = el("button", { click: () => store.set({ circle: null }), "data-key": "circle" }, say("remove", language));
  return [head, minutes, mode, figures(circleFigures(circle, language)), remove];
}

function circleFigures({ answer, failed }: Circle, language: Language): [string, string][] {
  if (!answer) return [["", failed ? "—" : say("busy", language)]];
  return [
    [say("reached", language), number(answer.householdCount, language)],
    [say("people", language), answer.residentCount === null ? say("few", language) : number(answer.residentCount, language)],
    [say("false", language), number(answer.straightLine.falselyCovered, language)],
  ];
}
