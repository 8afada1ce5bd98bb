/** One metric over the versions: a line for each model, a point for each version. A chunk of its own. */
import type { ComponentChildren } from "preact";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { adopt } from "../elements/css";
import type { Table } from "../model/columns";
import { seedNoise } from "../model/compare/pooled";
import { formatDate, formatMetric } from "../model/format";
import { BranchLines } from "./BranchLines";
import { branchesOf } from "./branches";
import { ChartLegend } from "./ChartLegend";
import css from "./chart.css?inline";
import { echarts } from "./echarts";
import { buildOption, drawnBranches, type Extras } from "./option";
import { paintOf } from "./paint";
import { arrange, type Band, bandOf, isWithin, type Metric, type Picture, type Point, referenceOf, samePoints, sentence } from "./points";

adopt(css);

export interface MetricOverVersionsProps {
  metric: Metric;
  points: Point[];
  selected: string | null;
  dark: boolean;
  onOpen(id: string): void;
  /** The metric of all versions, from which seed noise is told. */
  column: { table: Table; values: Float64Array } | null;
}

/** The props, and what follows from them. */
interface Drawn extends MetricOverVersionsProps {
  picture: Picture;
  extras: Extras;
  words: string;
}

/** How one gets a band. */
const NO_BAND = "no noise band: no three trainings here differ in their seed only";

type Chart = ReturnType<typeof echarts.init>;

interface Place {
  point: Point;
  x: number;
  y: number;
}

function placesOf(chart: Chart, picture: Picture): Place[] {
  return picture.lines.flatMap((line) =>
    line.points.map((point) => {
      const [x = 0, y = 0] = chart.convertToPixel({ gridIndex: 0 }, [picture.place.get(point.number) ?? 0, point.value]);
      return { point, x, y };
    }),
  );
}

/** How far from a point the pointer may be. */
const REACH = 28;

function nearest(places: Place[], x: number, y: number): Place | null {
  let found: Place | null = null;
  let least = REACH * REACH;
  for (const place of places) {
    const distance = (place.x - x) ** 2 + (place.y - y) ** 2;
    if (distance >= least) continue;
    least = distance;
    found = place;
  }
  return found;
}

/** Draws after the page has its new colours, and again whenever the room changes. */
function useChart({ picture, extras, selected, dark }: Drawn, onPlaces: (places: Place[]) => void) {
  const box = useRef<HTMLDivElement>(null);
  const chart = useRef<Chart | null>(null);
  useEffect(() => {
    const room = box.current;
    if (!room) return;
    const made = echarts.init(room, null, { renderer: "canvas" });
    chart.current = made;
    return () => {
      chart.current = null;
      made.dispose();
    };
  }, []);
  useEffect(() => {
    const room = box.current;
    const draw = (): void => {
      if (!room || !chart.current || room.clientHeight === 0 || picture.count === 0) return;
      if (chart.current.getWidth() !== room.clientWidth || chart.current.getHeight() !== room.clientHeight) chart.current.resize();
      chart.current.setOption(buildOption(picture, extras, selected, paintOf(room)), { notMerge: true });
      onPlaces(placesOf(chart.current, picture));
    };
    // The observer calls once at its start, so this draws the first time too.
    let frame = 0;
    const observer = new ResizeObserver(() => {
      cancelAnimationFrame(frame);
      frame = requestAnimationFrame(draw);
    });
    if (room) observer.observe(room);
    return () => {
      cancelAnimationFrame(frame);
      observer.disconnect();
    };
  }, [picture, extras, selected, dark]);
  return box;
}

/** "digits 9" of "digits:9". */
const nameOf = (id: string): string => id.replace(/:([^:]*)$/, " $1");

interface TipProps {
  place: Place;
  metric: Metric;
  several: boolean;
  width: number;
  band: Band | null;
}

