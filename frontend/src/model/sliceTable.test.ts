import { describe, expect, it } from "vitest";
import type { ComparePayload, CompareRow } from "../api/types";
import { buildTable } from "./columns";
import { readSlices, type Sliced } from "./slices";
import { choicesOf, sliceTable } from "./sliceTable";
import { samplePayload } from "./testing";

const group = (goal: string): Sliced =>
  readSlices([
    {
      ...{ name: "auc", dataset: "", digest: "", goal, goal_source: "manifest", source: "typed" },
      ...{ slice: ["a", "b", "c"], value: [0.5, 0.9, "NaN"], lower: null, upper: null, confidence: null, examples: [9, 90, 90] },
    },
  ])[0] as Sliced;

const names = (table: ReturnType<typeof sliceTable>): string[] => table.rows.map(({ slice }) => slice);

const cell = (value: number | null, details: Record<string, unknown> = {}) => ({
  ...{ text: String(value), value, absent: value === null, known: true, verdict: null, reasons: [], details },
});

const row = (slice: string, base: number | null, own: number | null, details = {}): CompareRow => ({
  ...{ group: "slices", key: slice, label: slice, differs: true, caution: slice === "b" ? "Take care." : null },
  details: { goal: "max", goal_source: "manifest", name: "auc", dataset: "", slice, loss: 0 },
  cells: [cell(base, { examples: 9 }), cell(own, details)],
});

const payload = (rows: CompareRow[]): ComparePayload =>
  ({
    members: [
      { id: "m:1", label: "m 1" },
      { id: "m:2", label: "m 2" },
    ],
    baseline: 0,
    rows,
  }) as unknown as ComparePayload;

describe("the table of slices", () => {
  it("has the worst first by the goal, what is not finite before all", () => {
    expect(names(sliceTable(group("max"), null, "m:2"))).toEqual(["c", "a", "b"]);
    expect(names(sliceTable(group("min"), null, "m:2"))).toEqual(["c", "b", "a"]);
    expect(names(sliceTable(group("unknown"), null, "m:2"))).toEqual(["a", "b", "c"]);
    expect(sliceTable(group("unknown"), null, "m:2").order).toContain("not known what is better");
  });

  it("has the order of the comparison, and what one side lacks", () => {
    const table = sliceTable(
      group("max"),
      payload([
        row("b", 0.95, 0.9, { difference: -0.05, direction: "worse", judgement: "worse", method: "intervals" }),
        row("gone", 0.7, null),
        row("a", null, 0.5),
      ]),
      "m:2",
    );
    expect(names(table)).toEqual(["b", "gone", "a"]);
    expect(table.rows.map(({ chip }) => chip?.words)).toEqual(["−5 points · worse, beyond the intervals", "not measured here", "new"]);
    expect(table.rows.map(({ base }) => base)).toEqual(["0.9500, 9 examples", "0.7000, 9 examples", null]);
    expect(table.cautions).toEqual(["Take care."]);
    expect(table.order).toBe("by loss against m 1, worst first");
    expect(table.leftOut).toBe(1);
  });

  it("says that the baseline has no slices of the metric", () => {
    const table = sliceTable(group("max"), payload([]), "m:2");
    expect(table.cautions).toEqual(["m 1 has no slices of this metric."]);
    expect(names(table)).toEqual(["c", "a", "b"]);
  });
});

describe("the baselines on offer", () => {
  const table = buildTable(samplePayload());

  it("begin with the version in production, also where a version between is newer", () => {
    expect(choicesOf(table, "digits:10", [])[0]).toEqual({ id: "digits:2", why: "production" });
    const production = table.payload.columns.aliases;
    table.payload.columns.aliases = [["production"], [], [], []];
    expect(choicesOf(table, "digits:10", [])).toEqual([
      { id: "digits:1", why: "production" },
      { id: "digits:2", why: "the version before" },
    ]);
    table.payload.columns.aliases = production;
  });

  it("go on with the parents, each version once", () => {
    expect(choicesOf(table, "digits:10", [{ ref: "digits:1", known: true }])).toEqual([
      { id: "digits:2", why: "production" },
      { id: "digits:1", why: "parent" },
    ]);
  });
});
