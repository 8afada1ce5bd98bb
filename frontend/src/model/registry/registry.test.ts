import { describe, expect, test } from "vitest";
import { readRegistry } from "../../api/readRegistry";
import { buildTable, printed, type Table } from "../columns";
import { candidates } from "../compare/candidates";
import { compile } from "../query/compile";
import { asksFor } from "../query/mentions";
import { showRows } from "../rows";
import { NOW, samplePayload } from "../testing";
import { baselineOf } from "./baseline";
import { chipsOf, heldByAnother, surelyHeld, withdrawnWords } from "./chips";
import { DEPRECATED, hiddenRows, LATER, REMOVED, SHOWN, UNDATED } from "./hiding";
import { saidIn, withRegistry } from "./late";
import { troublesOf } from "./problems";
import { wireRegistry } from "./sample";

const NONE = { models: [], aliases: [], runs: [], states: [] };
const ASKED = { deprecated: false, removed: false };

function tableOf(more: object = {}, at: number | null = null): Table {
  const registry = readRegistry({ ...wireRegistry(more), at });
  return buildTable(withRegistry(samplePayload(), registry));
}

const row = (table: Table, id: string): number => table.indexOf.get(id) as number;

describe("the table with what was said later", () => {
  const table = tableOf();

  test("aliases are those of the log, production first", () => {
    expect(table.payload.columns.aliases).toEqual([["production", "canary"], [], [], []]);
    expect(chipsOf(table, row(table, "digits:1")).map(({ name, tone, unknown }) => [name, tone > 0, unknown])).toEqual([
      ["production", false, ""],
      ["canary", true, ""],
    ]);
  });

  test("labels, semantic versions and descriptions are as they are now; what the manifests said is untouched", () => {
    const base = samplePayload();
    const whole = withRegistry(base, readRegistry(wireRegistry()));
    expect(whole.columns.semantic_version).toEqual(["1.0.0", "1.5.0", "2.0.0", null]);
    expect(whole.columns.description).toEqual([null, "Better augmentation", "Slow", null]);
    expect(whole.labels.map(({ name, values }) => [name, values])).toEqual([
      ["team", ["ops", null, null, null]],
      ["late", ["x", null, null, null]],
    ]);
    expect(base.columns.semantic_version[1]).toBeNull();
    expect(base.labels[0]?.values).toEqual(["vision", null, "vision", null]);
  });

  test("a metric that was measured later is a column that says so, and when each value was measured", () => {
    const column = table.columns.get("measured:accuracy [clinic] (monitoring)");
    expect(column).toMatchObject({
      title: "accuracy [clinic] (monitoring)",
      caption: "measured later",
      later: { from: "clinic · monitoring" },
    });
    expect(table.ids.map((_, at) => column && printed(column, at))).toEqual([0.9, null, "NaN", null]);
    expect(column?.later?.times[row(table, "digits:1")]).toBeGreaterThan(0);
  });

  test("an answer without a registry leaves the table as it is", () => {
    const base = samplePayload();
    expect(withRegistry(base, readRegistry(undefined))).toBe(base);
    expect(saidIn(base)(0)).toEqual({ log: null, unknown: false, aliases: [], version: null });
  });

  test("a model and a label may be called __proto__", () => {
    const wire = JSON.parse('{"models": {"__proto__": {"head": 1, "versions": {"1": {"labels": {"__proto__": "x"}}}}}}');
    const registry = readRegistry(wire);
    expect(Object.keys(registry?.models ?? {})).toEqual(["__proto__"]);
    expect(() => withRegistry(samplePayload(), registry).labels).not.toThrow();
  });

  test.each([
    null,
    7,
    "x",
    [],
    { models: [] },
    { models: { digits: 7 } },
    { models: { digits: { aliases: [null, {}], versions: { "1": null } } } },
  ])("whatever stands in its place is no error: %j", (value) => {
    expect(() => buildTable(withRegistry(samplePayload(), readRegistry(value)))).not.toThrow();
  });
});

