import { describe, expect, test } from "vitest";
import { buildTable } from "./columns";
import { groupRows } from "./group";
import { showRows } from "./rows";
import { samplePayload } from "./testing";
import { byTraining, trainingOf, trainingsOf, withoutAnnouncing } from "./trainings";

/** digits 1 and 2 come from "mlp", digits 10 from "cnn" and "mlp", churn 1 from nothing. */
function payload() {
  const sample = samplePayload();
  const columns = { ...sample.columns, run: [0, 1, 2, -1], runs: [[0, 1], [1], [2, 1], []] };
  return { ...sample, runs: ["mlp/train", "mlp/validation", "cnn"], columns };
}

describe("train and validation are one training", () => {
  const table = buildTable(payload());

  test("by name", () => {
    expect(["mlp/train", "a/b/validation", "mlp", "train", "mlp/test", "mlp/training"].map(trainingOf)).toEqual([
      "mlp",
      "a/b",
      "mlp",
      "train",
      "mlp/test",
      "mlp/training",
    ]);
    expect(byTraining(["a", "mlp/train", "mlp/validation"])).toEqual(
      new Map([
        ["a", ["a"]],
        ["mlp", ["mlp/train", "mlp/validation"]],
      ]),
    );
  });

  test("runs that only announce versions of another one are none of their own", () => {
    const runs = ["mlp/train", "mlp/train/versions", "mlp/versions", "gan/versions", "versions"];
    expect(withoutAnnouncing(runs)).toEqual(["mlp/train", "gan/versions", "versions"]);
  });

  test("of each version, the one that it was exported from first", () => {
    const { all, ofRow } = trainingsOf(table.payload);
    expect(all.map(({ name, rows }) => [name, rows])).toEqual([
      ["mlp", [0, 1, 2]],
      ["cnn", [2]],
    ]);
    expect(ofRow).toEqual([[0], [0], [1, 0], []]);
  });

  test("in the sidebar, whatever an older link names", () => {
    const none = { models: [], aliases: [], runs: [], states: [] };
    const { rows, counts } = showRows(table, null, { ...none, runs: ["mlp/train"] });
    expect([...rows]).toEqual([0, 1, 2]);
    expect(counts.runs).toEqual(
      new Map([
        ["mlp", 3],
        ["cnn", 1],
      ]),
    );
  });

  test("in the table and its groups", () => {
    const { groups } = groupRows(table, Uint32Array.of(0, 1, 2, 3), "run", new Set());
    expect(groups.map(({ name, count }) => [name, count])).toEqual([
      ["mlp", 2],
      ["cnn", 1],
      [null, 1],
    ]);
    expect(table.columns.get("run")?.cells.values).toEqual(["mlp", "mlp", "cnn", null]);
  });
});
