// Builds dist/: hashed assets, each also packed with brotli and gzip, and the page that names them.
import { build } from "esbuild";
import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { makeOperations } from "./operations.mjs";

const ASSETS = "dist/assets";
const MOST_SCRIPT_BYTES = { app: 500_000, phone: 500_000, case: 25_000, cases: 60_000 }; // of a page, packed with gzip

makeOperations(); // first: what does not fit the schema leaves the last build as it was
rmSync("dist", { recursive: true, force: true });
mkdirSync(ASSETS, { recursive: true });
const worker = hashed("node_modules/maplibre-gl/dist/maplibre-gl-worker.mjs", "map-worker", "mjs");
const result = await build({
  entryPoints: { app: "src/main.ts", phone: "src/phone/main.ts", case: "src/cases/resident.ts", cases: "src/cases/staff.ts" },
  bundle: true,
  splitting: true, // what several pages need is sent once
  minify: true,
  format: "esm",
  target: "es2022",
  outdir: ASSETS,
  entryNames: "[name]-[hash]",
  chunkNames: "part-[hash]",
  alias: { "polygon-clipping": "polygon-clipping/dist/polygon-clipping.esm.js" }, // its form for browsers is of old browsers
  metafile: true,
  legalComments: "linked",
  define: { MAP_WORKER: JSON.stringify(`/assets/${worker}`) },
});
const made = Object.entries(result.metafile.outputs).map(([path, { imports }]) => ({
  name: path.split("/").pop(),
  needs: imports.map(({ path }) => path.split("/").pop()),
  atOnce: imports.filter(({ kind }) => kind === "import-statement").map(({ path }) => path.split("/").pop()),
}));
const packed = new Map(readdirSync(ASSETS).map(pack));
for (const [entry, most] of Object.entries(MOST_SCRIPT_BYTES)) {
  const [total, first] = [scriptsOf(entry), scriptsOf(entry, "atOnce")].map((names) => names.reduce((sum, name) => sum + packed.get(name), 0));
  console.log(`${entry}: ${total} bytes of script, compressed; ${first} of them before anything is pressed`);
  if (total > most) throw new Error(`more than ${most} bytes of script for ${entry}`);
}
writeFileSync("dist/phone.webmanifest", readFileSync("src/phone/manifest.json"));
writeFileSync("dist/phone-icon.svg", readFileSync("src/phone/icon.svg"));
writeFileSync("dist/phone-worker.js", serviceWorker());
writeFileSync("dist/phone.html", page("src/phone.html", "phone"));
for (const entry of ["case", "cases"]) writeFileSync(`dist/${entry}.html`, page(`src/cases/${entry}.html`, entry));
writeFileSync("dist/index.html", page("src/index.html", "app")); // last: ./dev looks at its age

function named(entry, ending) {
  return made.find(({ name }) => name.startsWith(`${entry}-`) && name.endsWith(ending));
}

// All scripts that a page loads: its own, what that imports, and the map's worker where a map is drawn.
function scriptsOf(entry, which = "needs") {
  const found = new Set([named(entry, ".js").name]);
  for (const name of found) for (const needed of made.find((one) => one.name === name)?.[which] ?? []) found.add(needed);
  return entry in { app: 1, phone: 1 } ? [...found, worker] : [...found];
}

function page(from, entry) {
  return readFileSync(from, "utf8")
    .replace("{script}", `/assets/${named(entry, ".js").name}`)
    .replace("{sheet}", `/assets/${named(entry, ".css").name}`);
}

function serviceWorker() {
  const sheet = named("phone", ".css");
  const assets = [...scriptsOf("phone"), sheet.name].map((name) => `/assets/${name}`);
  const parts = ["/phone", "/phone.webmanifest", "/phone-icon.svg", ...assets];
  const mark = createHash("sha256").update(parts.join()).update(page("src/phone.html", "phone")).digest("hex").slice(0, 12);
  return readFileSync("src/phone/worker.js", "utf8").replace("{name}", `linli-${mark}`).replace("{parts}", JSON.stringify(parts));
}

function hashed(from, name, ending) {
  const content = readFileSync(from, "utf8").replace(/\n\/\/# sourceMappingURL=.*\s*$/, "\n");
  const file = `${name}-${createHash("sha256").update(content).digest("hex").slice(0, 8)}.${ending}`;
  writeFileSync(`${ASSETS}/${file}`, content);
  return file;
}

function pack(name) {
  const content = readFileSync(`${ASSETS}/${name}`);
  const zipped = gzipSync(content, { level: 9 });
  writeFileSync(`${ASSETS}/${name}.gz`, zipped);
  writeFileSync(`${ASSETS}/${name}.br`, brotliCompressSync(content));
  return [name, zipped.length];
}
