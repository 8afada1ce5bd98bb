/** One version on the page of comparisons: its curves and the values at its export, nothing to compare with. Pure. */
import type { CompareMember, CompareMetricDetails, ComparePayload, CompareRow, MetricDetail, VersionPayload } from "../../api/types";

function detailsOf(metric: MetricDetail): CompareMetricDetails {
  const { step, at_export, best, best_step, last, last_step, source, run, tag, regret, why_not, sample } = metric;
  const point = at_export === null ? "" : "at export";
  return { point, step, at_export, best, best_step, last, last_step, source, run, tag, regret, why_not, sample };
}

function rowOf(metric: MetricDetail, stepOfExport: number | null): CompareRow {
  const details = detailsOf({ ...metric, step: metric.step ?? stepOfExport });
  const cell = { text: "", value: null, absent: metric.at_export === null, known: true, verdict: null, reasons: [], details };
  const { key, name, goal, goal_source } = metric;
  return { group: "metrics", key, label: name, differs: false, caution: null, details: { goal, goal_source }, cells: [cell] };
}

/** `guess`: the member as the table knows it. */
export function alonePayload(version: VersionPayload, guess: CompareMember): ComparePayload {
  const { runs, state, notice, metrics } = version;
  const rows = metrics.map((metric) => rowOf(metric, runs[0]?.step ?? null));
  const members = [{ ...guess, state, notice, runs }];
  return { schema_version: 1, revision: "", summary: "", baseline: 0, members, groups: [], rows, differing: 0, equal: 0, problems: [] };
}
