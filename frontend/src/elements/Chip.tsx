/** A name in a coloured frame. The colour repeats what the name says. */
import type { ComponentChildren } from "preact";

interface ChipProps {
  name: string;
  /** Of the colours in theme/chips.css. */
  tone: number;
  /** Said behind the name, where it may not hold any more: "not known", "not what was promoted". */
  unknown?: string;
  title?: string | undefined;
  /** The first of a line has no room before it. */
  first?: boolean;
}

export function Chip({ name, tone, unknown, title, first }: ChipProps): ComponentChildren {
  return (
    <span class={first ? "chip first" : "chip"} data-tone={tone} data-unknown={unknown || undefined} title={title}>
      <bdi>{name}</bdi>
      {unknown && `: ${unknown}`}
    </span>
  );
}
