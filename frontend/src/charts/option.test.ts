import { describe, expect, it } from "vitest";
import { bow, branchesOf } from "./branches";
import { buildOption, drawnBranches, type Extras, type Paint } from "./option";
import { arrange, bandOf, isWithin, type Point, referenceOf } from "./points";
import { point } from "./testing";

const PAINT: Paint = { text: "t", dim: "d", line: "l", ground: "g", accent: "a", good: "o", band: "b", font: "f" };
const METRIC = { key: "val_accuracy", goal: "max" } as const;

interface Drawn {
  series: {
    name?: string;
    data: (unknown[] & { value?: unknown[]; label?: { formatter(): string } })[];
    endLabel?: unknown;
    labelLayout?: unknown;
    markArea?: { data: unknown[] };
  }[];
}

function optionOf(points: Point[], selected: string | null = null, band: Extras["band"] = null): Drawn {
  const picture = arrange(METRIC, points);
  return buildOption(picture, { band, branches: branchesOf(picture), production: [] }, selected, PAINT) as unknown as Drawn;
}

const lineOf = (option: Drawn, model: string) => option.series.find((each) => each.name === model)?.data ?? [];

describe("aliases", () => {
  it("are flags above their points, beside the best", () => {
    const option = optionOf([point("m", 1, 0.9), point("m", 2, 0.95, { aliases: ["production", "canary", "third"] }), point("m", 3, 0.8)]);
    const [one, two, three] = lineOf(option, "m");
    expect([one?.label, three?.label]).toEqual([undefined, undefined]);
    expect(two?.label?.formatter()).toBe("⚑ production, canary +1 · best 0.9500");
  });

  it("that would cover another one are left out, in a cloud too", () => {
    for (const count of [3, 400]) {
      const points = Array.from({ length: count }, (_, at) => point("m", at, at, at === 1 ? { aliases: ["live"] } : {}));
      const series = optionOf(points).series.filter(({ data }) => data.some((item) => item.label));
      expect(series.map(({ labelLayout }) => labelLayout)).toEqual([{ moveOverlap: "shiftY", hideOverlap: true }]);
    }
  });

  it("of any length do not fill the picture", () => {
    const [one] = lineOf(optionOf([point("m", 1, 0.9, { aliases: ["x".repeat(500)] }), point("m", 2, 1)]), "m");
    expect(one?.label?.formatter()).toBe(`⚑ ${"x".repeat(17)}…`);
  });

  it("stand out of a cloud too", () => {
    const points = Array.from({ length: 400 }, (_, at) => point("m", at, at, at === 7 ? { aliases: ["live"] } : {}));
    const labels = optionOf(points)
      .series.at(-1)
      ?.data.map((item) => item.label?.formatter());
    expect(labels).toEqual(["⚑ live", "best 399"]);
  });
});

describe("branches", () => {
  const points = [
    point("m", 1, 0.1),
    point("m", 2, 0.2, { parents: [["m:1", "fine-tuned from"]] }),
    point("m", 3, 0.3, { parents: [["m:1", "fine-tuned from"]] }),
    point("m", 4, 0.4),
    point("n", 1, 0.1, {
      parents: [
        ["m:4", "distilled from"],
        ["m:4", "derived from"],
        ["gone:1", "made from"],
      ],
    }),
  ];

  it("are where a version was made from another than the one before", () => {
    const { branches, cut } = branchesOf(arrange(METRIC, points));
    expect(branches.map(({ from, to, relation }) => [from.id, to.id, relation])).toEqual([
      ["m:1", "m:3", "fine-tuned from"],
      ["m:4", "n:1", "distilled from"],
      ["m:4", "n:1", "derived from"],
    ]);
    expect([...cut].map((each) => each.id)).toEqual(["m:3", "n:1"]);
  });

  it("break the line that would pretend a descent", () => {
    const drawn = lineOf(optionOf(points), "m").map((item) => item.value ?? [...item]);
    expect(drawn).toEqual([
      [0, 0.1],
      [1, 0.2],
      ["-", "-"],
      [2, 0.3],
      [3, 0.4],
    ]);
  });

  it("a version that names itself is no branch, and two that name each other are", () => {
    const odd = [
      point("m", 1, 1, {
        parents: [
          ["m:1", "made from"],
          ["m:2", "made from"],
        ],
      }),
      point("m", 2, 2),
    ];
    expect(branchesOf(arrange(METRIC, odd)).branches.map(({ from, to }) => [from.id, to.id])).toEqual([["m:2", "m:1"]]);
  });

  it("very many are left to the open version", () => {
    const many = Array.from({ length: 200 }, (_, at) => point("m", at, at, at > 1 ? { parents: [["m:0", "made from"]] } : {}));
    const all = branchesOf(arrange(METRIC, many));
    expect(all.branches).toHaveLength(198);
    expect(drawnBranches(all, "m:150").map((each) => each.to.id)).toEqual(["m:150"]);
    expect(drawnBranches(all, null)).toEqual([]);
  });

  it("bow to where there is room, and are nothing where both ends are one", () => {
    expect(bow({ x: 0, y: 20 }, { x: 100, y: 20 }, 100)).toMatch(/C10,50 60,50 /);
    expect(bow({ x: 0, y: 80 }, { x: 100, y: 80 }, 100)).toMatch(/C10,50 60,50 /);
    expect(bow({ x: 5, y: 5 }, { x: 5, y: 5 }, 100)).toBe("");
  });

  it("leave a version where none ends, and end at the edge of their own point", () => {
    const at = (from: number, to: number): number[] => {
      const [, x0, y0, x1, y1] = /^M([\d.]+),([\d.]+)C.* ([\d.]+),([\d.]+)$/.exec(bow({ x: from, y: 20 }, { x: to, y: 20 }, 100)) ?? [];
      return [x0, y0, x1, y1].map(Number);
    };
    const [, , endX = 0, endY = 0] = at(0, 100);
    expect(Math.hypot(100 - endX, 20 - endY)).toBeCloseTo(5, 0);
    expect(at(100, 0).slice(0, 2)).toEqual([100, 27]);
    expect(100 - endX).toBeGreaterThan(2);
  });
});

describe("the band", () => {
  const noise = { deviation: 0.0042139, degrees: 2, trainings: 3, threshold: 0.02 };
  const points = [point("m", 1, 0.9), point("m", 2, 0.95), point("n", 3, 0.94)];

  it("lies around the open version, else around the best of the largest model, and says so", () => {
    const picture = arrange(METRIC, points);
    expect([referenceOf(picture, "m:1")?.id, referenceOf(picture, "gone:1")?.id]).toEqual(["m:1", "m:2"]);
    const band = bandOf(picture.lines[0]?.best as Point, noise);
    expect(band.words).toBe("within seed noise of m 2 (spread 0.0042 from 3 trainings)");
    expect(optionOf(points, null, band).series[0]?.markArea?.data).toEqual([[{ yAxis: band.low }, { yAxis: band.high }]]);
    expect(optionOf(points).series[0]?.markArea?.data).toEqual([]);
  });

  it("says nothing of other models", () => {
    const band = bandOf(points[1] as Point, noise);
    expect(points.map((each) => isWithin(band, each))).toEqual([false, true, false]);
  });
});

describe("models", () => {
  it("are named in the legend, not over the line of another", () => {
    expect(optionOf([point("m", 1, 1), point("n", 1, 2)]).series.map((each) => each.endLabel)).toEqual([undefined, undefined, undefined]);
  });
});
