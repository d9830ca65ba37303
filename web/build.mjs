// Builds dist/: hashed assets, each also packed with brotli and gzip, and the page that names them.
import { build } from "esbuild";
import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { makeOperations } from "./operations.mjs";

const ASSETS = "dist/assets";
const MOST_SCRIPT_BYTES = 500_000; // compressed with gzip, all scripts together

rmSync("dist", { recursive: true, force: true });
mkdirSync(ASSETS, { recursive: true });
makeOperations();
const worker = hashed("node_modules/maplibre-gl/dist/maplibre-gl-worker.mjs", "map-worker", "mjs");
const result = await build({
  entryPoints: { app: "src/main.ts" },
  bundle: true,
  minify: true,
  format: "esm",
  target: "es2022",
  outdir: ASSETS,
  entryNames: "[name]-[hash]",
  metafile: true,
  legalComments: "linked",
  define: { MAP_WORKER: JSON.stringify(`/assets/${worker}`) },
});
const made = Object.keys(result.metafile.outputs).map((path) => path.split("/").pop());
const page = readFileSync("src/index.html", "utf8")
  .replace("{script}", `/assets/${made.find((name) => /^app-.*\.js$/.test(name))}`)
  .replace("{sheet}", `/assets/${made.find((name) => /^app-.*\.css$/.test(name))}`);
const scripts = readdirSync(ASSETS).map(pack).filter(([name]) => /\.m?js$/.test(name));
const total = scripts.reduce((sum, [, bytes]) => sum + bytes, 0);
console.log(`scripts: ${total} bytes compressed`);
if (total > MOST_SCRIPT_BYTES) throw new Error(`more than ${MOST_SCRIPT_BYTES} bytes of script`);
writeFileSync("dist/index.html", page); // last: ./dev looks at its age

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
