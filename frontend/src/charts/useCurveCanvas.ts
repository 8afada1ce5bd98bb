/** The canvas of training curves. */
import { useEffect, useLayoutEffect, useMemo, useRef } from "preact/hooks";
import { useFonts } from "../elements/useFonts";
import type { CurveLooks, Range, Room } from "./curveAxes";
import { curveOption, litOption, zoomOption } from "./curveOption";
import type { CurveChartProps } from "./curveProps";
import { echarts } from "./echarts";
import type { Paint } from "./option";
import { paintOf } from "./paint";
import { giveUpTurn, inTurn } from "./turns";
import { useRoom } from "./useRoom";

type Chart = ReturnType<typeof echarts.init>;

/** What the canvas shows now. */
interface Shown {
  content: object;
  range: Range;
  looks: CurveLooks;
  lit: ReadonlySet<string> | null;
}

/** Widths of texts as the canvas will draw them. */
function measureWith(font: string): (text: string) => number {
  const pen = document.createElement("canvas").getContext("2d");
  if (pen) pen.font = `11px ${font}`;
  return (text) => pen?.measureText(text).width ?? text.length * 6.5;
}

function looksOf(props: CurveChartProps, paint: Paint): CurveLooks {
  const { axis, log, smoothed, color, exportColor, dashed, exportName } = props;
  return { axis, log, smoothed, color, exportColor, dashed, name: exportName, measure: measureWith(paint.font), paint };
}

/**
 * Draws into the element that `canvas` is given to.
 *
 * A new drawing waits for its turn among the charts, and until the page has its new colours. A new range of a drawing
 * that is shown already moves the axes at once and leaves the curves as they are: so a zoom follows the pointer.
 */
export function useCurveCanvas(props: CurveChartProps, range: Range): { canvas: { current: HTMLDivElement | null }; room: Room } {
  const { drawing, axis, log, smoothed, dark, color, exportName, lit } = props;
  const canvas = useRef<HTMLDivElement>(null);
  const chart = useRef<Chart | null>(null);
  const shown = useRef<Shown | null>(null);
  const room = useRoom(canvas);
  const fonts = useFonts();
  // Another object where anything but the range is new.
  const content = useMemo(() => ({}), [drawing, room, dark, axis, log, smoothed, color, exportName, fonts]);

  useEffect(() => {
    if (!canvas.current) return;
    const made = echarts.init(canvas.current, null, { renderer: "canvas" });
    chart.current = made;
    return () => {
      chart.current = null;
      shown.current = null;
      giveUpTurn(chart);
      made.dispose();
    };
  }, []);

  const zoom = (): void => {
    const now = shown.current;
    if (now?.content !== content || now.range === range) return;
    shown.current = { ...now, range };
    chart.current?.setOption(zoomOption(drawing, { ...now.looks, lit: now.lit }, range, room));
  };
  const draw = (): void => {
    const made = chart.current;
    const isShown = shown.current?.content === content && shown.current.range === range;
    if (!made || !canvas.current || room.width === 0 || isShown) return;
    if (made.getWidth() !== room.width || made.getHeight() !== room.height) made.resize();
    const looks = looksOf(props, paintOf(canvas.current));
    shown.current = { content, range, looks, lit: lit.peek() };
    props.onLooks(looks);
    made.setOption(curveOption(drawing, { ...looks, lit: lit.peek() }, range, room), { notMerge: true });
  };
  useLayoutEffect(zoom, [range]);
  useEffect(() => inTurn(chart, draw), [content, range]);

  useEffect(
    () =>
      lit.subscribe((next) => {
        const [made, now] = [chart.current, shown.current];
        if (!made || !now || next === now.lit || room.width === 0) return;
        now.lit = next;
        made.setOption(litOption(drawing, { ...now.looks, lit: next }, now.range, room));
      }),
    [lit, drawing, room],
  );
  return { canvas, room };
}
