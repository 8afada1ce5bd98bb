// @vitest-environment jsdom
import { render } from "preact";
import { expect, test } from "vitest";
import { buildTable, type Column } from "../model/columns";
import { samplePayload } from "../model/testing";
import { cell, type RowContext } from "./cells";

test("a hyperparameter that is from the run says so, and one from the manifest or the command does not", () => {
  const payload = samplePayload();
  payload.columns.run_hyperparameters = [true, false, false, false];
  payload.hyperparameters.push({ name: "args.lr", values: [0.1, null, null, null] });
  const table = buildTable(payload);
  const context = { table } as RowContext;
  const title = (id: string, row: number): string | undefined => {
    const root = document.createElement("div");
    render(cell(context, table.columns.get(id) as Column, row), root);
    return root.querySelector("bdi")?.title;
  };
  expect([0, 1].map((row) => title("hp:optimizer", row))).toEqual(["adam · from the run", "sgd"]);
  expect(title("hp:args.lr", 0)).toBe("0.1");
  delete payload.columns.run_hyperparameters;
  expect(title("hp:optimizer", 0)).toBe("adam");
});
