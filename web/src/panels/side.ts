// The panel at the side: title, then what belongs to the map, or to the desk for those who watch calls.

import type { Map as MapLibre } from "maplibre-gl";
import type { Api } from "../api";
import { may, WATCHERS } from "../desk";
import { at, el, redraw } from "../elements";
import type { State, Store } from "../store";
import { nameOf, say, sayCode } from "../words";
import { layerList } from "./layerlist";
import { planner } from "./planner";
import { queue } from "./queue";
import { search } from "./search";
import { staff } from "./staff";

export function side(map: MapLibre, store: Store, api: Api): void {
  const [head, tabs] = [el("header"), el("div", { class: "tabs", role: "tablist" })];
  const ofMap = el("div", { class: "scroll", id: "tab-map", role: "tabpanel" }, layerList(store), planner(map, store, api));
  const parts: HTMLElement[] = [head, search(map, store, api)];
  if (may(store, WATCHERS)) {
    const ofDesk = el("div", { class: "scroll", id: "tab-calls", role: "tabpanel" }, queue(store, api), staff(map, store));
    store.follow(["tab", "language", "queue"], (state) => {
      redraw(tabs, ...(["map", "calls"] as const).map((tab) => tabButton(store, state, tab)));
      ofMap.hidden = state.tab !== "map";
      ofDesk.hidden = state.tab !== "calls";
    });
    parts.push(tabs, ofDesk);
  }
  at("panel").replaceChildren(...parts, ofMap);
  store.follow(["viewer", "language"], ({ viewer, language }) => {
    const roles = viewer?.roles.map((role) => sayCode(role, language)).join(" · ");
    const where = viewer?.areas.map((area) => nameOf(area, language)).join(" · ");
    document.title = say("title", language);
    redraw(
      head,
      el("h1", {}, say("title", language)),
      el("p", { class: "quiet" }, [where, viewer?.name, roles].filter(Boolean).join(" — ")),
    );
  });
}

function tabButton(store: Store, { tab, language, queue }: State, name: "map" | "calls"): HTMLElement {
  const count = name === "calls" && queue.size ? ` ${queue.size}` : "";
  const given = { role: "tab", "aria-selected": String(tab === name), "aria-controls": `tab-${name}`, "data-key": `tab-${name}` };
  return el("button", { ...given, click: () => store.set({ tab: name }) }, say(name, language) + count);
}
