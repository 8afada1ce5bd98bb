/** The slices of a version as they travel, made sure of: an export may have been made up. Pure. */
import type { MetricSource, SliceGroup, WireNumber } from "../api/types";
import { formatCount, formatMetric } from "./format";

/** How the value over all of a dataset is called among its slices. */
export const WHOLE = "all data";

/** With fewer examples than these a value is marked. */
const FEW = 30;

export interface SliceValue {
  slice: string;
  value: number;
  source: MetricSource;
  lower: number | null;
  upper: number | null;
  confidence: number | null;
  /** A text above 2^53. */
  examples: number | string | null;
}

/** All values of one metric on one dataset. */
export interface Sliced {
  name: string;
  dataset: string;
  /** Of the dataset; "" where nobody can say. */
  digest: string;
  goal: SliceGroup["goal"];
  goalSource: SliceGroup["goal_source"];
  whole: SliceValue | null;
  /** By the name of the slice. */
  slices: ReadonlyMap<string, SliceValue>;
}

export const isFew = ({ examples }: SliceValue): boolean => examples !== null && Number(examples) < FEW;

type Fields = Record<string, unknown>;

const isFields = (value: unknown): value is Fields => typeof value === "object" && value !== null && !Array.isArray(value);
const text = (value: unknown): string => (typeof value === "string" ? value : "");
const item = (column: unknown, row: number): unknown => (Array.isArray(column) ? column[row] : column);

function finite(value: unknown): number | null {
  const number = typeof value === "string" && value !== "" ? Number(value) : value;
  return typeof number === "number" && Number.isFinite(number) ? number : null;
}

function oneOf<T extends string>(value: unknown, words: readonly T[], otherwise: T): T {
  return words.find((word) => word === value) ?? otherwise;
}

function readValue(group: Fields, slice: unknown, row: number): SliceValue {
  const [lower = null, upper = null, confidence = null] = [group.lower, group.upper, group.confidence].map((each) =>
    finite(item(each, row)),
  );
  const count = item(group.examples, row);
  const examples = finite(count) === null ? null : (count as number | string);
  const source = oneOf<MetricSource>(item(group.source, row), ["typed", "log", "evaluated", "inferred", "imported", "run"], "typed");
  return { slice: text(slice), value: Number(item(group.value, row)), source, lower, upper, confidence, examples };
}

function slicedFrom(group: Fields): Sliced | null {
  const { slice } = group;
  if (!Array.isArray(slice)) return null;
  const all = new Map(slice.map((name: unknown, row) => [text(name), readValue(group, name, row)]));
  const whole = all.get("") ?? null;
  all.delete("");
  if (all.size === 0) return null;
  return {
    name: text(group.name),
    dataset: text(group.dataset),
    digest: text(group.digest),
    goal: oneOf(group.goal, ["max", "min", "unknown"], "unknown"),
    goalSource: oneOf(group.goal_source, ["manifest", "inferred", "unknown"], "unknown"),
    whole,
    slices: all,
  };
}

export function readSlices(groups: unknown): Sliced[] {
  return Array.isArray(groups) ? groups.filter(isFields).flatMap((group) => slicedFrom(group) ?? []) : [];
}

/** What is known of a value's precision. */
export interface Precision {
  lower?: WireNumber | null;
  upper?: WireNumber | null;
  confidence?: WireNumber | null;
  examples?: number | string | null;
}

/** "0.72 to 0.95"; "" where no end is known. */
export function endsText({ lower = null, upper = null }: Precision): string {
  if (lower === null && upper === null) return "";
  const [low, high] = [lower, upper].map((end) => (end === null ? "?" : formatMetric(end)));
  return `${low} to ${high}`;
}

/** "95 %". */
export const confidenceText = ({ confidence = null }: Precision): string =>
  typeof confidence === "number" ? `${Number((100 * confidence).toPrecision(5))} %` : "confidence not said";

/** "0.72 to 0.95 (95 %)"; "" where no end is known. */
export function intervalText(known: Precision): string {
  const ends = endsText(known);
  return ends && `${ends} (${confidenceText(known)})`;
}

/** "32 examples, 0.72 to 0.95 (95 %)"; "" where nothing is known. */
export function precisionText(known: Precision): string {
  const { examples = null } = known;
  const count = examples === null ? "" : `${formatCount(examples)} ${Number(examples) === 1 ? "example" : "examples"}`;
  return [count, intervalText(known)].filter(Boolean).join(", ");
}

/** How a metric on a dataset is called: "accuracy [digits-test]"; with a slice "accuracy [digits-test/digit:8]". */
export function metricKey(name: string, dataset: string, slice = ""): string {
  const where = slice ? `${dataset}/${slice}` : dataset;
  return where ? `${name} [${where}]` : name;
}
