// The layers: on and off, each with what its colours say.

import { el, redraw, swatch } from "../elements";
import type { State, Store } from "../store";
import type { MapLayer } from "../types";
import { say } from "../words";

export function layerList(store: Store): HTMLElement {
  const place = el("section");
  store.follow(["layers", "shown", "language"], (state) => {
    const own = state.layers.filter(({ base }) => !base).reverse();
    const base = state.layers.filter(({ base, legend }) => base && legend.length);
    redraw(
      place,
      el("h2", {}, say("layers", state.language)),
      el("ul", { class: "layers" }, ...own.map((layer) => switched(store, state, layer))),
      el(
        "details",
        {},
        el("summary", { "data-key": "base" }, `${say("base", state.language)} · ${say("legend", state.language)}`),
        el("ul", { class: "legend" }, ...base.flatMap(signs)),
      ),
    );
  });
  return place;
}

function switched(store: Store, { shown, theme }: State, layer: MapLayer): HTMLElement {
  const on = shown.has(layer.id);
  const box = el("input", {
    type: "checkbox",
    id: `layer-${layer.id}`,
    "data-key": `layer-${layer.id}`,
    checked: on,
    change: () => store.toggle(layer.id),
  });
  return el(
    "li",
    { class: `${on ? "on" : ""} ${theme}` },
    el("label", { for: `layer-${layer.id}`, title: layer.description }, box, el("span", {}, layer.title)),
    on && el("ul", { class: "legend" }, ...signs(layer)),
  );
}

function signs(layer: MapLayer): HTMLElement[] {
  return layer.legend.map(({ label, color }) => el("li", {}, swatch(color), label));
}
