/** The pointer over training curves: it moves the cursor, and a drag zooms into what it marks. */
import { useState } from "preact/hooks";
import { fitTo } from "../model/curves/prepare";
import type { Mapping, Range } from "./curveAxes";
import type { CurveChartProps } from "./curveProps";

const SHORTEST_DRAG = 6;
/** A drag that is lower than this asks for a range of x alone. */
const FLAT_DRAG = 14;
/** How far outside of the axes the pointer still counts as inside. */
const MARGIN = 4;

/** From where to where the pointer was dragged, in pixels. */
export interface Drag {
  x0: number;
  y0: number;
  x1: number;
  y1: number;
}

/** The edges of a drag, whichever way it went; left and right are inside of the axes. */
function edgesOf({ x0, y0, x1, y1 }: Drag, { frame, room }: Mapping) {
  const clamp = (px: number): number => Math.min(Math.max(px, frame.left), room.width - frame.right);
  const [top, bottom] = [Math.min(y0, y1), Math.max(y0, y1)];
  return { left: clamp(Math.min(x0, x1)), right: clamp(Math.max(x0, x1)), top, bottom, flat: bottom - top < FLAT_DRAG };
}

/** What the drag marks so far, as a style; null while it is too short to mean anything. */
export function boxOf(drag: Drag, map: Mapping): { left: string; width: string; top: string; height: string } | null {
  if (Math.abs(drag.x1 - drag.x0) < SHORTEST_DRAG) return null;
  const { frame, room } = map;
  const edges = edgesOf(drag, map);
  const [top, bottom] = edges.flat ? [frame.top, room.height - frame.bottom] : [edges.top, edges.bottom];
  return { left: `${edges.left}px`, width: `${edges.right - edges.left}px`, top: `${top}px`, height: `${bottom - top}px` };
}

/** The range that the drag asks for; null where it is too short or nothing is in it. */
function rangeOf(drag: Drag, map: Mapping, { drawing, log }: CurveChartProps): Range | null {
  const { frame, room } = map;
  const { left, right, top, bottom, flat } = edgesOf(drag, map);
  if (right - left < SHORTEST_DRAG) return null;
  const x = { low: map.x(left), high: map.x(right) };
  const marked = { low: map.y(Math.min(bottom, room.height - frame.bottom)), high: map.y(Math.max(top, frame.top)) };
  const y = flat ? fitTo(drawing, x, log) : marked;
  return y && x.high > x.low && y.high > y.low ? { x, y } : null;
}

export function useCurveDrag(props: CurveChartProps, map: Mapping) {
  const { cursor, tag } = props;
  const [drag, setDrag] = useState<Drag | null>(null);
  const { frame, room } = map;
  const at = (event: PointerEvent): [number, number] => {
    const { left, top } = (event.currentTarget as HTMLElement).getBoundingClientRect();
    return [event.clientX - left, event.clientY - top];
  };
  const inside = (px: number, py: number): boolean =>
    px >= frame.left - MARGIN && px <= room.width - frame.right + MARGIN && py >= 0 && py <= room.height - frame.bottom + MARGIN;
  const leave = (): void => {
    if (!drag) cursor.value = null;
  };
  return {
    drag,
    onPointerDown: (event: PointerEvent): void => {
      const [px, py] = at(event);
      if (event.button !== 0 || event.pointerType === "touch" || !inside(px, py)) return;
      (event.currentTarget as HTMLElement).setPointerCapture(event.pointerId);
      setDrag({ x0: px, y0: py, x1: px, y1: py });
    },
    onPointerMove: (event: PointerEvent): void => {
      const [px, py] = at(event);
      if (drag) setDrag({ ...drag, x1: px, y1: py });
      if (inside(px, py)) cursor.value = { x: map.x(px), tag, y: map.y(py) };
      else if (!drag) cursor.value = null;
    },
    onPointerUp: (): void => {
      setDrag(null);
      const range = drag && rangeOf(drag, map, props);
      if (range) props.setZoom(range);
    },
    onPointerCancel: (): void => setDrag(null),
    onPointerLeave: leave,
    onBlur: leave,
  };
}
