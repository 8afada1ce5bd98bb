/** How two versions answered the same, as an event of the log says it. Pure; every field is checked: an export may be a stranger's. */
import type { By, LogEvent } from "../../api/registry";

export type TestVerdict = "better" | "worse" | "no_difference" | "not_known";

export interface ListedExample {
  /** Position in the inputs, from 0. */
  example: number;
  moved: number | null;
  flipped: boolean;
  /** Both answers where they are whole numbers: a position, a side, or the answer itself. */
  before: string | null;
  after: string | null;
  /** Which of the two was right; "": not known. */
  right: "" | "both" | "lost" | "won" | "neither";
}

export interface MovedOutput {
  signature: string;
  name: string;
  examples: number;
  /** Values that were compared, and those that are not finite in one of the two. */
  count: number;
  notFinite: number;
  max: number | null;
  mean: number | null;
  /** 50, 90 and 99 of a hundred values moved no farther. */
  quantiles: number[];
  /** Values in each of equal parts from 0 to `max`. */
  bins: number[];
  rule: "" | "largest" | "threshold" | "equal";
  threshold: number | null;
  /** null: what a flip would be is not known. */
  flipped: number | null;
  /** Which is right more often, computed from the counts; null: no labels. */
  test: { verdict: TestVerdict; words: string; power: string } | null;
  listed: ListedExample[];
}

export interface Compared extends By {
  event: number;
  /** "digits:3": the answers are compared with its. */
  other: string;
  /** Digests of the manifests that there were then. */
  manifest: string;
  otherManifest: string;
  /** Whose inputs: "before" (of `other`), "after", "given". */
  inputs: string[];
  repeated: number;
  labels: string;
  tensorflow: string;
  device: string;
  outputs: MovedOutput[];
  leftOut: string[];
}

type Fields = Readonly<Record<string, unknown>>;

const MOST_LISTED = 250;

const fields = (value: unknown): Fields => (typeof value === "object" && value !== null ? (value as Fields) : {});
const list = (value: unknown): unknown[] => (Array.isArray(value) ? value.slice(0, MOST_LISTED) : []);
const text = (value: unknown): string => (typeof value === "string" ? value : "");
const amount = (value: unknown): number | null => (typeof value === "number" && Number.isFinite(value) && value >= 0 ? value : null);
const count = (value: unknown): number => amount(value) ?? 0;
const whole = (value: unknown): string | null => (typeof value === "number" || typeof value === "string" ? String(value) : null);
const texts = (value: unknown): string[] => list(value).filter((each) => typeof each === "string");
const amounts = (value: unknown): number[] => list(value).map(count);

function oneOf<T extends string>(known: readonly T[], value: unknown, otherwise: T): T {
  return known.includes(value as T) ? (value as T) : otherwise;
}

const VERDICTS = ["better", "worse", "no_difference", "not_known"] as const;

function testOf(value: unknown): MovedOutput["test"] {
  const { verdict, words, power } = fields(value);
  if (text(words) === "") return null;
  return { verdict: oneOf(VERDICTS, verdict, "not_known"), words: text(words), power: text(power) };
}

function exampleOf(value: unknown): ListedExample {
  const { example, moved, flipped, before, after, right } = fields(value);
  return {
    ...{ example: count(example), moved: amount(moved), flipped: flipped === true, before: whole(before), after: whole(after) },
    right: oneOf(["", "both", "lost", "won", "neither"], right, ""),
  };
}

function outputOf(value: unknown): MovedOutput {
  const output = fields(value);
  const threshold = typeof output.threshold === "number" ? output.threshold : null;
  return {
    ...{ signature: text(output.signature), name: text(output.name), examples: count(output.examples) },
    ...{ count: count(output.count), notFinite: count(output.not_finite), max: amount(output.max), mean: amount(output.mean) },
    ...{ quantiles: amounts(output.quantiles), bins: amounts(output.bins), threshold, flipped: amount(output.flipped) },
    rule: oneOf(["", "largest", "threshold", "equal"], output.rule, ""),
    test: testOf(output.test),
    listed: list(output.listed).map(exampleOf),
  };
}

/** What an event says; null: it is of another kind, or can't be read. */
export function comparedOf(event: LogEvent): Compared | null {
  if (event.kind !== "behaviour_compared" || event.problem !== undefined || typeof event.other !== "string") return null;
  const said = fields(event);
  return {
    ...{ event: event.number, actor: event.actor, time: event.time, reason: event.reason, other: event.other },
    ...{ manifest: text(said.manifest), otherManifest: text(said.other_manifest), inputs: texts(said.inputs) },
    ...{ repeated: count(said.repeated), labels: text(said.labels), tensorflow: text(said.tensorflow), device: text(said.device) },
    outputs: list(said.outputs).map(outputOf),
    leftOut: texts(said.left_out),
  };
}

const RULES = { largest: "largest score at another position", equal: "another answer", threshold: "other side of", "": "" } as const;

/** "3 of 16 flipped (largest score at another position)"; "" where no flip is claimed. */
export function flipsOf({ flipped, examples, rule, threshold }: MovedOutput): string {
  if (flipped === null) return "";
  const side = rule === "threshold" ? ` ${threshold}` : "";
  return `${flipped.toLocaleString("en")} of ${examples.toLocaleString("en")} flipped (${RULES[rule]}${side})`;
}

/** What was asked: "golden inputs of digits:3 and digits:5". */
export function inputsOf(compared: Compared, after: string): string {
  const known: Readonly<Record<string, string>> = { before: compared.other, after };
  const golden = compared.inputs.flatMap((each) => (Object.hasOwn(known, each) ? [known[each] as string] : []));
  return golden.length > 0 ? `golden inputs of ${golden.join(" and ")}` : "inputs that were given";
}

/** Why the record may be no longer true, a sentence; "": both manifests are those of then. `now`: digests, null where not known. */
export function staleBecause(compared: Compared, after: string, now: { before: string | null; after: string | null }): string {
  const changed = [
    compared.otherManifest && now.before !== null && now.before !== compared.otherManifest ? compared.other : "",
    compared.manifest && now.after !== null && now.after !== compared.manifest ? after : "",
  ].filter(Boolean);
  if (changed.length === 0) return "";
  return `The manifest of ${changed.join(" and that of ")} is another one than when the two were asked.`;
}

/** Each bar's height of a hundred, and the values that it stands for. */
export function barsOf({ bins, max }: MovedOutput): { height: number; count: number; from: number; to: number }[] {
  const most = Math.max(1, ...bins);
  const width = (max ?? 0) / Math.max(1, bins.length);
  return bins.map((each, index) => ({
    ...{ height: (100 * each) / most, count: each, from: index * width, to: (index + 1) * width },
  }));
}
