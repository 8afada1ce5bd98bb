/** A metric on the parts of the data: those that lose most against a baseline first. */
import type { ComponentChildren } from "preact";
import { useEffect, useMemo, useState } from "preact/hooks";
import type { ComparePayload, VersionPayload } from "../../api/types";
import { formatCount, formatMetric } from "../../model/format";
import { endsText, intervalText, metricKey, precisionText, readSlices, type Sliced, WHOLE } from "../../model/slices";
import { choicesOf, type SliceRow, sliceTable } from "../../model/sliceTable";
import { SourceMark } from "../../table/SourceMark";
import { Name } from "./parts";
import type { TabProps } from "./props";

const FIRST = 50;
const MORE = 250;
/** With so many slices there is a field to find some. */
const MANY = 15;

const NONE = "";

interface Asked {
  payload: ComparePayload | null;
  error: string | null;
}

/** The comparison with a baseline; nothing until it is there. */
function useCompared({ api, payload: { id }, revision }: TabProps, base: string): Asked {
  const [answer, setAnswer] = useState<Asked & { base: string }>({ base: NONE, payload: null, error: null });
  useEffect(() => {
    if (base === NONE) return;
    let current = true;
    api.compare([base, id], base, new Map()).then(
      (payload) => current && setAnswer({ base, payload, error: null }),
      (reason) =>
        current && setAnswer({ base, payload: null, error: reason instanceof Error ? reason.message : "It could not be compared." }),
    );
    return () => {
      current = false;
    };
  }, [api, id, base, revision]);
  return answer.base === base && base !== NONE ? answer : { payload: null, error: null };
}

interface RowProps {
  row: SliceRow;
  /** That is told once for all. */
  confidence: string | null;
}

/** The value, its interval, and what the baseline has. */
function Value({ row, confidence }: RowProps): ComponentChildren {
  const interval = row.own && (confidence === null ? intervalText(row.own) : endsText(row.own));
  return (
    <td class="num">
      {row.own === null ? <span class="absent">–</span> : <SourceMark source={row.own.source} />}
      {row.own !== null && <b>{formatMetric(row.own.value)}</b>}
      {interval && <small>{interval}</small>}
      {row.base !== null && (
        <small>
          was <bdi>{row.base}</bdi>
        </small>
      )}
    </td>
  );
}

/** In words, and what decided when it is asked for. */
function Verdict({ row: { chip, reasons } }: { row: SliceRow }): ComponentChildren {
  if (chip === null) return null;
  if (reasons.length === 0) {
    return (
      <span class="sl-chip" data-tone={chip.tone}>
        {chip.words}
      </span>
    );
  }
  return (
    <details class="sl-why">
      <summary class="sl-chip" data-tone={chip.tone} title="What decided?">
        {chip.words}
      </summary>
      {reasons.map((reason) => (
        <bdi key={reason}>{reason}</bdi>
      ))}
    </details>
  );
}

function Row({ row, confidence }: RowProps): ComponentChildren {
  return (
    <tr>
      <th scope="row">
        <Name>{row.slice}</Name>
        <Verdict row={row} />
      </th>
      <td class="num">
        {formatCount(row.own?.examples)}
        {row.isFew && <small class="warn">few</small>}
      </td>
      <Value row={row} confidence={confidence} />
    </tr>
  );
}

interface ChoiceProps {
  label: string;
  value: string;
  options: readonly (readonly [string, string])[];
  onChange(value: string): void;
}

function Select({ label, value, options, onChange }: ChoiceProps): ComponentChildren {
  return (
    <label class="sl-choice">
      <span>{label}</span>
      <select value={value} onChange={(event) => onChange(event.currentTarget.value)}>
        {options.map(([id, words]) => (
          <option key={id} value={id}>
            {words}
          </option>
        ))}
      </select>
    </label>
  );
}

interface RowsProps {
  rows: readonly SliceRow[];
  compared: boolean;
  confidence: string | null;
}

