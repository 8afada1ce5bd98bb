import { describe, expect, test } from "vitest";
import { buildTable, type Table } from "./columns";
import { Kept } from "./kept";
import { blocksOf, knownPart } from "./parts";
import { ranksOf } from "./sort";
import { samplePayload } from "./testing";
import { trainingsOf } from "./trainings";
import { twinsOf } from "./twins";
import { type Whole, wholeOf } from "./whole";

test("what was made of the same sources is the same object", () => {
  const kept = new Kept();
  const [a, b] = [{}, {}];
  const made = kept.of("x", [a, b], () => [1]);
  expect(kept.of("x", [a, b], () => [2])).toBe(made);
  expect(kept.of("y", [a, b], () => [3])).toEqual([3]);
  expect(kept.of("x", [b, a], () => [4])).toEqual([4]);
  expect(kept.of("x", [b], () => [5])).toEqual([5]);
});

const HEAD = { schema_version: 2 as const, status: "ready" as const, looked_in: [], problems: [], unregistered: 0, unregistered_in: [] };
const MANIFESTS = {
  digest: "m",
  columns: { id: ["a:1", "a:2"], model: { values: ["a"], codes: [0, 0] }, number: [1, 2], digest: ["d", "d"], created: [5, 6] },
  hyperparameters: [{ name: "lr", values: ["x", 1] }],
};
const FOLDERS = { digest: "f1", columns: { state: { values: ["unchecked"], codes: [0, 0] } } };
const CHECKED = { digest: "f2", columns: { state: { values: ["present"], codes: [0, 0] } } };
const RUNS = { digest: "r", columns: { runs: [[0], [0]], step: [3, 4] }, runs: ["one"] };

/** A table whose folders say something; the other parts stay the same objects. */
function tables(): [Table, Table] {
  const parts = new Map([MANIFESTS, FOLDERS, CHECKED, RUNS].map((part) => [part.digest, knownPart(part)]));
  const kept = new Kept();
  const [before, after] = ["f1", "f2"].map((folders) => {
    const head = { ...HEAD, revision: folders, metrics: [], hyperparameters: [{ name: "lr" }], labels: [] };
    const whole = { ...head, blocks: [{ rows: 2, parts: ["m", folders, "r"] }] };
    return buildTable(wholeOf(whole, blocksOf(whole, parts) ?? [], kept) as Whole);
  });
  return [before as Table, after as Table];
}

describe("a newer table", () => {
  const [before, after] = tables();
  const values = (table: Table, id: string): unknown => table.columns.get(id)?.cells.values;

  test("has the columns of the parts that did not change, ranks and what else follows from them too", () => {
    for (const id of ["version", "created", "digest", "model", "step", "run", "hp:lr"]) expect(values(after, id)).toBe(values(before, id));
    const ranks = (table: Table): Int32Array => ranksOf(table, table.columns.get("created") as never);
    expect(ranks(after)).toBe(ranks(before));
    expect(after.ids).toBe(before.ids);
    expect(after.indexOf).toBe(before.indexOf);
    expect(twinsOf(after)).toBe(twinsOf(before));
    expect(trainingsOf(after.payload)).toBe(trainingsOf(before.payload));
  });

  test("has those that did change anew", () => {
    expect(values(before, "state")).toEqual(["unchecked", "unchecked"]);
    expect(values(after, "state")).toEqual(["present", "present"]);
  });

  test("never takes the names of runs from another one", () => {
    const sample = samplePayload();
    const names = (runs: string[]): unknown => values(buildTable({ ...sample, runs }), "run");
    const [first, second] = [sample.runs, sample.runs.map((run) => `${run}-again`)].map(names);
    expect(second).not.toEqual(first);
  });
});
