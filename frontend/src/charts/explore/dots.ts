/** Versions as points in one or several squares. */
import { inOnePiece, type Paint } from "./frames";
import { type Emphasis, emphasisColor } from "./lines";

const DOTS_A_FRAME = 15_000;

export interface Square {
  xs: Float32Array;
  ys: Float32Array;
}

export interface Spots {
  order: ArrayLike<number>;
  /** null: of what is outside of the ranges. */
  color: ((at: number) => string) | null;
  /** Which of the shapes. */
  shape(at: number): number;
  size: number;
  alpha: number;
}

export function dotLook(count: number, outside: boolean): { size: number; alpha: number } {
  const [size, alpha] = count <= 60 ? [9, 0.95] : count <= 600 ? [7, 0.8] : count <= 3000 ? [5, 0.65] : [4, 0.5];
  return { size, alpha: outside ? alpha * 0.22 : alpha };
}

type Draw = (context: CanvasRenderingContext2D, x: number, y: number, r: number) => void;

const polygon =
  (corners: readonly (readonly [number, number])[]): Draw =>
  (context, x, y, r) => {
    corners.forEach(([dx, dy], index) => {
      if (index === 0) context.moveTo(x + dx * r, y + dy * r);
      else context.lineTo(x + dx * r, y + dy * r);
    });
    context.closePath();
  };

/** One for each text, so that colour is not alone. */
const CORNERS: readonly (readonly (readonly [number, number])[])[] = [
  [],
  [
    [-0.85, -0.85],
    [0.85, -0.85],
    [0.85, 0.85],
    [-0.85, 0.85],
  ],
  [
    [0, -1.1],
    [1.05, 0.8],
    [-1.05, 0.8],
  ],
  [
    [0, -1.2],
    [1.2, 0],
    [0, 1.2],
    [-1.2, 0],
  ],
  [
    [0, 1.1],
    [1.05, -0.8],
    [-1.05, -0.8],
  ],
  [
    [-0.35, -1.1],
    [0.35, -1.1],
    [0.35, -0.35],
    [1.1, -0.35],
    [1.1, 0.35],
    [0.35, 0.35],
    [0.35, 1.1],
    [-0.35, 1.1],
    [-0.35, 0.35],
    [-1.1, 0.35],
    [-1.1, -0.35],
    [-0.35, -0.35],
  ],
  [
    [-1.1, 0],
    [0.8, -1.05],
    [0.8, 1.05],
  ],
  [
    [1.1, 0],
    [-0.8, 1.05],
    [-0.8, -1.05],
  ],
];

export const SHAPES = CORNERS.length;

/** Corners as an SVG path around 6, 6; "" is a circle. */
export function shapePath(shape: number): string {
  const corners = CORNERS[shape % SHAPES] ?? [];
  return corners.length === 0 ? "" : `M${corners.map(([x, y]) => `${6 + x * 4.4} ${6 + y * 4.4}`).join("L")}Z`;
}

const circle: Draw = (context, x, y, r) => context.arc(x, y, r, 0, 2 * Math.PI);
const DRAWS: readonly Draw[] = CORNERS.map((corners) => (corners.length === 0 ? circle : polygon(corners)));

function spot(context: CanvasRenderingContext2D, { xs, ys }: Square, at: number, { size, shape }: Pick<Spots, "size" | "shape">): void {
  context.beginPath();
  (DRAWS[shape(at) % SHAPES] as Draw)(context, xs[at] as number, ys[at] as number, size / 2);
}

export function paintDots(squares: readonly Square[], spots: Spots): Paint {
  const { order, color, alpha } = spots;
  return function* (context, tokens) {
    context.globalAlpha = alpha;
    let drawn = 0;
    for (const square of squares) {
      for (let index = 0; index < order.length; index++) {
        if (++drawn % DOTS_A_FRAME === 0) yield;
        const at = order[index] as number;
        context.fillStyle = color ? color(at) : tokens.dim;
        spot(context, square, at, spots);
        context.fill();
      }
    }
  };
}

/** A few points that stand out, each with a ring; `width` of the ring. */
export function paintRings(squares: readonly Square[], few: readonly Emphasis[], size: number): Paint {
  return inOnePiece((context, tokens) => {
    for (const { xs, ys } of squares) {
      for (const { at, color, width } of few) {
        context.beginPath();
        context.arc(xs[at] as number, ys[at] as number, size / 2 + 2 + width / 2, 0, 2 * Math.PI);
        context.strokeStyle = tokens.ground;
        context.lineWidth = width + 2;
        context.stroke();
        context.strokeStyle = emphasisColor(color, tokens);
        context.lineWidth = width;
        context.stroke();
      }
    }
  });
}
