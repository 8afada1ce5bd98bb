/** Axes as lines with marks and the parts that are let through; pointers go through to what lies below. */
import type { ComponentChildren } from "preact";
import type { Brush } from "../../model/explore/brush";
import { brushSpans, type Mark, type Rail } from "../../model/explore/rail";

interface RailLinesProps {
  rail: Rail;
  marks: readonly Mark[];
  brush: Brush | undefined;
  /** Where its low end is; it goes up, or to the right. */
  x: number;
  y: number;
  upward: boolean;
  /** Most characters of a mark. */
  room: number;
}

const short = (text: string, most: number): string => (text.length > most ? `${text.slice(0, Math.max(1, most - 1))}…` : text);

/** "–  3": a band says how many are in it. */
function words({ label, count, band }: Mark, most: number): string {
  return band ? `${label} ${count}` : short(label === "" ? "(empty)" : label, most);
}

export function RailLines({ rail, marks, brush, x, y, upward, room }: RailLinesProps): ComponentChildren {
  const spans = brush ? brushSpans(rail, brush) : [];
  return (
    <g class="ex-rail" data-axis={rail.axis.column.id}>
      {upward ? <line x1={x} y1={y} x2={x} y2={y - rail.length} /> : <line x1={x} y1={y} x2={x + rail.length} y2={y} />}
      {rail.bands.map(({ special, from, to }) => (
        <rect
          key={special}
          class="ex-band"
          x={upward ? x - 4 : x + from + 2}
          y={upward ? y - to + 2 : y - 4}
          width={upward ? 8 : to - from - 4}
          height={upward ? to - from - 4 : 8}
          rx={2}
        />
      ))}
      {spans.map(({ from, to }) => (
        <rect
          key={`${from}-${to}`}
          class="ex-span"
          x={upward ? x - 6 : x + from}
          y={upward ? y - to : y - 6}
          width={upward ? 12 : Math.max(2, to - from)}
          height={upward ? Math.max(2, to - from) : 12}
        />
      ))}
      {marks.map((mark) => (
        <text
          key={`${mark.at}-${mark.label}`}
          class={mark.band ? "ex-off" : undefined}
          x={upward ? x - 8 : x + mark.at}
          y={upward ? y - mark.at : y + 16}
          text-anchor={upward ? "end" : "middle"}
          dominant-baseline={upward ? "central" : undefined}
        >
          {words(mark, room)}
        </text>
      ))}
    </g>
  );
}
