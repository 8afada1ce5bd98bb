/** The rows whose cells Python finished, each compared with the baseline's. Pure. */
import type { CompareGroup, ComparePart, SharedFacts } from "../../../api/types";
import { grouped } from "../numbers";
import { ABSENT, type Cell, cell, type LeftOut, plain, type Row, row, UNKNOWN } from "./cells";
import { dataCell, relationOfData } from "./data";
import { graphCell, opsCell } from "./graphs";
import type { Member } from "./members";
import { packageRows, packagesCell, versionCell } from "./packages";
import { commitCell, digestCell, filesCell, type Pair, relationCell, signatureCell, sizeCell } from "./pairs";
import { sorted } from "./text";

const PARTS: readonly ComparePart[] = [
  "hyperparameters",
  "seeds",
  "signature",
  "graph",
  "data",
  "code",
  "environment",
  "hardware",
  "files",
  "labels",
  "lineage",
];

/** What a cell says against the baseline's, by part and key or by part; the others say nothing. */
const AGAINST: ReadonlyMap<string, (pair: Pair) => Cell> = new Map([
  ["signature", signatureCell],
  ["graph graph", graphCell],
  ["graph ops", opsCell],
  ["data ", relationOfData],
  ["data", dataCell],
  ["code commit", commitCell],
  ["environment packages", packagesCell],
  ["environment", versionCell],
  ["files digest", digestCell],
  ["files size", sizeCell],
  ["files files", filesCell],
  ["lineage relation", relationCell],
]);

export function* finishedRows(members: readonly Member[], baseline: number, shared: SharedFacts, leftOut: LeftOut): Generator<Row> {
  const base = members[baseline] as Member;
  for (const part of PARTS) {
    const fixed = shared.rows.filter(([of]) => of === part).map(([, key, label]) => [key, label] as const);
    for (const [key, label] of [...fixed, ...namedRows(part, members, { fixed, leftOut })]) {
      const own = members.map((member) => ownCell(member, part, key));
      const against = AGAINST.get(`${part} ${key}`) ?? AGAINST.get(part);
      const cells = own.map((each, i) => {
        const pair = { key, own: each, base: own[baseline] as Cell, ours: members[i] as Member, theirs: base, shared };
        return i === baseline || !against ? each : against(pair);
      });
      yield row(groupOf(part), key, part === "lineage" && key === "relation" ? `to ${base.facts.label}` : label, cells);
    }
    if (part === "environment") yield* packageRows(members, base, fixed, leftOut);
  }
}

const groupOf = (part: ComparePart): CompareGroup => (part === "seeds" ? "hyperparameters" : part);

/** Rows that members have beside the fixed ones: sorted by name, data as its author had it. */
function namedRows(
  part: ComparePart,
  members: readonly Member[],
  { fixed, leftOut }: { fixed: readonly (readonly [string, string])[]; leftOut: LeftOut },
): (readonly [string, string])[] {
  if (fixed.length > 1) return [];
  const known = new Set(fixed.map(([key]) => key));
  const keys = new Set(members.flatMap((member) => [...(member.parts.get(part)?.keys() ?? [])]).filter((key) => !known.has(key)));
  const kept = leftOut.first(part === "data" ? keys : sorted(keys), groupOf(part));
  return kept.map((key) => [key, part === "seeds" ? key.replace(/^seed:/, "seed of ") : key]);
}

/** What a member says, whatever the baseline says. */
function ownCell({ facts, comparing, parts }: Member, part: ComparePart, key: string): Cell {
  if (part === "graph" && key === "graph") return comparing.graph === null ? UNKNOWN : plain("baseline", comparing.graph);
  if (part === "lineage") {
    const [run] = facts.runs;
    if (key === "relation") return cell("baseline");
    if (key === "run") return run ? cell(run.name) : UNKNOWN;
    if (key === "step") return run && run.step !== null ? stepCell(run.step) : UNKNOWN;
  }
  const cells = parts.get(part);
  return cells ? (cells.get(key) ?? ABSENT) : UNKNOWN;
}

/** A step beyond 2^53 travels as a text. */
const stepCell = (step: number | string): Cell => plain(grouped(step), step);
