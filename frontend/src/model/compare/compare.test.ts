import { describe, expect, test } from "vitest";
import type { CompareCell, CompareMember, ComparePayload, CompareRow, ScalarsPayload } from "../../api/types";
import { buildTable } from "../columns";
import { prepare } from "../curves/prepare";
import { samplePayload } from "../testing";
import { guessPayload, guessTags } from "./guess";
import { decodeLook, encodeLook, type Look } from "./look";
import { exportsOf, firstTags, partOf, picturesOf, runsOf, sentencesOf, shortNames } from "./pictures";
import { besideExport, chipOf, isFoldable, isOther, unfolded } from "./verdicts";

function cell(more: Partial<CompareCell> = {}): CompareCell {
  return { text: "1", value: 1, absent: false, known: true, verdict: null, reasons: [], details: {}, ...more };
}

function row(group: CompareRow["group"], key: string, cells: CompareCell[], more: Partial<CompareRow> = {}): CompareRow {
  return { group, key, label: key, differs: true, caution: null, details: {}, cells, ...more };
}

function member(id: string, runs: string[], more: Partial<CompareMember> = {}): CompareMember {
  const number = Number(id.split(":")[1]) || null;
  return {
    id,
    kind: number ? "version" : "run",
    label: id.replace(":", " "),
    model: number ? "digits" : null,
    number,
    semantic_version: null,
    created: null,
    state: null,
    notice: null,
    runs: runs.map((name) => ({ name, step: 20, wall_time: 1_000_120_000, known: name !== "gone" })),
    siblings: [],
    ...more,
  };
}

const at = (run: string, step: number, value: number | "NaN"): CompareCell =>
  cell({ details: { point: "at export", step, at_export: value, run, tag: "loss" } });

/** Two exports of one run, and a run without a version. */
function payload(): ComparePayload {
  return {
    schema_version: 1,
    revision: "r",
    summary: "",
    baseline: 0,
    members: [member("digits:1", ["a"]), member("digits:2", ["a", "gone"]), member("run:b", ["b"])],
    groups: [],
    rows: [
      row("metrics", "accuracy", [cell({ absent: true, details: { point: "", tag: null } })], { details: { goal: "max" } }),
      row("metrics", "loss", [at("a", 10, 0.5), at("a", 20, 0.25), cell({ details: { point: "last", run: "b", tag: "loss", step: 3 } })], {
        details: { goal: "min" },
      }),
      row("metrics", "odd", [cell({ details: { tag: "odd", run: "a" } })], { details: { goal: "unknown" } }),
    ],
    differing: 3,
    equal: 0,
    problems: [],
  };
}

const SCALARS: ScalarsPayload = {
  series: [
    { run: "b", tag: "loss", steps: [1, 2, 3], wall_times: [5, 6, 7], values: [3, "NaN", "Infinity"], sampled: false },
    { run: "a", tag: "loss", steps: [0, 10, 20, 30], wall_times: [100, 110, 120, 130], values: [1, 0.5, 0.25, 0.2], sampled: false },
    { run: "foreign", tag: "loss", steps: [1], wall_times: [1], values: [1], sampled: false },
  ],
  missing: [],
};

const PLAIN = { x: "step", smooth: 0, log: false, outliers: true } as const;

