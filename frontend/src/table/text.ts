/** A cell in words: for measuring, for tooltips. */
import { type Column, printed, type Table } from "../model/columns";
import { formatAge, formatBytes, formatCount, formatMetric } from "../model/format";
import { onlySource, originOf, sourceOf } from "../model/origins";
import { chipsOf } from "../model/registry/chips";
import { GATE_GLYPHS, gateShown, monitorsOf } from "../model/registry/gates";
import { gatesIn, saidIn } from "../model/registry/late";
import { TRUST_GLYPHS, trustTone } from "../model/registry/trust";
import { isSource } from "../model/sources";

export const STATE_GLYPHS = new Map([
  ["present", "✓"],
  ["changed", "≠"],
  ["missing", "∅"],
  ["unreachable", "⊘"],
  ["outside", "↗"],
  ["damaged", "✕"],
  ["elsewhere", "⇱"],
  ["removed", "⊖"],
  ["unchecked", "…"],
]);

export const STATE_WORDS = new Map([
  ["present", "names and sizes of the files agree with the manifest; contents were not read"],
  ["changed", "a file is missing, extra or has another size"],
  ["missing", "announced by a run, but the folder is not there (any more)"],
  ["unreachable", "the folder can't be read"],
  ["outside", "the folder is not inside the logdir or a --versions_models_dir"],
  ["damaged", "the manifest can't be read"],
  ["elsewhere", "the files lie in a source that is bound to no folder here; --versions_sources binds it"],
  ["removed", "the files were removed on purpose; the history says by whom and why"],
  ["unchecked", "the files were not looked at yet"],
]);

/** "~1a2b3c4d" where two folders claim the same number of a model, else "". */
export function twinMark(table: Table, row: number): string {
  const { model } = table.payload.columns;
  const plain = `${model.values[model.codes[row] as number]}:${table.numbers[row]}`;
  const id = table.ids[row] as string;
  return id.startsWith(`${plain}~`) ? id.slice(plain.length) : "";
}

/** "↓ guessed" for a metric whose goal was inferred from its name, which stars and the best follow. Once for its columns. */
export function guess({ id, metric, goal }: Column): string {
  return goal === "unknown" || !id.startsWith("m:") || metric?.goal_source !== "inferred" ? "" : `${goal === "max" ? "↑" : "↓"} guessed`;
}

/** The small second line of a header: another tracker does not say that its values are those of the export. */
export function captionOf(column: Column): string {
  return column.id.startsWith("m:") && onlySource(column) === "imported" ? "as recorded" : column.caption;
}

export function number(column: Column, row: number): number | null {
  if (column.cells.kind !== "number" || column.cells.absent[row]) return null;
  return column.cells.values[row] as number;
}

export function valueText(value: string | number | boolean | null): string {
  if (value === null) return "";
  return typeof value === "number" ? String(Number(value.toPrecision(9))) : String(value);
}

export function cellValue(column: Column, row: number): string | number | boolean | null {
  const { cells } = column;
  if (cells.kind === "number") return cells.absent[row] ? null : (cells.values[row] as number);
  if (cells.kind === "list") return (cells.values[row] ?? []).join(", ");
  return cells.values[row] ?? null;
}

function saidWords(table: Table, row: number): string[] {
  const { version, unknown } = saidIn(table.payload)(row);
  if (!version || unknown) return [];
  const monitors = monitorsOf(version.gates).map(({ name, word }) => `  ${name}: ${word}`);
  return [version.approvals.length > 0 && "  ✓ approved", ...monitors, version.deprecated && "  deprecated"].filter(
    (each) => typeof each === "string",
  );
}

/** As wide as any mark of a source. */
const MARK = "≡ ";

export function plainText(table: Table, column: Column, row: number, now: number): string {
  const value = number(column, row);
  const origin = originOf(table, column, row) && MARK;
  switch (column.role) {
    case "version":
      return [
        table.numbers[row],
        twinMark(table, row),
        table.payload.columns.semantic_version[row] ?? "",
        ...chipsOf(table, row).map(({ name, unknown }) => ` ${name} ${unknown}  `),
        ...saidWords(table, row),
      ]
        .join(" ")
        .trim();
    case "metric":
    case "later":
      return (onlySource(column) === "" && isSource(sourceOf(column, row)) ? MARK : "") + formatMetric(printed(column, row));
    case "count":
      return value === null ? "" : origin + formatCount(value);
    case "size":
      return value === null ? "" : formatBytes(value);
    case "date":
      return value === null ? "" : origin + formatAge(value, now);
    case "gate": {
      const word = gateShown(gatesIn(table.payload, row)) ?? "";
      return word && `${GATE_GLYPHS.get(word) ?? "?"} ${word}`;
    }
    case "trust": {
      const word = String(cellValue(column, row) ?? "");
      return word && `${TRUST_GLYPHS[trustTone(word)]} ${word}`;
    }
    case "state": {
      const state = String(cellValue(column, row) ?? "");
      return `${STATE_GLYPHS.get(state) ?? ""} ${state}`;
    }
    default:
      return origin + valueText(cellValue(column, row));
  }
}
