// Builds dist/: hashed assets, each also packed with brotli and gzip, and the page that names them.
import { build } from "esbuild";
import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { makeOperations } from "./operations.mjs";

const ASSETS = "dist/assets";
const MOST_SCRIPT_BYTES = 500_000; // compressed with gzip, all scripts together

makeOperations(); // first: what does not fit the schema leaves the last build as it was
rmSync("dist", { recursive: true, force: true });
mkdirSync(ASSETS, { recursive: true });
const worker = hashed("node_modules/maplibre-gl/dist/maplibre-gl-worker.mjs", "map-worker", "mjs");
const result = await build({
  entryPoints: { app: "src/main.ts", phone: "src/phone/main.ts" },
  bundle: true,
  splitting: true, // what both pages need is sent once
  minify: true,
  format: "esm",
  target: "es2022",
  outdir: ASSETS,
  entryNames: "[name]-[hash]",
  chunkNames: "part-[hash]",
  metafile: true,
  legalComments: "linked",
  define: { MAP_WORKER: JSON.stringify(`/assets/${worker}`) },
});
const made = Object.entries(result.metafile.outputs).map(([path, { imports }]) => ({
  name: path.split("/").pop(),
  needs: imports.map(({ path }) => path.split("/").pop()),
}));
const scripts = readdirSync(ASSETS).map(pack).filter(([name]) => /\.m?js$/.test(name));
const total = scripts.reduce((sum, [, bytes]) => sum + bytes, 0);
console.log(`scripts: ${total} bytes compressed`);
if (total > MOST_SCRIPT_BYTES) throw new Error(`more than ${MOST_SCRIPT_BYTES} bytes of script`);
writeFileSync("dist/phone.webmanifest", readFileSync("src/phone/manifest.json"));
writeFileSync("dist/phone-icon.svg", readFileSync("src/phone/icon.svg"));
writeFileSync("dist/phone-worker.js", serviceWorker());
writeFileSync("dist/phone.html", page("src/phone.html", "phone"));
writeFileSync("dist/index.html", page("src/index.html", "app")); // last: ./dev looks at its age

function named(entry, ending) {
  return made.find(({ name }) => name.startsWith(`${entry}-`) && name.endsWith(ending));
}

function page(from, entry) {
  return readFileSync(from, "utf8")
    .replace("{script}", `/assets/${named(entry, ".js").name}`)
    .replace("{sheet}", `/assets/${named(entry, ".css").name}`);
}

function serviceWorker() {
  const [script, sheet] = [named("phone", ".js"), named("phone", ".css")];
  const assets = [...new Set([script.name, ...script.needs, sheet.name, worker])].map((name) => `/assets/${name}`);
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
