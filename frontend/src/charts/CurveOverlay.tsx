/** The cursor over training curves: a line in every chart, and the values in the one under the pointer. */
import type { ComponentChildren } from "preact";
import { nearestIndex } from "../model/curves/axis";
import type { Drawing, DrawnCurve } from "../model/curves/prepare";
import { formatCount, formatDate, formatDuration, formatMetric } from "../model/format";
import type { Mapping } from "./curveAxes";
import type { CurveChartProps } from "./curveProps";

const MOST_ROWS = 12;
const MOST_POINTS = 60;

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

export function CurveOverlay({ props, map }: { props: CurveChartProps; map: Mapping }): ComponentChildren {
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
        {near.slice(0, MOST_POINTS).map(({ drawn, index }, i) => {
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
