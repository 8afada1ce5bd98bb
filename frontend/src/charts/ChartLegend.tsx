/** What lines, dashes and the band of the chart over versions mean. */
import type { ComponentChildren } from "preact";
import { DASHES } from "./option";
import type { Band, Line } from "./points";

const MOST_MODELS = 6;

function Sample({ dashes, class: look, arrow }: { dashes: readonly number[]; class: string; arrow?: boolean }): ComponentChildren {
  return (
    <svg width="30" height="10" aria-hidden="true">
      <path class={look} d="M0,5L28,5" stroke-dasharray={dashes.join(" ")} />
      {arrow && <path class={`${look} tip`} d="M24,2L29,5L24,8z" />}
    </svg>
  );
}

interface ChartLegendProps {
  lines: readonly Line[];
  /** How many curves to parents are drawn, and how many there are. */
  branches: number;
  allBranches: number;
  band: Band | null;
  /** What the line of production says; "": there is none. */
  production: string;
  /** Why there is no band. */
  hint: string;
}

export function ChartLegend({ lines, branches, allBranches, band, production, hint }: ChartLegendProps): ComponentChildren {
  const models = lines.length > 1 ? lines.slice(0, MOST_MODELS) : [];
  return (
    <ul class="chart-legend" aria-label="Legend">
      {models.map(({ model }, index) => (
        <li key={model}>
          <Sample dashes={DASHES[index % DASHES.length] ?? []} class={index === 0 ? "sample first" : "sample"} />
          <bdi>{model}</bdi>
        </li>
      ))}
      {models.length > 0 && lines.length > MOST_MODELS && <li>and {lines.length - MOST_MODELS} more</li>}
      {branches > 0 && (
        <li>
          <Sample dashes={[3, 3]} class="sample branch" arrow />
          made from another version than the one before
          {branches < allBranches && `; of ${allBranches.toLocaleString("en")} those of the open version`}
        </li>
      )}
      {production !== "" && (
        <li>
          <Sample dashes={[7, 3]} class="sample produced" />
          <bdi>{production}</bdi>
        </li>
      )}
      {band && (
        <li>
          <span class="sample-band" aria-hidden="true" />
          <span>
            band: <bdi>{band.words}</bdi>
          </span>
        </li>
      )}
      {!band && hint !== "" && <li>{hint}</li>}
    </ul>
  );
}
