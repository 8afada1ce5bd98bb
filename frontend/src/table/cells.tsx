/** One cell's content, by the role of its column. Everything from the data is a text node. */
import type { ComponentChildren } from "preact";
import { Chip } from "../elements/Chip";
import { type Column, printed, type Table } from "../model/columns";
import { formatAge, formatBytes, formatCount, formatDate, formatMetric, sampleWords } from "../model/format";
import { onlySource, originOf, sourceOf } from "../model/origins";
import type { Place } from "../model/place";
import { chipsOf, removedWords } from "../model/registry/chips";
import { GATE_GLYPHS, gateShown, gatesTitle, monitorsOf } from "../model/registry/gates";
import { isDeprecated } from "../model/registry/hiding";
import { gatesIn, saidIn } from "../model/registry/late";
import { type Served as Places, servedOf } from "../model/registry/served";
import { TRUST_GLYPHS, trustTone } from "../model/registry/trust";
import type { RunLink } from "../model/runs";
import { sourceWords } from "../model/sources";
import { trainingOf } from "../model/trainings";
import { SourceMark } from "./SourceMark";
import { cellValue, number, STATE_GLYPHS, STATE_WORDS, twinMark, valueText } from "./text";

/** What all rows share; a new one redraws them all. */
export interface RowContext {
  table: Table;
  columns: Column[];
  /** By column, then by the model's code. */
  best: Map<Column, Float64Array>;
  /** Key of the lead metric, by the model's code. */
  leads: (string | null)[];
  twins: ReadonlyMap<string, number>;
  now: number;
  runColor(name: string): string | null;
  runLink(names: string[]): RunLink;
  /** All runs of a run's training. */
  runParts(run: string): string[];
  place: Place;
  /** What is served; empty where that is not known, and for a day of the past. */
  served: Places;
}

export const RIGHT = new Set<Column["role"]>(["metric", "later", "count", "size"]);

export function isRight(column: Column): boolean {
  return RIGHT.has(column.role) || (column.role === "value" && column.cells.kind === "number");
}

const absent = <span class="absent">–</span>;

export function VersionName({ table, row, served }: { table: Table; row: number; served: Places }): ComponentChildren {
  const { columns } = table.payload;
  const semantic = columns.semantic_version[row];
  const twin = twinMark(table, row);
  return (
    <>
      <b>{table.numbers[row]}</b>
      {twin && (
        <span class="dim" title="Two folders claim this number">
          {twin}
        </span>
      )}
      {semantic && <span class="dim"> {semantic}</span>}
      {chipsOf(table, row).map((chip) => (
        <Chip key={chip.name} {...chip} />
      ))}
      <Served table={table} row={row} served={served} />
      <Marks table={table} row={row} />
    </>
  );
}

/** Whether clients get it. */
function Served({ table, row, served }: { table: Table; row: number; served: Places }): ComponentChildren {
  const mark = servedOf(table, row, served);
  return (
    mark && (
      <span class={`said ${mark.tone}`} title={mark.sentences.join("\n")}>
        {mark.text}
      </span>
    )
  );
}

/** What speaks for or against a version, in words. */
function Marks({ table, row }: { table: Table; row: number }): ComponentChildren {
  const { version, unknown } = saidIn(table.payload)(row);
  const deprecated = isDeprecated(table, row) ? version?.deprecated : null;
  const approvals = unknown ? [] : (version?.approvals ?? []);
  const monitors = unknown ? [] : monitorsOf(version?.gates ?? []);
  return (
    <>
      {approvals.length > 0 && (
        <span class="said good" title={`approved by ${approvals.map(({ actor }) => actor).join(", ")}`}>
          <span aria-hidden="true">✓</span> approved
        </span>
      )}
      {monitors.map(({ name, word, tone, title }) => (
        <span key={name} class={`said ${tone}`} title={title}>
          {name}: {word}
        </span>
      ))}
      {deprecated && (
        <span class="said warn" title={[`deprecated by ${deprecated.actor}`, deprecated.reason].filter(Boolean).join(": ")}>
          deprecated
        </span>
      )}
    </>
  );
}

/** A metric that was measured after publishing; its title says when. */
function laterCell(column: Column, row: number): ComponentChildren {
  const value = number(column, row);
  if (value === null || !column.later) return absent;
  const when = formatDate(column.later.times[row] ?? null);
  return <span title={[`measured ${when}`, column.later.from].filter(Boolean).join(" · ")}>{formatMetric(printed(column, row))}</span>;
}

function absentMetric(column: Column, row: number): ComponentChildren {
  const why = column.id.startsWith("m:") ? column.metric?.why_not?.[row] : null;
  if (!why) return absent;
  return (
    <span class="absent" title={why}>
      ?<span class="vh"> {why}</span>
    </span>
  );
}