function Tip({ place, metric, several, width, band }: TipProps): ComponentChildren {
  const { point } = place;
  const toLeft = place.x > width / 2;
  const style = toLeft ? { right: `${width - place.x + 12}px` } : { left: `${place.x + 12}px` };
  const tip = (
    <div class="chart-tip" style={{ ...style, top: `${Math.max(0, place.y - 30)}px` }} aria-hidden="true">
      <div>
        {several && (
          <>
            <bdi>{point.model}</bdi>{" "}
          </>
        )}
        <b>
          <bdi>{point.label}</bdi>
        </b>
      </div>
      <div>
        <bdi>{metric.key}</bdi> <b>{formatMetric(point.value)}</b>
      </div>
      {point.aliases.length > 0 && (
        <div>
          <span aria-hidden="true">⚑</span> <bdi>{point.aliases.join(", ")}</bdi>
        </div>
      )}
      {point.parents.slice(0, 3).map(({ id, relation }) => (
        <div key={id}>
          {relation} <bdi>{nameOf(id)}</bdi>
        </div>
      ))}
      {band && isWithin(band, point) && point !== band.around && (
        <div>
          within seed noise of <bdi>{band.around.number}</bdi>
        </div>
      )}
      {point.created !== null && <div class="dim">{formatDate(point.created)}</div>}
    </div>
  );
  return (
    <>
      <div class="chart-ring" style={{ left: `${place.x}px`, top: `${place.y}px` }} aria-hidden="true" />
      {tip}
    </>
  );
}

function Plot(props: Drawn): ComponentChildren {
  const { picture, metric, words, extras } = props;
  const [places, setPlaces] = useState<Place[]>([]);
  const [over, setOver] = useState<Place | null>(null);
  const byId = useMemo(() => new Map(places.map((place) => [place.point.id, place])), [places]);
  const box = useChart(props, (next) => {
    setPlaces(next);
    setOver(null);
  });
  const move = (to: Place | null): void => {
    if (to !== over) setOver(to);
  };
  const at = (event: MouseEvent): Place | null => {
    const { left, top } = (event.currentTarget as HTMLElement).getBoundingClientRect();
    return nearest(places, event.clientX - left, event.clientY - top);
  };
  const open = (event: MouseEvent): void => {
    const place = at(event);
    if (place) props.onOpen(place.point.id);
  };
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the keyboard has the same versions as buttons in the table
    // biome-ignore lint/a11y/noStaticElementInteractions: see above
    <div
      class="chart-plot"
      data-over={over ? "" : undefined}
      onMouseMove={(event) => move(at(event))}
      onMouseLeave={() => move(null)}
      onClick={open}
    >
      <div ref={box} class="chart-canvas" role="img" aria-label={words} />
      <BranchLines
        branches={drawnBranches(extras.branches, props.selected)}
        places={byId}
        width={box.current?.clientWidth ?? 0}
        height={box.current?.clientHeight ?? 0}
        over={over?.point.id ?? null}
      />
      {over && (
        <Tip place={over} metric={metric} several={picture.lines.length > 1} width={box.current?.clientWidth ?? 0} band={extras.band} />
      )}
    </div>
  );
}

/** What flags and curves say in the drawing. */
function Beside({ point: { aliases, parents } }: { point: Point }): ComponentChildren {
  return (
    <span class="dim">
      {aliases.length > 0 && <bdi> {aliases.join(", ")}</bdi>}
      {parents.map(({ id, relation }) => (
        <span key={id}>
          {" "}
          {relation} <bdi>{nameOf(id)}</bdi>
        </span>
      ))}
    </span>
  );
}

function Values({ metric, picture, extras: { band }, selected, onOpen, words }: Drawn): ComponentChildren {
  const several = picture.lines.length > 1;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a table that scrolls must be reachable by the keyboard
    <section class="chart-values" tabIndex={0} aria-label={words}>
      <table>
        <thead>
          <tr>
            <th scope="col">version</th>
            <th scope="col">
              <bdi>{metric.key}</bdi>
            </th>
            {band && <th scope="col">noise</th>}
            <th scope="col">created</th>
          </tr>
        </thead>
        <tbody>
          {picture.lines.flatMap((line) =>
            line.points.map((point) => (
              <tr key={point.id}>
                <th scope="row">
                  <button
                    type="button"
                    class="plain link"
                    aria-current={point.id === selected ? "true" : undefined}
                    onClick={() => onOpen(point.id)}
                  >
                    {several && (
                      <>
                        <bdi>{point.model}</bdi>{" "}
                      </>
                    )}
                    <bdi>{point.label}</bdi>
                  </button>
                  <Beside point={point} />
                </th>
                <td>
                  {formatMetric(point.value)}
                  {point === picture.best && <b> best</b>}
                </td>
                {band && <td>{point === band.around ? "reference" : isWithin(band, point) ? "within" : ""}</td>}
                <td class="dim">{formatDate(point.created)}</td>
              </tr>
            )),
          )}
        </tbody>
      </table>
    </section>
  );
}

/** The old points as long as the new ones say the same: a refresh or a sorted table draws nothing anew. */
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
  const View = asTable ? Values : Plot;
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
