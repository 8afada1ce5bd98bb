/** Training curves of one tag: exports marked, zoom by dragging, a cursor that all charts share. */
import type { Signal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import { nearestIndex, type XAxis } from "../model/curves/axis";
import { type Drawing, type DrawnCurve, type DrawnExport, fitTo } from "../model/curves/prepare";
import { formatCount, formatDate, formatDuration, formatMetric } from "../model/format";
import { type CurveLooks, curveOption, litOption, type Mapping, mapping, type Range, type Room, zoomOption } from "./curveOption";
import { echarts } from "./echarts";
import type { Paint } from "./option";
import { paintOf } from "./paint";
import { giveUpTurn, inTurn } from "./turns";

/** Where the cursor is on the horizontal axis; in which chart, and how high there. */
export interface Cursor {
  x: number;
  tag: string;
  y: number;
}

export interface CurveChartProps {
  tag: string;
  drawing: Drawing;
  axis: XAxis;
  log: boolean;
  smoothed: boolean;
  words: string;
  dark: boolean;
  cursor: Signal<Cursor | null>;
  zoom: Range | null;
  setZoom(range: Range | null): void;
  color(run: string): string;
  dashed(run: string): boolean;
  exportName(each: DrawnExport): string;
  /** The members that have the run, in words; "" where its own name says it all. */
  ownerName(run: string): string;
  onLooks(looks: CurveLooks): void;
  /** Runs that stand out. */
  lit: Signal<ReadonlySet<string> | null>;
}

type Chart = ReturnType<typeof echarts.init>;

const SHORTEST_DRAG = 6;
const FLAT_DRAG = 14;
const MOST_ROWS = 12;

/** Widths of texts as the canvas will draw them. */
function measureWith(font: string): (text: string) => number {
  const pen = document.createElement("canvas").getContext("2d");
  if (pen) pen.font = `11px ${font}`;
  return (text) => pen?.measureText(text).width ?? text.length * 6.5;
}

interface Near {
  drawn: DrawnCurve;
  index: number;
  distance: number;
}

/** The point of each curve that is nearest to the cursor. */
function nearest(drawing: Drawing, x: number, y: number, map: Mapping): Near[] {
  return drawing.curves
    .flatMap((drawn): Near[] => {
      const index = nearestIndex(drawn.xs, x);
      if (index < 0) return [];
      const value = drawn.ys[index] as number;
      const away = Math.abs(map.py(value) - map.py(y));
      return [{ drawn, index, distance: Number.isFinite(away) ? away : Number.POSITIVE_INFINITY }];
    })
    .sort((a, b) => a.distance - b.distance);
}

function CursorTable({ near, props }: { near: Near[]; props: CurveChartProps }): ComponentChildren {
  const rows = near.slice(0, MOST_ROWS);
  return (
    <table>
      <thead>
        <tr>
          <th scope="col">run</th>
          {props.smoothed && <th scope="col">smoothed</th>}
          <th scope="col">value</th>
          <th scope="col">step</th>
          <th scope="col">{props.axis === "wall" ? "time" : "relative"}</th>
        </tr>
      </thead>
      <tbody>
        {rows.map(({ drawn, index }, i) => {
          const { curve } = drawn;
          const time = curve.times[index] as number;
          const owner = props.ownerName(curve.run);
          return (
            <tr key={curve.run} class={i === 0 ? "nearest" : undefined}>
              <td>
                <span class="dot" style={{ background: props.color(curve.run) }} />
                {owner && (
                  <b>
                    <bdi>{owner}</bdi>{" "}
                  </b>
                )}
                <bdi class="dim">{curve.run}</bdi>
              </td>
              {props.smoothed && <td class="num">{formatMetric(drawn.ys[index] as number)}</td>}
              <td class="num">{formatMetric(curve.values[index] as number)}</td>
              <td class="num">{formatCount(curve.steps[index] as number)}</td>
              <td class="num">
                {props.axis === "wall" ? formatDate(time * 1000) : formatDuration(Math.max(0, time - (curve.times[0] as number)))}
              </td>
            </tr>
          );
        })}
      </tbody>
      {near.length > rows.length && (
        <tfoot>
          <tr>
            <td colSpan={5} class="dim">
              the nearest {rows.length} of {near.length}
            </td>
          </tr>
        </tfoot>
      )}
    </table>
  );
}

/** The cursor's line in every chart; its points and their values in the one under the pointer. */
function Overlay({ props, map }: { props: CurveChartProps; map: Mapping }): ComponentChildren {
  const at = props.cursor.value;
  if (!at) return null;
  const px = map.px(at.x);
  const { frame, room } = map;
  if (px < frame.left - 1 || px > room.width - frame.right + 1) return null;
  const here = at.tag === props.tag;
  const near = here ? nearest(props.drawing, at.x, at.y, map) : [];
  const right = px > room.width / 2;
  return (
    <>
      <svg class="curve-overlay" width={room.width} height={room.height} aria-hidden="true">
        <line x1={px} x2={px} y1={frame.top} y2={room.height - frame.bottom} />
        {near.slice(0, 60).map(({ drawn, index }, i) => {
          const [x, y] = [map.px(drawn.xs[index] as number), map.py(drawn.ys[index] as number)];
          if (!Number.isFinite(y) || y < frame.top || y > room.height - frame.bottom) return null;
          return <circle key={drawn.curve.run} cx={x} cy={y} r={i === 0 ? 5 : 3.5} style={{ fill: props.color(drawn.curve.run) }} />;
        })}
      </svg>
      {here && (
        <div class="curve-tip" aria-hidden="true" style={right ? { right: `${room.width - px + 14}px` } : { left: `${px + 14}px` }}>
          <CursorTable near={near} props={props} />
        </div>
      )}
    </>
  );
}

/** Width and height of the box, as they change. */
function useRoom(box: { current: HTMLElement | null }): Room {
  const [room, setRoom] = useState<Room>({ width: 0, height: 0 });
  useEffect(() => {
    const element = box.current;
    if (!element) return;
    const observer = new ResizeObserver(() => {
      const { clientWidth: width, clientHeight: height } = element;
      if (width > 0 && height > 0) setRoom((old) => (old.width === width && old.height === height ? old : { width, height }));
    });
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  return room;
}

interface Drag {
  x0: number;
  y0: number;
  x1: number;
  y1: number;
}

/** What is drawn: where a new question differs in its range only, the curves stay as they are. */
interface Shown {
  asked: Record<string, unknown>;
  range: Range;
  looks: CurveLooks;
  lit: ReadonlySet<string> | null;
}

function looksOf(props: CurveChartProps, paint: Paint): CurveLooks {
  const { axis, log, smoothed, color, dashed, exportName } = props;
  return { axis, log, smoothed, color, dashed, name: exportName, measure: measureWith(paint.font), paint };
}

export function CurveChart(props: CurveChartProps): ComponentChildren {
  const { drawing, axis, log, smoothed, dark, zoom, cursor, tag, lit } = props;
  const canvas = useRef<HTMLDivElement>(null);
  const chart = useRef<Chart | null>(null);
  const room = useRoom(canvas);
  const [drag, setDrag] = useState<Drag | null>(null);
  const range = zoom ?? drawing;
  const shown = useRef<Shown | null>(null);
  const map = useMemo(() => mapping(range, { axis, log }, room), [range, axis, log, room]);

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

  const asked = { drawing, room, dark, axis, log, smoothed, color: props.color, exportName: props.exportName };
  /** Draws; at once where only the range is new. The rest waits for its turn, and until the page has its new colours. */
  const draw = (atOnce: boolean): void => {
    const made = chart.current;
    if (!made || !canvas.current || room.width === 0) return;
    const last = shown.current;
    const zoomed = last !== null && Object.entries(asked).every(([key, value]) => last.asked[key] === value);
    if (zoomed ? last.range === range : atOnce) return;
    if (made.getWidth() !== room.width || made.getHeight() !== room.height) made.resize();
    const looks = zoomed ? last.looks : looksOf(props, paintOf(canvas.current));
    shown.current = { asked, range, looks, lit: lit.peek() };
    props.onLooks(looks);
    const seen = { ...looks, lit: lit.peek() };
    if (zoomed) made.setOption(zoomOption(drawing, seen, range, room));
    else made.setOption(curveOption(drawing, seen, range, room), { notMerge: true });
  };
  useLayoutEffect(() => draw(true), [range]);
  useEffect(() => inTurn(chart, () => draw(false)), [...Object.values(asked), range]);

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

  const at = (event: PointerEvent): [number, number] => {
    const { left, top } = (event.currentTarget as HTMLElement).getBoundingClientRect();
    return [event.clientX - left, event.clientY - top];
  };
  const inside = (px: number, py: number): boolean =>
    px >= map.frame.left - 4 && px <= room.width - map.frame.right + 4 && py >= 0 && py <= room.height - map.frame.bottom + 4;

  const onPointerDown = (event: PointerEvent): void => {
    const [px, py] = at(event);
    if (event.button !== 0 || event.pointerType === "touch" || !inside(px, py)) return;
    (event.currentTarget as HTMLElement).setPointerCapture(event.pointerId);
    setDrag({ x0: px, y0: py, x1: px, y1: py });
  };
  const onPointerMove = (event: PointerEvent): void => {
    const [px, py] = at(event);
    if (drag) setDrag({ ...drag, x1: px, y1: py });
    if (inside(px, py)) cursor.value = { x: map.x(px), tag, y: map.y(py) };
    else if (!drag) cursor.value = null;
  };
  const onPointerUp = (): void => {
    if (!drag) return;
    setDrag(null);
    const clampX = (px: number): number => Math.min(Math.max(px, map.frame.left), room.width - map.frame.right);
    const [left, right] = [Math.min(drag.x0, drag.x1), Math.max(drag.x0, drag.x1)].map(clampX) as [number, number];
    const [top, bottom] = [Math.min(drag.y0, drag.y1), Math.max(drag.y0, drag.y1)];
    if (right - left < SHORTEST_DRAG) return;
    const x = { low: map.x(left), high: map.x(right) };
    const flat = bottom - top < FLAT_DRAG;
    const y = flat
      ? fitTo(drawing, x, log)
      : { low: map.y(Math.min(bottom, room.height - map.frame.bottom)), high: map.y(Math.max(top, map.frame.top)) };
    if (y && x.high > x.low && y.high > y.low) props.setZoom({ x, y });
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const xs = [...new Set(drawing.curves.flatMap((each) => [...each.xs]))]
      .filter((x) => x >= range.x.low && x <= range.x.high)
      .sort((a, b) => a - b);
    if (event.key === "Escape" && cursor.value) cursor.value = null;
    else if ((event.key === "ArrowRight" || event.key === "ArrowLeft") && xs.length > 0) {
      const now = cursor.value ? nearestIndex(xs, cursor.value.x) : event.key === "ArrowRight" ? -1 : xs.length;
      const next = Math.min(Math.max(now + (event.key === "ArrowRight" ? 1 : -1), 0), xs.length - 1);
      cursor.value = { x: xs[next] as number, tag, y: cursor.value?.y ?? range.y.high };
    } else return;
    event.preventDefault();
    event.stopPropagation();
  };
  const leave = (): void => {
    if (!drag) cursor.value = null;
  };
  const flat = drag !== null && Math.abs(drag.y1 - drag.y0) < FLAT_DRAG;
  return (
    <div
      class="curve-plot"
      role="img"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: the arrow keys move the cursor
      tabIndex={0}
      aria-label={props.words}
      data-range={[range.x.low, range.x.high, range.y.low, range.y.high].join(" ")}
      data-frame={[map.frame.left, map.frame.right, map.frame.top, map.frame.bottom].join(" ")}
      onPointerDown={onPointerDown}
      onPointerMove={onPointerMove}
      onPointerUp={onPointerUp}
      onPointerCancel={() => setDrag(null)}
      onPointerLeave={leave}
      onBlur={leave}
      onDblClick={() => props.setZoom(null)}
      onKeyDown={onKeyDown}
    >
      <div ref={canvas} class="curve-canvas" />
      {room.width > 0 && !drag && <Overlay props={props} map={map} />}
      {drag && Math.abs(drag.x1 - drag.x0) >= SHORTEST_DRAG && (
        <div
          class="curve-drag"
          style={{
            left: `${Math.min(drag.x0, drag.x1)}px`,
            width: `${Math.abs(drag.x1 - drag.x0)}px`,
            top: `${flat ? map.frame.top : Math.min(drag.y0, drag.y1)}px`,
            height: `${flat ? room.height - map.frame.top - map.frame.bottom : Math.abs(drag.y1 - drag.y0)}px`,
          }}
        />
      )}
    </div>
  );
}
