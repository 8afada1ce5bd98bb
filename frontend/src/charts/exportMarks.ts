/** Marks of the exports on training curves, with their names. */
import type { LineSeriesOption, ScatterSeriesOption } from "echarts/charts";
import { heightsOf, LABEL_HEIGHT, type Label, placeNames } from "../model/curves/labels";
import type { Drawing, DrawnExport } from "../model/curves/prepare";
import { formatMetric } from "../model/format";
import { type CurveLooks, FONT_SIZE, mapping, type Range, type Room, scaleY } from "./curveAxes";

const LABELLED_EXPORTS = 24;
/** Labels avoid at most this many curves. */
const AVOIDED_CURVES = 24;
const FAINT = 0.13;

/** Runs that are not highlighted are faint while others are. */
export function opacity({ lit }: CurveLooks, run: string): number {
  return lit && !lit.has(run) ? FAINT : 1;
}

const LONGEST_LABEL = 34;
/** The dot before a name, and the frame around it. */
const BESIDE_NAME = 22;

function labelOf(each: DrawnExport, looks: CurveLooks): string {
  const name = looks.name(each).replace(/[{}]/g, "");
  const short = name.length > LONGEST_LABEL ? `${name.slice(0, LONGEST_LABEL - 1)}…` : name;
  return `${short} ${formatMetric(each.value)}`;
}

/** Where each name stands, by the position of its export. Validation chooses its place before training. */
function placeLabels(drawing: Drawing, looks: CurveLooks, range: Range, room: Room): Map<number, Label> {
  const { frame, px, py } = mapping(range, looks, room);
  const late = (index: number): number => Number(looks.dashed(drawing.exports[index]?.run ?? ""));
  const order = drawing.exports.map((_, index) => index).sort((a, b) => late(a) - late(b) || a - b);
  const marks = order.flatMap((index) => {
    const each = drawing.exports[index] as DrawnExport;
    const [x, y] = [px(each.x), py(each.value)];
    const seen = x >= frame.left - 1 && x <= room.width - frame.right + 1 && y >= frame.top - 1 && y <= room.height - frame.bottom + 1;
    return seen ? [{ index, x, y, width: looks.measure(labelOf(each, looks)) + BESIDE_NAME }] : [];
  });
  const walls = { left: frame.left, right: room.width - 2, top: 1, bottom: room.height - frame.bottom - 1 };
  const curves = drawing.curves.slice(0, AVOIDED_CURVES).map(({ xs, ys }) => heightsOf(Array.from(xs, px), Array.from(ys, py)));
  const found = new Map<number, Label>();
  placeNames(marks, walls, curves).forEach((label, at) => void (label && found.set(marks[at]?.index ?? -1, label)));
  return found;
}

/** Lines from marks to names that don't stand beside them. One series for each mark, so that ECharts finds it again after a zoom. */
function leaderSeries(drawing: Drawing, looks: CurveLooks, range: Range, room: Room, labels: Map<number, Label>): LineSeriesOption[] {
  const { x, y } = mapping(range, looks, room);
  const up = scaleY(looks.log);
  return drawing.exports.slice(0, LABELLED_EXPORTS).map((each, index) => ({
    id: `leader ${index}`,
    type: "line",
    silent: true,
    showSymbol: false,
    clip: false,
    z: 7,
    data: (labels.get(index)?.leader ?? []).map((spot) => [x(spot.x), up(y(spot.y))]),
    lineStyle: { color: looks.exportColor(each), width: 1.2, opacity: opacity(looks, each.run) },
  }));
}

/** A dashed line from edge to edge at each export, and its value as a point with a name. */
export function exportSeries(drawing: Drawing, looks: CurveLooks, range: Range, room: Room): (LineSeriesOption | ScatterSeriesOption)[] {
  const { paint } = looks;
  const up = scaleY(looks.log);
  const [bottom, top] = [up(range.y.low), up(range.y.high)];
  const many = drawing.exports.length > LABELLED_EXPORTS;
  const seen = new Set<string>();
  const uprights: LineSeriesOption[] = [];
  for (const each of drawing.exports) {
    const { x, run } = each;
    const color = looks.exportColor(each);
    const key = `${x} ${color}`;
    if (seen.has(key)) continue;
    seen.add(key);
    uprights.push({
      id: `upright ${uprights.length}`,
      type: "line",
      silent: true,
      showSymbol: false,
      z: 2,
      data: [
        [x, bottom],
        [x, top],
      ],
      lineStyle: { color, width: 1.2, type: [3, 3], opacity: (many ? 0.35 : 0.75) * opacity(looks, run) },
    });
  }
  const labels = many ? new Map<number, Label>() : placeLabels(drawing, looks, range, room);
  const marks: ScatterSeriesOption = {
    id: "exports",
    type: "scatter",
    silent: true,
    z: 8,
    symbol: "circle",
    symbolSize: many ? 8 : 11,
    clip: true,
    data: drawing.exports.map((each, index) => {
      const color = looks.exportColor(each);
      return {
        value: [each.x, up(each.value)],
        itemStyle: { color, borderColor: paint.ground, borderWidth: 2, opacity: opacity(looks, each.run) },
        label: {
          show: labels.has(index) && opacity(looks, each.run) === 1,
          formatter: () => `{dot|●} ${labelOf(each, looks)}`,
          rich: { dot: { color, fontSize: 10, fontFamily: paint.font } },
          color: paint.text,
          fontSize: FONT_SIZE,
          fontFamily: paint.font,
          backgroundColor: paint.ground,
          borderColor: color,
          borderWidth: 1,
          borderRadius: 3,
          height: LABEL_HEIGHT - 6,
          lineHeight: LABEL_HEIGHT - 6,
          padding: [3, 5, 2, 5],
        },
      };
    }),
    labelLayout: ({ dataIndex }) => {
      const place = labels.get(dataIndex ?? -1);
      return place ? { x: place.x, y: place.y + (room.lift ?? 0), align: "left", verticalAlign: "middle" } : {};
    },
  };
  return [...uprights, ...(many ? [] : leaderSeries(drawing, looks, range, room, labels)), marks];
}
