/** One metric over the versions: a line for each model, a point for each version. A chunk of its own. */
import type { ComponentChildren } from "preact";
import { useMemo, useRef, useState } from "preact/hooks";
import { adopt } from "../elements/css";
import { seedNoise } from "../model/compare/pooled";
import { branchesOf } from "./branches";
import { ChartLegend } from "./ChartLegend";
import css from "./chart.css?inline";
import { MetricPlot } from "./MetricPlot";
import { MetricValues } from "./MetricValues";
import type { MetricOverVersionsProps } from "./metricProps";
import { drawnBranches, type Extras } from "./option";
import { arrange, bandOf, type Picture, type Point, referenceOf, samePoints, sentence } from "./points";

adopt(css);

/** Why there is no noise band, and so how to get one. */
const NO_BAND = "no noise band: no three trainings here differ in their seed only";

/** Returns the old points while the new ones are equal, so that a refresh or a sorted table does not redraw the chart. */
function useSteady(points: Point[]): Point[] {
  const kept = useRef(points);
  if (!samePoints(kept.current, points)) kept.current = points;
  return kept.current;
}

/** The band around the open version, else around the best. */
function useExtras({ selected, column }: MetricOverVersionsProps, picture: Picture): Extras {
  return useMemo(() => {
    const around = referenceOf(picture, selected);
    const row = around ? column?.table.indexOf.get(around.id) : undefined;
    const noise = column && row !== undefined ? seedNoise(column.table, column.values, row) : null;
    return { band: around && noise ? bandOf(around, noise) : null, branches: branchesOf(picture) };
  }, [picture, selected, column]);
}

export function MetricOverVersions(props: MetricOverVersionsProps): ComponentChildren {
  const { metric, selected } = props;
  const points = useSteady(props.points);
  const [asTable, setAsTable] = useState(false);
  const picture = useMemo(() => arrange(metric, points), [metric.key, metric.goal, points]);
  const extras = useExtras(props, picture);
  const { band, branches } = extras;
  const words = [sentence(metric, picture), band && `Band: ${band.words}`].filter(Boolean).join(". ");
  if (picture.count === 0) return <p class="chart-nothing">{words}</p>;
  const View = asTable ? MetricValues : MetricPlot;
  return (
    <div class="metric-chart">
      <View {...props} picture={picture} extras={extras} words={words} />
      <ChartLegend
        lines={picture.lines}
        branches={asTable ? 0 : drawnBranches(branches, selected).length}
        allBranches={branches.branches.length}
        band={band}
        hint={picture.count > 1 && referenceOf(picture, selected) ? NO_BAND : ""}
      />
      <button type="button" class="chart-switch" onClick={() => setAsTable(!asTable)}>
        {asTable ? "as chart" : "as table"}
      </button>
    </div>
  );
}
