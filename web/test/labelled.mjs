// Which codes of casework have no words: reads [[code, what the server calls it], ...], prints [[code, language, shown]].
import { build } from "esbuild";
import { readFileSync } from "node:fs";

const packed = await build({ entryPoints: ["src/cases/labels.ts"], bundle: true, format: "esm", write: false });
const { label, LABELS } = await import(`data:text/javascript,${encodeURIComponent(packed.outputFiles[0].text)}`);
const HAN = /\p{Script=Han}/u;
const bare = JSON.parse(readFileSync(0, "utf8")).flatMap(([code, told]) =>
  ["zh", "en"].map((language) => [code, language, label(code, language, told)]).filter(([, language, shown]) => !LABELS[code] || HAN.test(shown) !== (language === "zh")),
);
console.log(JSON.stringify(bare));
