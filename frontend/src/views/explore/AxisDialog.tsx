/** The range of one axis in numbers, texts and bands: what a drag along the axis sets, for the keyboard. */
import type { ComponentChildren } from "preact";
import { Popover } from "../../elements/Popover";
import { type Axis, axisTitle } from "../../model/explore/axis";
import { type Brush, NO_BRUSH, SPECIAL_NAMES, type Special } from "../../model/explore/brush";
import { fromInput, toInput, withEnd } from "../../model/explore/inputs";
import { useStore } from "../context";

interface AxisDialogProps {
  axis: Axis;
  anchor: HTMLElement;
  close(): void;
  onMove?(by: -1 | 1): void;
  onRemove?(): void;
}

const SPECIAL_WORDS: Readonly<Record<Special, string>> = { none: "no value", nan: "not a number", low: "minus infinity", high: "infinity" };

const toggled = <T,>(list: readonly T[], one: T, want: boolean): T[] => (want ? [...list, one] : list.filter((each) => each !== one));

function Ends({ axis, brush, set }: { axis: Axis; brush: Brush; set(brush: Brush): void }): ComponentChildren {
  const date = axis.column.role === "date";
  const end = (label: string, at: 0 | 1): ComponentChildren => (
    <label>
      <span>{label}</span>
      <input
        type={date ? "datetime-local" : "number"}
        step="any"
        placeholder={toInput(axis.column, at === 0 ? axis.low : axis.high)}
        value={brush.range ? toInput(axis.column, brush.range[at]) : ""}
        onChange={(event) => set({ ...brush, range: withEnd(axis, brush.range, at, fromInput(axis.column, event.currentTarget.value)) })}
      />
    </label>
  );
  return (
    <div class="ex-ends">
      {end("from", 0)}
      {end("to", 1)}
    </div>
  );
}

function Choices({ axis, brush, set }: { axis: Axis; brush: Brush; set(brush: Brush): void }): ComponentChildren {
  return (
    <div class="ex-choices">
      {axis.texts.map(({ text, count }) => (
        <label key={text} class="choice">
          <input
            type="checkbox"
            checked={brush.texts.includes(text)}
            onChange={(event) => set({ ...brush, texts: toggled(brush.texts, text, event.currentTarget.checked) })}
          />
          <bdi>{text === "" ? "(empty)" : text}</bdi> <span class="dim">{count}</span>
        </label>
      ))}
      {axis.specials.map(({ special, count }) => (
        <label key={special} class="choice">
          <input
            type="checkbox"
            checked={brush.specials.includes(special)}
            onChange={(event) => set({ ...brush, specials: toggled(brush.specials, special, event.currentTarget.checked) })}
          />
          <span>
            {SPECIAL_NAMES[special]} <span class="dim">{SPECIAL_WORDS[special]}</span>
          </span>{" "}
          <span class="dim">{count}</span>
        </label>
      ))}
    </div>
  );
}

export function AxisDialog({ axis, anchor, close, onMove, onRemove }: AxisDialogProps): ComponentChildren {
  const store = useStore();
  const { id } = axis.column;
  const title = axisTitle(axis.column);
  const brush = store.view.brush.value.find((each) => each.id === id) ?? { ...NO_BRUSH, id };
  const set = (next: Brush): void => store.view.setBrush(next);
  return (
    <Popover anchor={anchor} label={`Range of ${title}`} role="dialog" close={close} class="ex-dialog">
      <h2>
        <bdi>{title}</bdi>
      </h2>
      <p class="dim small">Only versions with</p>
      {axis.kind === "numbers" && !Number.isNaN(axis.low) && <Ends axis={axis} brush={brush} set={set} />}
      <Choices axis={axis} brush={brush} set={set} />
      <div class="ex-acts">
        <button type="button" class="plain link" onClick={() => set({ ...NO_BRUSH, id })}>
          All
        </button>
        {onMove && (
          <>
            <button type="button" class="plain link" onClick={() => onMove(-1)}>
              ← Move left
            </button>
            <button type="button" class="plain link" onClick={() => onMove(1)}>
              Move right →
            </button>
          </>
        )}
        {onRemove && (
          <button type="button" class="plain link" onClick={onRemove}>
            Remove axis
          </button>
        )}
      </div>
    </Popover>
  );
}
