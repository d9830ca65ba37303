// Pictures of an outside base map that lie by GCJ-02, shifted into place: each tile is put together of those that it needs.

import { addProtocol } from "maplibre-gl";

const SCHEME = "gcj02+https";
const PIXELS = 256;
const RADIUS = 6378245.0; // of the ellipsoid of Krasovsky, by which GCJ-02 is defined
const ECCENTRICITY_SQUARED = 0.00669342162296594323;

type Degrees = [number, number];

export function shiftPictures(): void {
  for (const scheme of [SCHEME, "gcj02+http"]) addProtocol(scheme, async ({ url }, abort) => ({ data: await shifted(url, abort.signal) }));
}

// Where a place of WGS 84 lies by GCJ-02 (the published approximation, as in gis/coordinates.py).
export function toGcj02([lon, lat]: Degrees): Degrees {
  const [x, y] = [lon - 105, lat - 35];
  const waves = (z: number): number => (20 * Math.sin(6 * z * Math.PI) + 20 * Math.sin(2 * z * Math.PI)) * (2 / 3);
  const long = (z: number, one: number, two: number, three: number, four: number): number =>
    ((20 * Math.sin(z * Math.PI) + 40 * Math.sin((z / 3) * Math.PI) + one * Math.sin((z / two) * Math.PI) + three * Math.sin((z / four) * Math.PI)) * 2) / 3;
  const north = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * Math.sqrt(Math.abs(x)) + waves(x) + long(y, 160, 12, 320, 30);
  const east = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * Math.sqrt(Math.abs(x)) + waves(x) + long(x, 150, 12, 300, 30);
  const sine = Math.sin((lat * Math.PI) / 180);
  const magic = 1 - ECCENTRICITY_SQUARED * sine * sine;
  const meridian = (RADIUS * (1 - ECCENTRICITY_SQUARED)) / magic ** 1.5;
  const parallel = (RADIUS / Math.sqrt(magic)) * Math.cos((lat * Math.PI) / 180);
  return [lon + (east / parallel) * (180 / Math.PI), lat + (north / meridian) * (180 / Math.PI)];
}

// How far the tile's picture lies away, in pixels: right and down. Within a tile the shift is the same to a pixel.
export function shiftOf(z: number, x: number, y: number): [number, number] {
  const middle = degreesOf(z, x + 0.5, y + 0.5);
  const [right, down] = tileOf(z, toGcj02(middle));
  return [Math.round((right - x - 0.5) * PIXELS), Math.round((down - y - 0.5) * PIXELS)];
}

function tileOf(z: number, [lon, lat]: Degrees): [number, number] {
  const down = (1 - Math.asinh(Math.tan((lat * Math.PI) / 180)) / Math.PI) / 2;
  return [((lon + 180) / 360) * 2 ** z, down * 2 ** z];
}

function degreesOf(z: number, x: number, y: number): Degrees {
  return [(x / 2 ** z) * 360 - 180, (Math.atan(Math.sinh(Math.PI * (1 - (2 * y) / 2 ** z))) * 180) / Math.PI];
}

// The template is filled in by the map, so the tile's place is found by what stands in the address.
async function shifted(address: string, signal: AbortSignal): Promise<ArrayBuffer> {
  const { template, z, x, y } = placeOf(address);
  const [right, down] = shiftOf(z, x, y);
  const canvas = new OffscreenCanvas(PIXELS, PIXELS);
  const context = canvas.getContext("2d")!;
  const [column, row] = [x + Math.floor(right / PIXELS), y + Math.floor(down / PIXELS)];
  const parts = [0, 1].flatMap((i) => [0, 1].map((j) => [column + i, row + j] as const));
  await Promise.all(
    parts.map(async ([tileX, tileY]) => {
      const [left, top] = [(tileX - x) * PIXELS - right, (tileY - y) * PIXELS - down];
      if (left >= PIXELS || top >= PIXELS || left <= -PIXELS || top <= -PIXELS) return;
      const url = template.replace("{z}", String(z)).replace("{x}", String(tileX)).replace("{y}", String(tileY));
      const found = await fetch(url, { signal, referrerPolicy: "no-referrer" });
      if (found.ok) context.drawImage(await createImageBitmap(await found.blob()), left, top);
    }),
  );
  return (await canvas.convertToBlob()).arrayBuffer();
}

// `#z/x/y` is put behind the template by the style, and is never sent.
function placeOf(address: string): { template: string; z: number; x: number; y: number } {
  const [template, place] = address.replace(/^gcj02\+/, "").split("#") as [string, string];
  const [z, x, y] = place.split("/").map(Number) as [number, number, number];
  return { template: decodeURI(template), z, x, y };
}
