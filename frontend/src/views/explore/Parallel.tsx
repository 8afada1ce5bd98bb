/** Parallel coordinates: a line for each version across the chosen columns. */
import type { ComponentChildren } from "preact";
import { useMemo } from "preact/hooks";
import { lineLook, paintEmphasis, paintLines } from "../../charts/explore/lines";
import type { Axis } from "../../model/explore/axis";
import { type Frame, moved, type ParallelLayout, parallelLayout } from "../../model/explore/layout";
import { nearestLine } from "../../model/explore/nearest";
import { flipped, layRail, marksOf, places, type Rail } from "../../model/explore/rail";
import { AXES, type Explore, exploreOf } from "../../state/explore";
import { useStore } from "../context";
import { AxesChoice } from "./AxesChoice";
import { AxisName } from "./AxisName";
import { Chart } from "./Chart";
import { ColorChoice } from "./ColorChoice";
import { useAxes, useWords } from "./hooks";
import type { Strokes } from "./Picture";
import { Plot } from "./Plot";
import { RailLines } from "./Rails";
import type { Target } from "./useDrag";

/** Pixels between marks, and of a character. */
const [MARK_ROOM, CHARACTER] = [28, 6];
/** How far from an axis the pointer is about its range. */
const REACH = 13;

function targetsOf(layout: ParallelLayout, rails: readonly Rail[], x: number, y: number): Target[] {
  const index = layout.xs.findIndex((each) => Math.abs(each - x) <= REACH);
  const rail = rails[index];
  const beside = y >= layout.top - REACH && y <= layout.bottom + REACH;
  return rail && beside ? [{ rail, along: (_, height) => layout.bottom - height }] : [];
}

function Names({
  axes,
  layout,
  brushed,
}: {
  axes: readonly Axis[];
  layout: ParallelLayout;
  brushed: ReadonlyMap<string, unknown>;
}): ComponentChildren {
  const store = useStore();
  const ids = axes.map(({ column }) => column.id);
  return (
    <>
      {axes.map((axis, index) => (
        <AxisName
          key={axis.column.id}
          axis={axis}
          brushed={brushed.has(axis.column.id)}
          style={{ left: `${(layout.xs[index] as number) - layout.step / 2}px`, width: `${Math.min(layout.step, 220)}px`, top: "4px" }}
          onMove={(by) => store.view.set({ axes: moved(ids, index, by) })}
          onRemove={ids.length > 2 ? () => store.view.set({ axes: ids.filter((_, each) => each !== index) }) : undefined}
        />
      ))}
    </>
  );
}

function Drawing({ explore, room }: { explore: Explore; room: Frame }): ComponentChildren {
  const rows = explore.rows.value;
  const axes = useAxes(explore.axes(AXES.parallel), rows);
  const layout = useMemo(() => parallelLayout(axes.length, room), [axes.length, room]);
  const rails = useMemo(() => axes.map((axis) => layRail(axis, layout.bottom - layout.top)), [axes, layout]);
  const marks = useMemo(() => rails.map((rail) => marksOf(rail, MARK_ROOM)), [rails]);
  const lines = useMemo(
    () => ({ xs: layout.xs, heights: rails.map((rail) => flipped(places(rail, rows), layout.bottom)) }),
    [rails, layout, rows],
  );
  const inside = explore.split.value?.inside ?? new Uint8Array(0);
  const brushes = new Map(explore.brushes.value.map((brush) => [brush.id, brush]));
  const targets = (x: number, y: number): Target[] => targetsOf(layout, rails, x, y);
  const paint = ({ order, color, count }: Strokes) => paintLines(lines, { order, color, ...lineLook(count, color === null) });
  return (
    <>
      <Plot
        explore={explore}
        words={useWords(explore, "Parallel coordinates", axes)}
        brushes={brushes}
        columns={[...axes.map(({ column }) => column), ...(explore.color.value ? [explore.color.value] : [])]}
        place={lines}
        places={lines.heights}
        paint={paint}
        emphasize={(few) => paintEmphasis(lines, few)}
        targets={targets}
        find={(x, y) => (targets(x, y).length > 0 ? null : nearestLine(lines, { x, y }, inside))}
        width={layout.width}
        height={layout.height}
      >
        {rails.map((rail, index) => (
          <RailLines
            key={rail.axis.column.id}
            rail={rail}
            marks={marks[index] ?? []}
            brush={brushes.get(rail.axis.column.id)}
            x={layout.xs[index] as number}
            y={layout.bottom}
            upward
            room={Math.floor(((index === 0 ? layout.before : layout.step - 12) - 12) / CHARACTER)}
          />
        ))}
      </Plot>
      <Names axes={axes} layout={layout} brushed={brushes} />
    </>
  );
}

function Head(): ComponentChildren {
  return (
    <>
      <AxesChoice limits={AXES.parallel} />
      <ColorChoice shapes={false} />
    </>
  );
}

function Body(): ComponentChildren {
  const explore = exploreOf(useStore());
  return (
    <Chart name="Parallel coordinates" axes={explore.axes(AXES.parallel).length}>
      {(its, room) => <Drawing explore={its} room={room} />}
    </Chart>
  );
}

export const PARALLEL = { Head, Body };
