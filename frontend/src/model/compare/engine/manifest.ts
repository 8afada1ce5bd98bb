/** A manifest's JSON with every field that a comparison reads, absent ones as proto3 has them: "", 0, nothing. Pure. */
import { type Value, visible } from "./text";

export interface Shape {
  dimensions: bigint[];
  unknownRank: boolean;
}

export interface Tensor {
  name: string;
  dtype: string;
  shape: Shape | null;
}

export interface Signature {
  key: string;
  method: string;
  inputs: Tensor[];
  outputs: Tensor[];
}

export interface MetaGraph {
  tags: string[];
  signatures: Signature[];
  ops: Map<string, number>;
}

export interface SavedModel {
  metaGraphs: MetaGraph[];
  variables: Tensor[];
  variablesOmitted: bigint;
  parameterCount: bigint;
  programHash: string;
  checkpointHash: string;
}

export interface Dataset {
  name: string;
  uri: string;
  digest: string;
  rows: bigint | null;
  split: string;
}

export type Code = ReturnType<typeof codeOf>;
export type Environment = ReturnType<typeof environmentOf>;
export type Hardware = ReturnType<typeof hardwareOf>;
export type ReadManifest = ReturnType<typeof readManifest>;

type Fields = Record<string, unknown>;

const MOST_EXACT = 2 ** 53;
const RELATIONS = ["", "fine_tuned_from", "distilled_from", "derived_from"];

const isFields = (value: unknown): value is Fields => typeof value === "object" && value !== null && !Array.isArray(value);

/** A field by its JSON name or by its name in the schema: proto3's mapping takes both. */
function at(fields: Fields, name: string): unknown {
  if (Object.hasOwn(fields, name)) return fields[name];
  const other = name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  return Object.hasOwn(fields, other) ? fields[other] : undefined;
}

function text(fields: Fields, name: string): string {
  const value = at(fields, name);
  return typeof value === "string" ? value : "";
}

function wholeOrNull(value: unknown): bigint | null {
  if (typeof value === "number" && Number.isInteger(value)) return BigInt(value);
  return typeof value === "string" && /^-?\d+$/.test(value) ? BigInt(value) : null;
}

const whole = (fields: Fields, name: string): bigint => wholeOrNull(at(fields, name)) ?? 0n;

function list<T>(fields: Fields, name: string, read: (value: unknown) => T): T[] {
  const value = at(fields, name);
  return Array.isArray(value) ? value.map(read) : [];
}

const objects = <T>(fields: Fields, name: string, read: (fields: Fields) => T): T[] =>
  list(fields, name, (value) => read(isFields(value) ? value : {}));

function object<T>(fields: Fields, name: string, read: (fields: Fields) => T): T | null {
  const value = at(fields, name);
  return isFields(value) ? read(value) : null;
}

function map<T>(fields: Fields, name: string, read: (value: unknown) => T): Map<string, T> {
  const value = at(fields, name);
  return new Map(isFields(value) ? Object.entries(value).map(([key, each]) => [key, read(each)]) : []);
}

/** Numbers in JSON are doubles: 32 is written as 32.0. */
export function scalar(value: unknown): Value {
  if (typeof value === "string") return visible(value);
  if (typeof value === "number") return Number.isInteger(value) && Math.abs(value) <= MOST_EXACT ? BigInt(value) : value;
  return typeof value === "boolean" ? value : null;
}

const shapeOf = (fields: Fields): Shape => ({
  dimensions: list(fields, "dimensions", (value) => wholeOrNull(value) ?? 0n),
  unknownRank: at(fields, "unknownRank") === true,
});

const tensorOf = (fields: Fields): Tensor => ({
  name: text(fields, "name"),
  dtype: text(fields, "dtype"),
  shape: object(fields, "shape", shapeOf),
});

const signatureOf = (fields: Fields): Signature => ({
  key: text(fields, "key"),
  method: text(fields, "method"),
  inputs: objects(fields, "inputs", tensorOf),
  outputs: objects(fields, "outputs", tensorOf),
});

