/** The figures that Python writes are what this page computes, in nine significant digits. */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import type { WireNumber } from "../../api/types";
import { type NoiseTest, overCurves, overSeeds, type Spread, studentQuantile } from "./noise";

interface Golden {
  quantiles: { degrees: number; confidence: number; t: number }[];
  seeds: { baseline: WireNumber[]; other: WireNumber[]; test: NoiseTest | null }[];
  curves: { difference: WireNumber; spreads: Spread[]; test: NoiseTest | null }[];
}

const golden = JSON.parse(readFileSync(new URL("../../../../tests/contract/noise.json", import.meta.url), "utf-8")) as Golden;
const rounded = (value: number): number => Number(value.toPrecision(9));
const roundedTest = (found: NoiseTest | null) =>
  found &&
  Object.fromEntries(Object.entries(found).map(([name, value]) => [name, Number.isFinite(value) ? rounded(value) : String(value)]));

test("quantiles of Student's t", () => {
  for (const { degrees, confidence, t } of golden.quantiles) expect(rounded(studentQuantile(degrees, confidence))).toBe(t);
});

test("tests over seeds", () => {
  for (const { baseline, other, test: wanted } of golden.seeds)
    expect(roundedTest(overSeeds(baseline.map(Number), other.map(Number)))).toEqual(wanted);
});

test("tests over curves", () => {
  for (const { difference, spreads, test: wanted } of golden.curves)
    expect(roundedTest(overCurves(Number(difference), spreads))).toEqual(wanted);
});
