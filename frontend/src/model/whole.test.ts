import { describe, expect, test } from "vitest";
import type { MetricColumn, Part, TableHead } from "../api/types";
import { buildTable, printed } from "./columns";
import { onlySource, sourceOf } from "./origins";
import { blocksOf, knownPart } from "./parts";
import { type Whole, wholeOf } from "./whole";

const head: TableHead = {
  schema_version: 2,
  revision: "r1",
  status: "ready",
  looked_in: [],
  problems: [],
  unregistered: 0,
  unregistered_in: [],
  metrics: ["loss", "acc"].map((key) => ({ key, name: key, dataset: "", slice: "", goal: "min", goal_source: "inferred" })),
  hyperparameters: [{ name: "lr" }, { name: "__proto__" }],
  labels: [{ name: "team" }],
  blocks: [
    { rows: 2, parts: ["m1", "r1"] },
    { rows: 1, parts: ["m2", "r2"] },
  ],
};
const named = (key: string) => ({ key, name: key, dataset: "", slice: "" });
const DATA = { name: "d", digest: null, split: "train" };

const parts: Part[] = [
  {
    digest: "m1",
    columns: { id: ["a:1", "a:2"], model: { values: ["a"], codes: [0, 0] }, datasets: [[0], []], recipe: [7, -1] },
    datasets: [DATA],
    metrics: [{ ...named("loss"), at_export: [0.5, null] }],
    hyperparameters: [{ name: "lr", values: [0.1, 0.2] }],
    labels: [{ name: "team", values: ["x", null] }],
  },
  {
    digest: "r1",
    columns: { run: [1, -1], runs: [[1, 0], []], step: [10, null] },
    runs: ["run/a", "run/b"],
    metrics: [{ ...named("loss"), at_export: [9, "NaN"], best: [0.4, null], last: ["Infinity", null], regret: ["better", null] }],
  },
  {
    digest: "m2",
    columns: { id: ["b:1"], model: { values: ["b"], codes: [0] }, datasets: [[0]], recipe: [7] },
    datasets: [DATA],
    metrics: [{ ...named("acc"), at_export: [1] }],
    hyperparameters: [
      { name: "lr", values: ["auto"] },
      { name: "__proto__", values: [true] },
    ],
  },
  { digest: "r2", columns: { run: [0], runs: [[0]], step: [5] }, runs: ["run/b"] },
];

const known = new Map(parts.map((part) => [part.digest, knownPart(part)]));

function whole(): Whole {
  const blocks = blocksOf(head, known);
  if (!blocks) throw new Error("a part is missing");
  return wholeOf(head, blocks);
}

describe("a table made of its blocks", () => {
  test("each block's names and positions become those of the table", () => {
    const { columns, runs, datasets } = whole();
    expect(columns.id).toEqual(["a:1", "a:2", "b:1"]);
    expect(columns.model).toEqual({ values: ["a", "b"], codes: [0, 0, 1] });
    expect(runs).toEqual(["run/a", "run/b"]);
    expect(columns.runs).toEqual([[1, 0], [], [1]]);
    expect(columns.run).toEqual([1, -1, 1]);
    expect(datasets).toEqual([DATA]);
    expect(columns.datasets).toEqual([[0], [], [0]]);
    expect(columns.recipe).toEqual([7, -1, 7]);
  });

  test("a manifest's own number is stronger than its run's", () => {
    const table = buildTable(whole());
    const shown = (id: string) => [0, 1, 2].map((row) => printed(table.columns.get(id) as never, row));
    expect(shown("m:loss")).toEqual([0.5, "NaN", null]);
    expect(shown("best:loss")).toEqual([0.4, null, null]);
    expect(shown("last:loss")).toEqual(["Infinity", null, null]);
    expect(shown("m:acc")).toEqual([null, null, 1]);
    expect(table.columns.has("best:acc")).toBe(false);
    expect(table.payload.metrics[0]?.regret).toEqual(["better", null, null]);
  });

  test("numbers stay numbers where all are, and where a block has none", () => {
    const { hyperparameters, labels } = whole();
    expect(hyperparameters.map(({ values }) => values)).toEqual([
      [0.1, 0.2, "auto"],
      [null, null, true],
    ]);
    expect(labels[0]?.values).toEqual(["x", null, null]);
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });

  test("columns that a part lacks are absent", () => {
    const { columns } = whole();
    expect(columns.notice).toEqual([null, null, null]);
    expect(columns.state).toEqual({ values: [], codes: [-1, -1, -1] });
    expect(columns.aliases).toEqual([[], [], []]);
  });

  test("a part that is not known is missed", () => {
    expect(blocksOf(head, new Map([...known].slice(1)))).toBeNull();
  });
});

describe("where numbers are from", () => {
  const said = (source: MetricColumn["source"], at_export: (number | null)[]) => ({ ...named("loss"), at_export, source });
  const table = (first: Part, second?: Part) => {
    const all = [first, ...(second ? [second] : [])];
    const only = {
      ...head,
      hyperparameters: [],
      labels: [],
      metrics: head.metrics.slice(0, 1),
      blocks: [{ rows: 3, parts: all.map(({ digest }) => digest) }],
    };
    return buildTable(wholeOf(only, blocksOf(only, new Map(all.map((part) => [part.digest, knownPart(part)]))) ?? []));
  };
  const sources = ({ columns }: ReturnType<typeof buildTable>) => [0, 1, 2].map((row) => sourceOf(columns.get("m:loss") as never, row));
  const ids = { id: ["a:1", "a:2", "a:3"] };

  test("one text stands for all values of a part, and none for what is absent", () => {
    const made = table({ digest: "m", columns: ids, metrics: [said("log", [1, null, 2])] });
    expect(sources(made)).toEqual(["log", "", "log"]);
    expect(onlySource(made.columns.get("m:loss") as never)).toBe("log");
    expect(made.unshown.find(({ id }) => id === "source:loss")?.cells.kind).toBe("text");
  });

  test("each row has its own where they differ, and the manifest's is stronger than the run's", () => {
    const coded = { values: ["typed", "log"], codes: [1, -1, 0] };
    const made = table(
      { digest: "m", columns: ids, metrics: [said(coded, [1, null, 2])] },
      { digest: "r", columns: {}, metrics: [said("run", [9, 9, null])] },
    );
    expect(sources(made)).toEqual(["log", "run", "typed"]);
    expect(onlySource(made.columns.get("m:loss") as never)).toBe("");
  });

  test("a word that an export made up is no source", () => {
    const made = table({ digest: "m", columns: ids, metrics: [said("the moon", [1, 2, 3])] });
    expect(sources(made)).toEqual(["", "", ""]);
  });

  test("what only one row has of measured, replayed and run is in its list", () => {
    const made = table({
      digest: "m",
      columns: { ...ids, sources: { values: ["log typed"], codes: [0, -1, -1] }, from_run: [false, true, false] },
    });
    expect(made.columns.get("sources")?.cells).toEqual({ kind: "list", values: [["typed", "log"], ["run"], []] });
  });
});
