/** The comparison of an export's members: no server, the same words. */
import type { CompareMembers } from "../../api/snapshot";
import type { PortableFacts } from "../../api/types";
import { compareMembers as compare, type MemberFacts } from "./engine";

export const compareMembers: CompareMembers = ({ members, baseline, goals, revision, versions, facts }) => {
  const found = members.map((id): MemberFacts => {
    const version = versions.get(id);
    const comparing = checked(version ? version.comparing : facts.get(id), id);
    return { manifest: version?.manifest ?? null, metrics: version?.metrics ?? [], comparing, redacted: version?.redacted.length !== 0 };
  });
  const position = baseline === null ? 0 : Math.max(0, members.indexOf(baseline));
  return { ...compare(found, position, goals), revision };
};

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null;

function isFacts(value: unknown): value is PortableFacts {
  if (!isObject(value) || !isObject(value.member) || !isObject(value.seeds) || !isObject(value.curves)) return false;
  const { id, label, runs } = value.member;
  const hasMetrics = value.metrics === null || (Array.isArray(value.metrics) && value.metrics.every(isObject));
  return hasMetrics && Array.isArray(runs) && runs.every(isObject) && [id, label, value.recipe].every((text) => typeof text === "string");
}

/** Whoever made the export may have made it up. */
function checked(value: unknown, id: string): PortableFacts {
  if (!isFacts(value)) throw new Error(`What a comparison must know of "${id}" is damaged in this export. Ask for a new copy.`);
  return value;
}
