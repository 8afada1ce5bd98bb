/** Datasets side by side: same content, same name with new content, or different. Pure. */
import type { Dataset, ReadManifest } from "./manifest";
import type { Member } from "./members";
import { ABSENT, type Cell, cell, type LeftOut, type Row, row, UNKNOWN } from "./rows";
import { before, grouped, shortDigest, sortedBy, visible } from "./text";

const SPLITS: [string, string[]][] = [
  ["train", ["train", "training"]],
  ["validation", ["validation", "valid", "val", "dev"]],
  ["test", ["test", "eval", "evaluation", "holdout"]],
];
const SAME = "same data";
const RENEWED = "same name, new content";
const RENAMED = "same content, other name";
const DIFFERENT = "different data";

type Table = ReadonlyMap<string, Dataset>;

export function* dataRows(members: readonly Member[], baseline: number, leftOut: LeftOut): Generator<Row> {
  const tables = members.map(({ manifest }) => (manifest && manifest.datasets.length > 0 ? datasetsOf(manifest) : null));
  const base = tables[baseline] ?? null;
  const overall = tables.map((table, i) =>
    overallCell(table, i === baseline ? null : members[baseline]?.manifest ? (base ?? new Map()) : null),
  );
  yield row("data", "", "all data", overall);
  for (const key of leftOut.first(new Set(tables.flatMap((table) => [...(table?.keys() ?? [])])), "data"))
    yield row(
      "data",
      key,
      key,
      tables.map((table, i) => cellFor(table, i === baseline ? null : base, key)),
    );
}

/** Datasets by name and split: "digits (train)". */
function datasetsOf(manifest: ReadManifest): Table {
  const found = new Map<string, Dataset>();
  for (const dataset of manifest.datasets) {
    const name = visible(dataset.name || dataset.uri || "unnamed");
    const key = dataset.split ? `${name} (${visible(dataset.split)})` : name;
    if (!found.has(key)) found.set(key, dataset);
  }
  return found;
}

/** How the data of two versions relate; "" where nothing can be said. */
function relationOf(old: Table, now: Table): string {
  const shared = [...old.keys()].filter((key) => now.has(key));
  if (old.size === 0 || now.size === 0) return "";
  const verdicts = shared.map((key) => sameness(old.get(key), now.get(key)));
  if (shared.length === old.size && shared.length === now.size) {
    if (verdicts.includes(RENEWED)) return RENEWED;
    return verdicts.includes("") ? "" : SAME;
  }
  const [one, two] = [digestsOf(old), digestsOf(now)];
  if (one.size > 0 && one.size === two.size && [...one].every((digest) => two.has(digest))) return RENAMED;
  if (shared.length > 0 && verdicts.every((verdict) => verdict === SAME)) return `${SAME} where both name it`;
  return one.size > 0 && two.size > 0 ? DIFFERENT : "";
}

const digestsOf = (table: Table): Set<string> => new Set([...table.values()].map((dataset) => dataset.digest).filter(Boolean));

function sameness(old: Dataset | undefined, now: Dataset | undefined): string {
  if (!old?.digest || !now?.digest) return "";
  return old.digest === now.digest ? SAME : RENEWED;
}

function overallCell(table: Table | null, base: Table | null): Cell {
  if (table === null) return UNKNOWN;
  const value = sortedBy(table, ([name]) => name)
    .map(([name, each]) => `${name} ${each.digest || each.uri}`)
    .join("; ");
  const names = [...table.keys()].join(", ");
  if (base === null) return cell(value, names);
  const verdict = relationOf(base, table);
  return cell(value, verdict || names, { verdict: verdict || "unknown" });
}

function cellFor(table: Table | null, base: Table | null, key: string): Cell {
  if (table === null) return UNKNOWN;
  const found = table.get(key);
  if (!found) return ABSENT;
  const { digest, rows, uri, split } = found;
  const old = base?.get(key);
  const parts = [shortDigest(digest), rows === null ? "" : `${grouped(rows)} rows`, uri === found.name ? "" : uri];
  const verdict = old ? sameness(old, found) || "unknown" : base ? DIFFERENT : "";
  const details = { digest, rows, uri: visible(uri), split: visible(split) };
  return cell(digest || `${uri} ${rows ?? "None"}`, parts.filter(Boolean).join(", ") || "named only", { verdict, details });
}

/** What a manifest's metrics were measured on, found without a search. */
export class Measured {
  private readonly named = new Map<string, string[]>();
  private readonly split = new Map<string, string[]>();

  constructor(manifest: ReadManifest) {
    for (const { name, split, digest } of manifest.datasets) {
      const part = SPLITS.find(([, words]) => words.includes(split.toLowerCase()))?.[0] ?? "";
      add(this.named, name, digest);
      add(this.split, JSON.stringify([name, part]), digest);
      add(this.split, JSON.stringify([null, part]), digest);
    }
  }

  /** The digest of what a metric was measured on, where the manifest tells; else "". */
  on(metric: string, dataset: string): string {
    let found = dataset ? (this.named.get(dataset) ?? []) : [];
    if (!dataset || found.length > 1) found = this.split.get(JSON.stringify([dataset || null, splitOf(metric)])) ?? [];
    return found.length === 1 ? (found[0] ?? "") : "";
  }
}

function add(lists: Map<string, string[]>, key: string, digest: string): void {
  const list = lists.get(key);
  if (list) list.push(digest);
  else lists.set(key, [digest]);
}

/** The split that a metric's name tells; Keras' plain names are of the training data. */
function splitOf(metric: string): string {
  const first = before(metric.toLowerCase().replaceAll("/", "_"), "_");
  return SPLITS.find(([, words]) => words.includes(first))?.[0] ?? "train";
}
