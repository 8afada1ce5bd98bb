import { describe, expect, it } from "vitest";
import { chooseNodes, MOST_NODES } from "./choose";
import { layersOf } from "./family";
import { type Lineage, lineageOf } from "./graph";
import { layOut } from "./layout";
import { nextNode } from "./move";
import { relativesOf } from "./relatives";
import { allRows, type Made, tableOf } from "./sample";
import { countsInWords, kindsOf, nodeInWords } from "./words";

const ALL = { focus: null, runs: true, datasets: true };

function whole(versions: Made[], ask: Partial<Parameters<typeof lineageOf>[1]> = {}): Lineage {
  const table = tableOf(versions);
  return lineageOf(relativesOf(table), { rows: allRows(table), ...ALL, ...ask });
}

const keys = (lineage: Lineage): string[] => lineage.nodes.map((node) => node.key).sort();
const words = (lineage: Lineage): string[] => lineage.edges.map((edge) => edge.words).sort();

describe("lineageOf", () => {
  it("says in words how versions, runs and data hang together", () => {
    const lineage = whole([
      { id: "digits:9", runs: ["cnn/train", "cnn/validation"], step: 13, data: ["digits/train", "digits/test"] },
      { id: "digits:13", parents: ["digits:9"], relations: ["fine-tuned from"], runs: ["tuned"], data: ["digits/"] },
    ]);
    expect(keys(lineage)).toEqual(["data 0", "data 1", "data 2", "run cnn", "run tuned", "version digits:13", "version digits:9"]);
    expect(words(lineage)).toEqual([
      "cnn exported digits 9 at step 13",
      "cnn was evaluated on digits (test)",
      "cnn was trained on digits (train)",
      "digits 13 was fine-tuned from digits 9",
      "tuned exported digits 13",
      "tuned used digits",
    ]);
    expect(lineage.edges.find((edge) => edge.to === "version digits:13" && edge.from === "version digits:9")?.kind).toBe("fine-tuned");
    expect(lineage.nodes.find((node) => node.key === "run cnn")?.runs).toEqual(["cnn/train", "cnn/validation"]);
  });

  it("several runs of one version are all there, and data leads to the version where no run is", () => {
    const lineage = whole([
      { id: "a:1", runs: ["one", "two/eval"], step: 5 },
      { id: "a:2", data: ["d/train"] },
    ]);
    expect(words(lineage)).toEqual(["a 1 is linked to two/eval", "a 2 was trained on d (train)", "one exported a 1 at step 5"]);
    const without = whole([{ id: "a:1", runs: ["one"], data: ["d/train"] }], { runs: false });
    expect(words(without)).toEqual(["a 1 was trained on d (train)"]);
    expect(keys(whole([{ id: "a:1", runs: ["one"], data: ["d/train"] }], { runs: false, datasets: false }))).toEqual(["version a:1"]);
  });

  it("a parent that is not here has a node, one for all its children", () => {
    const lineage = whole([
      { id: "a:1", parents: ["gone:9"] },
      { id: "a:2", parents: ["gone:9"], relations: ["distilled from"] },
    ]);
    expect(keys(lineage)).toEqual(["missing gone:9", "version a:1", "version a:2"]);
    expect(words(lineage)).toEqual(["a 1 was made from gone:9", "a 2 was distilled from gone:9"]);
  });

  it("what the filter hides is shown where something that is shown comes from it", () => {
    const versions: Made[] = [{ id: "a:1" }, { id: "a:2", parents: ["a:1"] }, { id: "a:3", parents: ["a:2"] }, { id: "a:4" }];
    const lineage = whole(versions, { rows: Uint32Array.of(2) });
    expect(lineage.nodes.map((node) => [node.name, node.shown])).toEqual([
      ["a 1", false],
      ["a 2", false],
      ["a 3", true],
    ]);
    expect(keys(whole(versions, { rows: Uint32Array.of(2), focus: 3 }))).toContain("version a:4");
  });

  it("circles and versions that name themselves do not hang it", () => {
    const lineage = whole([
      { id: "a:1", parents: ["a:2", "a:1", "a:2"] },
      { id: "a:2", parents: ["a:3"] },
      { id: "a:3", parents: ["a:1"] },
    ]);
    expect(lineage.edges).toHaveLength(3);
    expect(lineage.notes).toEqual(["1 version names itself as its parent."]);
    expect([...layersOf(lineage.nodes, lineage.edges).values()].sort()).toEqual([0, 1, 2]);
    expect(layOut(lineage).boxes.size).toBe(3);
  });
});

