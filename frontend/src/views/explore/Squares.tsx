/** Scatter charts: a point for each version, in one square or in one for each pair of axes. */
import { type ComponentChildren, Fragment } from "preact";
import { useMemo } from "preact/hooks";
import { dotLook, paintDots, paintRings } from "../../charts/explore/dots";
import type { Column } from "../../model/columns";
import type { Axis } from "../../model/explore/axis";
import type { Brush } from "../../model/explore/brush";
import { type Frame, type Plane, squaresLayout } from "../../model/explore/layout";
import { type Hit, nearestPoint } from "../../model/explore/nearest";
import { flipped, layRail, places, type Rail, shifted } from "../../model/explore/rail";
import type { Explore } from "../../state/explore";
import { AxisName } from "./AxisName";
import { useAxes, useWords } from "./hooks";
import type { Strokes } from "./Picture";
import { PlaneMarks } from "./PlaneMarks";
import { Plot } from "./Plot";
import type { Target } from "./useDrag";

/** A drag may begin a little outside of a square, to reach what is at its edge. */
const AROUND = 5;

interface Square extends Plane {
  railX: Rail;
  railY: Rail;
  xs: Float32Array;
  ys: Float32Array;
}

function useSquares(axes: readonly Axis[], planes: readonly Plane[], rows: Uint32Array): Square[] {
  return useMemo(
    () =>
      planes.map((plane) => {
        const railX = layRail(axes[plane.x] as Axis, plane.width);
        const railY = layRail(axes[plane.y] as Axis, plane.height);
        const bottom = plane.top + plane.height;
        const xs = shifted(places(railX, rows, true), plane.left);
        return { ...plane, railX, railY, xs, ys: flipped(places(railY, rows, true), bottom) };
      }),
    [axes, planes, rows],
  );
}

interface NamesProps {
  axes: readonly Axis[];
  squares: readonly Square[];
  brushes: ReadonlyMap<string, Brush>;
}

const within = ({ left, top, width, height }: Plane, x: number, y: number): boolean =>
  x >= left - AROUND && x <= left + width + AROUND && y >= top - AROUND && y <= top + height + AROUND;

function targetsOf(squares: readonly Square[], x: number, y: number): Target[] {
  const square = squares.find((each) => within(each, x, y));
  if (!square) return [];
  const { left, top, height, railX, railY } = square;
  return [
    { rail: railX, along: (across) => across - left },
    { rail: railY, along: (_, down) => top + height - down },
  ];
}

/** Below the lowest squares and above the first ones. */
function Names({ axes, squares, brushes }: NamesProps): ComponentChildren {
  const last = axes.length - 1;
  return (
    <>
      {squares.map(({ x, y, left, top, width, height }) => (
        <Fragment key={`${x} ${y}`}>
          {y === last && (
            <AxisName
              axis={axes[x] as Axis}
              place="below"
              brushed={brushes.has((axes[x] as Axis).column.id)}
              style={{ left: `${left}px`, width: `${width}px`, top: `${top + height + 20}px` }}
            />
          )}
          {x === 0 && (
            <AxisName
              axis={axes[y] as Axis}
              place="above"
              brushed={brushes.has((axes[y] as Axis).column.id)}
              style={{ left: `${left - 6}px`, width: `${width}px`, top: `${top - 20}px` }}
            />
          )}
        </Fragment>
      ))}
    </>
  );
}

interface SquaresProps {
  explore: Explore;
  room: Frame;
  /** "Scatter chart". */
  what: string;
  columns: readonly Column[];
}

export function Squares({ explore, room, what, columns }: SquaresProps): ComponentChildren {
  const rows = explore.rows.value;
  const axes = useAxes(columns, rows);
  const layout = useMemo(() => squaresLayout(axes.length, room), [axes.length, room]);
  const squares = useSquares(axes, layout.planes, rows);
  const brushes = new Map<string, Brush>(explore.brushes.value.map((brush) => [brush.id, brush]));
  const inside = explore.split.value?.inside ?? new Uint8Array(0);
  const coloring = explore.coloring.value;
  const shape = useMemo(
    () => (coloring?.kind === "texts" ? (at: number) => coloring.codes[rows[at] as number] as number : () => 0),
    [coloring, rows],
  );
  const paint = ({ order, color, count }: Strokes) => paintDots(squares, { order, color, shape, ...dotLook(count, color === null) });
  const find = (x: number, y: number): Hit | null => {
    const square = squares.find((each) => within(each, x, y));
    return square ? nearestPoint(square, { x, y }, inside) : null;
  };
  const last = axes.length - 1;
  return (
    <>
      <Plot
        explore={explore}
        words={useWords(explore, what, axes)}
        brushes={brushes}
        columns={[...axes.map(({ column }) => column), ...(explore.color.value ? [explore.color.value] : [])]}
        place={squares}
        places={squares.flatMap(({ xs, ys }) => [xs, ys])}
        paint={paint}
        emphasize={(few) => paintRings(squares, few, dotLook(rows.length, false).size)}
        targets={(x, y) => targetsOf(squares, x, y)}
        find={find}
        width={layout.width}
        height={layout.height}
      >
        {squares.map((square) => (
          <PlaneMarks
            key={`${square.x} ${square.y}`}
            plane={square}
            railX={square.railX}
            railY={square.railY}
            brushes={brushes}
            below={square.y === last}
            beside={square.x === 0}
          />
        ))}
      </Plot>
      <Names axes={axes} squares={squares} brushes={brushes} />
    </>
  );
}
