/** What is compared: the facts of an export, ready to be read. Pure. */
import type { CompareMember, Manifest, MetricDetail, PortableFacts } from "../../../api/types";
import { type ReadManifest, readManifest, scalar } from "./manifest";
import type { Value } from "./text";

/** A version or run of an export. */
export interface MemberFacts {
  /** null for a run, and where it breaks the schema. Parts can be missing: they were taken out. */
  manifest: Manifest | null;
  /** Of a version; a run brings its own. */
  metrics: MetricDetail[];
  comparing: PortableFacts;
  /** Whether texts may have been masked. */
  redacted?: boolean;
}

export interface Member {
  facts: CompareMember;
  manifest: ReadManifest | null;
  metrics: MetricDetail[];
  hyperparameters: ReadonlyMap<string, Value> | null;
  comparing: PortableFacts;
}

export function readMember({ manifest, metrics, comparing }: MemberFacts): Member {
  const read = manifest && readManifest(manifest);
  const own = comparing.hyperparameters;
  const hyperparameters = own ? new Map(Object.entries(own).map(([name, value]) => [name, scalar(value)])) : read?.hyperparameters;
  return {
    facts: comparing.member,
    manifest: read,
    metrics: comparing.metrics ?? metrics,
    hyperparameters: hyperparameters?.size ? hyperparameters : null,
    comparing,
  };
}

/** What is said under a name that anyone may have chosen: `__proto__` is no entry. */
export const entry = <T>(record: Record<string, T>, name: string): T | undefined =>
  Object.hasOwn(record, name) ? record[name] : undefined;
