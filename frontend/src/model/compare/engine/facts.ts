/** Hyperparameters, seeds, files and sizes, and labels, side by side. Pure. */
import type { ReadManifest } from "./manifest";
import type { Member } from "./members";
import { type Cell, cell, cellOf, type LeftOut, MOST_LISTED, plain, type Row, row, UNKNOWN } from "./rows";
import { bytesText, count, percent, shortDigest, significant, sorted, sortedBy, type Value, visible } from "./text";

type Table = ReadonlyMap<string, Value>;

const namesOf = (tables: readonly (Table | null)[]): string[] => sorted(new Set(tables.flatMap((table) => [...(table?.keys() ?? [])])));

export function* hyperparameterRows(members: readonly Member[], leftOut: LeftOut): Generator<Row> {
  const tables = members.map(({ hyperparameters }) => hyperparameters);
  for (const name of leftOut.first(namesOf(tables), "hyperparameters")) {
    const cells = tables.map((table) => (table ? cell(table.get(name), exact(table.get(name))) : UNKNOWN));
    yield row("hyperparameters", name, name, cells);
  }
  const seeds = members.map(({ manifest }) => (manifest?.seeds.size ? manifest.seeds : null));
  for (const name of leftOut.first(namesOf(seeds), "hyperparameters")) {
    const cells = seeds.map((table) => cellOf(table, (each) => each.get(name)?.toString()));
    yield row("hyperparameters", `seed:${name}`, `seed of ${name}`, cells);
  }
}

/** A hyperparameter as it was given: 0.0003, not 3e-04; 1200, not 1,200. */
function exact(value: Value | undefined): string | null {
  if (typeof value === "number") return significant(value, 12);
  return typeof value === "bigint" ? String(value) : null;
}

export function* labelRows(members: readonly Member[], leftOut: LeftOut): Generator<Row> {
  const tables = members.map(({ manifest }) => manifest?.labels ?? null);
  for (const key of leftOut.first(namesOf(tables), "labels"))
    yield row(
      "labels",
      key,
      key,
      tables.map((table) => cellOf(table, (each) => each.get(key))),
    );
}

export function* fileRows(members: readonly Member[], baseline: number): Generator<Row> {
  const manifests = members.map(({ manifest }) => manifest);
  const against = (read: (manifest: ReadManifest, base: ReadManifest | null) => Cell) =>
    manifests.map((manifest, i) => (manifest ? read(manifest, i === baseline ? null : (manifests[baseline] ?? null)) : UNKNOWN));
  yield row("files", "digest", "content", against(digestCell));
  yield row("files", "size", "size", against(sizeCell));
  yield row("files", "files", "files", against(filesCell));
  yield row(
    "files",
    "format",
    "format",
    manifests.map((manifest) => cellOf(manifest, ({ format }) => format)),
  );
}

function digestCell({ digest }: ReadManifest, base: ReadManifest | null): Cell {
  if (!digest) return UNKNOWN;
  const verdict = base?.digest ? (base.digest === digest ? "identical content" : "other content") : "";
  return cell(digest, shortDigest(digest), { verdict });
}

function sizeCell({ sizeBytes: size }: ReadManifest, base: ReadManifest | null): Cell {
  if (size <= 0) return UNKNOWN;
  const difference = base && base.sizeBytes > 0 ? size - base.sizeBytes : 0n;
  if (!base || difference === 0n) return cell(size, bytesText(size));
  const words = `${percent(Number(difference) / Number(base.sizeBytes))} ${difference > 0 ? "larger" : "smaller"}`;
  return cell(size, bytesText(size), { reasons: [words], details: { difference } });
}

function filesCell({ files }: ReadManifest, base: ReadManifest | null): Cell {
  if (files.size === 0) return UNKNOWN;
  const value = sortedBy(files, ([path]) => path)
    .map(([path, digest]) => `${path} ${digest}`)
    .join("\n");
  if (!base || base.files.size === 0) return plain(count(files.size, "file"), value);
  const before = base.files;
  const changes = {
    added: sorted([...files.keys()].filter((path) => !before.has(path))),
    removed: sorted([...before.keys()].filter((path) => !files.has(path))),
    changed: sorted([...files.keys()].filter((path) => before.has(path) && before.get(path) !== files.get(path))),
  };
  const words = Object.entries(changes)
    .filter(([, paths]) => paths.length > 0)
    .map(([how, paths]) => `${paths.length} ${how}`);
  const details = Object.fromEntries(Object.entries(changes).map(([how, paths]) => [how, paths.slice(0, MOST_LISTED).map(visible)]));
  return plain(`${count(files.size, "file")}: ${words.join(", ") || "the same"}`, value, { details });
}
