/** Which column colours the versions, and what the colours mean. */
import type { ComponentChildren } from "preact";
import { shapePath } from "../../charts/explore/dots";
import type { Coloring, Entry } from "../../model/explore/color";
import { numberWords, valueWords } from "../../model/explore/words";
import { exploreOf } from "../../state/explore";
import { useStore } from "../context";
import { ColumnSelect } from "./ColumnSelect";

function Swatch({ color, path }: { color: string; path: string }): ComponentChildren {
  return (
    <svg class="ex-swatch" width="12" height="12" aria-hidden="true">
      {path === "" ? <circle cx="6" cy="6" r="4.6" fill={color} /> : <path d={path} fill={color} />}
    </svg>
  );
}

function Sequence({ coloring: { axis, palette, ends } }: { coloring: Coloring }): ComponentChildren {
  const [low, high] = ends;
  return (
    <span class="ex-sequence">
      <span title={low > axis.low ? `the least is ${numberWords(axis.column, axis.low)}` : undefined}>
        {low > axis.low && "≤ "}
        {numberWords(axis.column, low)}
      </span>
      <span class="ex-ramp" aria-hidden="true" style={{ background: `linear-gradient(to right, ${palette.slice(1).join(",")})` }} />
      <span title={high < axis.high ? `the most is ${numberWords(axis.column, axis.high)}` : undefined}>
        {high < axis.high && "≥ "}
        {numberWords(axis.column, high)}
      </span>
      {axis.log && <span class="dim">log</span>}
    </span>
  );
}

/** A press shows only these. */
function EntryButton({ entry, color, path }: { entry: Entry; color: string; path: string }): ComponentChildren {
  const store = useStore();
  const { brush } = entry;
  const current = store.view.brush.value.find((each) => each.id === brush?.id);
  const pressed = !!brush && current?.range === null && `${current.texts}|${current.specials}` === `${brush.texts}|${brush.specials}`;
  const content = (
    <>
      <Swatch color={color} path={path} />
      <bdi>{entry.label === "" ? "(empty)" : entry.label}</bdi> <span class="dim">{entry.count}</span>
    </>
  );
  if (!brush) return <span class="ex-entry">{content}</span>;
  return (
    <button
      type="button"
      class="plain ex-entry"
      aria-pressed={pressed}
      title={pressed ? "Show all again" : "Show only these"}
      onClick={() => store.view.setBrush(pressed ? { ...brush, texts: [], specials: [] } : brush)}
    >
      {content}
    </button>
  );
}

function Legend({ coloring, shapes }: { coloring: Coloring; shapes: boolean }): ComponentChildren {
  const rows = exploreOf(useStore()).rows.value;
  const { kind, palette, entries, axis } = coloring;
  const path = (code: number): string => (shapes && kind === "texts" ? shapePath(code) : "");
  return (
    <span class="ex-legend">
      {kind === "numbers" && <Sequence coloring={coloring} />}
      {kind === "constant" && rows.length > 0 && <span class="dim">the same everywhere: {valueWords(axis.column, rows[0] as number)}</span>}
      {kind !== "constant" &&
        entries.map((entry) => (
          <EntryButton key={entry.label} entry={entry} color={palette[entry.code] as string} path={path(entry.code)} />
        ))}
    </span>
  );
}

/** `shapes`: texts have shapes too. */
export function ColorChoice({ shapes }: { shapes: boolean }): ComponentChildren {
  const store = useStore();
  const explore = exploreOf(store);
  const coloring = explore.coloring.value;
  if (!coloring) return null;
  return (
    <>
      <ColumnSelect label="Colour" name="Colour by" value={coloring.axis.column.id} onChange={(id) => store.view.set({ color: id })} />
      <Legend coloring={coloring} shapes={shapes} />
    </>
  );
}
