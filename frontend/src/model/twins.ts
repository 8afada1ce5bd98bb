/** Versions with the same content. Pure. */
import type { Table } from "./columns";

/** By the column of digests, which a newer table may have too. */
const known = new WeakMap<object, Map<string, number>>();

/** Digests that more than one version has, with their number. */
export function twinsOf(table: Table): Map<string, number> {
  const { digest } = table.payload.columns;
  const found = known.get(digest) ?? findTwins(table);
  known.set(digest, found);
  return found;
}

function findTwins({ payload }: Table): Map<string, number> {
  const seen = new Set<string>();
  const twins = new Map<string, number>();
  for (const digest of payload.columns.digest) {
    if (!digest) continue;
    if (seen.has(digest)) twins.set(digest, (twins.get(digest) ?? 1) + 1);
    else seen.add(digest);
  }
  return twins;
}
