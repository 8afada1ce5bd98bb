/** Comparisons of an export: the members that were asked for, and a sentence where it is damaged. */
import { expect, test } from "vitest";
import type { ExportedVersion, Question } from "../../api/snapshot";
import type { PortableFacts, SharedFacts } from "../../api/types";
import { compareMembers } from "./offline";

const PARTS = ["signature", "graph", "data", "code", "environment", "hardware", "files", "labels", "lineage", "seeds"] as const;

function facts(id: string, parts: Partial<PortableFacts["parts"]> = {}): PortableFacts {
  const member = { id, kind: "run", label: id, model: null, number: null, semantic_version: null, created: null, state: null } as const;
  const none = Object.fromEntries(PARTS.map((part) => [part, null])) as PortableFacts["parts"];
  const rest = {
    recipe: "",
    seeds: {},
    curves: {},
    metrics: [],
    packages: null,
    architecture: null,
    graph: null,
    range: null,
    parents: [],
  };
  const hyperparameters: [string, { value: number }][] = [["lr", { value: id.length }]];
  return {
    member: { ...member, notice: null, runs: [], siblings: [] },
    ...rest,
    prints: ["", "", ""],
    parts: { ...none, hyperparameters, ...parts },
  };
}

const SHARED: SharedFacts = {
  rows: [
    ["code", "remote", "repository"],
    ["code", "branch", "branch"],
  ],
  parts: {},
  changes: {},
};

const question = (changes: Partial<Question> = {}): Question => ({
  members: ["run:a", "run:bc"],
  baseline: null,
  goals: new Map(),
  revision: "r1",
  versions: new Map(),
  runs: new Map(["run:a", "run:bc"].map((id) => [id, facts(id)])),
  shared: SHARED,
  ...changes,
});

test("the first member is the baseline unless another one is asked for", () => {
  expect(compareMembers(question())).toMatchObject({ baseline: 0, revision: "r1", differing: 1 });
  expect(compareMembers(question({ baseline: "run:bc" })).baseline).toBe(1);
});

test("facts of a version come with the version, and parts that it shares from where they are kept", () => {
  const comparing = facts("d:1", { labels: [["a", { value: "y" }]], code: 1 });
  const version = { comparing, manifest: { schemaVersion: 1 }, metrics: [], redacted: [] } as unknown;
  const shared = { ...SHARED, parts: { code: [[], [["branch", { value: "main" }]]] } };
  const versions = new Map([["d:1", version as ExportedVersion]]);
  const found = compareMembers(question({ members: ["run:a", "d:1"], versions, shared }));
  expect(found.members.map((member) => member.id)).toEqual(["run:a", "d:1"]);
  const cell = (group: string, key: string) => found.rows.find((row) => row.group === group && row.key === key)?.cells[1]?.text;
  expect([cell("labels", "a"), cell("code", "branch")]).toEqual(["y", "main"]);
});

test("of equal texts that were masked nobody can say whether they differed; of unequal ones all can", () => {
  const version = (id: string, remote: string, redacted: string[]) => {
    const code: [string, { value: string }][] = [
      ["remote", { value: remote }],
      ["branch", { value: "***" }],
    ];
    return [id, { comparing: facts(id, { code }), manifest: null, metrics: [], redacted } as unknown as ExportedVersion] as const;
  };
  const [one, two] = [version("d:1", "https://[host]/a", ["hosts"]), version("d:2", "https://[host]/b", ["hosts"])];
  const compare = (versions: Question["versions"]) => compareMembers(question({ members: ["d:1", "d:2"], versions })).rows;
  const row = (key: string, rows = compare(new Map([one, two]))) => rows.find((each) => each.group === "code" && each.key === key);
  expect(row("remote")).toMatchObject({ differs: true, cells: [{ known: true }, { known: true }] });
  expect(row("branch")).toMatchObject({ differs: false, cells: [{ known: false, text: "***" }, { known: false }] });
  const whole = compare(new Map([version("d:1", "a", []), version("d:2", "a", [])]));
  expect(row("branch", whole)).toMatchObject({ cells: [{ known: true }, { known: true }] });
});

test("signatures beyond those that the file compares are said to be not compared", () => {
  const runs = new Map<string, unknown>([
    ["run:a", facts("run:a", { signature: 0 })],
    ["run:bc", facts("run:bc", { signature: 1 })],
  ]);
  const shared: SharedFacts = {
    rows: [["signature", "", "all signatures"]],
    parts: { signature: [[["", { value: "x" }]], [["", { value: "y" }]]] },
    changes: {},
  };
  const { rows, summary } = compareMembers(question({ runs, shared }));
  const cell = rows.find((row) => row.group === "signature")?.cells[1];
  expect(cell).toMatchObject({ verdict: "unknown", reasons: ["These two signatures are not compared in this file."] });
  expect(summary).not.toContain("clients");
});

const DAMAGED = [undefined, null, [], {}, { ...facts("x"), member: null }, { ...facts("x"), metrics: [1] }, { ...facts("x"), seeds: 1 }];

test.each([...DAMAGED, { ...facts("x"), parts: undefined }])("damaged facts are a sentence: %j", (damaged) => {
  const broken = question({ runs: new Map<string, unknown>([["run:a", damaged]]), members: ["run:a"] });
  expect(() => compareMembers(broken)).toThrow(/"run:a" is damaged in this export/);
});

test.each([undefined, null, [], { rows: 1 }, { ...SHARED, changes: null }])("damaged shared facts are a sentence: %j", (shared) => {
  expect(() => compareMembers(question({ shared }))).toThrow(/damaged in this export/);
});
