/** Cells of a density, each the stronger the more versions it holds. */
import { inOnePiece, type Paint } from "./frames";

interface Cell {
  x: number;
  y: number;
  width: number;
  height: number;
  /** From 0 to 1. */
  share: number;
}

/** At least so wide and high, so that no cell is lost between two pixels. */
const LEAST = 1;

export function paintCells(cells: readonly Cell[], palette: readonly string[]): Paint {
  return inOnePiece((context) => {
    for (const { x, y, width, height, share } of cells) {
      context.fillStyle = palette[Math.round(share * (palette.length - 1))] as string;
      // Whole pixels: cells beside each other touch and do not overlap.
      const [left, top] = [Math.round(x), Math.round(y)];
      context.fillRect(left, top, Math.max(LEAST, Math.round(x + width) - left), Math.max(LEAST, Math.round(y + height) - top));
    }
  });
}
