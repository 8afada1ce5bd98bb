import { describe, expect, it } from "vitest";
import type { Manifest } from "../../api/types";
import { elements, pairs, relationWords, servedGraph, shapeOf, shortDigest, tagsToName, timeOf } from "./manifest";

function withTags(...tags: string[][]): Manifest {
  return { schemaVersion: 1, model: "m", number: "1", savedModel: { metaGraphs: tags.map((each) => ({ tags: each })) } };
}

describe("manifest", () => {
  it("reads shapes", () => {
    expect(shapeOf({ dimensions: ["-1", "8", "8"] })).toEqual([null, 8, 8]);
    expect(shapeOf({})).toEqual([]);
    expect(shapeOf({ unknownRank: true })).toBeNull();
    expect(shapeOf(undefined)).toBeNull();
    expect(shapeOf({ dimensions: ["x", "1e999"] })).toEqual([null, null]);
  });

  it("counts elements", () => {
    expect(elements([3, 4])).toBe(12);
    expect(elements([])).toBe(1);
    expect(elements([null, 4])).toBeNull();
    expect(elements(null)).toBeNull();
  });

  it("finds the served graph, and the tags that have to be named", () => {
    expect(servedGraph(withTags(["serve", "gpu"], ["serve"]))?.tags).toEqual(["serve"]);
    expect(tagsToName(withTags(["serve"]))).toBeNull();
    expect(tagsToName(withTags(["serve", "gpu"], ["serve"]))).toEqual(["serve"]);
    expect(tagsToName(withTags(["train"]))).toEqual(["train"]);
    expect(servedGraph(null)).toBeNull();
  });

  it("lists a hostile map without touching prototypes", () => {
    expect(pairs(JSON.parse('{"toString":"t","__proto__":"p","a":"b"}'))).toEqual([
      ["__proto__", "p"],
      ["a", "b"],
      ["toString", "t"],
    ]);
    expect(pairs(undefined)).toEqual([]);
  });

  it("has words for relations and short forms for digests", () => {
    expect(relationWords("FINE_TUNED_FROM")).toBe("fine-tuned from");
    expect(relationWords("distilled from")).toBe("distilled from");
    expect(relationWords("fine-tuned from")).toBe("fine-tuned from");
    expect(relationWords("")).toBe("made from");
    expect(shortDigest(`sha256:${"ab".repeat(32)}`)).toBe("abababababab");
  });

  it("reads times with nanoseconds", () => {
    expect(timeOf("2026-11-23T07:04:09.123456789Z")).toBe(Date.UTC(2026, 10, 23, 7, 4, 9, 123));
    expect(timeOf("yesterday")).toBeNull();
    expect(timeOf(undefined)).toBeNull();
  });
});