const graphOf = (fields: Fields): MetaGraph => ({
  tags: list(fields, "tags", String),
  signatures: objects(fields, "signatures", signatureOf),
  ops: map(fields, "ops", Number),
});

function savedModelOf(fields: Fields): SavedModel {
  const print = object(fields, "fingerprint", (each) => each) ?? {};
  return {
    metaGraphs: objects(fields, "metaGraphs", graphOf),
    variables: objects(fields, "variables", tensorOf),
    variablesOmitted: whole(fields, "variablesOmitted"),
    parameterCount: whole(fields, "parameterCount"),
    programHash: text(print, "graphDefProgramHash"),
    checkpointHash: text(print, "checkpointHash"),
  };
}

const datasetOf = (fields: Fields): Dataset => ({
  name: text(fields, "name"),
  uri: text(fields, "uri"),
  digest: text(fields, "digest"),
  rows: wholeOrNull(at(fields, "rows")),
  split: text(fields, "split"),
});

function codeOf(fields: Fields) {
  const dirty = at(fields, "dirty");
  return {
    commit: text(fields, "commit"),
    branch: text(fields, "branch"),
    remote: text(fields, "remote"),
    dirty: typeof dirty === "boolean" ? dirty : null,
    dirtyFiles: list(fields, "dirtyFiles", String),
    diff: text(fields, "diff"),
    diffTruncated: at(fields, "diffTruncated") === true,
    entryPoint: text(fields, "entryPoint"),
    arguments: list(fields, "arguments", String),
  };
}

const environmentOf = (fields: Fields) => ({
  python: text(fields, "python"),
  tensorflow: text(fields, "tensorflow"),
  keras: text(fields, "keras"),
  numpy: text(fields, "numpy"),
  cuda: text(fields, "cuda"),
  cudnn: text(fields, "cudnn"),
  os: text(fields, "os"),
  packages: map(fields, "packages", String),
});

const hardwareOf = (fields: Fields) => ({
  cpu: text(fields, "cpu"),
  cores: whole(fields, "cores"),
  logicalCores: whole(fields, "logicalCores"),
  memoryBytes: whole(fields, "memoryBytes"),
  gpus: objects(fields, "gpus", (gpu) => ({ name: text(gpu, "name"), memoryBytes: whole(gpu, "memoryBytes") })),
});

function parentOf(fields: Fields) {
  const relation = at(fields, "relation");
  const word = typeof relation === "number" ? (RELATIONS[relation] ?? "") : String(relation ?? "").toLowerCase();
  return { model: text(fields, "model"), number: whole(fields, "number"), relation: word };
}

const fileOf = (fields: Fields): [string, string] => [text(fields, "path"), text(fields, "digest")];

const hyperparametersOf = (fields: Fields): Map<string, Value> =>
  new Map([...map(fields, "hyperparameters", scalar)].map(([name, value]) => [visible(name), value]));

/** What a manifest says; the server has checked that it keeps to the schema, but an export can lack fields. */
export function readManifest(manifest: object) {
  const fields = manifest as Fields;
  return {
    model: text(fields, "model"),
    number: whole(fields, "number"),
    semanticVersion: text(fields, "semanticVersion"),
    created: text(fields, "created"),
    description: text(fields, "description"),
    labels: map(fields, "labels", String),
    hyperparameters: hyperparametersOf(fields),
    parents: objects(fields, "parents", parentOf),
    datasets: objects(fields, "datasets", datasetOf),
    code: object(fields, "code", codeOf),
    environment: object(fields, "environment", environmentOf),
    hardware: object(fields, "hardware", hardwareOf),
    seeds: map(fields, "seeds", (value) => wholeOrNull(value) ?? 0n),
    trainingSeconds: Number(at(fields, "trainingSeconds") ?? 0),
    format: text(fields, "format"),
    savedModel: object(fields, "savedModel", savedModelOf),
    files: new Map(objects(fields, "files", fileOf)),
    digest: text(fields, "digest"),
    sizeBytes: whole(fields, "sizeBytes"),
  };
}
