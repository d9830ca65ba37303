// The map on the phone: the way from the worker to the door.

import { LngLatBounds, Map as MapLibre, Marker, setWorkerUrl } from "maplibre-gl";
import type { AddLayerObject, GeoJSONSource, StyleSpecification } from "maplibre-gl";
import type { Api } from "../api";
import { titled } from "../controls";
import { hatch } from "../layers/hatch";
import { shiftPictures } from "../pictures";
import type { GeoJSON, Position } from "../types";

declare const MAP_WORKER: string;

export interface Shown {
  path: GeoJSON | null;
  home: Position | null;
  border?: GeoJSON | null;
}

export class Chart {
  private map: MapLibre;
  private isReady = false;
  private me: Marker | null = null;
  private door: Marker | null = null;
  private shown: Shown = { path: null, home: null };

  private constructor(container: HTMLElement, style: StyleSpecification, api: Api) {
    const transformRequest = (url: string) => (new URL(url, location.href).origin === location.origin ? { url, headers: api.headers } : { url });
    this.map = new MapLibre({ container, style, attributionControl: { compact: true }, transformRequest, maxZoom: 19 });
    titled(container, api.language);
    hatch(this.map);
    this.map.on("error", ({ error }) => console.error(error.message));
    this.map.on("style.load", () => {
      this.isReady = true;
      this.draw();
    });
    this.map.once("idle", () => {
      container.setAttribute("data-drawn", "");
      container.querySelector(".maplibregl-compact-show")?.classList.remove("maplibregl-compact-show"); // said, now out of the way
    });
  }

  static async make(container: HTMLElement, api: Api): Promise<Chart> {
    shiftPictures();
    setWorkerUrl(new URL(MAP_WORKER, location.href).href);
    return new Chart(container, (await api.style()) as StyleSpecification, api);
  }

  show(shown: Shown): void {
    if (JSON.stringify(shown) === JSON.stringify(this.shown)) return;
    this.shown = shown;
    this.door = this.pin(this.door, shown.home, "#c62828");
    this.draw();
    this.frame();
  }

  here(position: Position | null): void {
    this.me = this.pin(this.me, position, "#14508f");
  }

  resize(): void {
    this.map.resize();
    this.frame();
  }

  private pin(pin: Marker | null, at: Position | null, color: string): Marker | null {
    if (!at) {
      pin?.remove();
      return null;
    }
    return (pin ?? new Marker({ color, scale: 0.8 })).setLngLat(at).addTo(this.map);
  }

  private draw(): void {
    if (!this.isReady) return;
    const shapes = [this.shown.path, this.shown.border].filter((one): one is GeoJSON => Boolean(one));
    const features = shapes.map((geometry) => ({ type: "Feature", properties: {}, geometry }));
    const data = { type: "FeatureCollection", features } as Parameters<GeoJSONSource["setData"]>[0];
    const source = this.map.getSource<GeoJSONSource>("way");
    if (source) return source.setData(data) as unknown as void;
    this.map.addSource("way", { type: "geojson", data });
    const line = (id: string, color: string, width: number): AddLayerObject => ({
      id, type: "line", source: "way", layout: { "line-cap": "round", "line-join": "round" }, paint: { "line-color": color, "line-width": width },
    });
    this.map.addLayer(line("way-edge", "#ffffff", 9));
    this.map.addLayer(line("way", "#1b5e9b", 5));
  }

  private frame(): void {
    const { path, home, border } = this.shown;
    const numbers = [path, border].flatMap((shape) => (shape ? ((shape.coordinates as unknown[]).flat(Infinity) as number[]) : []));
    const points = numbers.flatMap((_, i): Position[] => (i % 2 ? [] : [[numbers[i]!, numbers[i + 1]!]]));
    const all = [...points, ...(home ? [home] : [])];
    if (!all.length) return;
    const bounds = all.reduce((box, point) => box.extend(point), new LngLatBounds(all[0]!, all[0]!));
    this.map.fitBounds(bounds, { padding: 45, maxZoom: 17, animate: false });
  }
}