describe("pictures", () => {
  test("two exports of one run are two marks on one curve, at exact steps and values, smoothed or not", () => {
    const [picture] = picturesOf(payload(), SCALARS, ["loss"]);
    if (!picture) throw new Error("no picture");
    expect(picture.curves.map((each) => each.run)).toEqual(["a", "b"]);
    expect(picture.curves[0]?.members).toEqual([0, 1]);
    for (const smooth of [0, 0.9]) {
      const drawing = prepare(picture, { ...PLAIN, smooth }, new Set());
      expect(drawing?.exports.map(({ member: of, x, value }) => [of, x, value])).toEqual([
        [0, 10, 0.5],
        [1, 20, 0.25],
      ]);
    }
    const relative = prepare(picture, { ...PLAIN, x: "relative" }, new Set());
    expect(relative?.exports.map((each) => each.x)).toEqual([10, 20]);
  });

  test("NaN and infinities have no place on the axis, and are counted", () => {
    const [picture] = picturesOf(payload(), SCALARS, ["loss"]);
    const drawing = picture && prepare(picture, PLAIN, new Set(["a"]));
    expect(drawing?.oddities.map((each) => each.kind)).toEqual(["NaN", "∞"]);
    expect(drawing?.exports).toEqual([]);
    expect(drawing?.y.low).toBeLessThan(3);
    expect(drawing?.y.high).toBeGreaterThan(3);
  });

  test("nothing but NaN still makes a chart, no points at all make none", () => {
    const nan = {
      tag: "t",
      metrics: [],
      exports: [],
      curves: [{ run: "a", members: [0], steps: [1], times: [1], values: Float64Array.of(Number.NaN), sampled: false }],
    };
    expect(prepare(nan, PLAIN, new Set())?.oddities).toHaveLength(1);
    expect(prepare({ ...nan, curves: [] }, PLAIN, new Set())).toBeNull();
  });

  test("a value at export that is NaN has no mark", () => {
    const odd = payload();
    odd.rows = [row("metrics", "loss", [at("a", 10, "NaN")])];
    const [picture] = picturesOf(odd, SCALARS, ["loss"]);
    expect(exportsOf(odd)).toHaveLength(1);
    expect(picture && prepare(picture, PLAIN, new Set())?.exports).toEqual([]);
  });

  test("charts begin with metrics that have a goal; runs that are gone are not asked for", () => {
    expect(firstTags(payload())).toEqual(["loss"]);
    expect(runsOf(payload().members)).toEqual(["a", "b"]);
    expect(shortNames(payload().members)).toEqual(["v1", "v2", "run b"]);
    expect([partOf("x/validation"), partOf("x/y"), partOf("train")]).toEqual(["validation", "", ""]);
  });
});

test("the summary is a paragraph for each member, and loses nothing", () => {
  const summary = "digits 2 has 0.5 % higher loss than digits 1. run b against digits 1: worse. 3 more are in the table.";
  const found = sentencesOf({ summary, members: payload().members });
  expect(found).toEqual([
    { who: "digits 2", text: " has 0.5 % higher loss than digits 1." },
    { who: "run b", text: " against digits 1: worse. 3 more are in the table." },
  ]);
  expect(sentencesOf({ summary: "", members: [] })).toEqual([{ who: "", text: "" }]);
});

describe("what the table knows already", () => {
  const table = buildTable(samplePayload());

  test("members with their runs", () => {
    const guess = guessPayload(table, [table.ids[0] as string, "run:b", "gone:1"], ["b/train", "b", "bb"]);
    expect(guess.members.map((each) => each.id)).toEqual([table.ids[0], "run:b"]);
    expect(runsOf(guess.members).slice(-2)).toEqual(["b", "b/train"]);
  });

  test("tags of metrics with a goal, as Keras calls them where it trained", () => {
    const sample = samplePayload();
    const unread = buildTable({ ...sample, metrics: sample.metrics.map(({ best: _, last: __, ...rest }) => rest) });
    const plain = guessPayload(unread, [], []);
    expect(guessTags(unread, plain)).toEqual(["val_accuracy", "val_loss"]);
    const keras = guessPayload(unread, ["run:b"], ["b/train"]);
    expect(guessTags(unread, keras)).toContain("epoch_loss");
  });

  test("once it knows which metrics have a curve, of these alone", () => {
    expect(guessTags(table, guessPayload(table, [], []))).toEqual(["val_accuracy"]);
  });

  test("guessed tags come first, and none that the comparison does not have", () => {
    expect(firstTags(payload(), ["epoch_loss", "loss"])).toEqual(["loss"]);
  });
});

