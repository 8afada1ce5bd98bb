/** The table that an exported page shows as CSV: the columns and cells of `tb-versions export --format csv`. Pure. */
import type { MetricDetail, Value, WireNumber } from "../api/types";
import { decode, type Table, toNumber } from "./columns";
import { isoText } from "./format";
import { heldByAnother } from "./registry/chips";
import { laterMetrics, saidIn } from "./registry/late";
import type { Values } from "./whole";

/** A spreadsheet runs a cell that begins so, and some look at every line, or at every part between semicolons and tabs. */
const LEAD = /(^|[\n\r\v\f\x85\u2028\u2029;\t])(?=[\s\x85\u00a0\ufeff\u200b]*[=+\-@\t\r\uff1d\uff0b\uff0d\uff20]|')/g;

/** What is read of a version beside the table: its numbers in full precision and its whole digest. */
export interface Detailed {
  metrics: Pick<MetricDetail, "key" | "at_export" | "source" | "sample">[];
  digest: string | null;
}

interface Drafted {
  name: string;
  origin: "metric" | "hp" | "label" | "measured" | "version";
  cells: string[];
}

/** `'=1+1` for `=1+1`: no spreadsheet takes it for a formula. */
export const escapeFormula = (text: string): string => text.replace(LEAD, "$1'");

/** A double as Python writes it: 1.0, 1e-05, 1e+16, NaN, inf. */
export function pythonFloat(value: number): string {
  if (Number.isNaN(value)) return "NaN";
  if (!Number.isFinite(value)) return value > 0 ? "inf" : "-inf";
  const [mantissa = "0", exponent = "0"] = value.toExponential().split("e");
  const power = Number(exponent);
  if (power < -4 || power >= 16) return `${mantissa}e${power < 0 ? "-" : "+"}${String(Math.abs(power)).padStart(2, "0")}`;
  const sign = value < 0 || Object.is(value, -0) ? "-" : "";
  const digits = mantissa.replace(/[-.]/g, "");
  if (power < 0) return `${sign}0.${"0".repeat(-power - 1)}${digits}`;
  const whole = digits.slice(0, power + 1).padEnd(power + 1, "0");
  return `${sign}${whole}.${digits.slice(power + 1) || "0"}`;
}

const whole = (value: number | string | null | undefined): string => (value === null || value === undefined ? "" : String(value));

function metricCell(value: WireNumber | null): string {
  return value === null ? "" : pythonFloat(toNumber(value));
}

/** A value of the author's choice; whole numbers stay whole where the column has no others. */
function valueCells(values: readonly Value[]): string[] {
  const present = values.filter((value) => value !== null);
  const floats = present.every((value) => typeof value === "number") && present.some((value) => !Number.isInteger(value));
  return values.map((value) => {
    if (value === null) return "";
    if (typeof value === "string") return escapeFormula(value);
    if (typeof value === "boolean") return String(value);
    return floats || !Number.isSafeInteger(value) ? pythonFloat(value) : String(value);
  });
}

function listed(values: Values["values"], rows: readonly number[]): Value[] {
  if ("kind" in values) return rows.map((row) => (values.absent[row] ? null : (values.values[row] as number)));
  return rows.map((row) => values[row] ?? null);
}

const time = (ms: number | null | undefined): string => (ms === null || ms === undefined ? "" : isoText(ms));

/** What every version has, without the parents, which stand last. */
function fixed(table: Table, rows: readonly number[], details: readonly Detailed[]): [string, string[]][] {
  const { columns, registry, runs } = table.payload;
  const text = (value: string | null | undefined): string => escapeFormula(value ?? "");
  const of = (name: string, cell: (row: number, at: number) => string): [string, string[]] => [name, rows.map(cell)];
  const said = saidIn(table.payload);
  const version = (row: number) => said(row).version;
  const log: [string, string[]][] =
    registry && Object.keys(registry.models).length > 0
      ? [
          of("aliases", (row) => text((columns.aliases[row] ?? []).join(" "))),
          ...(rows.some((row) => heldByAnother(table, row).length > 0)
            ? [of("aliases_of_another_manifest", (row) => text(heldByAnother(table, row).join(" ")))]
            : []),
          of("approved_by", (row) => text((version(row)?.approvals ?? []).map(({ actor }) => actor).join(" "))),
          of("deprecated", (row) => time(version(row)?.deprecated?.time)),
          of("removed", (row) => time(version(row)?.removed?.time)),
          of("notes", (row) => String(version(row)?.notes ?? 0)),
        ]
      : [];
  const [models, states] = [decode(columns.model), decode(columns.state)];
  return [
    of("version", (row) => text(columns.id[row])),
    of("model", (row) => text(models[row])),
    of("number", (row) => whole(columns.number[row])),
    of("semantic_version", (row) => text(columns.semantic_version[row])),
    ...log,
    of("run", (row) => text(runs[columns.run[row] ?? -1])),
    of("step", (row) => whole(columns.step[row])),
    of("created", (row) => time(columns.created[row])),
    of("state", (row) => text(states[row])),
    of("digest", (_, at) => text(details[at]?.digest)),
    of("size", (row) => whole(columns.size[row])),
    of("parameters", (row) => whole(columns.parameters[row])),
  ];
}

/** Values at export that are certain; what was read as a sample of a curve may be another point's. */
function metricColumns(details: readonly Detailed[]): Drafted[] {
  const keys = new Set(details.flatMap(({ metrics }) => metrics.map(({ key }) => key)));
  const known = details.map(
    ({ metrics }) => new Map(metrics.map((each) => [each.key, each.sample && each.source === "run" ? null : each.at_export])),
  );
  return [...keys].map((name) => ({ name, origin: "metric", cells: known.map((of) => metricCell(of.get(name) ?? null)) }));
}

function drafts(table: Table, rows: readonly number[], details: readonly Detailed[]): Drafted[] {
  const { hyperparameters, labels } = table.payload;
  const chosen = (origin: Drafted["origin"], sources: readonly Values[]): Drafted[] =>
    sources.map(({ name, values }) => ({ name, origin, cells: valueCells(listed(values, rows)) }));
  const later = laterMetrics(table.payload).map(
    ({ key, cells }): Drafted => ({
      name: key,
      origin: "measured",
      cells: rows.map((row) => (cells.absent[row] ? "" : pythonFloat(cells.values[row] as number))),
    }),
  );
  const all = [...metricColumns(details), ...chosen("hp", hyperparameters), ...chosen("label", labels), ...later];
  return all.filter(({ cells, origin }) => origin === "metric" || cells.some((cell) => cell !== ""));
}

const PREFIX = /^(?:metric|best|last|hp|label|measured)\./;

/** The names that would not be unique get where they come from in front, and what was measured later always. */
function named(columns: readonly Drafted[], taken: ReadonlySet<string>): [string, string[]][] {
  const uses = new Map<string, number>();
  for (const { name, origin } of columns) if (origin !== "measured") uses.set(name, (uses.get(name) ?? 0) + 1);
  return columns.map(({ name, origin, cells }) => {
    const isClear = origin !== "measured" && uses.get(name) === 1 && !taken.has(name) && !PREFIX.test(name);
    return [isClear ? name : `${origin}.${name}`, cells];
  });
}

const quoted = (cell: string): string => (/[",\n\r]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell);

/** `details`: of each of `rows`. */
export function csvOf(table: Table, rows: readonly number[], details: readonly Detailed[]): string {
  const parents: [string, string[]] = ["parents", rows.map((row) => escapeFormula((table.payload.columns.parents[row] ?? []).join(" ")))];
  const first = fixed(table, rows, details);
  const taken = new Set([...first.map(([name]) => name), "parents"]);
  const columns = [...first, ...named(drafts(table, rows, details), taken), parents];
  const lines = [columns.map(([name]) => escapeFormula(name)), ...rows.map((_, at) => columns.map(([, cells]) => cells[at] ?? ""))];
  return lines.map((line) => `${line.map(quoted).join(",")}\n`).join("");
}