function metricCell(context: RowContext, column: Column, row: number): ComponentChildren {
  const value = number(column, row);
  if (value === null) return absentMetric(column, row);
  const { model } = context.table.payload.columns;
  const code = model.codes[row] as number;
  const best = context.best.get(column)?.[code] === value;
  const isLead = column.id.startsWith("m:") && column.metric?.key === context.leads[code];
  const regret = isLead ? column.metric?.regret?.[row] : null;
  const text = formatMetric(printed(column, row));
  const sample = column.samples?.[row];
  return (
    <>
      {onlySource(column) === "" && <SourceMark source={sourceOf(column, row)} />}
      {best ? <b>{text}</b> : text}
      <span class="mark">
        {best && (
          <span class="star" title={`best ${column.title} of the shown versions of ${model.values[code]}`}>
            ★<span class="vh"> best of the shown versions of its model</span>
          </span>
        )}
        {sample && (
          <span class="sampled" title={sampleWords(sample)}>
            ≈<span class="vh"> {sampleWords(sample)}</span>
          </span>
        )}
        {!best && regret && (
          <span class="regret" title={regret}>
            ▲<span class="vh"> {regret}</span>
          </span>
        )}
      </span>
    </>
  );
}

function runCell(context: RowContext, row: number): ComponentChildren {
  const { columns, runs } = context.table.payload;
  const name = runs[columns.run[row] as number];
  if (name === undefined) return absent;
  const color = context.runColor(name);
  const dot = <span class="dot" style={color ? { background: color } : undefined} />;
  if (!columns.run_known[row]) {
    return (
      <span class="dim" title={context.place.unknownRun(name)}>
        <span class="dot hollow" />
        <bdi>{trainingOf(name)}</bdi>
      </span>
    );
  }
  const parts = context.runParts(name);
  return (
    <a {...context.runLink(parts)} tabIndex={-1} title={context.place.openRuns(parts)}>
      {dot}
      <bdi>{trainingOf(name)}</bdi>
    </a>
  );
}

export function StateWord({ state, notice }: { state: string; notice?: string | null }): ComponentChildren {
  return (
    <span class="state" data-state={STATE_GLYPHS.has(state) ? state : "unchecked"} title={notice || STATE_WORDS.get(state)}>
      <span aria-hidden="true">{STATE_GLYPHS.get(state) ?? "…"}</span> {state}
    </span>
  );
}

/** What the gates of a version come to; the title names each. */
export function GateWord({ table, row }: { table: Table; row: number }): ComponentChildren {
  const gates = gatesIn(table.payload, row);
  const word = gateShown(gates) ?? "";
  const glyph = GATE_GLYPHS.get(word);
  return (
    <span class="gate" data-gate={glyph === undefined ? "stale" : word} title={gatesTitle(gates)}>
      <span aria-hidden="true">{glyph ?? "?"}</span> {word}
    </span>
  );
}

/** What is recorded of the contents, or of the signatures; the panel says by whom and when. */
function TrustWord({ word }: { word: string }): ComponentChildren {
  const tone = trustTone(word);
  return (
    <span class="gate" data-gate={tone === "good" ? "passed" : tone === "bad" ? "failed" : "stale"}>
      <span aria-hidden="true">{TRUST_GLYPHS[tone]}</span> {word}
    </span>
  );
}

function digestCell(context: RowContext, digest: string): ComponentChildren {
  const same = context.twins.get(digest) ?? 1;
  return (
    <span title={same > 1 ? `${same} versions have exactly this content` : `sha256:${digest}…`}>
      <code>{digest.slice(0, 8)}</code>
      {same > 1 && <span class="dim"> ={same}</span>}
    </span>
  );
}

/** A text, and where it is from if nobody stated it. */
function named(text: string, origin = ""): ComponentChildren {
  return (
    <>
      <SourceMark source={origin} />
      <bdi class={origin ? "from-run" : undefined} title={[text, sourceWords(origin)].filter(Boolean).join(" · ")} dir="auto">
        {text}
      </bdi>
    </>
  );
}

export function cell(context: RowContext, column: Column, row: number): ComponentChildren {
  if (column.role === "version") return <VersionName table={context.table} row={row} served={context.served} />;
  if (column.role === "metric") return metricCell(context, column, row);
  if (column.role === "later") return laterCell(column, row);
  if (column.role === "run") return runCell(context, row);
  const value = cellValue(column, row);
  if (value === null || value === "") return value === "" && column.role === "value" ? <span class="dim">""</span> : absent;
  switch (column.role) {
    case "gate":
      return <GateWord table={context.table} row={row} />;
    case "trust":
      return <TrustWord word={String(value)} />;
    case "state":
      return <StateWord state={String(value)} notice={removedWords(context.table, row) ?? context.table.payload.columns.notice[row]} />;
    case "count":
      return (
        <>
          <SourceMark source={originOf(context.table, column, row)} />
          {formatCount(Number(value))}
        </>
      );
    case "size":
      return <span title={`${formatCount(Number(value))} bytes`}>{formatBytes(Number(value))}</span>;
    case "date":
      return (
        <>
          <SourceMark source={originOf(context.table, column, row)} />
          <span title={formatDate(Number(value))}>{formatAge(Number(value), context.now)}</span>
        </>
      );
    case "digest":
      return digestCell(context, String(value));
    default:
      return named(valueText(value), originOf(context.table, column, row));
  }
}
