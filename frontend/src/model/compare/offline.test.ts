/** Comparisons of an export: the members that were asked for, and a sentence where it is damaged. */
import { expect, test } from "vitest";
import type { ExportedVersion, Question } from "../../api/snapshot";
import type { PortableFacts } from "../../api/types";
import { compareMembers } from "./offline";

function facts(id: string): PortableFacts {
  const member = { id, kind: "run", label: id, model: null, number: null, semantic_version: null, created: null, state: null } as const;
  const rest = { recipe: "", seeds: {}, curves: {}, hyperparameters: { lr: id.length }, metrics: [] };
  return { member: { ...member, notice: null, runs: [], siblings: [] }, ...rest };
}

const question = (changes: Partial<Question> = {}): Question => ({
  members: ["run:a", "run:bc"],
  baseline: null,
  goals: new Map(),
  revision: "r1",
  versions: new Map(),
  facts: new Map(["run:a", "run:bc"].map((id) => [id, facts(id)])),
  ...changes,
});

test("the first member is the baseline unless another one is asked for", () => {
  expect(compareMembers(question())).toMatchObject({ baseline: 0, revision: "r1", differing: 1 });
  expect(compareMembers(question({ baseline: "run:bc" })).baseline).toBe(1);
});

test("facts of a version come with the version", () => {
  const version = { comparing: facts("d:1"), manifest: { schemaVersion: 1, labels: { a: "y" } }, metrics: [], redacted: [] } as unknown;
  const found = compareMembers(question({ members: ["run:a", "d:1"], versions: new Map([["d:1", version as ExportedVersion]]) }));
  expect(found.members.map((member) => member.id)).toEqual(["run:a", "d:1"]);
  expect(found.rows.find((row) => row.group === "labels")?.cells[1]?.text).toBe("y");
});

test("of equal texts that were masked nobody can say whether they differed; of unequal ones all can", () => {
  const version = (id: string, remote: string, redacted: string[]) => {
    const manifest = { schemaVersion: 1, code: { remote, branch: "***" } };
    return [id, { comparing: facts(id), manifest, metrics: [], redacted } as unknown as ExportedVersion] as const;
  };
  const [one, two] = [version("d:1", "https://[host]/a", ["hosts"]), version("d:2", "https://[host]/b", ["hosts"])];
  const compare = (versions: Question["versions"]) => compareMembers(question({ members: ["d:1", "d:2"], versions })).rows;
  const row = (key: string, rows = compare(new Map([one, two]))) => rows.find((each) => each.group === "code" && each.key === key);
  expect(row("remote")).toMatchObject({ differs: true, cells: [{ known: true }, { known: true }] });
  expect(row("branch")).toMatchObject({ differs: false, cells: [{ known: false, text: "***" }, { known: false }] });
  const whole = compare(new Map([version("d:1", "", []), version("d:2", "", [])]));
  expect(row("branch", whole)).toMatchObject({ cells: [{ known: true }, { known: true }] });
});

test.each([undefined, null, [], {}, { ...facts("x"), member: null }, { ...facts("x"), metrics: [1] }, { ...facts("x"), seeds: 1 }])(
  "damaged facts are a sentence: %j",
  (damaged) => {
    const broken = question({ facts: new Map<string, unknown>([["run:a", damaged]]), members: ["run:a"] });
    expect(() => compareMembers(broken)).toThrow(/"run:a" is damaged in this export/);
  },
);
