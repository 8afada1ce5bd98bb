import { describe, expect, test } from "vitest";
import { buildTable, type Column, numberCells, type Table, type Value } from "./columns";
import { nextSort, rankCells, rankSlowly, ranksOf, sortRows } from "./sort";
import { samplePayload } from "./testing";

const table = buildTable(samplePayload());
const all = (): Uint32Array => Uint32Array.from(table.ids, (_, row) => row);
const sorted = (...keys: [string, boolean][]): string[] =>
  Array.from(
    sortRows(
      table,
      all(),
      keys.map(([id, desc]) => ({ id, desc })),
    ),
    (row) => table.ids[row] as string,
  );

describe("order", () => {
  test("numbers are compared as numbers", () => {
    expect(sorted(["version", false]).slice(-2)).toEqual(["digits:2", "digits:10"]);
  });

  test("absent is last in both directions, and NaN just before it", () => {
    expect(sorted(["m:val_accuracy", false])).toEqual(["digits:1", "digits:2", "digits:10", "churn:1"]);
    expect(sorted(["m:val_accuracy", true])).toEqual(["digits:2", "digits:1", "digits:10", "churn:1"]);
  });

  test("mixed values: numbers before text", () => {
    expect(sorted(["hp:lr", false])).toEqual(["digits:10", "digits:1", "digits:2", "churn:1"]);
  });

  test("equal rows keep their order in both directions", () => {
    expect(sorted(["parameters", true])).toEqual(["digits:1", "digits:2", "digits:10", "churn:1"]);
  });

  test("several columns", () => {
    expect(sorted(["hp:optimizer", false], ["step", false])).toEqual(["digits:10", "digits:1", "digits:2", "churn:1"]);
  });

  test("an unknown column changes nothing", () => {
    expect(sorted(["m:gone", true])).toEqual(table.ids);
  });

  test("numbers above 2^53 are compared exactly", () => {
    const payload = samplePayload();
    payload.columns.number = ["9007199254740993", "9007199254740992", 5, "9007199254740994"];
    const big = buildTable(payload);
    const rows = sortRows(big, all(), [{ id: "version", desc: false }]);
    expect([...rows]).toEqual([2, 1, 0, 3]);
  });

  test("is total: any shuffle of the rows gives the same order", () => {
    const odd: Value[] = [
      3,
      "10",
      "9",
      null,
      true,
      Number.NaN,
      -0,
      0,
      "a",
      "A",
      Number.POSITIVE_INFINITY,
      Number.NEGATIVE_INFINITY,
      false,
      "\ud83d\ude00",
      "",
    ];
    const ranks = rankCells({ kind: "mixed", values: odd });
    const order = (rows: number[]): number[] => rows.sort((a, b) => (ranks[a] as number) - (ranks[b] as number) || a - b);
    const straight = order(odd.map((_, i) => i));
    const reversed = order(odd.map((_, i) => i).reverse());
    expect(reversed).toEqual(straight);
    expect(straight.at(-1)).toBe(3);
  });

  test("infinities are the ends of the numbers", () => {
    const ranks = rankCells(numberCells(["Infinity", 1e308, "-Infinity", "NaN", null, 5e-324]));
    expect([...ranks.keys()].sort((a, b) => (ranks[a] as number) - (ranks[b] as number))).toEqual([2, 5, 1, 0, 3, 4]);
  });
});

describe("a click on a header", () => {
  const key = (id: string, desc: boolean) => ({ id, desc });

  test("sorts, turns, and lets go", () => {
    let keys = nextSort([key("created", true)], "step", false, true);
    expect(keys).toEqual([key("step", true)]);
    keys = nextSort(keys, "step", false, true);
    expect(keys).toEqual([key("step", false)]);
    expect(nextSort(keys, "step", false, true)).toEqual([]);
  });

  test("with shift the other columns stay", () => {
    const keys = nextSort([key("model", false)], "step", true, true);
    expect(keys).toEqual([key("model", false), key("step", true)]);
    expect(nextSort(keys, "model", true, false)).toEqual([key("model", true), key("step", true)]);
    expect(nextSort([key("model", true), key("step", true)], "model", true, false)).toEqual([key("step", true)]);
  });
});

describe("many different texts", () => {
  const values = Array.from({ length: 20_000 }, (_, row) => (row % 7 === 0 ? null : `text ${(row * 7919) % 20_000}`));
  const columnOf = () => ({ cells: { kind: "text", values } }) as unknown as Column;

  test("are ranked in steps as they are at once", async () => {
    const [slow, quick] = [columnOf(), columnOf()];
    let pauses = 0;
    await rankSlowly(slow, async () => void pauses++);
    expect(pauses).toBeGreaterThan(5);
    const table = {} as Table;
    expect(ranksOf(table, slow)).toEqual(ranksOf(table, quick));
  });

  test("need no steps where they are known, few or numbers", async () => {
    const column = columnOf();
    ranksOf({} as Table, column);
    expect(rankSlowly(column, async () => {})).toBeNull();
    const few = { cells: { kind: "text", values: values.map((_, row) => `${row % 9}`) } } as unknown as Column;
    expect(rankSlowly(few, async () => {})).toBeNull();
  });
});
