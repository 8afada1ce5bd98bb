/** What the server counted, as the page counts. Pure. */
import type { FacetsPayload, FacetValues, WindowPayload } from "../../api/types";
import { DEPRECATED, REMOVED } from "../registry/hiding";
import type { FacetCounts } from "../rows";
import type { Stretch } from "./items";

const FACETS = ["models", "aliases", "runs", "states"] as const;

function each<T>(of: (name: keyof FacetCounts) => T): Record<keyof FacetCounts, T> {
  return Object.fromEntries(FACETS.map((name) => [name, of(name)])) as Record<keyof FacetCounts, T>;
}

const mapOf = ({ values }: FacetValues): Map<string, number> => new Map(values);

export function countsOf(facets: FacetsPayload | null): FacetCounts {
  return each((name) => (facets ? mapOf(facets[name]) : new Map<string, number>()));
}

export function leftOutOf(facets: FacetsPayload | null): Record<keyof FacetCounts, number> {
  return each((name) => facets?.[name].left_out ?? 0);
}

/** By reason, as registry/hiding.ts has them. */
export function hiddenOf({ deprecated, removed }: WindowPayload["hidden"]): number[] {
  const why = [0, 0, 0, 0, 0];
  why[DEPRECATED] = deprecated;
  why[REMOVED] = removed;
  return why;
}

/** All rows that are there, in the order of the list. */
export function rowsOf(stretches: readonly Stretch[]): Uint32Array {
  return Uint32Array.from(stretches.flatMap(({ row, count }) => Array.from({ length: count }, (_, at) => row + at)));
}

/** The only name that some versions have; null where there are several, or that is not known. */
export function onlyName(facets: FacetsPayload | null, facet: keyof FacetCounts): string | null {
  const found = facets?.[facet];
  if (!found || found.left_out > 0) return null;
  const some = found.values.filter(([, count]) => count > 0);
  return some.length === 1 ? (some[0]?.[0] ?? null) : null;
}
