/**
 * Versions and runs side by side, without a server: what `tb_versions/comparison` says, text for text.
 *
 * For the page of an export only. Python finished most cells (`tb_versions/payload/finished.py`); what two members have
 * to do with each other is found here. tests/contract/test_portable.py holds the two equal. Pure.
 */
import type { CompareGroup, ComparePayload, SharedFacts } from "../../../api/types";
import { metricKey } from "../../slices";
import { doubted, GROUPS, isEmpty, LeftOut, type Row, rowPayload } from "./cells";
import { finishedRows } from "./finished";
import { type Member, type MemberFacts, readMember } from "./members";
import { metricRows } from "./metrics";
import { sliceRows } from "./slices";
import { summaryOf } from "./summary";
import { count, shown, sorted, visible } from "./text";

export type { MemberFacts } from "./members";

/**
 * Compares members of an export.
 *
 * `baseline` is a position; `goals` says "max" or "min" for a metric by name or key, stronger than what manifests say.
 */
export function compareMembers(
  given: readonly MemberFacts[],
  shared: SharedFacts,
  { baseline, goals }: { baseline: number; goals: ReadonlyMap<string, string> },
): ComparePayload {
  const members = given.map((each) => readMember(each, shared));
  const redacted = given.map((each) => each.redacted === true);
  const leftOut = new LeftOut();
  const rows = [
    ...metricRows(members, baseline, goals, leftOut),
    ...sliceRows(members, baseline, goals, leftOut),
    ...finishedRows(members, baseline, shared, leftOut),
  ].map((row) => doubted(row, redacted));
  const told = rows.filter((row) => !isEmpty(row));
  const differing = told.filter((row) => row.differs).length;
  return {
    schema_version: 1,
    revision: "",
    summary: summaryOf(members, baseline, rows),
    baseline,
    members: members.map((member) => member.facts),
    groups: groupsOf(told),
    rows: told.map(rowPayload),
    differing,
    equal: told.length - differing,
    problems: problemsOf(members, goals, leftOut).map(visible),
  };
}

/** What a goal can be given for. */
function namesOf({ metrics, slices }: Member): string[] {
  const sliced = slices.flatMap(({ name, dataset, slices: parts }) => [
    name,
    metricKey(name, dataset),
    ...[...parts.keys()].map((part) => metricKey(name, dataset, part)),
  ]);
  return [...metrics.flatMap(({ key, name }) => [key, name]), ...sliced];
}

function groupsOf(rows: readonly Row[]): ComparePayload["groups"] {
  return (Object.entries(GROUPS) as [CompareGroup, string][]).flatMap(([key, label]) => {
    const own = rows.filter((row) => row.group === key);
    return own.length > 0 ? [{ key, label, rows: own.length, differing: own.filter((row) => row.differs).length }] : [];
  });
}

function problemsOf(members: readonly Member[], goals: ReadonlyMap<string, string>, leftOut: LeftOut): string[] {
  const names = new Set(members.flatMap(namesOf));
  return [
    ...members.flatMap(({ facts }) => (facts.notice ? [`${facts.label}: ${facts.notice}`] : [])),
    ...sorted([...goals.keys()].filter((name) => !names.has(name))).map(
      (name) => `A goal is given for ${shown(name)}, which is no metric of these members.`,
    ),
    ...[...leftOut].filter(([, more]) => more > 0).map(([group, more]) => `${GROUPS[group]}: and ${count(more, "more row")}.`),
  ];
}
