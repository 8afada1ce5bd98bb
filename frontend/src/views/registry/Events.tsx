/** Events of a model's log: when, what, who, why. */
import type { ComponentChildren } from "preact";
import type { LogEvent } from "../../api/registry";
import { Chip } from "../../elements/Chip";
import { formatDate, formatDateFull, machineTime } from "../../model/format";
import { toneOf } from "../../model/registry/aliases";
import { moodOf, type Piece, sentenceOf } from "../../model/registry/words";

interface EventsProps {
  model: string;
  events: readonly LogEvent[];
  /** Number of the event after which the table is shown; null: now. */
  current: number | null;
  /** Of the events after the shown moment none had happened. */
  at: number | null;
  onOpen(number: string): void;
  /** null: the table can't show another day from here. */
  onTime: ((ms: number) => void) | null;
}

const GLYPHS = { good: "●", bad: "●", note: "●", plain: "○" } as const;

function Part({ piece, model, onOpen }: { piece: Piece; model: string; onOpen(number: string): void }): ComponentChildren {
  switch (piece.kind) {
    case "alias":
      return <Chip name={piece.text} tone={toneOf(piece.text)} first />;
    case "version":
      return (
        <button type="button" class="plain link hi-version" onClick={() => onOpen(piece.text)}>
          <bdi>{model}</bdi> <b>{piece.text}</b>
        </button>
      );
    case "quote":
      return (
        <bdi class="hi-text" dir="auto">
          {piece.text}
        </bdi>
      );
    default:
      return piece.text;
  }
}

function spaced(parts: ComponentChildren[]): ComponentChildren[] {
  return parts.flatMap((part, at) => (at === 0 || part === ":" ? [part] : [" ", part]));
}

/** What a reader must know before they believe the line. */
function Doubts({ event }: { event: LogEvent }): ComponentChildren {
  return (
    <>
      {event.skewed && (
        <span
          class="hi-doubt"
          title={`The writer's clock said ${formatDateFull(event.time)}: more than five minutes before the event before it.`}
        >
          ⚠ clock behind, says {formatDate(event.time)}
        </span>
      )}
      {!event.known && (
        <span class="hi-doubt" title={`Written by ${event.tool}`}>
          ⚠ kind not known here
        </span>
      )}
      {event.origin && <span class="dim">was event {event.origin.number} of another copy</span>}
    </>
  );
}

function Line({ event, props }: { event: LogEvent; props: EventsProps }): ComponentChildren {
  const { model, current, at, onOpen, onTime } = props;
  const pieces = sentenceOf(event);
  const later = at !== null && event.effective > at;
  const when = formatDate(event.effective);
  const title = `Event ${event.number}, ${formatDateFull(event.effective)}, ${event.tool}`;
  return (
    <li class="hi-event" data-later={later ? "" : undefined} aria-current={event.number === current ? "true" : undefined}>
      {onTime ? (
        <button
          type="button"
          class="plain hi-time"
          title={`${title}. Show the table as it was then`}
          onClick={() => onTime(event.effective)}
        >
          <time dateTime={machineTime(event.effective)}>{when}</time>
        </button>
      ) : (
        <time class="hi-time" title={title} dateTime={machineTime(event.effective)}>
          {when}
        </time>
      )}
      <span class="hi-mark" data-mood={moodOf(event)} aria-hidden="true">
        {GLYPHS[moodOf(event)]}
      </span>
      <span class="hi-what">
        {spaced(
          pieces.map((piece, index) => (piece.text === ":" ? ":" : <Part key={index} piece={piece} model={model} onOpen={onOpen} />)),
        )}
        {event.actor && (
          <span class="dim">
            {" "}
            by <bdi>{event.actor}</bdi>
          </span>
        )}
        {event.reason && (
          <>
            {" "}
            <q class="hi-text" dir="auto">
              {event.reason}
            </q>
          </>
        )}{" "}
        <Doubts event={event} />
        {event.number === current && <span class="dim hi-shown"> the table shows the state after this event</span>}
      </span>
    </li>
  );
}

export function Events(props: EventsProps): ComponentChildren {
  return (
    <ol class="hi-events" reversed>
      {props.events.map((event) => (
        <Line key={event.number} event={event} props={props} />
      ))}
    </ol>
  );
}
