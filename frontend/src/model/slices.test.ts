import { describe, expect, it } from "vitest";
import { intervalText, isFew, metricKey, precisionText, readSlices } from "./slices";

const group = {
  ...{ name: "accuracy", dataset: "test", digest: "", goal: "max", goal_source: "manifest", source: "evaluated" },
  ...{ slice: ["", "digit:8", "nan"], value: [0.9, 0.5, "NaN"], lower: [null, 0.4, null], upper: null, confidence: 0.95 },
  examples: [300, 12, "1152921504606846976"],
};

describe("slices", () => {
  it("are read from columns, of which one value may stand for all", () => {
    const [read] = readSlices([group]);
    expect(read?.whole).toMatchObject({ value: 0.9, examples: 300, confidence: 0.95 });
    expect([...(read?.slices.keys() ?? [])]).toEqual(["digit:8", "nan"]);
    expect(read?.slices.get("digit:8")).toMatchObject({ value: 0.5, lower: 0.4, upper: null, source: "evaluated" });
    expect(read?.slices.get("nan")).toMatchObject({ value: Number.NaN, examples: "1152921504606846976" });
    expect([...(read?.slices.values() ?? [])].map(isFew)).toEqual([true, false]);
  });

  it("that were made up are read without harm", () => {
    for (const odd of [null, 5, [null, 5, []], [{ slice: 5 }], [{ slice: [""] }]]) expect(readSlices(odd)).toEqual([]);
    const [read] = readSlices([{ slice: ["a", 5], value: "x", goal: "up", source: 7, lower: ["x", Number.POSITIVE_INFINITY] }]);
    expect(read).toMatchObject({ name: "", goal: "unknown", goalSource: "unknown" });
    expect(read?.slices.get("a")).toMatchObject({ value: Number.NaN, source: "typed", lower: null, examples: null });
  });

  it("have names like columns", () => {
    expect(metricKey("auc", "test", "sex:f")).toBe("auc [test/sex:f]");
    expect(metricKey("auc", "", "sex:f")).toBe("auc [/sex:f]");
    expect(metricKey("auc", "")).toBe("auc");
  });

  it("say how precise they are, and what nobody said", () => {
    expect(precisionText({ examples: 1 })).toBe("1 example");
    expect(precisionText({ examples: 1200, lower: 0.4, upper: 0.5, confidence: 0.95 })).toBe("1,200 examples, 0.4000 to 0.5000 (95 %)");
    expect(intervalText({ lower: 0.4 })).toBe("0.4000 to ? (confidence not said)");
    expect(precisionText({})).toBe("");
  });
});
