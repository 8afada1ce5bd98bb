/** Which rows are on screen. All rows have one height; the sticky header is not counted. */
import type { RefObject } from "preact";
import { useLayoutEffect, useState } from "preact/hooks";
import { elementAt, fitted, heightOf, isStuck, type Measures, moved, type Place } from "./scaling";

export const ROW_HEIGHT = 33;
export const HEAD_HEIGHT = 42;

const OVERSCAN = 6;
/** Of the scroller before it is measured. */
const FIRST_HEIGHT = 600;
/** After so long without a movement the element is put back to scale. */
const REST_MS = 200;

export interface Window {
  start: number;
  /** Exclusive. */
  end: number;
  /** Heights of what stands above and below the rows on screen. */
  above: number;
  below: number;
  /** The rows that are seen, without those around them. */
  seen: { from: number; to: number };
  reveal(index: number): void;
  /** Index of the first row that is seen, some of it. */
  top(): number;
  /** Moves so many rows down; the rows on screen are others then. */
  shift(rows: number): void;
}

/** Scrolls an element that may be shorter than its list. */
class Scrolling {
  place: Place = { offset: 0, ahead: 0 };
  seen = FIRST_HEIGHT;
  redraw: () => void = () => undefined;
  private count = 0;
  private element: HTMLElement | null = null;
  private rest = 0;
  /** The element is to be moved to where its place says. */
  private moves = false;

  get measures(): Measures {
    const total = this.count * ROW_HEIGHT + HEAD_HEIGHT;
    return { total, height: heightOf(total), seen: this.seen };
  }

  private get top(): number {
    return this.place.offset - this.place.ahead;
  }

  follow(element: HTMLElement): () => void {
    this.element = element;
    const measure = (): void => {
      this.seen = element.clientHeight;
      this.redraw();
    };
    const scroll = (): void => {
      // Its own movement, or part of a pixel.
      if (Math.abs(element.scrollTop - this.top) < 1) return;
      this.place = moved(this.measures, this.place, element.scrollTop, 2 * this.seen);
      this.settle();
      this.redraw();
    };
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    element.addEventListener("scroll", scroll, { passive: true });
    return () => {
      clearTimeout(this.rest);
      observer.disconnect();
      element.removeEventListener("scroll", scroll);
      this.element = null;
    };
  }

  /** Puts the element back to scale: at once where it would end before the list does, else once it is at rest. */
  private settle(): void {
    clearTimeout(this.rest);
    if (isStuck(this.measures, this.place)) this.goTo(this.place.offset);
    else if (this.place.ahead !== 0) this.rest = window.setTimeout(() => this.goTo(this.place.offset), REST_MS);
  }

  goTo(offset: number): void {
    const top = elementAt(this.measures, offset);
    this.moves = Math.abs(top - this.top) >= 1;
    this.place = { offset, ahead: offset - top };
    this.redraw();
  }

  scrollTo(offset: number): void {
    const { total, seen } = this.measures;
    this.goTo(Math.max(0, Math.min(total - seen, offset)));
  }

  /** Where there are too few rows to scroll, adds room below them until the reader is back at the top. */
  shift(by: number): void {
    const { element } = this;
    const { total, height } = this.measures;
    const target = this.place.offset + by;
    if (!element || height < total) {
      this.scrollTo(target);
      return;
    }
    element.style.setProperty("--slack", "0px");
    const slack = Math.max(0, target + element.clientHeight - element.scrollHeight);
    element.style.setProperty("--slack", `${slack}px`);
    element.scrollTop = target;
  }

  /** The list may have another length. */
  fit(count: number): void {
    if (count === this.count) return;
    const before = this.top;
    this.count = count;
    this.place = fitted(this.measures, this.place);
    this.moves ||= this.top !== before;
  }

  /** After the rows around its place were drawn. */
  apply(): void {
    if (this.moves && this.element) this.element.scrollTop = this.top;
    this.moves = false;
  }
}

export function useVirtual(scroller: RefObject<HTMLDivElement | null>, count: number): Window {
  const [, draw] = useState(0);
  const [scrolling] = useState(() => new Scrolling());
  scrolling.redraw = (): void => draw((n) => n + 1);
  scrolling.fit(count);
  useLayoutEffect(() => (scroller.current ? scrolling.follow(scroller.current) : undefined), []);
  useLayoutEffect(() => scrolling.apply());
  const { seen, place, measures } = scrolling;
  const rowAt = (offset: number): number => Math.max(0, Math.min(count - 1, Math.floor(offset / ROW_HEIGHT)));
  const [first, last] = [rowAt(place.offset), rowAt(place.offset + seen)];
  const start = Math.max(0, first - OVERSCAN);
  const end = Math.min(count, last + 1 + OVERSCAN);
  const above = Math.max(0, start * ROW_HEIGHT - place.ahead);
  return {
    start,
    end,
    above,
    below: Math.max(0, measures.height - HEAD_HEIGHT - above - (end - start) * ROW_HEIGHT),
    seen: { from: first, to: Math.min(count, last + 1) },
    reveal: (index) => {
      const [from, to] = [index * ROW_HEIGHT, (index + 1) * ROW_HEIGHT + HEAD_HEIGHT];
      if (from < scrolling.place.offset) scrolling.scrollTo(from);
      else if (to > scrolling.place.offset + scrolling.seen) scrolling.scrollTo(to - scrolling.seen);
    },
    top: () => Math.floor(scrolling.place.offset / ROW_HEIGHT),
    shift: (rows) => scrolling.shift(rows * ROW_HEIGHT),
  };
}
