import { describe, expect, test } from "vitest";
import type { WireNumber } from "../../api/types";
import { buildTable, type Table } from "../columns";
import { showRows } from "../rows";
import { metric, samplePayload } from "../testing";
import { buildAxis, share, valueAt } from "./axis";
import { type Brush, brushTest, brushWords, NO_BRUSH, packBrushes, unpackBrushes, withBrush } from "./brush";
import { defaultAxes, defaultPair, offerAxes, telling } from "./choose";
import { colorBy, each, grey, sequence } from "./color";
import { fromInput, withEnd } from "./inputs";
import { dragged, grip, moved, parallelLayout, squaresLayout } from "./layout";
import { nearestLine, nearestPoint } from "./nearest";
import { brushAt, brushBetween, brushSpans, layRail, marksOf, places } from "./rail";
import { split } from "./scene";
import { sentence, versionWords } from "./words";

type Cell = string | number | boolean | null;

/** A table of as many versions as there are values. */
function table(metrics: Record<string, (WireNumber | null)[]>, hyper: Record<string, Cell[]> = {}): Table {
  const base = samplePayload();
  const count = Object.values({ ...metrics, ...hyper })[0]?.length ?? 0;
  const index = Array.from({ length: count }, (_, at) => at);
  const first = <T>(column: T[]): T[] => index.map(() => column[0] as T);
  const { columns: c } = base;
  const coded = (column: { values: string[]; codes: number[] }) => ({ ...column, codes: first(column.codes) });
  return buildTable({
    ...base,
    columns: {
      ...c,
      id: index.map((at) => `digits:${at + 1}`),
      number: index.map((at) => at + 1),
      model: coded(c.model),
      state: coded(c.state),
      framework: coded(c.framework),
      semantic_version: first(c.semantic_version),
      description: first(c.description),
      aliases: index.map(() => []),
      created: first(c.created),
      run: first(c.run),
      runs: first(c.runs),
      run_known: first(c.run_known),
      step: first(c.step),
      size: first(c.size),
      parameters: first(c.parameters),
      digest: first(c.digest),
      notice: first(c.notice),
      parents: index.map(() => []),
    },
    metrics: Object.entries(metrics).map(([key, values]) => metric(key, key.endsWith("loss") ? "min" : "max", values)),
    hyperparameters: Object.entries(hyper).map(([name, values]) => ({ name, values })),
    labels: [],
  });
}

const all = ({ count }: Table): Uint32Array => Uint32Array.from({ length: count }, (_, row) => row);
const axisOf = (its: Table, id: string) => buildAxis(its.columns.get(id) as never, all(its));
const brush = (id: string, more: Partial<Brush>): Brush => ({ id, ...NO_BRUSH, ...more });

describe("an axis", () => {
  test("is logarithmic where positive numbers span more than two powers of ten and most are small", () => {
    const its = table(
      { loss: [0.001, 0.02, 2] },
      { small: [0.01, 0.5, 1], zero: [0, 1, 1e6], batch: [32, 64, 256], lr: [0.001, 0.003, 0.01] },
    );
    expect(axisOf(its, "m:loss").log).toBe(true);
    expect(axisOf(its, "hp:small").log).toBe(false);
    const even = Array.from({ length: 200 }, (_, at) => (at + 0.01) / 400);
    expect(axisOf(table({}, { dropout: even }), "hp:dropout").log).toBe(false);
    expect(axisOf(its, "hp:zero").log).toBe(false);
    expect(axisOf(its, "hp:batch").log).toBe(true);
    expect(axisOf(its, "hp:lr").log).toBe(true);
  });

  test("counts what has no place on it, and does not let it move the scale", () => {
    const axis = axisOf(table({ loss: [1, null, "NaN", "Infinity", "-Infinity", 3] }), "m:loss");
    expect([axis.low, axis.high]).toEqual([1, 3]);
    expect(axis.specials.map(({ special, count }) => [special, count])).toEqual([
      ["none", 1],
      ["nan", 1],
      ["low", 1],
      ["high", 1],
    ]);
  });

  test("has texts in an order that people expect", () => {
    const its = table({}, { layers: ["l10", "l9", "l9", null], mixed: [true, "x", 2, 10] });
    expect(axisOf(its, "hp:layers").texts).toEqual([
      { text: "l9", count: 2 },
      { text: "l10", count: 1 },
    ]);
    expect(axisOf(its, "hp:mixed").texts.map(({ text }) => text)).toEqual(["2", "10", "true", "x"]);
  });

  test.each([
    [1e-5, 10],
    [-1e308, 1e308],
    [0.93, 0.97],
  ])("places from %d to %d lead back to their values", (low, high) => {
    const axis = axisOf(table({ loss: [low, high] }), "m:loss");
    for (const at of [0, 0.25, 1]) expect(share(axis, valueAt(axis, at))).toBeCloseTo(at, 9);
  });
});

