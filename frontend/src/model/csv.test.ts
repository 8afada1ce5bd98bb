import { describe, expect, it } from "vitest";
import { readRegistry } from "../api/readRegistry";
import { buildTable } from "./columns";
import { csvOf, type Detailed, escapeFormula, pythonFloat } from "./csv";
import { withRegistry } from "./registry/late";
import { wireRegistry } from "./registry/sample";
import { samplePayload } from "./testing";

describe("pythonFloat", () => {
  it.each([
    [1, "1.0"],
    [-2, "-2.0"],
    [0, "0.0"],
    [-0, "-0.0"],
    [0.1, "0.1"],
    [0.0001, "0.0001"],
    [0.00001, "1e-05"],
    [1.5e-7, "1.5e-07"],
    [123456.789, "123456.789"],
    [1e15, "1000000000000000.0"],
    [1e16, "1e+16"],
    [1.5e300, "1.5e+300"],
    [5e-324, "5e-324"],
    [Number.NaN, "NaN"],
    [Number.POSITIVE_INFINITY, "inf"],
    [Number.NEGATIVE_INFINITY, "-inf"],
  ])("writes %d as Python does", (value, text) => expect(pythonFloat(value)).toBe(text));
});

describe("escapeFormula", () => {
  it.each([
    ["=1+1", "'=1+1"],
    ["  +x", "'  +x"],
    ["a;=1", "a;'=1"],
    ["a\n-b", "a\n'-b"],
    ["＝1", "'＝1"],
    ["'x", "''x"],
    ["a=1", "a=1"],
    ["", ""],
  ])("makes %j harmless", (text, safe) => expect(escapeFormula(text)).toBe(safe));
});

describe("csvOf", () => {
  const table = buildTable(samplePayload());
  const details = (rows: number[]): Detailed[] =>
    rows.map((row) => ({ digest: `sha256:${row}`, metrics: [{ key: "step", at_export: "NaN", source: "typed", sample: null }] }));

  it("has a line for each of the rows, in their order", () => {
    const lines = csvOf(table, [1, 0], details([1, 0])).split("\n");
    expect(lines.map((line) => line.split(",")[0])).toEqual(["version", table.ids[1], table.ids[0], ""]);
  });

  it("gives a metric the prefix that makes its name unique", () => {
    const [head = "", row = ""] = csvOf(table, [0], details([0])).split("\n");
    expect(head.split(",")).toContain("metric.step");
    expect(row.split(",")[head.split(",").indexOf("metric.step")]).toBe("NaN");
    expect(head.endsWith(",parents")).toBe(true);
  });

  it("has the aliases that were given to another manifest only where there are some", () => {
    const held = { name: "production", number: 1, event: 1, actor: "", time: 1, reason: "", previous: [] };
    const lineOf = (more: object): [string[], string[]] => {
      const registry = readRegistry(wireRegistry({ aliases: [{ ...held, ...more }] }));
      const [head = "", line = ""] = csvOf(buildTable(withRegistry(samplePayload(), registry)), [0], details([0])).split("\n");
      return [head.split(","), line.split(",")];
    };
    const [head, line] = lineOf({ another_manifest: true });
    expect(head.indexOf("aliases_of_another_manifest")).toBe(head.indexOf("aliases") + 1);
    expect(line[head.indexOf("aliases_of_another_manifest")]).toBe("production");
    expect(lineOf({})[0]).not.toContain("aliases_of_another_manifest");
  });

  it("leaves out what may be another point's", () => {
    const sampled = [{ digest: null, metrics: [{ key: "acc", at_export: 0.5, source: "run" as const, sample: 1000 }] }];
    const [head = "", row = ""] = csvOf(table, [0], sampled).split("\n");
    expect(row.split(",")[head.split(",").indexOf("acc")]).toBe("");
  });
});
