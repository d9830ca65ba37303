// Finding a grid by name or code, a home by address or file number, as far as the viewer may.

import type { Map as MapLibre } from "maplibre-gl";
import { Refused } from "../api";
import type { Api } from "../api";
import { el, redraw } from "../elements";
import { Names, SearchGrids, SearchHomes } from "../operations";
import type { NamesData } from "../operations";
import { fits } from "../pinyin";
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
  // Down and up walk through the hits and back to the line; Enter in the line takes the first.
  const step = (event: KeyboardEvent): void => {
    const stops: HTMLElement[] = [input, ...list.querySelectorAll("button")];
    const now = stops.indexOf(document.activeElement as HTMLElement);
    const next = event.key === "ArrowDown" ? stops[now + 1] : event.key === "ArrowUp" ? stops[now - 1] : undefined;
    if (next) {
      event.preventDefault();
      next.focus();
    } else if (event.key === "Enter" && now === 0) stops[1]?.click();
  };
  input.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = window.setTimeout(() => void look(), PAUSE_MILLISECONDS);
  });
  const place = el("div", { class: "search", role: "search", keydown: (event: KeyboardEvent) => (event.key === "Escape" ? close() : step(event)) }, input, list);
  store.follow(["language"], ({ language }) => {
    input.placeholder = say("search", language);
    input.setAttribute("aria-label", say("search", language));
  });
  return place;
}

type Named = NonNullable<NamesData["grids"]>["edges"][number]["node"];
const MOST_HITS = 8;
const MOST_PAGES = 10;
let names: Promise<Named[]> | null = null;

// All names of grids, asked for once, when somebody first types Latin letters.
async function byPinyin(api: Api, text: string): Promise<Named[]> {
  if (!/^[a-z' ]+$/i.test(text)) return [];
  names ??= allNames(api);
  return (await names).filter(({ name, nameEn }) => fits(name, text) || nameEn?.toLowerCase().includes(text.toLowerCase())).slice(0, MOST_HITS);
}

async function allNames(api: Api): Promise<Named[]> {
  const all: Named[] = [];
  let after: string | null = null;
  for (let page = 0; page < MOST_PAGES; page++) {
    const { grids }: NamesData = await api.ask(Names, { after });
    all.push(...(grids?.edges ?? []).map(({ node }) => node));
    after = grids?.pageInfo.endCursor ?? null;
    if (!grids?.pageInfo.hasNextPage) break;
  }
  return all;
}

async function found(api: Api, store: Store, text: string, signal: AbortSignal): Promise<Hit[]> {
  const [grids, spelt, homes] = await Promise.all([
    api.ask(SearchGrids, { text }, signal),
    byPinyin(api, text),
    api.ask(SearchHomes, { text }, signal).catch((problem: unknown) => {
      if (problem instanceof Refused) return { households: { edges: [] } };
      throw problem;
    }),
  ]);
  const named = new Map([...(grids.grids?.edges ?? []).map(({ node }) => node), ...spelt].map((node) => [node.id, node]));
  return [
    ...[...named.values()].map((node) => ({
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