describe("the cut of a large graph", () => {
  const chain = (count: number): Made[] =>
    Array.from({ length: count }, (_, at) => ({ id: `m:${at + 1}`, parents: at === 0 ? [] : [`m:${at}`], data: ["d/train"] }));

  it("keeps what is nearest to the version in question, and says how many there are", () => {
    const lineage = whole(chain(1_000), { focus: 500 });
    expect([lineage.nodes.length, lineage.total, lineage.around]).toEqual([MOST_NODES, 1_001, "m:501"]);
    const rows = lineage.nodes.filter((node) => node.kind === "version").map((node) => node.row);
    expect([Math.min(...rows), Math.max(...rows)]).toEqual([351, 649]);
  });

  it("is around the newest version where no other is asked for, and is filled with others", () => {
    const versions = Array.from({ length: 400 }, (_, at): Made => ({ id: `m:${at + 1}`, runs: [`r${Math.floor(at / 4)}`] }));
    const lineage = whole(versions);
    expect([lineage.nodes.length, lineage.total, lineage.around]).toEqual([300, 500, "m:400"]);
    expect(lineage.nodes[1]?.name).toBe("r99");
  });

  it("of a run with very many versions the neighbours come first", () => {
    const versions = Array.from({ length: 5_000 }, (_, at): Made => ({ id: `m:${at + 1}`, runs: ["one"] }));
    const rows = whole(versions, { focus: 2_500 })
      .nodes.filter((node) => node.kind === "version")
      .map((node) => node.row);
    expect(Math.max(...rows) - Math.min(...rows)).toBe(298);
  });

  it("10,000 versions are cut to 300 nodes", () => {
    const versions = Array.from({ length: 10_000 }, (_, at): Made => {
      const parents = at > 0 ? [`m:${Math.ceil(at / 2)}`] : [];
      return { id: `m:${at + 1}`, parents, runs: [`r${at % 300}/train`, `r${at % 300}/validation`], data: ["d/train", `e${at % 9}/test`] };
    });
    const table = tableOf(versions);
    const relatives = relativesOf(table);
    const choice = chooseNodes(relatives, { rows: allRows(table), ...ALL, focus: 7_000 });
    expect([choice.nodes.length, choice.total]).toEqual([300, 10_310]);
  });
});

describe("the keyboard", () => {
  it("follows the lines, and goes up and down within a layer", () => {
    const lineage = whole([
      { id: "a:1", runs: ["one"], data: ["d/train"] },
      { id: "a:2", runs: ["one"] },
      { id: "a:3", parents: ["a:2"], runs: ["two"] },
    ]);
    const layout = layOut(lineage);
    const go = (from: string, key: string): string | null => nextNode(layout, lineage.edges, from, key);
    expect(go("data 0", "ArrowRight")).toBe("run one");
    expect(go("version a:2", "ArrowRight")).toBe("version a:3");
    expect(go("version a:3", "ArrowLeft")).toBe("version a:2");
    expect(go("version a:2", "ArrowLeft")).toBe("run one");
    expect(go("run one", "ArrowLeft")).toBe("data 0");
    expect([go("version a:1", "ArrowDown"), go("version a:2", "ArrowUp")]).toEqual(["version a:2", "version a:1"]);
    expect([go("data 0", "ArrowLeft"), go("version a:3", "ArrowRight"), go("nobody", "ArrowUp"), go("run one", "Home")]).toEqual([
      null,
      null,
      null,
      null,
    ]);
  });
});

