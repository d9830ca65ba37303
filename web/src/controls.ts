// The map's own buttons speak the language of the page, also after it is switched; the library takes its words once.

import type { Language } from "./types";
import { say } from "./words";
import type { Word } from "./words";

const TITLES: readonly [string, Word][] = [
  [".maplibregl-canvas", "mapTitle"],
  [".maplibregl-ctrl-zoom-in", "zoomIn"],
  [".maplibregl-ctrl-zoom-out", "zoomOut"],
  [".maplibregl-ctrl-compass", "northUp"],
  [".maplibregl-ctrl-attrib-button", "sources"],
];

export function titled(container: HTMLElement, language: Language): void {
  for (const [selector, word] of TITLES) {
    const found = container.querySelector(selector);
    found?.setAttribute("aria-label", say(word, language));
    if (word !== "mapTitle") found?.setAttribute("title", say(word, language));
  }
}
