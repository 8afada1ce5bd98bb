import { expect, test } from "vitest";
import type { LogEvent } from "../../api/registry";
import { barsOf, comparedOf, flipsOf, inputsOf, type MovedOutput, staleBecause } from "./behaviour";

const OUTPUT = {
  ...{ signature: "serve", name: "y", examples: 16, count: 160, not_finite: 0, max: 0.5, mean: 0.1, quantiles: [0.1, 0.3, 0.5] },
  ...{ bins: [100, 60], rule: "largest", flipped: 3, test: { verdict: "better", words: "Better.", power: "16 examples can show …" } },
  listed: [{ example: 4, moved: 0.5, flipped: true, before: 2, after: 7, right: "won" }],
};

function event(changed: Record<string, unknown> = {}): LogEvent {
  return {
    ...{ number: 7, kind: "behaviour_compared", version: 5, time: 1, effective: 1, actor: "anna", reason: "", tool: "t" },
    ...{ skewed: false, critical: false, known: true, origin: null, other: "digits:3", manifest: "sha256:5", other_manifest: "sha256:3" },
    ...{ inputs: ["before"], repeated: 2, labels: "golden", tensorflow: "2.21.0", device: "CPU", outputs: [OUTPUT], left_out: ["x"] },
    ...changed,
  } as LogEvent;
}

test("what an event says is read", () => {
  const found = comparedOf(event());
  expect(found).toMatchObject({ event: 7, other: "digits:3", otherManifest: "sha256:3", repeated: 2, leftOut: ["x"] });
  expect(found?.outputs[0]).toMatchObject({ flipped: 3, notFinite: 0, test: { verdict: "better" } });
  expect(found?.outputs[0]?.listed[0]).toEqual({ example: 4, moved: 0.5, flipped: true, before: "2", after: "7", right: "won" });
});

test("events of other kinds, and those that can't be read, are none", () => {
  expect(comparedOf(event({ kind: "replayed" }))).toBeNull();
  expect(comparedOf(event({ problem: "Event 7 is damaged" }))).toBeNull();
  expect(comparedOf(event({ other: 3 }))).toBeNull();
});

test("a stranger's fields of other types are nothing, and no error", () => {
  const hostile = {
    listed: [null, 3, { right: "__proto__", moved: -1 }],
    bins: "x",
    test: { verdict: "constructor", words: 3 },
    rule: 1,
    max: "9",
  };
  const found = comparedOf(event({ outputs: [null, hostile], left_out: [1, {}], inputs: { length: 3 }, repeated: Number.NaN }));
  expect(found).toMatchObject({ leftOut: [], inputs: [], repeated: 0 });
  expect(found?.outputs[1]).toMatchObject({ bins: [], test: null, rule: "", max: null, flipped: null });
  expect(found?.outputs[1]?.listed.map(({ right, moved }) => [right, moved])).toEqual([
    ["", null],
    ["", null],
    ["", null],
  ]);
  expect(comparedOf(event({ outputs: new Array(9999).fill(OUTPUT) }))?.outputs.length).toBe(250);
});

test("flips say when they are one, and nothing where that is not claimed", () => {
  const output = comparedOf(event())?.outputs[0] as MovedOutput;
  expect(flipsOf(output)).toBe("3 of 16 flipped (largest score at another position)");
  expect(flipsOf({ ...output, rule: "threshold", threshold: 0.5 })).toBe("3 of 16 flipped (other side of 0.5)");
  expect(flipsOf({ ...output, flipped: null, rule: "" })).toBe("");
});

test("it says whose inputs were asked", () => {
  const found = (inputs: string[]) => inputsOf(comparedOf(event({ inputs })) as never, "digits:5");
  expect(found(["before", "after"])).toBe("golden inputs of digits:3 and digits:5");
  expect(found(["given"])).toBe("inputs that were given");
});

test("a record is stale when a manifest is another one, and only then", () => {
  const found = comparedOf(event());
  if (!found) throw new Error("no record");
  expect(staleBecause(found, "digits:5", { before: "sha256:3", after: "sha256:5" })).toBe("");
  expect(staleBecause(found, "digits:5", { before: null, after: null })).toBe("");
  expect(staleBecause(found, "digits:5", { before: "sha256:9", after: "sha256:5" })).toContain("manifest of digits:3 is");
  expect(staleBecause(found, "digits:5", { before: "sha256:9", after: "sha256:8" })).toContain("digits:3 and that of digits:5");
});

test("bars are as high as their share of the highest", () => {
  const output = comparedOf(event())?.outputs[0] as MovedOutput;
  expect(barsOf(output)).toEqual([
    { height: 100, count: 100, from: 0, to: 0.25 },
    { height: 60, count: 60, from: 0.25, to: 0.5 },
  ]);
  expect(barsOf({ ...output, bins: [] })).toEqual([]);
});
