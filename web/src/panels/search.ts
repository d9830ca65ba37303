// Finding a grid by name or code, a home by address or file number, as far as the viewer may.

import type { Map as MapLibre } from "maplibre-gl";
import { Refused } from "../api";
import type { Api } from "../api";
import { el, redraw } from "../elements";
import { SearchGrids, SearchHomes } from "../operations";
import type { Store } from "../store";
import type { Position, Selected } from "../types";
import { nameOf, say } from "../words";

const PAUSE_MILLISECONDS = 250;
const LEAST_LETTERS = 2;

interface Hit {
  label: string;
  detail: string;
  zoom: number;
  selected: Selected;
}

export function search(map: MapLibre, store: Store, api: Api): HTMLElement {
  const list = el("ul", { class: "hits", id: "hits", hidden: true });
  const input = el("input", { type: "search", id: "search", autocomplete: "off", "aria-controls": "hits" });
  let waiting = 0;
  let asked: AbortController | null = null;
  const close = (): void => {
    list.hidden = true;
    redraw(list);
  };
  const choose = (hit: Hit): void => {
    close();
    store.set({ selected: hit.selected });
    map.flyTo({ center: hit.selected.at, zoom: Math.max(map.getZoom(), hit.zoom) });
  };
  const look = async (): Promise<void> => {
    asked?.abort();
    const text = input.value.trim();
    if (text.length < LEAST_LETTERS) return close();
    asked = new AbortController();
    const hits = await found(api, store, text, asked.signal).catch(() => null);
    if (!hits) return;
    list.hidden = false;
    const rows = hits.map((hit) =>
      el("li", {}, el("button", { click: () => choose(hit) }, hit.label, el("small", {}, hit.detail))),
    );
    redraw(list, ...(rows.length ? rows : [el("li", { class: "quiet" }, say("nothing", store.state.language))]));
  };
  input.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = window.setTimeout(() => void look(), PAUSE_MILLISECONDS);
  });
  const place = el("div", { class: "search", role: "search", keydown: (event: KeyboardEvent) => event.key === "Escape" && close() }, input, list);
  store.follow(["language"], ({ language }) => {
    input.placeholder = say("search", language);
    input.setAttribute("aria-label", say("search", language));
  });
  return place;
}

async function found(api: Api, store: Store, text: string, signal: AbortSignal): Promise<Hit[]> {
  const [grids, homes] = await Promise.all([
    api.ask(SearchGrids, { text }, signal),
    api.ask(SearchHomes, { text }, signal).catch((problem: unknown) => {
      if (problem instanceof Refused) return { households: { edges: [] } };
      throw problem;
    }),
  ]);
  return [
    ...(grids.grids?.edges ?? []).map(({ node }) => ({
      label: nameOf(node, store.state.language),
      detail: node.code,
      zoom: 15,
      selected: { layer: "grids", id: node.id, told: {}, at: node.labelPoint.coordinates as Position },
    })),
    ...(homes.households?.edges ?? []).map(({ node }) => ({
      label: node.address,
      detail: node.code,
      zoom: 17.5,
      selected: { layer: "households", id: node.id, told: {}, at: node.location.coordinates as Position },
    })),
  ];
}
