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
import { productionLines, productionWords } from "./production";

adopt(css);

/** Why there is no noise band, and so how to get one. */
const NO_BAND = "no noise band: no three trainings here differ in their seed only";

/** Returns the old points while the new ones are equal, so that a refresh or a sorted table does not redraw the chart. */
function useSteady(points: Point[]): Point[] {
  const kept = useRef(points);
  if (!samePoints(kept.current, points)) kept.current = points;
  return kept.current;
}

/** Over time the order of the points says nothing of what was made from what. */
const NO_BRANCHES: Extras["branches"] = { branches: [], cut: new Set() };

/** What the line of production is, in words. */
function wordsOf({ over }: MetricOverVersionsProps, { production }: Extras): string {
  if (production.length === 0) return "";
  const named = production.map(({ model, last }) => {
    const held = over?.holders.get(model);
    return held ? productionWords(model, held) : `in production: ${model} ${last?.label ?? ""}`;
  });
  return named.join(" · ");
}

/** The band around the open version, else around the best. */
function useExtras({ selected, column, over }: MetricOverVersionsProps, picture: Picture): Extras {
  return useMemo(() => {
    const around = referenceOf(picture, selected);
    const row = around ? column?.table.indexOf.get(around.id) : undefined;
    const noise = column && row !== undefined ? seedNoise(column.table, column.values, row) : null;
    const production = productionLines(picture, over?.holders ?? null, over?.now ?? 0);
    const branches = over ? NO_BRANCHES : branchesOf(picture);
    return { band: around && noise ? bandOf(around, noise) : null, branches, production };
  }, [picture, selected, column, over]);
}

export function MetricOverVersions(props: MetricOverVersionsProps): ComponentChildren {
  const { metric, selected } = props;
  const points = useSteady(props.points);
  const [asTable, setAsTable] = useState(false);
  const now = props.over?.now ?? null;
  const picture = useMemo(() => arrange(metric, points, now), [metric.key, metric.goal, points, now]);
  const extras = useExtras(props, picture);
  const { band, branches } = extras;
  const production = wordsOf(props, extras);
  const words = [sentence(metric, picture), production, band && `Band: ${band.words}`].filter(Boolean).join(". ");
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
        production={production}
        hint={picture.count > 1 && referenceOf(picture, selected) ? NO_BAND : ""}
      />
      <button type="button" class="chart-switch" onClick={() => setAsTable(!asTable)}>
        {asTable ? "as chart" : "as table"}
      </button>
    </div>
  );
}
