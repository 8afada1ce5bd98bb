import { expect, test } from "vitest";
import { buildTable } from "../columns";
import { samplePayload } from "../testing";
import { complete } from "./complete";

const table = buildTable(samplePayload());
const labels = (source: string, caret = source.length): string[] => complete(source, caret, table).items.map((item) => item.label);

test("at the start: names", () => {
  expect(labels("")).toContain("version");
  expect(labels("val_")).toEqual(expect.arrayContaining(["val_accuracy", "val_loss"]));
});

test("names that begin with what was typed come before names that contain it", () => {
  expect(labels("acc")[0]).toMatch(/val_accuracy/);
  expect(labels("s")[0]).toMatch(/^s/);
});

test("behind a name: operators fit for its values", () => {
  expect(labels("val_loss ")).toEqual([">", ">=", "<", "<=", "=", "!="]);
  expect(labels("optimizer ")).toEqual(["=", "!=", "~", "in ("]);
});

test("behind an operator: values, the frequent ones first", () => {
  expect(labels("optimizer = ")).toEqual(["adam", "sgd"]);
  expect(labels("alias = can")).toEqual(["candidate", "canary"]);
  expect(labels("optimizer in (")).toEqual(["adam", "sgd"]);
  expect(labels("optimizer in (adam, ")).toEqual(["adam", "sgd"]);
});

test("behind a condition: and, or", () => {
  expect(labels("val_loss > 1 ")).toEqual(["and", "or"]);
});

test("a word in the middle is replaced as a whole", () => {
  const { from, to } = complete("opti = adam", 4, table);
  expect([from, to]).toEqual([0, 4]);
  expect(complete("optimizer = adam", 3, table).to).toBe(9);
});

test("names with odd characters are quoted", () => {
  const item = complete("odd", 3, table).items.find((each) => each.label.includes("odd"));
  expect(item?.insert).toBe("`odd name (x)`");
});

test("a name that two columns share gets a prefix", () => {
  expect(labels("size")).toEqual(expect.arrayContaining(["size", "hp.size"]));
});