describe("filters", () => {
  const table = tableOf();
  const found = (source: string): string[] => {
    const { predicate, error } = compile(source, table, NOW);
    expect(error, source).toBeNull();
    return table.ids.filter((_, at) => !predicate || predicate(at));
  };

  test.each([
    ["alias = production", ["digits:1"]],
    ["approved", ["digits:1"]],
    ["approved = ben", ["digits:1"]],
    ["not approved", ["digits:2", "digits:10", "churn:1"]],
    ["deprecated", ["digits:10"]],
    ["deprecated = ben", ["digits:10"]],
    ["removed", ["digits:2"]],
    ['removed ~ "keep=3"', ["digits:2"]],
    ["model = digits and not (deprecated or removed)", ["digits:1"]],
    ["label.late = x", ["digits:1"]],
    ["measured.`accuracy [clinic] (monitoring)` > 0.5", ["digits:1"]],
    ["measured.accuracy = nan", ["digits:10"]],
    ["APPROVED", ["digits:1"]],
    ['"approved"', []],
  ])("%s", (source, ids) => {
    expect(found(source)).toEqual(ids);
  });

  test("a filter that names what is hidden asks for it", () => {
    expect(asksFor("deprecated and val_loss > 1")).toEqual({ deprecated: true, removed: false });
    expect(asksFor("not removed")).toEqual({ deprecated: false, removed: true });
    expect(asksFor("state in (present, removed)")).toEqual({ deprecated: false, removed: true });
    expect(asksFor('"deprecated"')).toEqual(ASKED);
    expect(asksFor("deprecated and (")).toEqual(ASKED);
  });
});

describe("what is hidden", () => {
  test("deprecated and removed versions, unless they are asked for", () => {
    const table = tableOf();
    expect([...(hiddenRows(table, ASKED) ?? [])]).toEqual([SHOWN, REMOVED, DEPRECATED, SHOWN]);
    expect([...(hiddenRows(table, { deprecated: true, removed: false }) ?? [])]).toEqual([SHOWN, REMOVED, SHOWN, SHOWN]);
    expect([...(hiddenRows(table, { deprecated: true, removed: true }) ?? [])]).toEqual([SHOWN, SHOWN, SHOWN, SHOWN]);
  });

  test("is counted as far as it passes the filters, and counts for no facet", () => {
    const table = tableOf();
    const hidden = hiddenRows(table, ASKED);
    const all = showRows(table, null, NONE, { hidden });
    expect([all.hidden[DEPRECATED], all.hidden[REMOVED], all.rows.length]).toEqual([1, 1, 2]);
    expect(all.counts.models.get("digits")).toBe(1);
    const some = showRows(table, (at) => table.ids[at] !== "digits:10", NONE, { hidden });
    expect([some.hidden[DEPRECATED], some.hidden[REMOVED]]).toEqual([0, 1]);
  });

  test("a version that holds an alias is never hidden", () => {
    const table = tableOf({ versions: { "1": { events: 1, deprecated: { actor: "ben", time: 1, reason: "" } } } });
    expect(hiddenRows(table, ASKED)?.[row(table, "digits:1")]).toBe(SHOWN);
    expect(withdrawnWords(table, row(table, "digits:1"))[0]).toMatch(/^Deprecated by ben, /);
  });

  test("on an earlier day, what came later, and what has no date", () => {
    const table = tableOf({ aliases: [], versions: {} }, NOW - 5 * 86_400_000);
    expect([...(hiddenRows(table, ASKED) ?? [])]).toEqual([SHOWN, LATER, LATER, UNDATED]);
  });

  test("says who removed it", () => {
    const table = tableOf();
    expect(withdrawnWords(table, row(table, "digits:2"))[0]).toMatch(/^Removed by keep=3 of run mlp, 2026-/);
  });
});

describe("a model whose state is not known", () => {
  const table = tableOf({ problem: "Event 2 is damaged.", kind: "damaged" });

  test("has no production: no chip without doubt, no filter finds one, no version is hidden", () => {
    expect(table.payload.columns.aliases.flat()).toEqual([]);
    expect(chipsOf(table, 0).map(({ name, unknown }) => [name, unknown])).toEqual([
      ["production", "not known"],
      ["canary", "not known"],
    ]);
    const { predicate } = compile("alias = production or approved or deprecated", table, NOW);
    expect(table.ids.some((_, at) => predicate?.(at))).toBe(false);
    expect([...(hiddenRows(table, ASKED) ?? [])]).toEqual([SHOWN, SHOWN, SHOWN, SHOWN]);
    expect(baselineOf(table, ["digits:2", "digits:1"], null)).toBeNull();
  });

  test.each([
    ["damaged", "tb-versions fsck digits --models-dir models"],
    ["newer", "pip install --upgrade tensorboard-plugin-versions"],
    ["rewritten", "tb-versions fsck --acknowledge digits --models-dir models"],
  ])("a %s log comes with what to do", (kind, command) => {
    const registry = readRegistry(wireRegistry({ problem: "A sentence.", kind }));
    expect(troublesOf(registry)).toEqual([{ model: "digits", problem: "A sentence.", remedy: expect.any(String), command }]);
  });
});

