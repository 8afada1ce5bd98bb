/** The comparison of an export's members: no server, the same words. */
import type { CompareMembers } from "../../api/snapshot";
import type { Manifest, PortableFacts, SharedFacts } from "../../api/types";
import { compareMembers as compare, type MemberFacts } from "./engine";

export const compareMembers: CompareMembers = ({ members, baseline, goals, revision, versions, runs, shared }) => {
  const found = members.map((id): MemberFacts => {
    const version = versions.get(id);
    const comparing = checked(version ? version.comparing : runs.get(id), id);
    const files = filesOf(version?.manifest ?? null);
    return { metrics: version?.metrics ?? [], slices: version?.slices, comparing, files, redacted: version?.redacted.length !== 0 };
  });
  const position = baseline === null ? 0 : Math.max(0, members.indexOf(baseline));
  return { ...compare(found, checkedShared(shared), { baseline: position, goals }), revision };
};

function filesOf(manifest: Manifest | null): ReadonlyMap<string, string> {
  const files = manifest?.files;
  return new Map(Array.isArray(files) ? files.map(({ path, digest }) => [path, digest ?? ""]) : []);
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null;

function isFacts(value: unknown): value is PortableFacts {
  if (!isObject(value) || !isObject(value.member) || !isObject(value.seeds) || !isObject(value.curves)) return false;
  const { id, label, runs } = value.member;
  const hasMetrics = value.metrics === null || (Array.isArray(value.metrics) && value.metrics.every(isObject));
  const isFinished = isObject(value.parts) && Array.isArray(value.prints) && Array.isArray(value.parents);
  return (
    isFinished &&
    hasMetrics &&
    Array.isArray(runs) &&
    runs.every(isObject) &&
    [id, label, value.recipe].every((text) => typeof text === "string")
  );
}

/** Whoever made the export may have made it up. */
function checked(value: unknown, id: string): PortableFacts {
  if (!isFacts(value)) throw new Error(`What a comparison must know of "${id}" is damaged in this export. Ask for a new copy.`);
  return value;
}

function checkedShared(value: unknown): SharedFacts {
  if (!isObject(value) || !Array.isArray(value.rows) || !isObject(value.parts) || !isObject(value.changes))
    throw new Error("What a comparison must know is damaged in this export. Ask for a new copy.");
  return value as unknown as SharedFacts;
}
