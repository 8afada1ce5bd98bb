import { describe, expect, it } from "vitest";
import {
  formatAge,
  formatBytes,
  formatCount,
  formatDate,
  formatDateFull,
  formatDuration,
  formatMetric,
  isoText,
  machineTime,
  toNumber,
} from "./format";

describe("formatMetric", () => {
  it.each([
    [null, "–"],
    ["NaN", "NaN"],
    ["Infinity", "∞"],
    ["-Infinity", "−∞"],
    [0, "0"],
    [-0, "0"],
    [1, "1"],
    [12345, "12345"],
    [0.98714, "0.9871"],
    [0.97, "0.9700"],
    [-0.0412, "-0.04120"],
    [0.100000001, "0.1000"],
    [0.99996, "0.99996"],
    [0.00012346, "0.0001235"],
    [0.000012345, "1.234e-5"],
    [3e-5, "3e-5"],
    [1.2345678, "1.235"],
    [12.5, "12.50"],
    [1234.56, "1234.6"],
    [54321.6, "54322"],
    [999999, "999999"],
    [1e6, "1e6"],
    [-1.5e300, "-1.5e300"],
    [5e-324, "4.941e-324"],
  ] as const)("%s is shown as %s", (value, text) => {
    expect(formatMetric(value)).toBe(text);
  });

  it("never ends with an empty fraction", () => {
    for (let exponent = -12; exponent < 12; exponent += 1) {
      expect(formatMetric(1.999999 * 10 ** exponent)).toMatch(/^\d+(\.\d+)?(e-?\d+)?$/);
    }
  });
});

describe("formatBytes", () => {
  it.each([
    [null, "–"],
    [-1, "–"],
    ["not a number", "–"],
    [0, "0 B"],
    [999, "999 B"],
    [1000, "1.0 kB"],
    [4710, "4.7 kB"],
    [99_949, "99.9 kB"],
    [99_951, "100 kB"],
    [999_499, "999 kB"],
    [999_500, "1.0 MB"],
    ["40000000", "40.0 MB"],
    [1.5e12, "1.5 TB"],
    [1e19, "10000 PB"],
  ] as const)("%s is %s", (bytes, text) => {
    expect(formatBytes(bytes)).toBe(text);
  });
});

describe("formatCount", () => {
  it.each([
    [null, "–"],
    ["x", "–"],
    [0, "0"],
    [999, "999"],
    [1000, "1,000"],
    [118282, "118,282"],
    [-1840, "-1,840"],
    ["9007199254740993", "9,007,199,254,740,993"],
  ] as const)("%s is %s", (count, text) => {
    expect(formatCount(count)).toBe(text);
  });
});

describe("times", () => {
  const now = Date.UTC(2026, 10, 23, 12);
  const ago = (seconds: number): string => formatAge(now - seconds * 1000, now);

  it.each([
    [0, "just now"],
    [59, "just now"],
    [-60, "just now"],
    [-7200, "in 2 h"],
    [60, "1 min ago"],
    [3599, "59 min ago"],
    [7200, "2 h ago"],
    [86_400, "1 day ago"],
    [59 * 86_400, "59 days ago"],
    [100 * 86_400, "3 months ago"],
    [800 * 86_400, "2 years ago"],
  ])("%s seconds back is %s", (seconds, text) => {
    expect(ago(seconds)).toBe(text);
  });

  it("a date is local and sorts as text", () => {
    const local = new Date(2026, 0, 2, 3, 4, 5).getTime();
    expect(formatDate(local)).toBe("2026-01-02 03:04");
    expect(formatDateFull(local)).toMatch(/^2026-01-02 03:04:05 [+-]\d\d:\d\d$/);
  });

  it("an absent or impossible date is a dash", () => {
    expect(formatDate(null)).toBe("–");
    expect(formatDate(1e300)).toBe("–");
    expect(formatDateFull(Number.NaN)).toBe("–");
    expect(formatAge(null, now)).toBe("–");
  });

  it.each([
    [0, "1970-01-01T00:00:00.000Z"],
    [253_402_300_799_999, "9999-12-31T23:59:59.999Z"],
    [-62_135_596_800_000, "0001-01-01T00:00:00.000Z"],
    [253_402_300_800_000, "253,402,300,800,000 ms since 1970"],
    [-62_135_596_800_001, "-62,135,596,800,001 ms since 1970"],
    [9e15, "9,000,000,000,000,000 ms since 1970"],
    [1e300, "– ms since 1970"],
    [Number.NaN, "–"],
  ])("the time %s in a file of others is %s", (ms, text) => {
    expect(isoText(ms)).toBe(text);
  });

  it("a time that no date has is none for machines", () => {
    expect(machineTime(0)).toBe("1970-01-01T00:00:00.000Z");
    expect([9e15, -9e15, 1e300, Number.NaN].map(machineTime)).toEqual([undefined, undefined, undefined, undefined]);
  });

  it.each([
    [null, "–"],
    [0.0123, "12 ms"],
    [0.9999, "1.0 s"],
    [4.26, "4.3 s"],
    [59.4, "59 s"],
    [59.6, "1 min"],
    [200, "3 min 20 s"],
    [3599.7, "1 h"],
    [7500, "2 h 5 min"],
    ["7200", "2 h"],
    [86_399, "1 d"],
    [97_200, "1 d 3 h"],
  ] as const)("%s seconds last %s", (seconds, text) => {
    expect(formatDuration(seconds)).toBe(text);
  });
});

describe("toNumber", () => {
  it("reads proto3's text integers and refuses the rest", () => {
    expect(toNumber("42")).toBe(42);
    expect(toNumber(4.5)).toBe(4.5);
    for (const none of [null, undefined, "", "x", "1e400", Number.NaN]) expect(toNumber(none)).toBeNull();
  });
});
