// Nobody reads a bare code: every value of an enum that a page asks for has words in both languages, or is named here as
// one that decides what is drawn and is itself never shown. The codes of casework, which no enum lists, are walked by
// tests/web/test_labels.py.
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { buildSchema, concatAST, getNamedType, isEnumType, parse, TypeInfo, visit, visitWithTypeInfo } from "graphql";
import { LABELS } from "../src/cases/labels";
import { CODES, EVENTS } from "../src/codes";
import { PURPOSES } from "../src/phone/words";

type Words = Record<string, readonly [string, string]>;
const ELSEWHERE: Record<string, Words> = { CallEventKind: EVENTS, VisitPurpose: PURPOSES, AreaLevel: LABELS, Topic: LABELS };
const NOT_SHOWN = ["Language", "Theme", "SignInStep", "AuditState", "CallOrder", "VisitConflict", "ContactChannel", "CoordinateSystem"];
const NOT_OF_A_PHONE = ["TEST", "COLLECTING"]; // purposes that the server writes by itself
const HAN = /\p{Script=Han}/u;

function asked(): string[] {
  const schema = buildSchema(readFileSync("../schema/schema.graphql", "utf8"));
  const folders = ["src/operations", "src/cases/operations"];
  const files = folders.flatMap((folder) => readdirSync(folder).map((name) => parse(readFileSync(`${folder}/${name}`, "utf8"))));
  const [types, found] = [new TypeInfo(schema), new Set<string>()];
  const note = (type: unknown): void => {
    const named = type ? getNamedType(type as never) : null;
    if (isEnumType(named)) found.add(named.name);
  };
  visit(concatAST(files), visitWithTypeInfo(types, { Field: () => note(types.getType()), VariableDefinition: () => note(types.getInputType()) }));
  return [...found].map((name) => `${name}:${(schema.getType(name) as never as { getValues(): { name: string }[] }).getValues().map((one) => one.name).join()}`);
}

test("every enum that a page asks for is said in words", () => {
  const all = asked().map((one) => one.split(":") as [string, string]);
  assert.ok(all.length >= 12, String(all.map(([name]) => name)));
  const missing = all.filter(([name]) => !NOT_SHOWN.includes(name)).flatMap(([name, values]) => {
    const words = ELSEWHERE[name] ?? CODES;
    return values.split(",").filter((value) => !(name === "VisitPurpose" && NOT_OF_A_PHONE.includes(value)) && !words[value]).map((value) => `${name}.${value}`);
  });
  assert.deepEqual(missing, []);
});

test("the words are of the language that they stand for", () => {
  for (const words of [CODES, EVENTS, PURPOSES, LABELS] as Words[])
    for (const [code, [zh, en]] of Object.entries(words)) {
      assert.match(zh, HAN, code);
      assert.doesNotMatch(en, HAN, code);
      assert.doesNotMatch(en, /^[A-Z]+_[A-Z_]+$/, code);
    }
});
