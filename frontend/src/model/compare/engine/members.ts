/** What is compared: the facts that an export holds of each member, ready to be read. Pure. */
import type {
  Architecture,
  CompareMember,
  ComparePart,
  FinishedCell,
  FinishedCells,
  MetricDetail,
  PortableFacts,
  SharedFacts,
} from "../../../api/types";
import { readSlices, type Sliced } from "../../slices";
import { type Cell, plain, UNKNOWN } from "./cells";

/** A version or run of an export. */
export interface MemberFacts {
  comparing: PortableFacts;
  /** Of a version; a run brings its own. */
  metrics: MetricDetail[];
  /** Of a version. */
  slices?: unknown;
  /** Path to digest. */
  files: ReadonlyMap<string, string>;
  /** Whether texts may have been masked. */
  redacted?: boolean;
}

type Cells = ReadonlyMap<string, Cell>;

export interface Member {
  facts: CompareMember;
  comparing: PortableFacts;
  metrics: MetricDetail[];
  slices: readonly Sliced[];
  /** null where nobody can say which rows there are. */
  parts: ReadonlyMap<string, Cells | null>;
  packages: ReadonlyMap<string, string> | null;
  architecture: Architecture | null;
  files: ReadonlyMap<string, string>;
  hasManifest: boolean;
}

export function readMember({ comparing, metrics, slices, files }: MemberFacts, { parts }: SharedFacts): Member {
  const own = Object.entries(comparing.parts) as [ComparePart, FinishedCells | number | null][];
  const read = own.map(([part, cells]) => [part, cellsOf(typeof cells === "number" ? parts[part]?.[cells] : cells)] as const);
  const { packages, architecture } = comparing;
  const named = packages === null ? undefined : parts.packages?.[packages];
  return {
    facts: comparing.member,
    comparing,
    metrics: comparing.metrics ?? metrics,
    slices: readSlices(slices),
    parts: new Map(read),
    packages: named ? new Map(Object.entries(named)) : null,
    architecture: (architecture === null ? undefined : parts.architecture?.[architecture]) ?? null,
    files,
    hasManifest: comparing.parts.labels !== null,
  };
}

const cellsOf = (cells: unknown): Cells | null =>
  Array.isArray(cells) ? new Map((cells as FinishedCells).map(([key, cell]) => [key, finished(cell)])) : null;

function finished(given: FinishedCell): Cell {
  if (given === null) return UNKNOWN;
  const { text = String(given.value), value, verdict: _, ...more } = given;
  return plain(text, value, more as Partial<Cell>);
}

/** What is said under a name that anyone may have chosen: `__proto__` is no entry. */
export const entry = <T>(record: Record<string, T>, name: string): T | undefined =>
  Object.hasOwn(record, name) ? record[name] : undefined;