describe("a version that is not what was promoted", () => {
  const held = { name: "production", number: 1, event: 1, actor: "anna", time: NOW, reason: "the first", previous: [2] };
  const table = tableOf({
    aliases: [
      { ...held, name: "canary" },
      { ...held, another_manifest: true },
    ],
  });
  const at = row(table, "digits:1");

  test("its chip says so, with what to do, and the others are as they are elsewhere", () => {
    const [production, canary] = chipsOf(table, at);
    expect(production).toMatchObject({ name: "production", tone: 0, unknown: "not what was promoted" });
    expect(production?.title).toContain(
      "This is not what was promoted to production: its manifest is another one. Roll back, or promote what is there",
    );
    expect(production?.title).toContain("by anna · “the first”");
    expect(canary).toEqual({ ...chipsOf(tableOf(), at)[1], title: expect.stringMatching(/^canary · since /) });
    expect(canary?.unknown).toBe("");
  });

  test("keeps the alias in the table and in filters, and is not compared with unless somebody asks", () => {
    expect(table.payload.columns.aliases[at]).toEqual(["production", "canary"]);
    expect(compile("alias = production", table, NOW).predicate?.(at)).toBe(true);
    expect([heldByAnother(table, at), surelyHeld(table, at)]).toEqual([["production"], ["canary"]]);
    expect(baselineOf(table, ["digits:2", "digits:1"], null)).toBeNull();
    expect(baselineOf(table, ["digits:2", "digits:1"], "digits:1")).toBe("digits:1");
    const hint = (of: Table): string | undefined => candidates(of, []).find(({ id }) => id === "digits:1")?.hint;
    expect(hint(table)).toBe("1.0.0 · production: not what was promoted · canary");
    expect(hint(tableOf())).toBe("1.0.0 · production · canary");
  });

  test("an approval of another manifest is none of this one", () => {
    const ben = { actor: "ben", time: 1, reason: "" };
    const versions = { "1": { events: 2, approvals: [{ ...ben, actor: "carla" }], approvals_of_another_manifest: [ben] } };
    const approved = tableOf({ versions });
    const { version } = saidIn(approved.payload)(at);
    expect([version?.approvals, version?.approvals_of_another_manifest].map((all) => all?.map(({ actor }) => actor))).toEqual([
      ["carla"],
      ["ben"],
    ]);
    const found = (filter: string): boolean | undefined => compile(filter, approved, NOW).predicate?.(at);
    expect([found("approved = carla"), found("approved = ben")]).toEqual([true, false]);
  });

  test("an alias of a state that is not known says that alone", () => {
    const unknown = tableOf({ aliases: [{ ...held, another_manifest: true }], problem: "Event 2 is damaged.", kind: "damaged" });
    expect(chipsOf(unknown, at).map((chip) => chip.unknown)).toEqual(["not known"]);
    expect(heldByAnother(unknown, at)).toEqual([]);
  });
});

describe("several folders with a log of one model", () => {
  test("each speaks of the rows in its own folder", () => {
    const other = {
      ...(wireRegistry() as { models: Record<string, object> }).models.digits,
      ids: { "1": "digits:2", "2": null, "10": null },
    };
    const table = tableOf({ versions: {}, others: [other] });
    expect(chipsOf(table, row(table, "digits:1")).map(({ name }) => name)).toEqual(["production", "canary"]);
    expect(chipsOf(table, row(table, "digits:2")).map(({ name }) => name)).toEqual(["production", "canary"]);
    expect(saidIn(table.payload)(row(table, "digits:10")).version).toBeNull();
  });
});

describe("the baseline of a comparison", () => {
  const table = tableOf();

  test("is the asked one, else the one that holds production, else nobody says", () => {
    expect(baselineOf(table, ["digits:2", "digits:1"], "digits:2")).toBe("digits:2");
    expect(baselineOf(table, ["digits:2", "digits:1"], "digits:7")).toBe("digits:1");
    expect(baselineOf(table, ["digits:2", "run:mlp"], null)).toBeNull();
    expect(baselineOf(null, ["digits:2"], null)).toBeNull();
  });
});
