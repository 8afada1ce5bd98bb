/** What gates found of each member, rule by rule, behind the metrics of a comparison. Pure. */
import type { GateFinding } from "../../api/registry";
import type { CompareCell, ComparePayload, CompareRow } from "../../api/types";
import { marginText } from "../registry/gates";
import { GROUPS, plain, UNKNOWN } from "./engine/cells";

/** What one gate found of one member. */
export interface MemberGate {
  gate: string;
  findings: readonly GateFinding[];
}

function cellOf(finding: GateFinding | undefined): CompareCell {
  if (!finding) return UNKNOWN;
  const margin = marginText(finding);
  const text = [finding.found, finding.verdict, margin && `margin ${margin}`].filter(Boolean).join(" · ");
  return plain(text, finding.value ?? finding.found, { reasons: [finding.why].filter(Boolean) });
}

/** One row for each rule of each gate, as the first member that has it names it. */
export function gateRows(members: readonly (readonly MemberGate[])[]): CompareRow[] {
  const rows = new Map<string, CompareRow>();
  for (const gates of members) {
    for (const { gate, findings } of gates) {
      for (const { rule, wanted } of findings) {
        const key = JSON.stringify([gate, rule, wanted]);
        if (rows.has(key)) continue;
        const cells = members.map((each) =>
          cellOf(each.find((other) => other.gate === gate)?.findings.find((one) => one.rule === rule && one.wanted === wanted)),
        );
        const known = cells.filter((cell) => cell.known);
        const differs = known.some(({ text }) => text !== known[0]?.text);
        rows.set(key, { group: "gates", key, label: `${gate}: ${rule} ${wanted}`, differs, caution: null, details: {}, cells });
      }
    }
  }
  return [...rows.values()];
}

/** The comparison with a group of its own behind the metrics; the comparison itself where no gate judged a member. */
export function withGates(payload: ComparePayload, members: readonly (readonly MemberGate[])[] | null): ComparePayload {
  if (!members || members.length !== payload.members.length || payload.groups.some(({ key }) => key === "gates")) return payload;
  const made = gateRows(members);
  if (made.length === 0) return payload;
  const differing = made.filter((row) => row.differs).length;
  const group = { key: "gates" as const, label: GROUPS.gates, rows: made.length, differing };
  const at = payload.groups.findIndex(({ key }) => key !== "metrics" && key !== "measured");
  return {
    ...payload,
    groups: at < 0 ? [...payload.groups, group] : payload.groups.toSpliced(at, 0, group),
    rows: [...payload.rows, ...made],
    differing: payload.differing + differing,
    equal: payload.equal + made.length - differing,
  };
}
