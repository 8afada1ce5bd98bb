/** Versions as lines across parallel axes. */
import type { Paint as Tokens } from "../option";
import { inOnePiece, type Paint } from "./frames";

/** Pieces of lines that a frame can draw without being felt. */
const SEGMENTS_A_FRAME = 9000;

export interface Lines {
  /** Places of the axes. */
  xs: readonly number[];
  /** For each axis the heights, in the order of the rows. */
  heights: readonly Float32Array[];
}

export interface Stroke {
  /** Positions in the rows, in the order of drawing. */
  order: ArrayLike<number>;
  /** null: of what is outside of the ranges. */
  color: ((at: number) => string) | null;
  width: number;
  alpha: number;
}

function trace(context: CanvasRenderingContext2D, { xs, heights }: Lines, at: number): void {
  context.beginPath();
  for (let axis = 0; axis < xs.length; axis++) {
    const [x, y] = [xs[axis] as number, heights[axis]?.[at] as number];
    if (axis === 0) context.moveTo(x, y);
    else context.lineTo(x, y);
  }
}

/** Fewer lines are thicker and firmer; those outside of the ranges stay in the back. */
export function lineLook(count: number, outside: boolean): { width: number; alpha: number } {
  if (outside) return { width: 1, alpha: count <= 600 ? 0.22 : 0.09 };
  if (count <= 60) return { width: 1.8, alpha: 0.95 };
  if (count <= 600) return { width: 1.3, alpha: 0.7 };
  return { width: 1, alpha: count <= 3000 ? 0.5 : 0.35 };
}

/** A path for each line: one path of many is filled where they cross, which costs more. */
export function paintLines(lines: Lines, { order, color, width, alpha }: Stroke): Paint {
  const piece = Math.max(1, Math.floor(SEGMENTS_A_FRAME / Math.max(1, lines.xs.length - 1)));
  return function* (context, tokens) {
    context.lineJoin = "round";
    context.lineWidth = width;
    context.globalAlpha = alpha;
    for (let from = 0; from < order.length; from += piece) {
      if (from > 0) yield;
      for (let index = from; index < Math.min(order.length, from + piece); index++) {
        const at = order[index] as number;
        context.strokeStyle = color ? color(at) : tokens.dim;
        trace(context, lines, at);
        context.stroke();
      }
    }
  };
}

export interface Emphasis {
  at: number;
  /** "accent": the one that is open; "text": the one under the pointer; else its own colour. */
  color: string;
  width: number;
}

export const emphasisColor = (color: string, tokens: Tokens): string =>
  color === "accent" ? tokens.accent : color === "text" ? tokens.text : color;

/** A few lines that stand out: with a rim in the ground's colour and a knob on each axis. */
export function paintEmphasis(lines: Lines, few: readonly Emphasis[]): Paint {
  return inOnePiece((context, tokens) => {
    context.lineJoin = "round";
    for (const { at, color, width } of few) {
      trace(context, lines, at);
      context.strokeStyle = tokens.ground;
      context.lineWidth = width + 2.5;
      context.stroke();
      context.strokeStyle = emphasisColor(color, tokens);
      context.lineWidth = width;
      context.stroke();
      context.fillStyle = context.strokeStyle;
      lines.xs.forEach((x, axis) => {
        context.beginPath();
        context.arc(x, lines.heights[axis]?.[at] as number, width + 1.2, 0, 2 * Math.PI);
        context.fill();
      });
    }
  });
}
