import { describe, expect, it } from "vitest";
import type { Table } from "../columns";
import { tableOf } from "../lineage/sample";
import { overSeeds } from "./noise";
import { seedNoise } from "./pooled";

interface Made {
  value: number;
  recipe?: number;
  seeds?: number;
  run?: string;
  step?: number;
  model?: string;
}

function noiseOf(versions: Made[], row = 0): ReturnType<typeof seedNoise> {
  const table: Table = tableOf(
    versions.map(({ model = "m", run, step = 10 }, at) => ({ id: `${model}:${at + 1}`, runs: run ? [run] : [], step })),
  );
  table.payload.columns.recipe = versions.map(({ recipe = 0 }) => recipe);
  table.payload.columns.seeds = versions.map(({ seeds }, at) => seeds ?? at);
  return seedNoise(
    table,
    Float64Array.from(versions, ({ value }) => value),
    row,
  );
}

const three: Made[] = [
  { value: 0.9, run: "a" },
  { value: 0.92, run: "b" },
  { value: 0.94, run: "c" },
];

describe("seedNoise", () => {
  it("is the spread of trainings that differ in their seed only, and the threshold for two single ones", () => {
    const noise = noiseOf(three);
    expect(noise?.deviation).toBeCloseTo(0.02, 12);
    expect([noise?.degrees, noise?.trainings]).toEqual([2, 3]);
    expect(noise?.threshold).toBeCloseTo(4.30265 * 0.02 * Math.SQRT2, 6);
  });

  it("agrees with the test of a comparison where two recipes are pooled", () => {
    const first = { count: 3, mean: 0.92, deviation: Math.sqrt(0.0008 / 3) };
    const pooled = noiseOf([...three, { value: 0.5, run: "d", recipe: 1 }, { value: 0.53, run: "e", recipe: 1 }]);
    expect(pooled?.deviation).toBeCloseTo(overSeeds(first, { count: 2, mean: 0.515, deviation: 0.015 })?.spread as number, 12);
    expect([pooled?.degrees, pooled?.trainings]).toEqual([3, 5]);
  });

  it("takes one export of each training, the one nearest in steps", () => {
    const others: Made[] = [
      { value: 5, run: "b", step: 6 },
      { value: 7, run: "c", step: 18 },
      { value: 9, run: "a/validation", step: 9 },
    ];
    expect(noiseOf([...three, ...others])?.deviation).toBeCloseTo(0.02, 12);
  });

  it("leaves out exports after many more steps, equal seeds, other recipes and other models", () => {
    const others: Made[] = [
      { value: 5, run: "d", step: 30 },
      { value: 5, run: "e", seeds: 0 },
      { value: 5, run: "f", recipe: 3 },
      { value: 5, run: "g", recipe: -1 },
      { value: 5, run: "h", model: "other" },
      { value: Number.NaN, run: "i" },
    ];
    expect(noiseOf([...three, ...others])?.trainings).toBe(3);
  });

  it("does not take trainings with unknown seeds for one", () => {
    expect(noiseOf(three.map((each) => ({ ...each, seeds: -1 })))?.trainings).toBe(3);
  });

  it("is not known from two trainings, from equal values, and where nobody knows the recipe", () => {
    expect(noiseOf(three.slice(0, 2))).toBeNull();
    expect(noiseOf(three.map((each) => ({ ...each, value: 0.5 })))).toBeNull();
    expect(noiseOf(three.map((each) => ({ ...each, recipe: -1 })))).toBeNull();
    expect(noiseOf(three.map((each) => ({ ...each, run: "a" })))).toBeNull();
  });

  it("survives values near the largest double", () => {
    expect(noiseOf(three.map((each) => ({ ...each, value: each.value * 1e308 })))?.deviation).toBeCloseTo(0.02e308, -300);
  });

  it("of 10,000 versions is quickly told", () => {
    const many = Array.from({ length: 10_000 }, (_, at): Made => ({ value: Math.sin(at), run: `r${at % 300}`, recipe: at % 50, step: at }));
    const start = performance.now();
    expect(noiseOf(many)).not.toBeNull();
    expect(performance.now() - start).toBeLessThan(500);
  });
});
