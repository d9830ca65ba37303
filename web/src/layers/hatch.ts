// The hatching of grids whose number is withheld; drawn here, since the style names no sprite.

import type { Map as MapLibre } from "maplibre-gl";

const SIZE = 8;

export function hatch(map: MapLibre): void {
  map.setMissingStyleImageResolver((id) => {
    const shade = { "hatch-light": 90, "hatch-dark": 170 }[id];
    if (shade !== undefined && !map.hasImage(id)) map.addImage(id, { width: SIZE, height: SIZE, data: drawn(shade) });
  });
}

function drawn(shade: number): Uint8Array {
  const data = new Uint8Array(SIZE * SIZE * 4);
  for (let y = 0; y < SIZE; y++)
    for (let x = 0; x < SIZE; x++) if ((x + y) % SIZE < 2) data.set([shade, shade, shade, 255], (y * SIZE + x) * 4);
  return data;
}
