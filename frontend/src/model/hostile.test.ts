import { expect, test } from "vitest";
import { defaultColumns, layout, NO_CHOICE, naturalOrder } from "./choice";
import { buildTable } from "./columns";
import { compile } from "./query/compile";
import { complete } from "./query/complete";
import { showRows } from "./rows";
import { sortRows } from "./sort";
import { metric, NOW, samplePayload } from "./testing";

const NAMES = [
  "__proto__",
  "constructor",
  "toString",
  "",
  ".",
  "..",
  "a/b",
  "a`b",
  'a"b',
  "\u202eevil",
  "x".repeat(300),
  "<img src=x onerror=alert(1)>",
];

test("hostile names are plain names everywhere", () => {
  const payload = samplePayload();
  payload.metrics = NAMES.map((name) => metric(name, "max", [1, 2, 3, null]));
  payload.hyperparameters = NAMES.map((name) => ({ name, values: [1, name, true, null] }));
  payload.labels = NAMES.map((name) => ({ name, values: [name, name, null, name] }));
  const table = buildTable(payload);
  const order = naturalOrder(table);
  expect(layout(order, defaultColumns(table, true), NO_CHOICE).order).toHaveLength(table.columns.size);
  for (const id of order) sortRows(table, Uint32Array.of(0, 1, 2, 3), [{ id, desc: true }]);
  for (const item of complete("", 0, table).items)
    expect(compile(`has ${item.insert}`, table, NOW).error === null || item.insert === "not").toBe(true);
  expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  expect(Object.keys(Object.prototype)).toEqual([]);
});

test("an empty table has no rows, no columns of data and no errors", () => {
  const payload = samplePayload();
  const empty = <T>(list: T[]): T[] => list.slice(0, 0);
  const c = payload.columns;
  payload.columns = Object.fromEntries(
    Object.entries(c).map(([name, values]) => [name, Array.isArray(values) ? empty(values as unknown[]) : { values: [], codes: [] }]),
  ) as unknown as typeof c;
  payload.metrics = [];
  payload.hyperparameters = [];
  payload.labels = [];
  const table = buildTable(payload);
  expect(showRows(table, null, { models: [], aliases: [], runs: [], states: [] }).rows).toHaveLength(0);
});
