/** Where very many versions lie, by two of their numbers: a density, because points would hide each other. */
import type { ComponentChildren } from "preact";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { paintCells } from "../../charts/explore/heat";
import { Layer } from "../../charts/explore/Layer";
import type { Column } from "../../model/columns";
import { axisTitle } from "../../model/explore/axis";
import type { Brush } from "../../model/explore/brush";
import { sequence } from "../../model/explore/color";
import { type Frame, squaresLayout } from "../../model/explore/layout";
import { layRail } from "../../model/explore/rail";
import { formatCount } from "../../model/format";
import { cellAt, cellsOf, densityAxis, densityWords, mostOf, numberColumns } from "../../model/windows/density";
import { type Density, densityOf } from "../../state/density";
import { exploreOf } from "../../state/explore";
import type { Store } from "../../state/store";
import { useStore } from "../context";
import { MetricSelect } from "../panel/MetricSelect";
import { OverSelect } from "../panel/OverSelect";
import { AxisName } from "./AxisName";
import { AxisSelect } from "./ColumnSelect";
import { useRoom } from "./hooks";
import { PlaneMarks } from "./PlaneMarks";
import { type Target, useDrag } from "./useDrag";

interface DrawingProps {
  store: Store;
  density: Density;
  room: Frame;
  what: string;
}

function Drawing({ store, density, room, what }: DrawingProps): ComponentChildren {
  const { payload, x, y, log } = density;
  const explore = exploreOf(store);
  const dark = store.host.dark.value;
  const box = useRef<HTMLDivElement>(null);
  const [over, setOver] = useState<{ x: number; y: number } | null>(null);
  const layout = useMemo(() => squaresLayout(2, room), [room]);
  const plane = layout.planes[0];
  const brushes = new Map<string, Brush>(explore.brushes.value.map((brush) => [brush.id, brush]));
  const drag = useDrag(explore, brushes);
  const square = useMemo(() => {
    if (!plane) return null;
    const railX = layRail(densityAxis(x, payload.x, log[0]), plane.width);
    const railY = layRail(densityAxis(y, payload.y, log[1]), plane.height);
    return { railX, railY, left: plane.left, bottom: plane.top + plane.height };
  }, [density, plane]);
  const paint = useMemo(() => paintCells(square ? cellsOf(payload, square) : [], sequence(dark)), [payload, square, dark]);
  if (!plane || !square) return null;
  const { railX, railY } = square;
  const at = (event: PointerEvent): [number, number] => {
    const { left, top } = (box.current as HTMLElement).getBoundingClientRect();
    return [event.clientX - left, event.clientY - top];
  };
  const targets: Target[] = [
    { rail: railX, along: (across) => across - square.left },
    { rail: railY, along: (_, down) => square.bottom - down },
  ];
  const within = (across: number, down: number): boolean =>
    across >= plane.left && across <= plane.left + plane.width && down >= plane.top && down <= square.bottom;
  const found = over && cellAt(payload, square, over.x, over.y);
  const title = `${what}: ${axisTitle(x)}${log[0] ? " (logarithmic)" : ""}, ${axisTitle(y)}${log[1] ? " (logarithmic)" : ""}`;
  return (
    <div class="ex-chart">
      <div
        ref={box}
        class="ex-plot"
        style={{ width: `${layout.width}px`, height: `${layout.height}px` }}
        data-cursor={over ? "range" : undefined}
        onPointerDown={(event) => {
          if (event.button !== 0 || !within(...at(event))) return;
          drag.start(targets, ...at(event));
          box.current?.setPointerCapture(event.pointerId);
        }}
        onPointerMove={(event) => {
          const [across, down] = at(event);
          setOver(!drag.move(across, down) && within(across, down) ? { x: across, y: down } : null);
        }}
        onPointerUp={(event) => void (event.button === 0 && drag.end())}
        onPointerCancel={drag.cancel}
        onPointerLeave={() => setOver(null)}
      >
        <div
          class="ex-picture"
          role="img"
          aria-label={`${title}. ${densityWords(payload, x, y)} At most ${formatCount(mostOf(payload))} in a cell. The table below has the versions.`}
        >
          <Layer name="density" width={layout.width} height={layout.height} paint={paint} />
        </div>
        <svg class="ex-rails" width={layout.width} height={layout.height} aria-hidden="true">
          <PlaneMarks plane={plane} railX={railX} railY={railY} brushes={brushes} below beside />
        </svg>
        {over && found && <Tip at={over} room={layout} x={x} y={y} cell={found} />}
      </div>
      <AxisName
        axis={railX.axis}
        place="below"
        brushed={brushes.has(x.id)}
        style={{ left: `${plane.left}px`, width: `${plane.width}px`, top: `${square.bottom + 20}px` }}
      />
      <AxisName
        axis={railY.axis}
        place="above"
        brushed={brushes.has(y.id)}
        style={{ left: `${plane.left - 6}px`, width: `${plane.width}px`, top: `${plane.top - 20}px` }}
      />
    </div>
  );
}

interface TipProps {
  at: { x: number; y: number };
  room: Frame;
  x: Column;
  y: Column;
  cell: { count: number; across: string; upward: string };
}