describe("a rail", () => {
  const its = table({ acc: [0.9, 0.95, null, "NaN", 1] }, { opt: ["adam", "sgd", "adam", "lion", null] });
  const rail = layRail(axisOf(its, "m:acc"), 200);
  const texts = layRail(axisOf(its, "hp:opt"), 200);

  test("keeps bands apart from the scale and every version inside", () => {
    expect(rail.bands.map(({ special }) => special)).toEqual(["none", "nan"]);
    expect(rail.main.from).toBeGreaterThan(rail.bands[1]?.to ?? 0);
    for (const spread of [false, true]) for (const place of places(rail, all(its), spread)) expect(place > 0 && place < 200).toBe(true);
    const [low, middle, none, , high] = places(rail, all(its));
    expect(none).toBeLessThan(low as number);
    expect((low as number) < (middle as number) && (middle as number) < (high as number)).toBe(true);
  });

  test("a drag over everything lets everything through", () => {
    const passes = brushTest(its, [brushBetween(rail, 0, 200)]);
    expect([...all(its)].every((row) => passes?.(row))).toBe(true);
    const some = brushBetween(rail, rail.main.from, 200);
    expect(some).toEqual(brush("m:acc", { range: [0.9, 1] }));
  });

  test("a drag inside takes numbers with no more digits than a pixel tells", () => {
    const [low, high] = brushBetween(rail, 100, 150).range as [number, number];
    expect(String(low).length).toBeLessThanOrEqual(7);
    const [span] = brushSpans(rail, brush("m:acc", { range: [low, high] }));
    expect(span?.from).toBeCloseTo(100, 0);
    expect(span?.to).toBeCloseTo(150, 0);
  });

  test("texts and bands are taken by a drag over their middle or by a click", () => {
    expect(brushBetween(texts, texts.main.from, texts.main.to).texts).toEqual(["adam", "lion", "sgd"]);
    expect(brushAt(texts, 5)).toEqual(brush("hp:opt", { specials: ["none"] }));
    expect(brushAt(texts, 190)).toEqual(brush("hp:opt", { texts: ["sgd"] }));
    expect(brushAt(rail, 190)).toBeNull();
    expect(brushBetween(texts, 185, 187).texts).toEqual(["sgd"]);
  });

  test("marks say how many have no value", () => {
    expect(marksOf(rail, 26).filter(({ band }) => band)).toMatchObject([
      { label: "–", count: 1 },
      { label: "NaN", count: 1 },
    ]);
  });

  test("an axis whose numbers are all equal has them in its middle", () => {
    const same = table({ acc: [0.5, 0.5] });
    const its = layRail(axisOf(same, "m:acc"), 100);
    expect([...places(its, all(same))]).toEqual([50, 50]);
    expect(brushBetween(its, 40, 60).range).toEqual([0.5, 0.5]);
  });
});

describe("a brush", () => {
  const its = table({ acc: [0.9, 0.95, null, "NaN"] }, { opt: ["adam", "sgd", "adam", null] });

  test("filters beside query and facets; the charts draw the others too", () => {
    const passes = brushTest(its, [brush("m:acc", { range: [0.92, 1], specials: ["none"] })]);
    const shown = showRows(its, (row) => row < 3, { models: [], aliases: [], runs: [], states: [] }, { brushed: passes });
    expect([...shown.rows]).toEqual([1, 2]);
    expect([...shown.drawn]).toEqual([0, 1, 2]);
    expect(shown.counts.models.get("digits")).toBe(2);
  });

  test("without brushes the drawn versions are the shown ones", () => {
    const shown = showRows(its, null, { models: [], aliases: [], runs: [], states: [] });
    expect(shown.drawn).toBe(shown.rows);
    expect(brushTest(its, [])).toBeNull();
    expect(brushTest(its, [brush("m:gone", { range: [0, 1] })])).toBeNull();
  });

  test("several columns must all pass", () => {
    const passes = brushTest(its, [brush("m:acc", { range: [0, 1] }), brush("hp:opt", { texts: ["sgd"] })]);
    expect([0, 1, 2, 3].filter((row) => passes?.(row))).toEqual([1]);
  });

  test("one that asks for nothing removes its column's", () => {
    const old = [brush("m:acc", { range: [0, 1] }), brush("hp:opt", { texts: ["sgd"] })];
    expect(withBrush(old, brush("m:acc", {}))).toEqual([old[1]]);
  });

  test("reads well", () => {
    expect(brushWords(its.columns.get("m:acc"), brush("m:acc", { range: [0.93, 0.9712345678], specials: ["none"] }))).toBe(
      "0.93 – 0.971235 or –",
    );
    expect(brushWords(its.columns.get("hp:opt"), brush("hp:opt", { texts: ["a", "b", "c", "d", "e"] }))).toBe("a or b or c or 2 more");
  });

  test("hostile addresses ask for nothing", () => {
    expect(unpackBrushes(",>,m:acc>,m:acc>x~y,m:acc>3~1,m:acc>!what,>1~2,m:acc>NaN~1,%,m:acc>~")).toEqual([]);
    const odd = [brush("hp:a,b>c|d", { texts: ["|", ",", ">", "%7C", "=x", ""], specials: ["high"] })];
    expect(unpackBrushes(packBrushes(odd))).toEqual(odd);
  });
});

