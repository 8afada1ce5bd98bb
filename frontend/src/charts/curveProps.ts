/** What a chart of training curves gets, and what it shares with the charts beside it. */
import type { Signal } from "@preact/signals";
import type { XAxis } from "../model/curves/axis";
import type { Drawing, DrawnExport } from "../model/curves/prepare";
import type { CurveLooks, Range } from "./curveAxes";

/** Where the cursor is on the horizontal axis; in which chart, and how high there. */
export interface Cursor {
  x: number;
  tag: string;
  y: number;
}

export interface CurveChartProps {
  tag: string;
  drawing: Drawing;
  axis: XAxis;
  log: boolean;
  smoothed: boolean;
  words: string;
  dark: boolean;
  cursor: Signal<Cursor | null>;
  zoom: Range | null;
  setZoom(range: Range | null): void;
  color(run: string): string;
  exportColor(each: DrawnExport): string;
  dashed(run: string): boolean;
  exportName(each: DrawnExport): string;
  /** The members that have the run, in words; "" where its own name says it all. */
  ownerName(run: string): string;
  onLooks(looks: CurveLooks): void;
  /** Highlighted runs; null: none. */
  lit: Signal<ReadonlySet<string> | null>;
}