/** What is in the cell under the pointer. */
function Tip({ at, room, x, y, cell }: TipProps): ComponentChildren {
  const side = at.x > room.width / 2 ? { right: `${room.width - at.x + 14}px` } : { left: `${at.x + 14}px` };
  const level = at.y > room.height / 2 ? { bottom: `${Math.max(0, room.height - at.y - 20)}px` } : { top: `${Math.max(0, at.y - 20)}px` };
  return (
    <div class="ex-tip" style={{ ...side, ...level }} aria-hidden="true">
      <b>
        {formatCount(cell.count)} version{cell.count === 1 ? "" : "s"}
      </b>
      <dl>
        {[
          { column: y, words: cell.upward },
          { column: x, words: cell.across },
        ].map(({ column, words }) => (
          <div key={column.id}>
            <dt>
              <bdi>{axisTitle(column)}</bdi>
            </dt>
            <dd>{words}</dd>
          </div>
        ))}
      </dl>
    </div>
  );
}

/** `what`: "Density of versions". */
function Chart({ x, y, what }: { x: Column; y: Column; what: string }): ComponentChildren {
  const store = useStore();
  const density = densityOf(store);
  const { box, room } = useRoom();
  const answer = store.windowed.shown.value;
  useEffect(() => density.follow(x, y), [answer?.key, answer?.revision, x.id, y.id]);
  useEffect(() => () => density.leave(), []);
  const shown = density.shown.value;
  const error = density.error.value;
  const empty = shown?.payload.counted === 0;
  return (
    <>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by the keyboard */}
      {/* biome-ignore lint/a11y/useSemanticElements: a section would be a second landmark of this name */}
      <div class="ex-scroll ex-density" ref={box} tabIndex={0} role="group" aria-label={what} aria-busy={density.asking.value}>
        {error === null && shown && room && !empty && <Drawing store={store} density={shown} room={room} what={what} />}
        {error === null && empty && <p class="chart-empty dim">None of the versions has both numbers.</p>}
        {error !== null && (
          <p class="chart-empty" role="alert">
            <bdi>{error}</bdi>{" "}
            <button type="button" class="plain link" onClick={() => density.retry(x, y)}>
              Try again
            </button>
          </p>
        )}
      </div>
      {error === null && shown && !empty && <Note density={shown} dark={store.host.dark.value} />}
    </>
  );
}

/** What is drawn and what is not, and what the colours mean. */
function Note({ density: { payload, x, y }, dark }: { density: Density; dark: boolean }): ComponentChildren {
  return (
    <p class="ex-note dim small" title={densityWords(payload, x, y)}>
      <span>{densityWords(payload, x, y)}</span>{" "}
      <span class="ex-sequence">
        1 <span class="ex-ramp" aria-hidden="true" style={{ background: `linear-gradient(to right, ${sequence(dark).join(",")})` }} />{" "}
        {formatCount(mostOf(payload))} in a cell
      </span>
    </p>
  );
}

/** Of the two asked columns those that hold numbers, else when a version was made and the chart's metric. */
function pairOf(store: Store): [Column, Column] | null {
  const table = store.table.value;
  if (!table) return null;
  const offered = new Map(numberColumns(table).map((column) => [column.id, column]));
  const [x, y] = store.view.value.xy.map((id) => offered.get(id));
  const across = x ?? offered.get("created");
  const upward = y ?? offered.get(`m:${store.columns.metric.value}`) ?? offered.get("version");
  return across && upward ? [across, upward] : null;
}

function ScatterHead(): ComponentChildren {
  const store = useStore();
  const table = store.table.value;
  const pair = pairOf(store);
  if (!pair || !table) return null;
  const [x, y] = pair;
  const columns = numberColumns(table);
  return (
    <>
      <AxisSelect columns={columns} label="x" name="x axis" value={x.id} onChange={(id) => store.view.set({ xy: [id, y.id] })} />
      <AxisSelect columns={columns} label="y" name="y axis" value={y.id} onChange={(id) => store.view.set({ xy: [x.id, id] })} />
    </>
  );
}

function ScatterBody(): ComponentChildren {
  const pair = pairOf(useStore());
  return pair && <Chart x={pair[0]} y={pair[1]} what="Density of the versions" />;
}

export const SCATTER_DENSITY = { Head: ScatterHead, Body: ScatterBody };

function AcrossHead(): ComponentChildren {
  if (useStore().columns.metric.value === null) return null;
  return (
    <>
      <MetricSelect words="at export" />
      <OverSelect />
    </>
  );
}

function AcrossBody(): ComponentChildren {
  const store = useStore();
  const columns = store.table.value?.columns;
  const x = columns?.get(store.view.value.overTime ? "created" : "version");
  const y = columns?.get(`m:${store.columns.metric.value}`);
  if (!x || !y) return <p class="chart-empty dim">None of the versions has a metric.</p>;
  return (
    <div class="chart ex-across">
      <Chart x={x} y={y} what="Density of the metric across versions" />
    </div>
  );
}

export const ACROSS_DENSITY = { Head: AcrossHead, Body: AcrossBody };