function Rows({ rows, compared, confidence }: RowsProps): ComponentChildren {
  const [most, setMost] = useState(FIRST);
  const shown = rows.slice(0, most);
  return (
    <>
      <table class="dv-table dv-slices">
        <thead>
          <tr>
            <th scope="col">{compared ? "slice, against the baseline" : "slice"}</th>
            <th scope="col" class="num">
              examples
            </th>
            <th scope="col" class="num">
              value
              {confidence !== null && <small>interval: {confidence}</small>}
            </th>
          </tr>
        </thead>
        <tbody>
          {shown.map((row) => (
            <Row key={row.slice} row={row} confidence={confidence} />
          ))}
        </tbody>
      </table>
      {shown.length < rows.length && (
        <p class="sl-more">
          {formatCount(shown.length)} of {formatCount(rows.length)} slices are shown.{" "}
          <button type="button" class="dv-link" onClick={() => setMost(most + MORE)}>
            Show {formatCount(Math.min(MORE, rows.length - shown.length))} more
          </button>
        </p>
      )}
    </>
  );
}

interface TableProps {
  group: Sliced;
  compared: ComparePayload | null;
  id: string;
}

function SliceTable({ group, compared, id }: TableProps): ComponentChildren {
  const [find, setFind] = useState("");
  const table = useMemo(() => sliceTable(group, compared, id), [group, compared, id]);
  const wanted = find.trim().toLowerCase();
  const rows = useMemo(() => table.rows.filter(({ slice }) => slice.toLowerCase().includes(wanted)), [table, wanted]);
  return (
    <>
      {group.whole && (
        <p class="sl-whole">
          {WHOLE}: <SourceMark source={group.whole.source} />
          <b>{formatMetric(group.whole.value)}</b> <span class="dim">{precisionText(group.whole)}</span>
        </p>
      )}
      {table.rows.length > MANY && (
        <label class="sl-choice">
          <span>Find</span>
          <input type="search" value={find} onInput={(event) => setFind(event.currentTarget.value)} placeholder="part of a slice's name" />
        </label>
      )}
      <p class="sl-order" role="status">
        {formatCount(rows.length)} {rows.length === 1 ? "slice" : "slices"}
        {wanted && ` of ${formatCount(table.rows.length)}`}, <bdi>{table.order}</bdi>
        {table.leftOut > 0 && `; ${formatCount(table.leftOut)} more are not compared here`}
      </p>
      {table.cautions.map((caution) => (
        <p key={caution} class="dv-banner" data-tone="warn">
          <bdi>{caution}</bdi>
        </p>
      ))}
      <Rows key={wanted} rows={rows} compared={compared !== null} confidence={table.confidence} />
    </>
  );
}

/** Whether the version has slices, for else there is no such tab. */
export const hasSlices = ({ slices }: VersionPayload): boolean => readSlices(slices).length > 0;

export function SlicesTab(props: TabProps): ComponentChildren {
  const { payload, table = null } = props;
  const groups = useMemo(() => readSlices(payload.slices), [payload]);
  const choices = useMemo(() => choicesOf(table, payload.id, payload.lineage.parents), [table, payload]);
  const [place, setPlace] = useState(0);
  const [chosen, setChosen] = useState<string | null>(null);
  const base = chosen ?? choices[0]?.id ?? NONE;
  const compared = useCompared(props, base);
  const group = groups[place] ?? groups[0];
  if (!group) return <p class="dv-empty">The manifest has no metrics of parts of the data.</p>;
  const options = choices.map(({ id, why }) => [id, why ? `${id}, ${why}` : id] as const);
  return (
    <>
      <div class="sl-choices">
        <Select
          label="Metric"
          value={String(place)}
          options={groups.map(({ name, dataset }, at) => [String(at), metricKey(name, dataset)])}
          onChange={(value) => setPlace(Number(value))}
        />
        <Select label="Baseline" value={base} options={[...options, [NONE, "none"]]} onChange={setChosen} />
      </div>
      {compared.error !== null && (
        <p class="dv-banner" data-tone="bad" role="alert">
          <bdi>{compared.error}</bdi>
        </p>
      )}
      <SliceTable key={metricKey(group.name, group.dataset)} group={group} compared={compared.payload} id={payload.id} />
    </>
  );
}
