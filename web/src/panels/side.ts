// The panel at the side: title, search, layers with legend, the planner.

import type { Map as MapLibre } from "maplibre-gl";
import type { Api } from "../api";
import { at, el, redraw } from "../elements";
import type { Store } from "../store";
import { nameOf, say, sayCode } from "../words";
import { layerList } from "./layerlist";
import { planner } from "./planner";
import { search } from "./search";

export function side(map: MapLibre, store: Store, api: Api): void {
  const head = el("header");
  const body = el("div", { class: "scroll" });
  at("panel").replaceChildren(head, search(map, store, api), body);
  body.append(layerList(store), planner(map, store, api));
  store.follow(["viewer", "language"], ({ viewer, language }) => {
    const roles = viewer?.roles.map((role) => sayCode(role, language)).join(" · ");
    const where = viewer?.areas.map((area) => nameOf(area, language)).join(" · ");
    document.documentElement.lang = language;
    document.title = say("title", language);
    redraw(
      head,
      el("h1", {}, say("title", language)),
      el("p", { class: "quiet" }, [where, viewer?.name, roles].filter(Boolean).join(" — ")),
    );
  });
}
