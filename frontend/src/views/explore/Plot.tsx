/** A drawing that answers to the pointer: hover tells, a click opens, a drag draws ranges. */
import type { ComponentChildren } from "preact";
import { useRef, useState } from "preact/hooks";
import type { Paint } from "../../charts/explore/frames";
import type { Emphasis } from "../../charts/explore/lines";
import type { Column } from "../../model/columns";
import type { Brush } from "../../model/explore/brush";
import type { Frame } from "../../model/explore/layout";
import type { Hit } from "../../model/explore/nearest";
import type { Explore } from "../../state/explore";
import { useStore } from "../context";
import { Picture, type Strokes } from "./Picture";
import { Tip } from "./Tip";
import { brushOfClick, type Target, useDrag } from "./useDrag";

export interface PlotProps extends Frame {
  explore: Explore;
  words: string;
  brushes: ReadonlyMap<string, Brush>;
  /** Of the axes and the colour: what the tip tells. */
  columns: readonly Column[];
  /** Changes when the places of the versions do. */
  place: unknown;
  places: readonly Float32Array[];
  paint(strokes: Strokes): Paint;
  emphasize(few: readonly Emphasis[]): Paint;
  /** The axes that a drag from there is about. */
  targets(x: number, y: number): Target[];
  find(x: number, y: number): Hit | null;
  children: ComponentChildren;
}

export function Plot(props: PlotProps): ComponentChildren {
  const { explore, brushes, width, height } = props;
  const store = useStore();
  const box = useRef<HTMLDivElement>(null);
  const drag = useDrag(explore, brushes);
  const [over, setOver] = useState<Hit | null>(null);
  const [near, setNear] = useState(false);
  const table = explore.table.value;
  const row = over === null ? undefined : explore.rows.value[over.at];
  const at = (event: PointerEvent): [number, number] => {
    const { left, top } = (box.current as HTMLElement).getBoundingClientRect();
    return [event.clientX - left, event.clientY - top];
  };
  const down = (event: PointerEvent): void => {
    if (event.button !== 0) return;
    drag.start(props.targets(...at(event)), ...at(event));
    box.current?.setPointerCapture(event.pointerId);
  };
  const move = (event: PointerEvent): void => {
    const dragging = drag.move(...at(event));
    const found = dragging ? null : props.find(...at(event));
    setOver(found);
    setNear(!found && props.targets(...at(event)).length > 0);
  };
  const up = (event: PointerEvent): void => {
    if (event.button !== 0 || drag.end()) return;
    const [target, second] = props.targets(...at(event));
    const found = props.find(...at(event));
    if (found && table) store.view.openVersion(table.ids[explore.rows.value[found.at] as number] as string);
    else if (target && !second) store.view.setBrush(brushOfClick(target, at(event), brushes.get(target.rail.axis.column.id)));
  };
  return (
    <div
      ref={box}
      class="ex-plot"
      style={{ width: `${width}px`, height: `${height}px` }}
      data-cursor={over ? "open" : near ? "range" : undefined}
      onPointerDown={down}
      onPointerMove={move}
      onPointerUp={up}
      onPointerCancel={drag.cancel}
      onPointerLeave={() => setOver(null)}
    >
      <Picture {...props} over={over?.at ?? null} />
      <svg class="ex-rails" width={width} height={height} aria-hidden="true">
        {props.children}
      </svg>
      {over && table && row !== undefined && (
        <Tip table={table} row={row} columns={props.columns} x={over.x} y={over.y} room={{ width, height }} />
      )}
    </div>
  );
}
