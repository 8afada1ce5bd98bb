/** Lines to paste: how to load and call a version. Pure. Every name in them may be hostile and is quoted. */
import type { FilesElsewhere, TensorSpec } from "../api/types";

export interface Callable {
  /** "serving_default" */
  key: string;
  inputs: TensorSpec[];
  outputs: TensorSpec[];
}

/** A version as the snippets need it. */
export interface Target {
  model: string;
  number: string;
  /** The version's folder as the reader of the page knows it; null where unknown. */
  folder: string | null;
  /** Where its files are, if not in that folder. */
  elsewhere?: FilesElsewhere | null;
}

/** What must be escaped in a quoted text: quotes, controls, marks that reorder text, everything invisible. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}]/u;
const UNSEEN_OR_QUOTE = /["\\\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}]/gu;

function pythonEscape(character: string): string {
  if (character === '"' || character === "\\") return `\\${character}`;
  if (character === "\n") return "\\n";
  if (character === "\t") return "\\t";
  const code = character.codePointAt(0) ?? 0;
  const hex = code.toString(16);
  if (code < 0x100) return `\\x${hex.padStart(2, "0")}`;
  return code < 0x10000 ? `\\u${hex.padStart(4, "0")}` : `\\U${hex.padStart(8, "0")}`;
}

/** A Python string literal, always in double quotes, with nothing in it that can't be seen. */
export function pythonQuote(text: string): string {
  return `"${text.replace(UNSEEN_OR_QUOTE, pythonEscape)}"`;
}

function octal(character: string): string {
  if (character === "'" || character === "\\") return `\\${character}`;
  if (!UNSEEN.test(character)) return character;
  const bytes = [...new TextEncoder().encode(character)];
  return bytes.map((byte) => `\\${byte.toString(8).padStart(3, "0")}`).join("");
}

/** One word for bash and zsh. Invisible characters become escapes, so that nothing acts when it is pasted. */
export function shellQuote(text: string): string {
  if (/^[A-Za-z0-9_@%+=:,./-]+$/.test(text) && !text.startsWith("=")) return text;
  if (UNSEEN.test(text)) return `$'${[...text].map(octal).join("")}'`;
  return `'${text.replaceAll("'", "'\\''")}'`;
}

const PYTHON_KEYWORDS = new Set(
  (
    "False None True and as assert async await break class continue def del elif else except finally for from global if import in is " +
    "lambda nonlocal not or pass raise return try while with yield"
  ).split(" "),
);

function isIdentifier(name: string): boolean {
  return /^[A-Za-z_][A-Za-z0-9_]*$/.test(name) && !PYTHON_KEYWORDS.has(name);
}

/** "digits:3" */
export function reference(target: Target): string {
  return `${target.model}:${target.number}`;
}

/** The folder that holds the models: the version's folder without "/model/number". */
export function modelsDir(target: Target): string | null {
  const tail = `/${target.model}/${target.number}`;
  if (!target.folder?.endsWith(tail)) return null;
  return target.folder.slice(0, -tail.length) || "/";
}

/** `tbv.load("digits:3", models_dir="models")`; `tbv.path` where the version is no SavedModel. */
export function loadSnippet(target: Target, loadable: boolean): string {
  const verb = loadable ? "load" : "path";
  const result = loadable ? "model" : "folder";
  const words = [pythonQuote(reference(target)), `models_dir=${pythonQuote(modelsDir(target) ?? "models")}`];
  const { elsewhere } = target;
  if (elsewhere) words.push(`sources={${pythonQuote(elsewhere.source)}: ${pythonQuote(elsewhere.bound_to ?? "DIR")}}`);
  return `import tb_versions as tbv\n\n${result} = tbv.${verb}(${words.join(", ")})`;
}

/** `tb-versions adopt models --logdir logs`: makes versions of the models below a folder that have no manifest. */
export function adoptCommand(folders: readonly string[], logdir: string | null): string {
  const words = folders.map((folder) => shellQuote(folder.startsWith("-") ? `./${folder}` : folder));
  const options = logdir === null ? "" : ` --logdir=${shellQuote(logdir)}`;
  return `tb-versions adopt ${words.join(" ")}${options}`;
}

/** `models=/mnt/nas/models`: what `--source` takes. */
export const sourceOption = ({ source, bound_to }: FilesElsewhere): string => `${source}=${bound_to ?? "DIR"}`;

/** `tb-versions verify digits:3 --models-dir models`: reads the contents of every file. */
export function verifyCommand(target: Target): string {
  const ref = reference(target);
  const from = modelsDir(target);
  const source = target.elsewhere ? ` \\\n  --source ${shellQuote(sourceOption(target.elsewhere))}` : "";
  const options = (from === null ? "" : ` \\\n  --models-dir ${shellQuote(from)}`) + source;
  return ref.startsWith("-") ? `tb-versions verify${options} -- ${shellQuote(ref)}` : `tb-versions verify ${shellQuote(ref)}${options}`;
}

