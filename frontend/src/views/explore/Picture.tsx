/** The layers of a drawing: all versions where there are ranges, what is inside of these, what stands out. */
import type { ComponentChildren } from "preact";
import { useMemo, useRef } from "preact/hooks";
import type { Addition, Paint } from "../../charts/explore/frames";
import { Layer } from "../../charts/explore/Layer";
import type { Emphasis } from "../../charts/explore/lines";
import { additions, type Drawn } from "../../model/explore/additions";
import type { Frame } from "../../model/explore/layout";
import type { Explore } from "../../state/explore";
import { useStore } from "../context";

const NOTHING = new Uint32Array(0);

export interface Strokes {
  order: Uint32Array;
  color: ((at: number) => string) | null;
  /** How many are drawn in all: many are faint. */
  count: number;
}

interface PictureProps extends Frame {
  explore: Explore;
  words: string;
  /** Changes when the places of the versions do. */
  place: unknown;
  /** Places of the versions, for each axis. */
  places: readonly Float32Array[];
  paint(strokes: Strokes): Paint;
  emphasize(few: readonly Emphasis[]): Paint;
  over: number | null;
}

/** Ticked versions in their own colour, the opened one and the one under the pointer on top. */
export function standingOut(explore: Explore, color: (at: number) => string, over: number | null): Emphasis[] {
  const opened = explore.opened.value;
  return [
    ...explore.selected.value.map((at) => ({ at, color: color(at), width: 2.2 })),
    ...(opened === null ? [] : [{ at: opened, color: "accent", width: 3 }]),
    ...(over === null ? [] : [{ at: over, color: "text", width: 2.2 }]),
  ];
}

export function useColor(explore: Explore): (at: number) => string {
  const coloring = explore.coloring.value;
  const rows = explore.rows.value;
  return useMemo(() => {
    if (!coloring) return () => "currentcolor";
    const { codes, palette } = coloring;
    return (at: number) => palette[codes[rows[at] as number] as number] as string;
  }, [coloring, rows]);
}

/** With fewer versions, drawing all of them costs nothing, and one more may make all lines fainter. */
const MANY = 3000;

interface Shown {
  drawn: Drawn;
  paint: Paint;
  dark: boolean;
}

/** The versions inside of the ranges; where some came and nothing else changed, only these are drawn. */
function useMain({ explore, place, places, paint }: PictureProps, brushed: boolean): { paint: Paint; added: Addition | null } {
  const store = useStore();
  const dark = store.host.dark.value;
  const color = useColor(explore);
  const inner = explore.split.value?.inner ?? NOTHING;
  const before = useRef<Shown | null>(null);
  return useMemo(() => {
    const drawn = { ids: explore.table.value?.ids ?? [], rows: explore.rows.value, places, coloring: explore.coloring.value };
    const whole = paint({ order: inner, color, count: inner.length });
    const known = before.current;
    const isLike = !brushed && known !== null && known.dark === dark && known.drawn.rows.length > MANY;
    const came = isLike ? additions(known.drawn, drawn) : null;
    before.current = brushed ? null : { drawn, paint: whole, dark };
    const added = known && came ? { to: known.paint, paint: paint({ order: Uint32Array.from(came), color, count: inner.length }) } : null;
    return { paint: whole, added };
  }, [place, inner, color, dark]);
}

export function Picture(props: PictureProps): ComponentChildren {
  const { explore, words, place, paint, emphasize, over, width, height } = props;
  const dark = useStore().host.dark.value;
  const color = useColor(explore);
  const few = standingOut(explore, color, over);
  // All versions, once: what is inside of the ranges lies on top, so that a drag draws only these.
  const brushed = explore.brushes.value.length > 0;
  const rows = explore.rows.value;
  const under = useMemo(
    () => paint({ order: brushed ? Uint32Array.from(rows.keys()) : NOTHING, color: null, count: rows.length }),
    [place, brushed, rows, dark],
  );
  const main = useMain(props, brushed);
  const top = useMemo(() => emphasize(few), [place, few.map(({ at, color: its }) => `${at}${its}`).join(), dark]);
  return (
    <div class="ex-picture" role="img" aria-label={words}>
      <Layer name="all" width={width} height={height} paint={under} />
      <Layer name="inside" width={width} height={height} paint={main.paint} added={main.added} />
      <Layer name="marked" width={width} height={height} paint={top} />
    </div>
  );
}
