// The map itself: made once, its style changed with theme and language, its view told to the store.

import { AttributionControl, Map as MapLibre, NavigationControl, ScaleControl, setWorkerUrl } from "maplibre-gl";
import type { MapOptions, StyleSpecification } from "maplibre-gl";
import type { Api } from "./api";
import { titled } from "./controls";
import { shiftPictures } from "./pictures";
import type { Store } from "./store";

export const NARROW_PIXELS = 700;
declare const MAP_WORKER: string;

export async function makeMap(store: Store, api: Api, container: HTMLElement): Promise<MapLibre> {
  shiftPictures();
  setWorkerUrl(new URL(MAP_WORKER, location.href).href);
  const style = (await api.style()) as StyleSpecification;
  const map = new MapLibre({
    container,
    style,
    ...(store.state.view ?? opening(store)),
    attributionControl: false,
    maxZoom: 20,
    transformRequest: (url) =>
      new URL(url, location.href).origin === location.origin ? { url, headers: api.headers } : { url },
  });
  map.addControl(new NavigationControl({ visualizePitch: false }), "bottom-right");
  map.addControl(new ScaleControl(), "bottom-right");
  map.addControl(new AttributionControl({ compact: true }), "bottom-left");
  map.on("error", ({ error }) => console.error(error.message)); // by itself it tells a minified class, and not what failed
  const tell = (): void => store.set({ view: { zoom: map.getZoom(), center: map.getCenter().toArray() } });
  map.on("moveend", tell);
  tell();
  store.follow(["language"], ({ language }) => titled(container, language));
  let [theme, language] = [store.state.theme, store.state.language];
  store.follow(["theme", "language"], (state) => {
    if (state.theme === theme && state.language === language) return;
    [theme, language] = [state.theme, state.language];
    void api.style().then((changed) => map.setStyle(changed as StyleSpecification, { diff: false }));
  });
  return map;
}

// The whole area, beside the panel.
function opening(store: Store): Pick<MapOptions, "bounds" | "fitBoundsOptions"> {
  const bounds = (store.state.layers[0]?.bounds ?? [-180, -80, 180, 80]) as [number, number, number, number];
  const panel = document.getElementById("panel")?.getBoundingClientRect();
  const wide = innerWidth > NARROW_PIXELS;
  const padding = { top: 24, right: 24, bottom: wide ? 24 : innerHeight * 0.45, left: wide ? (panel?.right ?? 0) + 16 : 24 };
  return { bounds, fitBoundsOptions: { padding } };
}
