// @vitest-environment jsdom
import { render } from "preact";
import { describe, expect, test } from "vitest";
import { buildTable, type Column } from "../model/columns";
import { originOf } from "../model/origins";
import { samplePayload } from "../model/testing";
import type { Metric } from "../model/whole";
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

describe("where a number is from", () => {
  const shown = (source: Metric["source"]): string => {
    const payload = samplePayload();
    payload.metrics[0] = { ...(payload.metrics[0] as Metric), ...(source && { source }) };
    const table = buildTable(payload);
    const context = { table, best: new Map(), leads: [] } as unknown as RowContext;
    const root = document.createElement("div");
    render(cell(context, table.columns.get("m:val_accuracy") as Column, 0), root);
    return root.textContent ?? "";
  };

  test("stands beside it where its column has several sources, and else in the header alone", () => {
    expect(shown({ values: ["log", "typed"], codes: Uint8Array.of(0, 1, 1, 255) })).toBe("≡ training log 0.9000");
    expect(shown({ values: ["log"], codes: null })).toBe("0.9000");
    expect(shown(undefined)).toBe("0.9000");
  });

  test("is said of a step, a time and hyperparameters that nobody stated", () => {
    const payload = samplePayload();
    payload.columns.unstated = { values: ["created runs", "imported"], codes: [0, 1, -1, -1] };
    const table = buildTable(payload);
    const origins = (id: string): string[] => [0, 1, 2].map((row) => originOf(table, table.columns.get(id) as Column, row));
    expect(origins("step")).toEqual(["inferred", "", ""]);
    expect(origins("created")).toEqual(["inferred", "", ""]);
    expect(origins("hp:optimizer")).toEqual(["", "imported", ""]);
    expect(origins("size")).toEqual(["", "", ""]);
  });
});
