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

/** What is drawn on top of an earlier drawing, where that is what the canvas shows. */
export interface Addition {
  to: Paint;
  paint: Paint;
}

interface Drawing {
  width: number;
  height: number;
  paint: Paint;
  added: Addition | null;
}

/** Empty, in its size; a canvas that has the size already keeps its memory. */
function emptied(canvas: HTMLCanvasElement, width: number, height: number): CanvasRenderingContext2D | null {
  const context = canvas.getContext("2d");
  if (canvas.width !== width || canvas.height !== height) {
    canvas.width = width;
    canvas.height = height;
  }
  context?.reset();
  return context;
}

function prepared(canvas: HTMLCanvasElement, { width, height }: Drawing): CanvasRenderingContext2D | null {
  const ratio = window.devicePixelRatio || 1;
  const context = emptied(canvas, Math.round(width * ratio), Math.round(height * ratio));
  context?.scale(ratio, ratio);
  return context;
}

/** As it is, in CSS pixels. */
function continued(canvas: HTMLCanvasElement): CanvasRenderingContext2D | null {
  const context = canvas.getContext("2d");
  const ratio = window.devicePixelRatio || 1;
  context?.setTransform(ratio, 0, 0, ratio, 0, 0);
  return context;
}

function copy(from: HTMLCanvasElement, to: HTMLCanvasElement): void {
  const context = emptied(to, from.width, from.height);
  if (from.width > 0 && from.height > 0) context?.drawImage(from, 0, 0);
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
  /** What the canvas shows, all of it. */
  private shown: Drawing | null = null;
  private readonly back = document.createElement("canvas");

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
    const addition = this.additionOf(drawing);
    const target = this.first || addition ? this.canvas : this.back;
    const context = addition ? continued(target) : prepared(target, drawing);
    if (!context) return;
    // In a frame of its own: by then the page has its new colours.
    const pieces = (addition ?? drawing.paint)(context, paintOf(this.canvas.parentElement ?? document.body));
    this.go(pieces, target, drawing);
  }

  private additionOf({ added, width, height }: Drawing): Paint | null {
    const { shown } = this;
    return added && shown && added.to === shown.paint && width === shown.width && height === shown.height ? added.paint : null;
  }

  private go(pieces: Iterator<void>, target: HTMLCanvasElement, drawing: Drawing): void {
    if (!pieces.next().done) {
      this.frame = requestAnimationFrame(() => this.go(pieces, target, drawing));
      return;
    }
    if (target !== this.canvas) copy(target, this.canvas);
    this.shown = drawing;
    this.first = false;
    this.frame = 0;
    if (this.next) this.draw(this.next);
    else this.canvas.dataset.drawn = "yes";
  }
}
