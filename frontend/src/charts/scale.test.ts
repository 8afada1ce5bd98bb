import { describe, expect, it } from "vitest";
import { tightScale } from "./scale";

describe("tightScale", () => {
  it.each([
    [0.962, 0.9871, "0.960", "0.990"],
    [0.0412, 0.142, "0.04", "0.16"],
    [0, 1, "0.0", "1.0"],
    [3, 17, "0", "20"],
    [-5, 5, "-6", "6"],
    [1e-9, 5e-9, "1e-9", "5e-9"],
    [2e7, 9e7, "2e7", "1e8"],
  ])("%s to %s is shown from %s to %s", (low, high, bottom, top) => {
    const scale = tightScale(low, high);
    expect(scale.label(scale.min)).toBe(bottom);
    expect(scale.label(scale.max)).toBe(top);
  });

  it("holds every value in few steps, also the absurd ones", () => {
    const ends = [0, 1, -1, 0.1 + 0.2, 1e-12, 5e-324, 123456.789, -1e299, 1e300];
    for (const low of ends) {
      for (const high of ends) {
        const { min, max, step } = tightScale(low, high);
        expect(Number.isFinite(min) && Number.isFinite(max) && step > 0).toBe(true);
        const slack = step * 1e-6;
        expect(min).toBeLessThanOrEqual(Math.min(low, high) + slack);
        expect(max).toBeGreaterThanOrEqual(Math.max(low, high) - slack);
        expect((max - min) / step).toBeLessThan(9);
        expect(max).toBeGreaterThan(min);
      }
    }
  });

  it("gives one value some room", () => {
    const { min, max } = tightScale(0.97, 0.97);
    expect(min).toBeLessThan(0.97);
    expect(max).toBeGreaterThan(0.97);
    expect(tightScale(0, 0).min).toBeLessThan(0);
  });
});
