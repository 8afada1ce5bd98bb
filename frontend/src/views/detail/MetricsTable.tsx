/** The metrics: value at export, best and last of the run, and where each number is from. */
import type { ComponentChildren } from "preact";
import type { MetricDetail, WireNumber } from "../../api/types";
import { formatCount, formatMetric, sampleWords } from "../../model/format";
import { precisionText } from "../../model/slices";
import { sourceText } from "../../model/sources";
import { SourceMark } from "../../table/SourceMark";
import { type Curve, curveKey, useCurves } from "./load";
import { Name, Section } from "./parts";
import type { TabProps } from "./props";
import { Sparkline } from "./Sparkline";

const GOALS = {
  max: { arrow: "↑", words: "higher is better" },
  min: { arrow: "↓", words: "lower is better" },
};

function Goal({ metric }: { metric: MetricDetail }): ComponentChildren {
  if (metric.goal !== "max" && metric.goal !== "min") return null;
  const { arrow, words } = GOALS[metric.goal];
  const how = metric.goal_source === "inferred" ? `${words} (guessed from the name)` : words;
  return (
    <span class="dv-goal" title={how}>
      <span aria-hidden="true">{arrow}</span>
      <span class="vh"> {how}</span>
    </span>
  );
}

function Value({ value, step, strong }: { value: WireNumber | null; step: number | null; strong?: boolean }): ComponentChildren {
  if (value === null) {
    return (
      <td class="num">
        <span class="absent" aria-hidden="true">
          –
        </span>
        <span class="vh">none</span>
      </td>
    );
  }
  const text = formatMetric(value);
  return (
    <td class="num" title={String(value)}>
      {strong ? <b>{text}</b> : text}
      {step !== null && <small>@{formatCount(step)}</small>}
    </td>
  );
}

function About({ metric }: { metric: MetricDetail }): ComponentChildren {
  const precision = precisionText(metric);
  return (
    <span class="dv-about">
      <span class="dv-source">{sourceText(metric.source)}</span>
      {(metric.dataset || metric.slice) && (
        <span>
          on {metric.dataset && <Name>{metric.dataset}</Name>}
          {metric.slice && (
            <>
              /<Name>{metric.slice}</Name>
            </>
          )}
        </span>
      )}
      {precision && <span>{precision}</span>}
    </span>
  );
}

interface RowProps {
  metric: MetricDetail;
  curve: Curve | undefined;
  joined: boolean;
  /** Step of the export, where the metric has none of its own. */
  step: number | null;
  color: string | null;
}

function Row({ metric, curve, joined, step, color }: RowProps): ComponentChildren {
  return (
    <tr>
      <th scope="row">
        <Name>{metric.name}</Name> <Goal metric={metric} />
        <About metric={metric} />
        {curve && <Sparkline name={metric.name} curve={curve} step={metric.step ?? step} color={color} />}
      </th>
      <Value value={metric.at_export} step={metric.step} strong />
      {joined && <Value value={metric.best} step={metric.best_step} />}
      {joined && <Value value={metric.last} step={metric.last_step} />}
    </tr>
  );
}

export function MetricsTable(props: TabProps): ComponentChildren {
  const { runs } = props.payload;
  const isLead = (metric: MetricDetail): boolean => metric.key === props.lead;
  const metrics = props.payload.metrics.toSorted((a, b) => Number(isLead(b)) - Number(isLead(a)));
  const curves = useCurves(props.api, props.payload.metrics, props.revision);
  if (metrics.length === 0) return null;
  // Another tracker does not say that a value is that of the export.
  const when = metrics.every((metric) => metric.source === "imported") ? "as recorded" : "at export";
  const joined = metrics.some((metric) => metric.best !== null || metric.last !== null);
  const regrets = metrics.filter((metric) => metric.regret && (!props.lead || isLead(metric)));
  const unsure = metrics.filter((metric) => metric.why_not || metric.sample);
  const step = runs[0]?.step ?? null;
  return (
    <Section title="Metrics">
      <table class="dv-table dv-metrics">
        <thead>
          <tr>
            <th scope="col">
              <span class="vh">metric</span>
            </th>
            <th scope="col" class="num">
              {when}
            </th>
            {joined && (
              <th scope="col" class="num">
                best <SourceMark source="run" />
              </th>
            )}
            {joined && (
              <th scope="col" class="num">
                last <SourceMark source="run" />
              </th>
            )}
          </tr>
        </thead>
        <tbody>
          {metrics.map((metric) => (
            <Row
              key={metric.key}
              metric={metric}
              curve={curves.get(curveKey(metric.run ?? "", metric.tag ?? ""))}
              joined={joined}
              step={step}
              color={metric.run === null ? null : props.runColor(metric.run)}
            />
          ))}
        </tbody>
      </table>
      {unsure.length > 0 && (
        <ul class="dv-unsure">
          {unsure.map(({ key, why_not, sample }) => (
            <li key={key} dir="auto">
              <Name>{key}</Name>: {[why_not && `at export ${why_not}`, sample && sampleWords(sample)].filter(Boolean).join("; ")}
            </li>
          ))}
        </ul>
      )}
      {regrets.length > 0 && (
        <ul class="dv-regret">
          {regrets.map((metric) => (
            <li key={metric.key} dir="auto">
              <span aria-hidden="true">▲ </span>
              {metric.regret}
            </li>
          ))}
        </ul>
      )}
    </Section>
  );
}
