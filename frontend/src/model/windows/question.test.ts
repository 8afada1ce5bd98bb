import { expect, test } from "vitest";
import { asked, askedVersions, askedWhich, columnName, EVERYTHING, keyOf } from "./question";

test("columns are named as filters name them, without quotes", () => {
  expect(["created", "m:val loss", "best:a:b", "hp:x.y", "label:team", "measured:acc [d]"].map(columnName)).toEqual([
    "created",
    "metric.val loss",
    "best.a:b",
    "hp.x.y",
    "label.team",
    "measured.acc [d]",
  ]);
});

test("a question says only what differs from everything", () => {
  expect(asked(EVERYTHING)).toEqual([]);
  const brush = [
    { id: "m:loss", range: [0.1, 0.5] as const, texts: [], specials: [] },
    { id: "hp:optimizer", range: null, texts: ["adam"], specials: [] },
  ];
  const question = {
    ...EVERYTHING,
    filter: "loss < 1",
    models: ["a", "b"],
    runs: ["mlp/train", "mlp/validation"],
    states: ["present"],
    brush,
    all: true,
    sort: [
      { id: "m:loss", desc: false },
      { id: "created", desc: true },
    ],
    group: "model" as const,
  };
  expect(asked(question)).toEqual([
    ["filter", "loss < 1"],
    ["model", "a"],
    ["model", "b"],
    ["run", "mlp"],
    ["state", "present"],
    ["brush", '[{"id":"m:loss","from":0.1,"to":0.5}]'],
    ["all", "1"],
    ["sort", "metric.loss"],
    ["sort", "-created"],
    ["group", "model"],
  ]);
  expect(keyOf(askedWhich(question))).not.toContain("sort");
});

test("single versions are asked for by reference, quoted where needed", () => {
  expect(askedVersions(["digits:3", 'o"d d:1'])).toEqual([
    ["filter", 'version in (digits:3, "o\\"d d:1")'],
    ["all", "1"],
  ]);
});
