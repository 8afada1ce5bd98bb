/** Frame, marks and chosen parts of one square. */
import type { ComponentChildren } from "preact";
import type { Brush } from "../../model/explore/brush";
import type { Plane } from "../../model/explore/layout";
import { brushSpans, marksOf, type Rail } from "../../model/explore/rail";
import { RailLines } from "./Rails";

/** Pixels between marks, upward and sideways. */
const ROOM = { y: 20, x: 62 };
/** Characters of a mark left of a square, and of one below. */
const SIDE = 12;
const CHARACTER = 6.4;

interface PlaneMarksProps {
  plane: Plane;
  railX: Rail;
  railY: Rail;
  brushes: ReadonlyMap<string, Brush>;
  /** Whether the marks of its axes stand below it, and left of it. */
  below: boolean;
  beside: boolean;
}

function roomBelow({ main, axis }: Rail): number {
  return Math.floor((main.to - main.from) / Math.max(1, Math.min(axis.texts.length || 4, 12)) / CHARACTER);
}

export function PlaneMarks({ plane, railX, railY, brushes, below, beside }: PlaneMarksProps): ComponentChildren {
  const { left, top, width, height } = plane;
  const bottom = top + height;
  const [x, y] = [brushes.get(railX.axis.column.id), brushes.get(railY.axis.column.id)];
  const across = x ? brushSpans(railX, x) : [{ from: 0, to: width }];
  const upward = y ? brushSpans(railY, y) : [{ from: 0, to: height }];
  return (
    <g class="ex-plane">
      <rect class="ex-frame" x={left} y={top} width={width} height={height} />
      {(x || y) &&
        across.flatMap((a) =>
          upward.map((u) => (
            <rect
              key={`${a.from} ${u.from}`}
              class="ex-span"
              x={left + a.from}
              y={bottom - u.to}
              width={Math.max(2, a.to - a.from)}
              height={Math.max(2, u.to - u.from)}
            />
          )),
        )}
      {below && (
        <RailLines
          rail={railX}
          marks={marksOf(railX, ROOM.x)}
          brush={undefined}
          x={left}
          y={bottom}
          upward={false}
          room={roomBelow(railX)}
        />
      )}
      {beside && <RailLines rail={railY} marks={marksOf(railY, ROOM.y)} brush={undefined} x={left} y={bottom} upward room={SIDE} />}
    </g>
  );
}
