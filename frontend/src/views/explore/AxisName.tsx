/** The name of an axis: a button for its range, by keyboard too, and for its place. */
import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useRef } from "preact/hooks";
import { type Axis, axisTitle } from "../../model/explore/axis";
import { AxisDialog } from "./AxisDialog";

interface AxisNameProps {
  axis: Axis;
  style: Readonly<Record<string, string>>;
  /** "below" or "above" a square. */
  place?: string;
  brushed: boolean;
  onMove?(by: -1 | 1): void;
  onRemove?(): void;
}

const GOALS = { max: "↑", min: "↓", unknown: "" } as const;
const GOAL_WORDS = { max: "higher is better", min: "lower is better", unknown: "" } as const;

export function AxisName({ axis, style, place, brushed, onMove, onRemove }: AxisNameProps): ComponentChildren {
  const open = useSignal(false);
  const button = useRef<HTMLButtonElement>(null);
  const { column } = axis;
  const title = axisTitle(column);
  const hints = [GOAL_WORDS[column.goal], axis.log ? "logarithmic" : "", "press for a range"].filter(Boolean);
  return (
    <div class={`ex-name ${place ?? ""}`} style={style}>
      <button
        ref={button}
        type="button"
        class={brushed ? "plain ex-title brushed" : "plain ex-title"}
        aria-haspopup="dialog"
        aria-expanded={open.value}
        title={`${title}: ${hints.join(", ")}`}
        onClick={() => void (open.value = !open.value)}
      >
        <bdi>{title}</bdi>
        {GOALS[column.goal] && <span aria-hidden="true">&nbsp;{GOALS[column.goal]}</span>}
        <span class="vh">, range…</span>
      </button>
      {axis.log && <span class="ex-log">log</span>}
      {open.value && button.current && (
        <AxisDialog axis={axis} anchor={button.current} close={() => void (open.value = false)} onMove={onMove} onRemove={onRemove} />
      )}
    </div>
  );
}
