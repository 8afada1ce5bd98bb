/** Metrics that were measured after publishing: the newest of each kind, and how they went over time. */
import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import type { MeasuredRecord } from "../../api/registry";
import { formatDate, formatDateFull, formatMetric } from "../../model/format";
import { type Series, seriesOf, strokeOf } from "../../model/registry/measured";
import { sourceText } from "../../model/sources";
import { Section } from "../detail/parts";

const [WIDTH, HEIGHT] = [120, 26];

function Stroke({ series }: { series: Series }): ComponentChildren {
  const path = strokeOf(series, WIDTH, HEIGHT);
  if (path === "") return null;
  const words = `${series.name} over time, from ${formatDate(series.points[0]?.time ?? null)} to ${formatDate(series.points.at(-1)?.time ?? null)}`;
  return (
    <svg class="me-stroke" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} width={WIDTH} height={HEIGHT} role="img" aria-label={words}>
      <title>{words}</title>
      <path d={path} />
    </svg>
  );
}

function Times({ series }: { series: Series }): ComponentChildren {
  return (
    <ul class="me-times">
      {series.points.toReversed().map(({ time, value, actor }) => (
        <li key={`${time} ${value}`}>
          <time title={formatDateFull(time)}>{formatDate(time)}</time> <b>{formatMetric(value)}</b>{" "}
          {actor && (
            <span class="dim">
              by <bdi>{actor}</bdi>
            </span>
          )}
        </li>
      ))}
    </ul>
  );
}

function Row({ series }: { series: Series }): ComponentChildren {
  const [open, setOpen] = useState(false);
  const last = series.points.at(-1);
  if (!last) return null;
  const count = series.points.length;
  return (
    <tr>
      <th scope="row">
        <bdi>{series.name}</bdi>
        <span class="dv-about">
          <span class="dv-source">{sourceText("measured")}</span>
          {series.from && (
            <span>
              <bdi>{series.from}</bdi>
            </span>
          )}
          {last.precision && <span>{last.precision}</span>}
        </span>
        <Stroke series={series} />
        {open && <Times series={series} />}
      </th>
      <td class="num" title={String(last.value)}>
        <b>{formatMetric(last.value)}</b>
      </td>
      <td class="num">
        <time title={formatDateFull(last.time)}>{formatDate(last.time)}</time>
        {count > 1 && (
          <button type="button" class="dv-link me-more" aria-expanded={open} onClick={() => setOpen(!open)}>
            {open ? "fewer" : `all ${count}`}
          </button>
        )}
      </td>
    </tr>
  );
}

export function MeasuredSection({ records, at }: { records: readonly MeasuredRecord[] | null; at: number | null }): ComponentChildren {
  const all = seriesOf(records ?? [], at);
  if (all.length === 0) return null;
  return (
    <Section title="Measured later">
      <table class="dv-table dv-metrics">
        <thead>
          <tr>
            <th scope="col">
              <span class="vh">metric</span>
            </th>
            <th scope="col" class="num">
              newest
            </th>
            <th scope="col" class="num">
              when
            </th>
          </tr>
        </thead>
        <tbody>
          {all.map((series) => (
            <Row key={series.key} series={series} />
          ))}
        </tbody>
      </table>
    </Section>
  );
}
