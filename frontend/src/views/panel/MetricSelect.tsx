/** Which metric a drawing shows. */
import type { ComponentChildren } from "preact";
import { useStore } from "../context";

/** `words`: what is shown of it. */
export function MetricSelect({ words }: { words: string }): ComponentChildren {
  const store = useStore();
  const metrics = store.columns.metrics.value;
  const metric = store.columns.metric.value;
  if (metric === null) return null;
  return (
    <>
      <select
        aria-label="Metric of the chart"
        title={store.columns.leadWords(metric) || undefined}
        value={metric}
        onChange={(event) => store.view.set({ metric: event.currentTarget.value })}
      >
        {metrics.map((each) => (
          <option key={each.key} value={each.key}>
            {each.key}
          </option>
        ))}
      </select>
      <span class="chart-words">
        <span>{words}</span>
      </span>
    </>
  );
}
