import { describe, expect, test } from "vitest";
import { curveMembers, curvesHash, paletteColor, runLink, runRegex } from "./runs";
import { decodeView, readHash } from "./view";

/** The run names of TensorBoard that are known to be hard. */
const HARD = [
  ".",
  "train",
  "train/2024.01",
  "a/b/c",
  "run with space",
  "ünï코드",
  "plus+and&amp=1#hash",
  "par(en)[x]*",
  ".hidden",
  "lr=0.1,bs=32",
];

describe("a link shows exactly its run", () => {
  test.each(HARD)("%s", (name) => {
    const others = [...HARD, "train_2", "xtrain", "a/b/cd", "aXhidden"];
    const regex = new RegExp(runRegex([name], others), "i");
    expect(others.filter((run) => regex.test(run))).toEqual([name]);
  });

  test("several runs", () => {
    const regex = new RegExp(runRegex(["a|b", "."], ["a|b", ".", "a", "b", "x"]), "i");
    expect(["a|b", ".", "a", "b", "x"].filter((run) => regex.test(run))).toEqual(["a|b", "."]);
  });

  test("asks for case only where another run differs by nothing else", () => {
    expect(runRegex(["RUN1"], ["RUN1", "run2"])).toBe("^RUN1$");
    expect(runRegex(["RUN1"], ["RUN1", "run1"])).toBe("^(?-i:RUN1)$");
  });

  test("survives the address", () => {
    const link = runLink("http://host/foo/", ["plus+and&amp=1#hash"], HARD);
    expect(new URL(link).hash).toBe("#timeseries");
    expect(new URL(link).searchParams.get("runFilter")).toBe("^plus\\+and&amp=1#hash$");
  });
});

test("above 500 runs the link goes to Scalars, which still draws", () => {
  const many = Array.from({ length: 501 }, (_, i) => `r${i}`);
  expect(runLink("http://host/", ["r7"], many)).toBe("http://host/#scalars&regexInput=%5Er7%24");
});

test("a query that the server would refuse goes into the hash", () => {
  const many = Array.from({ length: 400 }, (_, i) => `${"x".repeat(200)}${i}`);
  expect(runLink("http://host/", many, many)).toContain("/#scalars&regexInput=");
});

test("colours repeat after seven", () => {
  expect(paletteColor(0, false)).toBe("#425066");
  expect(paletteColor(0, true)).toBe("#8e98a3");
  expect(paletteColor(8, false)).toBe(paletteColor(1, true));
});

describe("curveMembers", () => {
  const table = { runs: ["mlp", "cnn", "idle"], columns: { id: ["digits:1", "digits:2", "wine:1"], runs: [[0], [0, 1], [1]] } };
  const of = (...names: string[]) => curveMembers(table as unknown as Parameters<typeof curveMembers>[0], names);

  test("shows the versions that a run made, so that their exports are marked", () => expect(of("mlp")).toEqual(["digits:1", "digits:2"]));
  test("shows the run itself where it made none", () => expect(of("idle")).toEqual(["run:idle"]));
  test("has an address that the page reads", () => {
    expect(decodeView(readHash(curvesHash(["digits:1", "run:a,b>c"]))).compare).toEqual(["digits:1", "run:a,b>c"]);
  });
});
