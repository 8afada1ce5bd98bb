/** Training curves as options of ECharts. */
import type { LineSeriesOption, ScatterSeriesOption } from "echarts/charts";
import type { EChartsCoreOption } from "echarts/core";
import type { Drawing } from "../model/curves/prepare";
import { axesOption, type CurveLooks, type Range, type Room, scaleY } from "./curveAxes";
import { exportSeries, opacity } from "./exportMarks";

const MANY_CURVES = 12;

type Data = [number, number][];

function pairs(xs: ArrayLike<number>, ys: ArrayLike<number>, up: (value: number) => number): Data {
  const data: Data = new Array(xs.length);
  for (let i = 0; i < xs.length; i++) data[i] = [xs[i] as number, up(ys[i] as number)];
  return data;
}

/** Points without a neighbour, to which no line is drawn. */
function lonely(data: Data): Data {
  const there = (point: [number, number] | undefined): boolean => point !== undefined && !Number.isNaN(point[1]);
  return data.filter((point, i) => there(point) && !there(data[i - 1]) && !there(data[i + 1]));
}

function curveSeries(drawing: Drawing, looks: CurveLooks): (LineSeriesOption | ScatterSeriesOption)[] {
  const up = scaleY(looks.log);
  const shared = { type: "line", silent: true, showSymbol: false, clip: true, legendHoverLink: false } as const;
  return drawing.curves.flatMap(({ curve, xs, ys }) => {
    const color = looks.color(curve.run);
    const data = pairs(xs, ys, up);
    const type = looks.dashed(curve.run) ? ([5, 3] as number[]) : "solid";
    const found: (LineSeriesOption | ScatterSeriesOption)[] = [
      {
        ...shared,
        id: `curve ${curve.run}`,
        name: curve.run,
        data,
        z: 4,
        itemStyle: { color },
        lineStyle: { color, width: drawing.curves.length > MANY_CURVES ? 1.2 : 1.8, type, opacity: opacity(looks, curve.run) },
      },
    ];
    if (looks.smoothed) {
      const raw = pairs(xs, curve.values, up);
      const lineStyle = { color, width: 1.2, opacity: 0.28 * opacity(looks, curve.run) };
      found.unshift({ ...shared, id: `raw ${curve.run}`, data: raw, z: 3, lineStyle });
    }
    const alone = lonely(data);
    if (alone.length > 0) {
      const itemStyle = { color, opacity: opacity(looks, curve.run) };
      found.push({ id: `alone ${curve.run}`, type: "scatter", silent: true, data: alone, symbolSize: 6, z: 5, itemStyle });
    }
    return found;
  });
}

/** NaN and infinities: triangles at the edges, as TensorBoard draws them. */
function oddSeries(drawing: Drawing, looks: CurveLooks, range: Range): ScatterSeriesOption[] {
  if (drawing.oddities.length === 0) return [];
  const up = scaleY(looks.log);
  const [bottom, top] = [up(range.y.low), up(range.y.high)];
  return [
    {
      id: "oddities",
      type: "scatter",
      silent: true,
      z: 6,
      symbol: "triangle",
      symbolSize: 8,
      clip: false,
      data: drawing.oddities.slice(0, 2000).map(({ x, run, kind }) => ({
        value: [x, kind === "∞" ? top : bottom],
        symbolRotate: kind === "−∞" ? 180 : 0,
        itemStyle: { color: looks.color(run), opacity: kind === "NaN" ? 0.55 : 1 },
      })),
    },
  ];
}

/** What follows the edges of the plot. Each series has an id, so that ECharts replaces these and keeps the curves. */
function edgeSeries(drawing: Drawing, looks: CurveLooks, range: Range, room: Room): (LineSeriesOption | ScatterSeriesOption)[] {
  return [...exportSeries(drawing, looks, range, room), ...oddSeries(drawing, looks, range)];
}

export function curveOption(drawing: Drawing, looks: CurveLooks, range: Range, room: Room): EChartsCoreOption {
  return {
    animation: false,
    ...axesOption(range, looks, room),
    series: [...curveSeries(drawing, looks), ...edgeSeries(drawing, looks, range, room)],
  };
}

/** The option for another range of the same drawing; ECharts merges it. */
export function zoomOption(drawing: Drawing, looks: CurveLooks, range: Range, room: Room): EChartsCoreOption {
  return { ...axesOption(range, looks, room), series: edgeSeries(drawing, looks, range, room) };
}

/** The option for other highlighted runs in the same drawing; ECharts merges it. */
export function litOption(drawing: Drawing, looks: CurveLooks, range: Range, room: Room): EChartsCoreOption {
  return { series: [...curveSeries(drawing, looks), ...edgeSeries(drawing, looks, range, room)] };
}
