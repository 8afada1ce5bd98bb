/** Which day the table shows: a slider over the model's history, and the date in figures. */
import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import type { LogEvent } from "../../api/registry";
import { formatDate } from "../../model/format";
import { localValue, nextStop, placeOnLine } from "../../model/registry/slider";
import { moodOf } from "../../model/registry/words";

interface SliderProps {
  model: string;
  /** Newest first. */
  events: readonly LogEvent[];
  from: number;
  to: number;
  /** null: now. */
  at: number | null;
  onAt(at: number | null): void;
}

/** While the slider is dragged the table follows this much later. */
const CALM_MS = 150;
const SECOND = 1000;

export function Slider({ model, events, from, to, at, onAt }: SliderProps): ComponentChildren {
  const [draft, setDraft] = useState<number | null>(null);
  const timer = useRef(0);
  useEffect(() => () => window.clearTimeout(timer.current), []);
  useEffect(() => setDraft(null), [at]);
  const shown = draft ?? at ?? to;
  const isNow = shown >= to - SECOND;
  const choose = (value: number, wait: number): void => {
    window.clearTimeout(timer.current);
    setDraft(value);
    timer.current = window.setTimeout(() => onAt(value >= to - SECOND ? null : value), wait);
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key !== "ArrowLeft" && event.key !== "ArrowRight") return;
    const stops = events.map(({ effective }) => effective);
    choose(nextStop(stops, shown, event.key === "ArrowLeft" ? -1 : 1, to), CALM_MS);
    event.preventDefault();
  };
  const words = isNow ? "now" : formatDate(shown);
  return (
    <div class="hi-slider">
      <span class="hi-model">
        <bdi>{model}</bdi>
      </span>
      <div class="hi-line" style={{ "--at": `${placeOnLine(shown, from, to)}%` }}>
        <span class="hi-when" aria-hidden="true">
          {words}
        </span>
        {events.map((event) => (
          <span
            key={event.number}
            class="hi-dot"
            data-mood={moodOf(event)}
            style={{ left: `${placeOnLine(event.effective, from, to)}%` }}
            aria-hidden="true"
          />
        ))}
        <input
          type="range"
          min={from}
          max={to}
          step={SECOND}
          value={shown}
          aria-label={`Show the table as it was: day in the history of ${model}`}
          aria-valuetext={words}
          title="Arrow keys go from event to event"
          onInput={(event) => choose(Number(event.currentTarget.value), CALM_MS)}
          onKeyDown={onKeyDown}
        />
      </div>
      <label class="hi-date">
        <span class="vh">Show the table as it was on</span>
        <input
          type="datetime-local"
          value={localValue(shown)}
          max={localValue(to)}
          onChange={(event) => {
            const ms = new Date(event.currentTarget.value).getTime();
            if (!Number.isNaN(ms)) choose(ms, 0);
          }}
        />
      </label>
      <button type="button" class="button" disabled={at === null} onClick={() => onAt(null)}>
        now
      </button>
    </div>
  );
}
