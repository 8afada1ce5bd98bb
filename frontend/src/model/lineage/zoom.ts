/** How large a lineage graph is drawn. Pure. */
import type { Layout } from "./layout";

const LEAST = 0.03;
const MOST = 2;
/** At this scale the texts, which lineage.css sets in 12 px, are drawn in 11 px; smaller ones can't be read. */
const READABLE = 11 / 12;

const within = (low: number, value: number, high: number): number => Math.max(low, Math.min(value, high));

export function zoomed(zoom: number, factor: number): number {
  return within(LEAST, zoom * factor, MOST);
}

/** Fits the whole graph, never larger than 100 %. */
export function fitting(layout: Layout, width: number, height: number): number {
  return within(LEAST, Math.min(width / layout.width, height / layout.height), 1);
}

/** Fits the whole graph as long as its texts can be read. */
export function firstZoom(layout: Layout, width: number, height: number): number {
  return Math.max(READABLE, fitting(layout, width, height));
}
