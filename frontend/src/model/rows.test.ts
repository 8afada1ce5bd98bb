import { describe, expect, test } from "vitest";
import { bestValues, thin } from "./best";
import { buildTable, type Column, numberCells } from "./columns";
import { groupRows, type Items } from "./group";
import { compile } from "./query/compile";
import { type Facets, showRows } from "./rows";
import { code, NOW, samplePayload } from "./testing";

const table = buildTable(samplePayload());
const NONE: Facets = { models: [], aliases: [], runs: [], states: [] };
const column = (id: string): Column => table.columns.get(id) as Column;
const ids = (rows: Iterable<number>): string[] => Array.from(rows, (row) => table.ids[row] as string);

describe("facets", () => {
  test("nothing chosen shows all", () => {
    expect(ids(showRows(table, null, NONE).rows)).toEqual(table.ids);
  });

  test("a facet's counts say what a click on it would show", () => {
    const { rows, counts } = showRows(table, null, { ...NONE, models: ["digits"] });
    expect(rows).toHaveLength(3);
    expect([...counts.models]).toEqual([
      ["digits", 3],
      ["churn", 1],
    ]);
    expect(counts.states.get("damaged")).toBe(0);
    expect(counts.runs.get("train/val")).toBe(2);
  });

  test("any linked run counts", () => {
    expect(ids(showRows(table, null, { ...NONE, runs: ["train/val", "a|b"] }).rows)).toEqual(["digits:1", "digits:2", "digits:10"]);
  });

  test("facets and filter narrow together", () => {
    const { predicate } = compile("optimizer = adam", table, NOW);
    expect(ids(showRows(table, predicate, { ...NONE, aliases: ["candidate"] }).rows)).toEqual(["digits:10"]);
  });

  test("a facet value that is not there shows nothing", () => {
    expect(showRows(table, null, { ...NONE, models: ["__proto__"] }).rows).toHaveLength(0);
  });
});

describe("groups", () => {
  const rows = Uint32Array.of(3, 2, 0, 1);
  const listOf = (items: Items): (number | undefined)[] => Array.from({ length: items.length }, (_, index) => items.at(index));

  test("come in the order of their first row, with headings", () => {
    const items = groupRows(table, rows, "run", new Set());
    expect(items.groups.map(({ name, count }) => [name, count])).toEqual([
      [null, 1],
      ["a|b", 1],
      ["train", 2],
    ]);
    expect(listOf(items)).toEqual([-1, 3, -2, 2, -3, 0, 1]);
    expect([3, 1, -3, 9].map((item) => items.placeOf(item))).toEqual([1, 6, 4, -1]);
  });

  test("folded ones keep their heading", () => {
    expect(listOf(groupRows(table, rows, "model", new Set(["=digits"])))).toEqual([-1, 3, -2]);
  });
});

describe("the best of a column", () => {
  const { model } = samplePayload().columns;
  const best = (id: string, ...rows: number[]): number[] => [...bestValues(column(id), Uint32Array.from(rows), model)];

  test("follows the direction of the metric", () => {
    expect(best("m:val_accuracy", 0, 1, 2)).toEqual([0.95, Number.NaN]);
    expect(best("m:val_loss", 0, 1, 2)).toEqual([0.2, Number.NaN]);
  });

  test("is nothing where there is nothing to compare", () => {
    expect(best("m:val_loss", 0)).toEqual([Number.NaN, Number.NaN]);
    expect(best("step", 0, 1)).toEqual([Number.NaN, Number.NaN]);
  });

  test("is nothing while one of the values comes from a sample of its curve", () => {
    const payload = samplePayload();
    const [accuracy] = payload.metrics;
    if (!accuracy) throw new Error("no metric");
    const sampled = { ...accuracy, best: [0.9, 0.96, 0.97, null], sample: [null, 1000, null, null] };
    const made = buildTable({ ...payload, metrics: [sampled] });
    const bestOf = (id: string, ...rows: number[]) => bestValues(made.columns.get(id) as Column, Uint32Array.from(rows), model)[0];
    expect(bestOf(`best:${accuracy.key}`, 0, 1, 2)).toBeNaN();
    expect(bestOf(`best:${accuracy.key}`, 0, 2)).toBe(0.97);
    expect(bestOf(`m:${accuracy.key}`, 0, 1, 2), "what the manifest says is certain").toBe(0.95);
  });

  test("is found within each model", () => {
    const cells = numberCells([0.2, 0.4, 0.9, 0.1, 0.1, null]);
    const loss = { ...column("m:val_loss"), goal: "min" as const, cells };
    const models = code(["a", "a", "b", "b", "c", "c"]);
    expect([...bestValues(loss, Uint32Array.of(0, 1, 2, 3, 4, 5), models)]).toEqual([0.2, 0.1, Number.NaN]);
    expect([...bestValues(loss, Uint32Array.of(0, 1, 2), models)]).toEqual([0.2, Number.NaN, Number.NaN]);
  });
});

test("a thinned drawing keeps the ends and the extremes", () => {
  const values = Float64Array.from({ length: 10_000 }, (_, i) => Math.sin(i));
  values[777] = 9;
  values[5001] = -9;
  const kept = thin(values, Array.from(values.keys()), 2000);
  expect(kept.length).toBeLessThanOrEqual(2000);
  expect(kept).toEqual(expect.arrayContaining([0, 777, 5001, 9999]));
});
