import { describe, expect, test } from "vitest";
import type { Registry } from "../../api/registry";
import type { Part, VersionsPayload } from "../../api/types";
import { Kept } from "../kept";
import { onlySource } from "../origins";
import { assemble, pieceOf } from "./assemble";
import { withHeads } from "./heads";
import { joinedRegistries } from "./registries";
import { countsOf, hiddenOf, leftOutOf, onlyName, rowsOf } from "./tally";

const HEAD: VersionsPayload = {
  schema_version: 2,
  revision: "r",
  status: "windowed",
  looked_in: [],
  problems: [],
  unregistered: 0,
  unregistered_in: [],
  metrics: [{ key: "loss", name: "loss", dataset: "", slice: "", goal: "min", goal_source: "inferred" }],
  hyperparameters: [],
  labels: [],
  blocks: [],
  parts: [],
};

function answer(first: number, count: number): VersionsPayload {
  const ids = Array.from({ length: count }, (_, at) => `m:${first + at}`);
  const part: Part = {
    digest: `d${first}`,
    columns: { id: ids, model: { values: ["m"], codes: ids.map(() => 0) }, number: ids.map((_, at) => first + at) },
    metrics: [{ key: "loss", name: "loss", dataset: "", slice: "", at_export: ids.map((_, at) => first + at), source: "log" }],
  };
  return { ...HEAD, blocks: [{ rows: count, parts: [part.digest] }], parts: [part] };
}

describe("a table made of windows", () => {
  const windows = [
    [0, pieceOf(answer(0, 200))],
    [3, pieceOf(answer(600, 50))],
  ] as const;

  test("has their rows, and knows where these stand", () => {
    const { table, stretches } = assemble(HEAD, windows, [], new Kept());
    expect(table.count).toBe(250);
    expect(stretches).toEqual([
      { position: 0, row: 0, count: 200 },
      { position: 600, row: 200, count: 50 },
    ]);
    expect(table.ids[200]).toBe("m:600");
    expect(table.isPart).toBe(true);
  });

  test("rows beside the list come first, so that a row of the list is found in the list", () => {
    const { table, stretches } = assemble(HEAD, windows, [pieceOf(answer(5, 1)), pieceOf(answer(9999, 1))], new Kept());
    expect(stretches[0]).toEqual({ position: 0, row: 2, count: 200 });
    expect(table.indexOf.get("m:5")).toBe(7);
    expect(table.indexOf.get("m:9999")).toBe(1);
  });

  test("its header does not say where all numbers are from: others may have other sources", () => {
    const { table } = assemble(HEAD, windows, [], new Kept());
    const column = table.columns.get("m:loss");
    expect(column && onlySource(column)).toBe("");
    const whole = assemble({ ...HEAD, status: "ready" }, windows, [], new Kept()).table.columns.get("m:loss");
    expect(whole && onlySource(whole)).toBe("log");
  });

  test("an answer without a part of its rows is refused", () => {
    expect(() => pieceOf({ ...answer(0, 1), parts: [] })).toThrow("not complete");
  });
});

test("rare columns of a window stand behind those of the head, each once", () => {
  const more = { ...HEAD, hyperparameters: [{ name: "rare" }], labels: [] };
  const known = withHeads(HEAD, more);
  expect(known.hyperparameters).toEqual([{ name: "rare" }]);
  expect(known.metrics).toBe(HEAD.metrics);
  expect(withHeads(known, more).hyperparameters).toBe(known.hyperparameters);
});

test("what was said of the models of several windows is one registry, its measured values in one order", () => {
  const head = (key: string) => ({ key, name: key, goal: "max" as const, dataset: "", slice: "", source: "" });
  const one = (model: string, measured: string[], values: Registry["measured_values"]): Registry =>
    ({ at: null, models: { [model]: { head: 1 } }, measured: measured.map(head), measured_values: values }) as unknown as Registry;
  const joined = joinedRegistries([
    one("a", ["x", "y"], { "a:1": [[1, 10], null] }),
    null,
    one("__proto__x", ["y", "z"], {
      "b:1": [
        [2, 20],
        [3, 30],
      ],
    }),
  ]);
  expect(Object.keys(joined?.models ?? {})).toEqual(["a", "__proto__x"]);
  expect(joined?.measured.map(({ key }) => key)).toEqual(["x", "y", "z"]);
  expect({ ...joined?.measured_values }).toEqual({ "a:1": [[1, 10], null, null], "b:1": [null, [2, 20], [3, 30]] });
  expect(joinedRegistries([null])).toBeNull();
});

test("the server's counts are taken as they are", () => {
  const none = { values: [], left_out: 0 };
  const facets = {
    models: {
      values: [
        ["a", 3],
        ["b", 0],
      ] as [string, number][],
      left_out: 0,
    },
    aliases: none,
    runs: none,
    states: { values: [["present", 3]] as [string, number][], left_out: 7 },
  };
  expect([...countsOf(facets).models]).toEqual([
    ["a", 3],
    ["b", 0],
  ]);
  expect(leftOutOf(facets)).toEqual({ models: 0, aliases: 0, runs: 0, states: 7 });
  expect([onlyName(facets, "models"), onlyName(facets, "states"), onlyName(null, "models")]).toEqual(["a", null, null]);
  expect(hiddenOf({ deprecated: 2, removed: 1 })).toEqual([0, 2, 1, 0, 0]);
  expect([
    ...rowsOf([
      { position: 0, row: 4, count: 2 },
      { position: 200, row: 1, count: 1 },
    ]),
  ]).toEqual([4, 5, 1]);
});
