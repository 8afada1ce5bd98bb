/** Training curves of one tag: exports marked, zoom by dragging, a cursor that all charts share. */
import type { ComponentChildren } from "preact";
import { useMemo } from "preact/hooks";
import { nearestIndex } from "../model/curves/axis";
import type { Drawing } from "../model/curves/prepare";
import { CurveOverlay } from "./CurveOverlay";
import { mapping, type Range } from "./curveAxes";
import type { CurveChartProps } from "./curveProps";
import { useCurveCanvas } from "./useCurveCanvas";
import { boxOf, useCurveDrag } from "./useCurveDrag";

export function CurveChart(props: CurveChartProps): ComponentChildren {
  const { drawing, axis, log, zoom, cursor, tag } = props;
  const range = zoom ?? drawing;
  const { canvas, room } = useCurveCanvas(props, range);
  const map = useMemo(() => mapping(range, { axis, log }, room), [range, axis, log, room]);
  const { drag, ...pointer } = useCurveDrag(props, map);
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key === "Escape" && cursor.value) cursor.value = null;
    else if (event.key === "ArrowRight" || event.key === "ArrowLeft") {
      const x = nextX(drawing, range, cursor.value?.x ?? null, event.key === "ArrowRight" ? 1 : -1);
      if (x === null) return;
      cursor.value = { x, tag, y: cursor.value?.y ?? range.y.high };
    } else return;
    event.preventDefault();
    event.stopPropagation();
  };
  const box = drag && boxOf(drag, map);
  return (
    <div
      class="curve-plot"
      role="img"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: the arrow keys move the cursor
      tabIndex={0}
      aria-label={props.words}
      data-range={[range.x.low, range.x.high, range.y.low, range.y.high].join(" ")}
      data-frame={[map.frame.left, map.frame.right, map.frame.top, map.frame.bottom].join(" ")}
      {...pointer}
      onDblClick={() => props.setZoom(null)}
      onKeyDown={onKeyDown}
    >
      <div ref={canvas} class="curve-canvas" />
      {room.width > 0 && !drag && <CurveOverlay props={props} map={map} />}
      {box && <div class="curve-drag" style={box} />}
    </div>
  );
}

/** The place of the next (1) or the last (-1) point that is in sight, of any curve; null where there is none. */
function nextX({ curves }: Drawing, { x }: Range, now: number | null, by: 1 | -1): number | null {
  const seen = curves.flatMap((each) => [...each.xs]).filter((each) => each >= x.low && each <= x.high);
  const xs = [...new Set(seen)].sort((a, b) => a - b);
  const outside = by === 1 ? -1 : xs.length;
  const next = (now === null ? outside : nearestIndex(xs, now)) + by;
  return xs[Math.min(Math.max(next, 0), xs.length - 1)] ?? null;
}
