/** The figures that Python writes are what this page computes, in nine significant digits. */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import type { WireNumber } from "../../api/types";
import { type Group, type NoiseTest, overCurves, overSeeds, type Spread, studentQuantile } from "./noise";

type WireGroup = [number, WireNumber, WireNumber];

interface Golden {
  quantiles: { degrees: number; confidence: number; t: number }[];
  seeds: { baseline: WireGroup; other: WireGroup; test: NoiseTest | null }[];
  curves: { difference: WireNumber; spreads: Spread[]; test: NoiseTest | null }[];
}

const golden = JSON.parse(readFileSync(new URL("../../../../tests/contract/noise.json", import.meta.url), "utf-8")) as Golden;
const rounded = (value: number): number => Number(value.toPrecision(9));
const group = ([count, mean, deviation]: WireGroup): Group => ({ count, mean: Number(mean), deviation: Number(deviation) });
const roundedTest = (found: NoiseTest | null) =>
  found &&
  Object.fromEntries(Object.entries(found).map(([name, value]) => [name, Number.isFinite(value) ? rounded(value) : String(value)]));

test("quantiles of Student's t", () => {
  for (const { degrees, confidence, t } of golden.quantiles) expect(rounded(studentQuantile(degrees, confidence))).toBe(t);
});

test("tests over seeds", () => {
  for (const { baseline, other, test: wanted } of golden.seeds)
    expect(roundedTest(overSeeds(group(baseline), group(other)))).toEqual(wanted);
});

test("tests over curves", () => {
  for (const { difference, spreads, test: wanted } of golden.curves)
    expect(roundedTest(overCurves(Number(difference), spreads))).toEqual(wanted);
});
