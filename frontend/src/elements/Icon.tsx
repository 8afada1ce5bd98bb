/** Icons where TensorBoard has icons, drawn in its measure: strokes on a grid of 24. */
import type { ComponentChildren } from "preact";

const PATHS = {
  menu: "M4 7h16M4 12h16M4 17h16",
  close: "M6 6l12 12M18 6L6 18",
  more: "M12 6v.01M12 12v.01M12 18v.01",
  open: "M7 10l5 5 5-5",
  folded: "M10 7l5 5-5 5",
  back: "M20 12H5M11 6l-6 6 6 6",
  link: "M10 14l4-4M10.5 7l2-2a4.2 4.2 0 0 1 6 6l-2 2M13.5 17l-2 2a4.2 4.2 0 0 1-6-6l2-2",
} as const;

export function Icon({ name, size = 18 }: { name: keyof typeof PATHS; size?: number }): ComponentChildren {
  return (
    <svg class="icon-glyph" viewBox="0 0 24 24" width={size} height={size} aria-hidden="true">
      <path d={PATHS[name]} stroke-width={name === "more" ? 3.2 : 2} />
    </svg>
  );
}
