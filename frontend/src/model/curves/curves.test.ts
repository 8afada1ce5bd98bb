import { describe, expect, test } from "vitest";
import { lowerBound, nearestIndex, placeOfExport, places, timeAt } from "./axis";
import { extentOf, roomy } from "./extent";
import { smooth } from "./smooth";
import { durationTicks, linearTicks, logTicks, wallTicks } from "./ticks";

describe("smoothing is TensorBoard's debiased moving average", () => {
  test("numbers computed by hand", () => {
    const [a, b, c] = smooth([1, 2, 4], 0.5);
    expect(a).toBeCloseTo(1, 12);
    expect(b).toBeCloseTo((0.25 * 1 + 0.5 * 2) / 0.75, 12);
    expect(c).toBeCloseTo((0.125 * 1 + 0.25 * 2 + 0.5 * 4) / 0.875, 12);
  });

  test("no weight, a constant curve and a single point change nothing", () => {
    expect([...smooth([3, 1, 2], 0)]).toEqual([3, 1, 2]);
    expect([...smooth([0.1, 0.1, 0.1], 0.9)]).toEqual([0.1, 0.1, 0.1]);
    expect([...smooth([7], 0.99)]).toEqual([7]);
  });

  test("what is no finite number stays, and does not spoil what follows", () => {
    const found = smooth([1, Number.NaN, Number.POSITIVE_INFINITY, 1, 2], 0.5);
    expect(found[1]).toBeNaN();
    expect(found[2]).toBe(Number.POSITIVE_INFINITY);
    expect(found[3]).toBeCloseTo(1, 12);
    expect(Number.isFinite(found[4])).toBe(true);
  });
});

describe("the horizontal axis", () => {
  const line = { steps: [0, 10, 30], times: [100, 105, 125] };

  test("step, relative and wall time", () => {
    expect([...places(line, "step")]).toEqual([0, 10, 30]);
    expect([...places(line, "relative")]).toEqual([0, 5, 25]);
    expect([...places(line, "wall")]).toEqual([100_000, 105_000, 125_000]);
  });

  test("an export stands at its exact step, and in time where the curve was at that step", () => {
    expect(placeOfExport(line, 20, null, "step")).toBe(20);
    expect(placeOfExport(line, 10, 999_000, "relative")).toBe(5);
    expect(placeOfExport(line, 20, null, "relative")).toBe(15);
    expect(placeOfExport(line, 20, null, "wall")).toBe(115_000);
  });

  test("outside of the curve only the export's own time tells", () => {
    expect(timeAt(line, 31)).toBeNull();
    expect(placeOfExport(line, 40, null, "wall")).toBeNull();
    expect(placeOfExport(line, 40, 130_000, "relative")).toBe(30);
    expect(placeOfExport({ steps: [], times: [] }, 1, null, "relative")).toBeNull();
  });

  test("nearest points", () => {
    expect(nearestIndex([0, 10, 30], 19)).toBe(1);
    expect(nearestIndex([0, 10, 30], 21)).toBe(2);
    expect(nearestIndex([0, 10, 30], -5)).toBe(0);
    expect(nearestIndex([0, 10, 30], 99)).toBe(2);
    expect(nearestIndex([], 1)).toBe(-1);
    expect(lowerBound([1, 1, 2], 1)).toBe(0);
  });
});

describe("the vertical range", () => {
  const plain = { outliers: true, log: false, always: [] };

  test("all finite points, or without the outermost twentieths", () => {
    const values = [Number.NaN, 1000, ...Array.from({ length: 98 }, (_, i) => i)];
    expect(extentOf([values], plain)).toEqual({ low: 0, high: 1000 });
    const cut = extentOf([values], { ...plain, outliers: false });
    expect(cut?.high).toBeLessThan(100);
  });

  test("a value at export is always inside", () => {
    const values = [...Array.from({ length: 100 }, () => 1), 50];
    expect(extentOf([values], { outliers: false, log: false, always: [50, Number.NaN] })).toEqual({ low: 1, high: 50 });
  });

  test("only positive numbers have a logarithm, and nothing has no range", () => {
    expect(extentOf([[-1, 0, 2, 8]], { ...plain, log: true })).toEqual({ low: 2, high: 8 });
    expect(extentOf([[Number.NaN], []], plain)).toBeNull();
    expect(extentOf([[-1]], { ...plain, log: true })).toBeNull();
  });

  test("there is room around a constant, zero and the largest numbers", () => {
    for (const value of [0, 0.5, -3, 1e308, 5e-324]) {
      const { low, high } = roomy({ low: value, high: value }, false);
      expect(low).toBeLessThan(high);
      expect(Number.isFinite(high - low)).toBe(true);
    }
    const { low, high } = roomy({ low: 1, high: 1 }, true);
    expect(low).toBeLessThan(1);
    expect(high).toBeGreaterThan(1);
  });
});

describe("ticks", () => {
  test("are round and inside", () => {
    expect(linearTicks(0.03, 1.01, 5).at.map(linearTicks(0.03, 1.01, 5).label)).toEqual(["0.2", "0.4", "0.6", "0.8", "1.0"]);
    const steps = linearTicks(0, 11, 6, true);
    expect(steps.at.every(Number.isInteger)).toBe(true);
    expect(linearTicks(0, 17_800, 4, true).at.map(linearTicks(0, 17_800, 4, true).label)).toEqual(["0", "5,000", "10,000", "15,000"]);
  });

  test("of logarithms", () => {
    expect(logTicks(0.001, 1000, 6).at).toEqual([0.001, 0.01, 0.1, 1, 10, 100, 1000]);
    expect(logTicks(0.1, 6, 6).at).toContain(0.2);
    expect(logTicks(1e-300, 1e300, 6).at.length).toBeLessThan(12);
  });

  test("of time", () => {
    const minutes = durationTicks(0, 200, 4);
    expect(minutes.at.map(minutes.label)).toEqual(["0", "1 min", "2 min", "3 min"]);
    const days = wallTicks(new Date(2026, 10, 20).getTime(), new Date(2026, 10, 24).getTime(), 5);
    expect(days.at.map(days.label)).toEqual(["11-20", "11-21", "11-22", "11-23", "11-24"]);
  });

  test("of nothing do not hang", () => {
    for (const make of [linearTicks, logTicks, durationTicks, wallTicks]) expect(make(1, 1, 5).at.length).toBeLessThan(3);
    expect(linearTicks(-1e308, 1e308, 5).at.length).toBeLessThan(12);
  });
});
