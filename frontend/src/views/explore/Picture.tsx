/** The layers of a drawing: all versions where there are ranges, what is inside of these, what stands out. */
import type { ComponentChildren } from "preact";
import { useMemo } from "preact/hooks";
import type { Paint } from "../../charts/explore/frames";
import { Layer } from "../../charts/explore/Layer";
import type { Emphasis } from "../../charts/explore/lines";
import type { Frame } from "../../model/explore/layout";
import type { Explore } from "../../state/explore";
import { useStore } from "../context";

const NOTHING = new Uint32Array(0);

export interface Strokes {
  order: Uint32Array;
  color: ((at: number) => string) | null;
}

interface PictureProps extends Frame {
  explore: Explore;
  words: string;
  /** Changes when the places of the versions do. */
  place: unknown;
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

export function Picture({ explore, words, place, paint, emphasize, over, width, height }: PictureProps): ComponentChildren {
  const dark = useStore().host.dark.value;
  const parts = explore.split.value;
  const color = useColor(explore);
  const few = standingOut(explore, color, over);
  const inner = parts?.inner ?? NOTHING;
  // All versions, once: what is inside of the ranges lies on top, so that a drag draws only these.
  const brushed = explore.brushes.value.length > 0;
  const rows = explore.rows.value;
  const under = useMemo(
    () => paint({ order: brushed ? Uint32Array.from(rows.keys()) : NOTHING, color: null }),
    [place, brushed, rows, dark],
  );
  const main = useMemo(() => paint({ order: inner, color }), [place, inner, color, dark]);
  const top = useMemo(() => emphasize(few), [place, few.map(({ at, color: its }) => `${at}${its}`).join(), dark]);
  return (
    <div class="ex-picture" role="img" aria-label={words}>
      <Layer name="all" width={width} height={height} paint={under} />
      <Layer name="inside" width={width} height={height} paint={main} />
      <Layer name="marked" width={width} height={height} paint={top} />
    </div>
  );
}