describe("a link carries the looks", () => {
  test("the defaults leave no trace", () => {
    expect(encodeLook(decodeLook({}))).toEqual({});
  });

  test("everything comes back", () => {
    const look: Look = {
      base: "digits:2",
      tags: ["a,b", "loss=x", "100%"],
      pins: ["loss"],
      hide: ["run, with comma"],
      goals: new Map([
        ["a=b", "min"],
        ["c,d", "max"],
      ]),
      all: true,
      x: "relative",
      smooth: 0.6,
      log: true,
      outliers: true,
    };
    expect(decodeLook(encodeLook(look))).toEqual(look);
    expect(decodeLook(encodeLook({ ...look, tags: [] })).tags).toEqual([]);
  });

  test("nonsense is the default", () => {
    const look = decodeLook({ x: "sideways", smooth: "much", goals: "loss=best,=min" });
    expect([look.x, look.smooth, look.goals.size]).toEqual(["step", 0, 0]);
    expect(decodeLook({ smooth: "7" }).smooth).toBeLessThan(1);
  });
});

describe("verdicts in words", () => {
  const metric = (verdict: string, details: object): string | undefined =>
    chipOf(
      { ...row("metrics", "m", []), details: { goal: "max" } } as CompareRow,
      cell({ verdict, details: details as CompareCell["details"] }),
    )?.words;

  test("of metrics", () => {
    const more = { difference: 0.0035, direction: "better", noise: { method: "seeds" } };
    expect(metric("better", { ...more, judgement: "better" })).toBe("+0.35 points · better, beyond seed noise");
    expect(metric("worse", { ...more, difference: -2, judgement: "worse", noise: { method: "curves" } })).toBe(
      "−2 · worse, beyond the curves' noise",
    );
    expect(metric("within noise", { ...more, judgement: "within noise" })).toBe("+0.35 points · within noise");
    expect(metric("unknown", { ...more, judgement: "not measured alike" })).toBe("+0.35 points · not measured alike");
    expect(metric("unknown", { ...more, difference: 0, direction: "equal", judgement: "equal" })).toBe("equal");
    expect(chipOf(row("metrics", "m", []), cell())).toBeNull();
  });

  test("of a loss, whose hundredths mean nothing, the number itself", () => {
    const details = { difference: -0.0035, direction: "better", noise: { method: "seeds" }, judgement: "better" } as CompareCell["details"];
    const loss = { ...row("metrics", "loss", []), details: { goal: "min" } } as CompareRow;
    expect(chipOf(loss, cell({ verdict: "better", details }))?.words).toBe("−0.003500 · better, beyond seed noise");
  });

  test("of everything else; unknown ones have no colour", () => {
    expect(chipOf(row("signature", "", []), cell({ verdict: "breaking" }))?.tone).toBe("bad");
    expect(chipOf(row("lineage", "", []), cell({ verdict: "constructor" }))?.tone).toBe("plain");
    expect(chipOf(row("data", "", []), cell({ verdict: "unknown" }))).toBeNull();
  });

  test("best and last stand beside the value at export where they differ", () => {
    const details = { point: "at export", at_export: 0.96, best: 0.97, best_step: 9, last: 0.96, last_step: 12 };
    expect(besideExport(cell({ details }))).toBe("best 0.9700 at 9");
    expect(besideExport(cell({ details: { ...details, point: "last" } }))).toBe("");
  });

  test("what nobody knows is no difference, and long texts fold", () => {
    expect(isOther(cell({ known: false, absent: true }), cell())).toBe(false);
    expect(isOther(cell({ absent: true, value: null }), cell())).toBe(true);
    const diff = row("code", "diff", [cell({ text: "2 lines", value: "-a\n+b" })]);
    expect(isFoldable(diff)).toBe(true);
    expect(unfolded(diff, diff.cells[0] as CompareCell).text).toBe("-a\n+b");
    expect(isFoldable(row("code", "commit", [cell()]))).toBe(false);
  });
});
