/** A large drawing in pieces, one for each frame, so that the page stays responsive. */
import type { Paint as Tokens } from "../option";
import { paintOf } from "../paint";

/** Draws a piece at each step, in CSS pixels, with the page's colours. */
export type Paint = (context: CanvasRenderingContext2D, tokens: Tokens) => Iterator<void>;

/** A drawing that needs one frame only. */
export function inOnePiece(draw: (context: CanvasRenderingContext2D, tokens: Tokens) => void): Paint {
  return (context, tokens) => {
    draw(context, tokens);
    return [][Symbol.iterator]();
  };
}

interface Drawing {
  width: number;
  height: number;
  paint: Paint;
}

function prepared(canvas: HTMLCanvasElement, { width, height }: Drawing): CanvasRenderingContext2D | null {
  const ratio = window.devicePixelRatio || 1;
  canvas.width = Math.round(width * ratio);
  canvas.height = Math.round(height * ratio);
  const context = canvas.getContext("2d");
  context?.scale(ratio, ratio);
  return context;
}

function copy(from: HTMLCanvasElement, to: HTMLCanvasElement): void {
  to.width = from.width;
  to.height = from.height;
  if (from.width > 0 && from.height > 0) to.getContext("2d")?.drawImage(from, 0, 0);
}

/**
 * The first drawing is seen as it grows; a later one takes the old one's place when it is whole, so that nothing flickers.
 * What is asked for meanwhile is drawn next, and only the newest of it. `data-drawn` of the canvas says when all is done.
 */
export class Drawer {
  private readonly canvas: HTMLCanvasElement;
  private next: Drawing | null = null;
  private frame = 0;
  private first = true;

  constructor(canvas: HTMLCanvasElement) {
    this.canvas = canvas;
  }

  draw(drawing: Drawing): void {
    this.next = drawing;
    this.canvas.dataset.drawn = "no";
    if (this.frame === 0) this.frame = requestAnimationFrame(() => this.begin());
  }

  stop(): void {
    cancelAnimationFrame(this.frame);
    this.frame = 0;
  }

  private begin(): void {
    const drawing = this.next as Drawing;
    this.next = null;
    const target = this.first ? this.canvas : document.createElement("canvas");
    const context = prepared(target, drawing);
    if (!context) return;
    // In a frame of its own: by then the page has its new colours.
    const pieces = drawing.paint(context, paintOf(this.canvas.parentElement ?? document.body));
    this.go(pieces, target);
  }

  private go(pieces: Iterator<void>, target: HTMLCanvasElement): void {
    if (!pieces.next().done) {
      this.frame = requestAnimationFrame(() => this.go(pieces, target));
      return;
    }
    if (!this.first) copy(target, this.canvas);
    this.first = false;
    this.frame = 0;
    if (this.next) this.draw(this.next);
    else this.canvas.dataset.drawn = "yes";
  }
}