describe("words", () => {
  const lineage = whole([
    { id: "a:1", runs: ["one"], step: 7 },
    { id: "a:2", parents: ["a:1", "gone:1"], relations: ["distilled from", "derived from"], data: ["d/test"] },
  ]);
  const node = (key: string) => lineage.nodes.find((each) => each.key === key) as (typeof lineage.nodes)[number];

  it("count what there is", () => {
    expect(countsInWords(lineage)).toBe("2 versions, 1 run, 1 dataset and 1 version that is not here");
    expect(countsInWords({ nodes: [] })).toBe("");
    expect(kindsOf(lineage)).toEqual(["distilled", "derived", "exported", "evaluated"]);
  });

  it("say of a node what its lines say", () => {
    expect(nodeInWords(node("version a:1"), lineage.edges, "loss 0.5")).toBe(
      "Version a 1, loss 0.5. one exported a 1 at step 7. a 2 was distilled from a 1",
    );
    expect(nodeInWords(node("missing gone:1"), lineage.edges, "")).toBe("Version gone:1, not here. a 2 was derived from gone:1");
    expect(nodeInWords({ ...node("data 0"), shown: false }, [], "")).toBe("Dataset d, test, not among the shown versions");
  });
});

describe("layOut", () => {
  const noOverlap = (lineage: Lineage): void => {
    const boxes = [...layOut(lineage).boxes.values()];
    for (const [at, a] of boxes.entries())
      for (const b of boxes.slice(at + 1)) {
        const apart = a.x + a.width <= b.x || b.x + b.width <= a.x || a.y + a.height <= b.y || b.y + b.height <= a.y;
        expect(apart, `${JSON.stringify(a)} ${JSON.stringify(b)}`).toBe(true);
      }
  };

  it("goes from left to right, and nothing lies over another", () => {
    const lineage = whole([
      { id: "a:1", runs: ["one"], data: ["d/train", "d/test"] },
      { id: "a:2", runs: ["one"], data: ["d/train"] },
      { id: "a:3", parents: ["a:1"], runs: ["two"], data: ["e/train"] },
      { id: "b:1", parents: ["gone:1"] },
    ]);
    const { boxes, paths, width, height } = layOut(lineage);
    for (const { edge } of paths) expect(boxes.get(edge.from)?.x).toBeLessThan(boxes.get(edge.to)?.x as number);
    expect(paths).toHaveLength(lineage.edges.length);
    for (const box of boxes.values()) expect([box.x + box.width <= width, box.y + box.height <= height]).toEqual([true, true]);
    noOverlap(lineage);
  });

  const random = (seed: number): (() => number) => {
    let state = seed;
    return () => (state = (state * 1_103_515_245 + 12_345) % 2_147_483_648) / 2_147_483_648;
  };
  const next = random(7);
  const shapes: Record<string, Made[]> = {
    "sixty trainings": Array.from({ length: 230 }, (_, at) => ({
      id: `m:${at + 1}`,
      runs: [`r${Math.floor(at / 4)}`],
      parents: next() < 0.3 && at > 4 ? [`m:${1 + Math.floor(next() * (at - 4))}`] : [],
      data: [`d${Math.floor(next() * 4)}/train`, "t/test"],
    })),
    "a chain": Array.from({ length: 300 }, (_, at) => ({ id: `m:${at + 1}`, parents: at ? [`m:${at}`] : [] })),
    "a chain with long edges": Array.from({ length: 300 }, (_, at) => ({ id: `m:${at + 1}`, parents: at > 1 ? [`m:${at}`, "m:1"] : [] })),
    "everybody of three": Array.from({ length: 300 }, (_, at) => ({
      id: `m:${at + 1}`,
      parents: at > 3 ? [0, 1, 2].map(() => `m:${1 + Math.floor(next() * at)}`) : [],
    })),
    "everybody of all": Array.from({ length: 300 }, (_, at) => ({
      id: `m:${at + 1}`,
      parents: Array.from({ length: 300 }, (_, other) => `m:${other + 1}`),
    })),
    "two halves": Array.from({ length: 300 }, (_, at) => ({
      id: `m:${at + 1}`,
      parents: at < 150 ? [] : Array.from({ length: 8 }, (_, k) => `m:${((at * 7 + k * 13) % 150) + 1}`),
    })),
  };
  it.each(Object.entries(shapes))("300 nodes are laid out, whatever their shape: %s", (_, versions) => {
    const lineage = whole(versions);
    expect(lineage.nodes.length).toBeGreaterThan(280);
    // One that takes the square of its time hangs, and vitest's limit ends it.
    noOverlap(lineage);
  });
});