describe("the ends of a range in an input", () => {
  const axis = axisOf(table({ acc: [0.9, 0.95, 1] }), "m:acc");
  test("one end is enough, both empty are everything, and the smaller comes first", () => {
    expect(withEnd(axis, null, 0, 0.92)).toEqual([0.92, 1]);
    expect(withEnd(axis, [0.92, 1], 1, 0.91)).toEqual([0.91, 0.92]);
    expect(withEnd(axis, [0.92, 1], 0, null)).toBeNull();
    expect(fromInput(axis.column, " ")).toBeNull();
    expect(fromInput(axis.column, "1e-3")).toBe(0.001);
  });
});

describe("colours", () => {
  const luminance = (color: string): number => {
    const [r = 0, g = 0, b = 0] = [1, 3, 5]
      .map((at) => Number.parseInt(color.slice(at, at + 2), 16) / 255)
      .map((value) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const contrast = (a: string, b: string): number => {
    const [low = 0, high = 0] = [luminance(a), luminance(b)].sort((x, y) => x - y);
    return (high + 0.05) / (low + 0.05);
  };

  test.each([
    [false, "#ffffff"],
    [true, "#303030"],
  ])("dark %s: all are seen on the ground, and the sequence moves away from it", (dark, ground) => {
    for (const color of [...sequence(dark), ...each(dark), grey(dark)]) expect(contrast(color, ground), color).toBeGreaterThanOrEqual(3);
    const steps = sequence(dark, 12).map((color) => contrast(color, ground));
    expect(steps).toEqual([...steps].sort((a, b) => a - b));
  });

  test("numbers go from end to end, and what has none is grey", () => {
    const its = table({ acc: [1, 2, null, "NaN", 3] });
    const coloring = colorBy(its.columns.get("m:acc") as never, all(its), { count: 5, dark: false });
    expect([...(coloring?.codes ?? [])]).toEqual([1, expect.any(Number), 0, 0, 32]);
    expect(coloring?.entries.map(({ label, count }) => [label, count])).toEqual([
      ["–", 1],
      ["NaN", 1],
    ]);
  });

  test("one value far away does not take all the colours", () => {
    const its = table({ loss: [1, 1.1, 1.2, 1.3, 1.4, 1.5, 1.6, 1.7, 90] });
    const coloring = colorBy(its.columns.get("m:loss") as never, all(its), { count: 9, dark: true });
    expect(coloring?.ends).toEqual([1, expect.closeTo(1.7, 6)]);
    expect(coloring?.codes[8]).toBe(coloring?.codes[7]);
  });

  test("texts have a colour each, rare ones are grey together, equal ones are constant", () => {
    const names = [..."aabbccddeeffgghhij"];
    const its = table({}, { name: names, same: names.map(() => "x") });
    const coloring = colorBy(its.columns.get("hp:name") as never, all(its), { count: names.length, dark: false });
    expect(coloring?.entries.at(-1)).toMatchObject({ label: "2 others", count: 2, brush: null });
    expect(new Set(coloring?.codes).size).toBe(9);
    expect(colorBy(its.columns.get("hp:same") as never, all(its), { count: names.length, dark: false })?.kind).toBe("constant");
  });

  test("what is better lies on top", () => {
    const its = table({ loss: [3, 1, 2] });
    const coloring = colorBy(its.columns.get("m:loss") as never, all(its), { count: 3, dark: false });
    expect([...split(its, all(its), [], coloring).inner]).toEqual([0, 2, 1]);
    const some = split(its, all(its), [brush("m:loss", { range: [1.5, 9] })], coloring);
    expect([[...some.inner], [...some.inside]]).toEqual([
      [0, 2],
      [1, 0, 1],
    ]);
  });
});

describe("what is shown first", () => {
  const count = 40;
  const index = Array.from({ length: count }, (_, at) => at);
  const noise = (at: number): number => ((at * 7919) % 97) / 97;
  const its = table(
    { val_accuracy: index.map((at) => 0.5 + 0.01 * (at % 8) + 0.001 * noise(at)), loss: index.map(noise) },
    {
      seed: index.map((at) => Math.floor(noise(at) * 1000)),
      units: index.map((at) => 2 ** (at % 8)),
      optimizer: index.map((at) => (at % 8 > 3 ? "adam" : "sgd")),
      constant: index.map(() => 1),
      name: index.map((at) => `run number ${at} of many`),
    },
  );
  const offer = offerAxes(its, [...its.columns.keys()]);

  test("the hyperparameters that say most about the leading metric, which stands last", () => {
    const axes = defaultAxes(its, offer.columns, 8);
    expect(axes.slice(0, 2)).toEqual(["hp:units", "hp:optimizer"]);
    expect(axes).not.toContain("hp:constant");
    expect(axes.at(-1)).toBe("m:val_accuracy");
    expect(defaultPair(its, offer.columns)).toEqual(["hp:units", "m:val_accuracy"]);
  });

  test("chance is not taken for more than it is", () => {
    const lead = its.columns.get("m:val_accuracy") as never;
    expect(telling(its.columns.get("hp:seed") as never, lead)).toBeLessThan(0.2);
    expect(telling(its.columns.get("hp:name") as never, lead)).toBeLessThan(0.2);
    expect(telling(its.columns.get("hp:units") as never, lead)).toBeGreaterThan(0.9);
  });

  test("columns that can't be read as an axis are left out with the reason", () => {
    const many = table({ a: Array.from({ length: 60 }, (_, at) => at) }, { note: Array.from({ length: 60 }, (_, at) => `note ${at}`) });
    const { left } = offerAxes(many, ["hp:note", "alias", "m:a"]);
    expect(left.map(({ reason }) => reason)).toEqual(["more than 50 different texts", "several values in one version"]);
  });

  test("without hyperparameters and metrics there is still something, or nothing", () => {
    const bare = table({}, { x: [1, 1] });
    expect(defaultAxes(bare, offerAxes(bare, [...bare.columns.keys()]).columns, 8)).toEqual(["step", "created"]);
  });
});

describe("places on screen", () => {
  test("axes that would be too close make the drawing wider than the room", () => {
    expect(parallelLayout(8, { width: 1200, height: 300 }).width).toBeCloseTo(1200);
    expect(parallelLayout(8, { width: 300, height: 300 }).width).toBeGreaterThan(700);
    expect(parallelLayout(1, { width: 300, height: 300 }).xs).toEqual([150]);
  });

  test("every pair of axes has one square", () => {
    const { planes } = squaresLayout(4, { width: 1000, height: 600 });
    expect(planes.map(({ x, y }) => `${x}${y}`)).toEqual(["01", "02", "12", "03", "13", "23"]);
    expect(squaresLayout(2, { width: 1000, height: 600 }).planes).toHaveLength(1);
  });

  test("a chosen part is moved in its middle and made larger at its edge, never beyond the axis", () => {
    expect(dragged(grip([{ from: 20, to: 40 }], 30), 95, 100)).toEqual([80, 100]);
    expect(dragged(grip([{ from: 20, to: 40 }], 41), 70, 100)).toEqual([20, 70]);
    expect(dragged(grip([], 30), 10, 100)).toEqual([10, 30]);
  });

  test("an axis moves by one place and not beyond the first", () => {
    expect(moved(["a", "b", "c"], 0, 1)).toEqual(["b", "a", "c"]);
    expect(moved(["a", "b", "c"], 0, -1)).toEqual(["a", "b", "c"]);
  });

  test("the pointer finds the line between two axes, and one inside of the ranges first", () => {
    const lines = { xs: [0, 100], heights: [Float32Array.of(0, 10), Float32Array.of(100, 10)] };
    expect(nearestLine(lines, { x: 50, y: 52 }, Uint8Array.of(1, 1))?.at).toBe(0);
    expect(nearestLine(lines, { x: 50, y: 30 }, Uint8Array.of(1, 1))).toBeNull();
    expect(nearestLine(lines, { x: 10, y: 10.5 }, Uint8Array.of(1, 0))?.at).toBe(0);
    expect(nearestPoint({ xs: Float32Array.of(5, 6), ys: Float32Array.of(5, 6) }, { x: 6, y: 6 }, Uint8Array.of(1, 1))).toEqual({
      at: 1,
      x: 6,
      y: 6,
    });
  });
});

test("the picture in words says scale, gaps and ranges", () => {
  const its = table({ loss: [0.001, 1, null, "NaN"] });
  const coloring = colorBy(its.columns.get("m:loss") as never, all(its), { count: 4, dark: false });
  expect(sentence("Scatter chart", { axes: [axisOf(its, "m:loss")], coloring, drawn: 4, inside: 3 })).toBe(
    "Scatter chart of 4 versions: loss (logarithmic, 1 without a value, 1 NaN). Coloured by loss, from 0.001000 to 1." +
      " 3 inside of the chosen ranges. The table below shows the same versions.",
  );
  expect(versionWords(its, 1)).toBe("digits 2 · 1.0.0");
});