/** `tb-versions reproduce digits:3 --out digits-3-again --models-dir models`: makes the version again from its record. */
export function reproduceCommand(target: Target): string {
  const ref = reference(target);
  const from = modelsDir(target);
  const name = target.model.replace(/[^A-Za-z0-9._-]+/g, "-").replace(/^[-.]+/, "") || "version";
  const out = `${name}-${target.number}-again`;
  const options = `--out ${shellQuote(out)}${from === null ? "" : ` \\\n  --models-dir ${shellQuote(from)}`}`;
  return ref.startsWith("-")
    ? `tb-versions reproduce ${options} -- ${shellQuote(ref)}`
    : `tb-versions reproduce ${shellQuote(ref)} \\\n  ${options}`;
}

/** More dimensions than this are no tensor's. */
const MAX_RANK = 32;

/** "float32[?, 8, 8, 1]"; "float32[…]" where the rank is unknown. */
export function formatShape(dtype: string, shape: (number | null)[] | null): string {
  return `${dtype}[${shape === null || shape.length > MAX_RANK ? "…" : shape.map((dimension) => dimension ?? "?").join(", ")}]`;
}

/** The signature that a client wants by default: serving_default, else the first that is no bookkeeping of TensorFlow's. */
export function defaultSignature<T extends { key: string }>(signatures: readonly T[]): T | null {
  const named = signatures.filter((signature) => !signature.key.startsWith("__"));
  return named.find((signature) => signature.key === "serving_default") ?? named[0] ?? null;
}

const TF_DTYPES = new Set(
  (
    "bfloat16 bool complex64 complex128 double float16 float32 float64 half int8 int16 int32 int64 string uint8 uint16 uint32 uint64 " +
    "qint8 quint8 qint16 quint16 qint32"
  ).split(" "),
);

/** An example's shape: one where the dimension is free, no dimension at all where the rank is. */
function exampleShape(spec: TensorSpec): number[] {
  return (spec.shape ?? []).slice(0, MAX_RANK).map((dimension) => (dimension === null || dimension < 0 ? 1 : dimension));
}

function tensorArgument(spec: TensorSpec): string {
  const shape = `[${exampleShape(spec).join(", ")}]`;
  if (spec.dtype === "string") return `tf.fill(${shape}, "text")`;
  const dtype = TF_DTYPES.has(spec.dtype) ? `tf.${spec.dtype}` : pythonQuote(spec.dtype);
  return `tf.zeros(${shape}, ${dtype})`;
}

function callArguments(inputs: TensorSpec[]): string {
  const named = inputs.every((input) => isIdentifier(input.name));
  const pair = (input: TensorSpec): string =>
    named ? `${input.name}=${tensorArgument(input)}` : `${pythonQuote(input.name)}: ${tensorArgument(input)}`;
  const list = inputs.map(pair);
  const [open, close] = named ? ["(", ")"] : ["(**{", "})"];
  const line = list.join(", ");
  return line.length <= 60 ? `${open}${line}${close}` : `${open}\n    ${list.join(",\n    ")},\n${close}`;
}

/** Loads the folder and calls the signature with zeros of the right names, types and shapes. */
export function savedModelSnippet(target: Target, signature: Callable | null, tags: readonly string[] | null): string {
  const { elsewhere } = target;
  const own = target.folder ?? `models/${target.model}/${target.number}`;
  const folder = pythonQuote(elsewhere ? `${elsewhere.bound_to ?? "DIR"}/${elsewhere.path}` : own);
  const tagged = tags === null ? "" : `, tags=[${tags.map(pythonQuote).join(", ")}]`;
  const lines = ["import tensorflow as tf", "", `model = tf.saved_model.load(${folder}${tagged})`];
  if (signature) {
    lines.push(`predict = model.signatures[${pythonQuote(signature.key)}]`, `outputs = predict${callArguments(signature.inputs)}`);
    for (const output of signature.outputs.slice(0, 3)) lines.push(`print(outputs[${pythonQuote(output.name)}])`);
  }
  return lines.join("\n");
}

/** Most numbers that an example is written out with; an empty dimension counts as one, for those around it are written. */
const MAX_WRITTEN = 16;
const JSON_LEAVES: ReadonlyMap<string, string> = new Map([
  ["bool", "false"],
  ["string", '"text"'],
  ...["bfloat16", "double", "float16", "float32", "float64", "half"].map((dtype): [string, string] => [dtype, "0.0"]),
  ...["int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"].map((dtype): [string, string] => [dtype, "0"]),
]);

