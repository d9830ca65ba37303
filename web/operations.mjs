// Makes operations.ts from operations/*.graphql and the printed schema: the text to send, and the types of what goes in
// and what comes out; a set for the map and the phone, one for casework. What does not fit the schema stops the build.
import { buildSchema, concatAST, getNamedType, isEnumType, isListType, isNonNullType, isObjectType, isInputObjectType,
  Kind, parse, print, stripIgnoredCharacters, typeFromAST, validate, visit } from "graphql";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";

const SETS = [["src", "./types"], ["src/cases", "../types"]];
const SCALARS = { ID: "string", String: "string", Int: "number", Float: "number", Boolean: "boolean", GeoJSON: "GeoJSON", JSON: "Json", Date: "string", DateTime: "string" };

export function makeOperations() {
  const schema = buildSchema(readFileSync("../schema/schema.graphql", "utf8"));
  for (const [place, types] of SETS) makeSet(schema, place, types);
}

function makeSet(schema, place, types) {
  const folder = `${place}/operations`;
  const files = readdirSync(folder).filter((name) => name.endsWith(".graphql")).sort();
  const whole = concatAST(files.map((name) => parse(readFileSync(`${folder}/${name}`, "utf8"))));
  const problems = validate(schema, whole);
  if (problems.length) throw new Error(problems.map(String).join("\n"));
  const fragments = new Map(whole.definitions.filter(({ kind }) => kind === Kind.FRAGMENT_DEFINITION).map((one) => [one.name.value, one]));
  const parts = whole.definitions.map((one) => (one.kind === Kind.FRAGMENT_DEFINITION ? ofFragment(schema, one) : ofOperation(schema, one, fragments)));
  const known = ["GeoJSON", "Json", "Operation"].filter((name) => parts.some((part) => new RegExp(`\\b${name}\\b`).test(part)));
  writeFileSync(`${place}/operations.ts`, [
    "// Made by operations.mjs from operations/*.graphql; change those.",
    `import type { ${known.join(", ")} } from "${types}";`,
    ...parts,
  ].join("\n\n") + "\n");
}

function ofFragment(schema, fragment) {
  const type = schema.getType(fragment.typeCondition.name.value);
  return `export type ${fragment.name.value} = ${selected(fragment.selectionSet, type)};`;
}

function ofOperation(schema, operation, fragments) {
  const name = operation.name.value;
  const root = { query: schema.getQueryType(), mutation: schema.getMutationType(), subscription: schema.getSubscriptionType() }[operation.operation];
  const variables = operation.variableDefinitions.map((one) => {
    const type = typeFromAST(schema, one.type);
    const optional = !isNonNullType(type) || one.defaultValue;
    return `${one.variable.name.value}${optional ? "?" : ""}: ${given(type)}`;
  });
  const text = stripIgnoredCharacters([operation, ...used(operation, fragments)].map(print).join("\n"));
  return [
    `export type ${name}Data = ${selected(operation.selectionSet, root)};`,
    `export type ${name}Variables = { ${variables.join("; ")} };`,
    `export const ${name}: Operation<${name}Data, ${name}Variables> = { text: ${JSON.stringify(text)} };`,
  ].join("\n");
}

// The fragments that a definition needs, each once.
function used(definition, fragments, found = new Set()) {
  visit(definition, { FragmentSpread({ name }) {
    const fragment = fragments.get(name.value);
    if (found.has(fragment)) return;
    found.add(fragment);
    used(fragment, fragments, found);
  } });
  return [...found];
}

function selected(set, type) {
  const spreads = set.selections.filter(({ kind }) => kind === Kind.FRAGMENT_SPREAD).map(({ name }) => name.value);
  const fields = set.selections.filter(({ kind }) => kind === Kind.FIELD).map((field) => {
    const told = type.getFields()[field.name.value].type;
    const inner = getNamedType(told);
    const body = isObjectType(inner) ? selected(field.selectionSet, inner) : named(inner);
    return `${(field.alias ?? field.name).value}: ${wrapped(told, body)}`;
  });
  return [...spreads, ...(fields.length ? [`{ ${fields.join("; ")} }`] : [])].join(" & ");
}

function wrapped(type, body) {
  if (isNonNullType(type)) return bare(type.ofType, body);
  return `${bare(type, body)} | null`;
}

function bare(type, body) {
  return isListType(type) ? `(${wrapped(type.ofType, body)})[]` : body;
}

function named(type) {
  return isEnumType(type) ? type.getValues().map(({ name }) => JSON.stringify(name)).join(" | ") : SCALARS[type.name];
}

// What may be sent: null and "not given" are one.
function given(type) {
  if (isNonNullType(type)) return isListType(type.ofType) ? `(${given(type.ofType.ofType)})[]` : inputOf(type.ofType);
  return `${isListType(type) ? `(${given(type.ofType)})[]` : inputOf(type)} | null`;
}

function inputOf(type) {
  if (!isInputObjectType(type)) return named(type);
  const fields = Object.values(type.getFields()).map((field) => {
    const optional = !isNonNullType(field.type) || field.defaultValue !== undefined;
    return `${field.name}${optional ? "?" : ""}: ${given(field.type)}`;
  });
  return `{ ${fields.join("; ")} }`;
}