function leaf(spec: TensorSpec): string | null {
  // TensorFlow Serving's convention: the text of an input whose name ends so is base64 of its bytes.
  if (spec.dtype === "string" && spec.name.endsWith("_bytes")) return '{"b64": "AA=="}';
  return JSON_LEAVES.get(spec.dtype) ?? null;
}

function nested(shape: number[], value: string): string {
  const [size, ...rest] = shape;
  if (size === undefined) return value;
  return `[${Array.from({ length: size }, () => nested(rest, value)).join(", ")}]`;
}

/** The same as a Python expression, for an example too large to be written out. */
function repeated(shape: number[], value: string): string {
  return shape.reduceRight((inner, size) => (size === 1 ? `[${inner}]` : `[${inner}] * ${size}`), value);
}

/** A request's body as JSON, and as Python where it is too large to be written out. */
interface Body {
  json: string | null;
  python: string;
  answer: "predictions" | "outputs";
}

function jsonKey(name: string): string {
  const units = (character: string): string =>
    character
      .split("")
      .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`)
      .join("");
  return JSON.stringify(name).replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, units);
}

function requestBody(signature: Callable): Body | null {
  const { inputs, key } = signature;
  if (inputs.length === 0 || inputs.some((input) => leaf(input) === null)) return null;
  // Row format needs one free first dimension in every input; the column format takes everything.
  const rows = inputs.every((input) => input.shape !== null && input.shape.length > 0 && input.shape[0] === null);
  const shapeOf = (input: TensorSpec): number[] => (rows ? exampleShape(input).slice(1) : exampleShape(input));
  const write = (quote: (text: string) => string, value: (shape: number[], leaf: string) => string, python: boolean): string => {
    const text = (input: TensorSpec): string => {
      const json = leaf(input) ?? "null";
      return value(shapeOf(input), python && json === "false" ? "False" : json);
    };
    const only = inputs.length === 1 ? inputs[0] : undefined;
    const values = only ? text(only) : `{${inputs.map((input) => `${quote(input.name)}: ${text(input)}`).join(", ")}}`;
    const named = key === "serving_default" ? "" : `${quote("signature_name")}: ${quote(key)}, `;
    return rows ? `{${named}"instances": [${values}]}` : `{${named}"inputs": ${values}}`;
  };
  const brackets = (input: TensorSpec): number => shapeOf(input).reduce((product, size) => product * Math.max(size, 1), 1);
  const small = inputs.reduce((sum, input) => sum + brackets(input), 0) <= MAX_WRITTEN;
  return {
    json: small ? write(jsonKey, nested, false) : null,
    python: write(pythonQuote, small ? nested : repeated, true),
    answer: rows ? "predictions" : "outputs",
  };
}

export const SERVING_ADDRESS = "http://localhost:8501";

function urlPart(text: string): string {
  return encodeURIComponent(text.replace(/\p{Cs}/gu, "\ufffd"));
}

function servingUrl(target: Target): string {
  return `${SERVING_ADDRESS}/v1/models/${urlPart(target.model)}/versions/${urlPart(target.number)}:predict`;
}

/** Starts TensorFlow Serving over the model's folder; null where that is unknown, or does not hold the files. */
export function serveSnippet(target: Target): string | null {
  const from = modelsDir(target);
  if (from === null || target.elsewhere) return null;
  const base = `${from === "/" ? "" : from}/${target.model}`;
  const path = base.startsWith("/") ? shellQuote(base) : `"$PWD"/${shellQuote(base)}`;
  return `tensorflow_model_server --rest_api_port=8501 \\\n  --model_name=${shellQuote(target.model)} \\\n  --model_base_path=${path}`;
}

/** A request to TensorFlow Serving; null where the signature has types that its JSON can't carry. */
export function curlSnippet(target: Target, signature: Callable): string | null {
  const body = requestBody(signature);
  if (!body) return null;
  const url = shellQuote(servingUrl(target));
  if (body.json !== null) return `curl -X POST ${url} \\\n  -d ${shellQuote(body.json)}`;
  const program = `import json; print(json.dumps(${body.python}))`;
  return `python3 -c ${shellQuote(program)} |\n  curl -X POST ${url} -d @-`;
}

/** The same request from Python; null where curlSnippet is. */
export function requestsSnippet(target: Target, signature: Callable): string | null {
  const body = requestBody(signature);
  if (!body) return null;
  return [
    "import requests",
    "",
    "answer = requests.post(",
    `    ${pythonQuote(servingUrl(target))},`,
    `    json=${body.python},`,
    "    timeout=10,",
    ")",
    "answer.raise_for_status()",
    `print(answer.json()["${body.answer}"])`,
  ].join("\n");
}
