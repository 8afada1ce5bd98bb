/**
 * A list that is higher than a browser lets an element be: the scrolled element is shorter than the list. Pure.
 *
 * Small movements move the list as far as the element; a long one, of the scroll bar, is scaled. In between the element is put
 * back to where its place is to scale, which moves nothing on screen.
 */

/** Chromium's elements end at 33,554,428 px, Firefox' at 17,895,697. */
export const HIGHEST = 15_000_000;

export interface Measures {
  /** Of the whole list, of the scrolled element and of what is seen of it, in pixels. */
  total: number;
  height: number;
  seen: number;
}

/** So near an end of the element, the list's end is near too, or the element is put back. */
const MARGIN = 4000;

export function heightOf(total: number): number {
  return Math.min(total, HIGHEST);
}

const room = (whole: number, seen: number): number => Math.max(0, whole - seen);

/** Where the element stands to scale. */
export function elementAt({ total, height, seen }: Measures, offset: number): number {
  const most = room(total, seen);
  if (height >= total || most === 0) return offset;
  // Near the ends the list is not scaled, so that both are reached.
  if (offset <= MARGIN) return offset;
  if (most - offset <= MARGIN) return room(height, seen) - (most - offset);
  const share = (offset - MARGIN) / (most - 2 * MARGIN);
  return Math.round(MARGIN + share * (room(height, seen) - 2 * MARGIN));
}

/** Where the list stands when the scroll bar was dragged to a place of the element. */
export function listAt({ total, height, seen }: Measures, top: number): number {
  const most = room(height, seen);
  if (height >= total || most === 0) return top;
  if (top <= MARGIN) return top;
  if (most - top <= MARGIN) return room(total, seen) - (most - top);
  const share = (top - MARGIN) / (most - 2 * MARGIN);
  return Math.round(MARGIN + share * (room(total, seen) - 2 * MARGIN));
}

/** A place of the list, and how much further down that is than the place of the element. */
export interface Place {
  offset: number;
  ahead: number;
}

/** The place after the element was scrolled from where it stood. `far`: no movement of a wheel or a key goes further. */
export function moved(measures: Measures, { offset, ahead }: Place, top: number, far: number): Place {
  if (measures.height >= measures.total) return { offset: top, ahead: 0 };
  const before = offset - ahead;
  const isFar = Math.abs(top - before) > far;
  const next = isFar ? listAt(measures, top) : offset + top - before;
  const most = room(measures.total, measures.seen);
  const kept = Math.max(0, Math.min(most, next));
  return { offset: kept, ahead: kept - top };
}

/** The place in a list of another length. */
export function fitted(measures: Measures, { offset, ahead }: Place): Place {
  const { total, height, seen } = measures;
  if (height >= total && ahead === 0) return { offset, ahead };
  const kept = Math.max(0, Math.min(room(total, seen), offset));
  return { offset: kept, ahead: kept - elementAt(measures, kept) };
}

/** Whether the element is so near to one of its ends that the list could not be scrolled to its own. */
export function isStuck(measures: Measures, { offset, ahead }: Place): boolean {
  const top = offset - ahead;
  const below = room(measures.height, measures.seen) - top;
  return ahead !== 0 && (top < MARGIN || below < MARGIN) && Math.abs(elementAt(measures, offset) - top) > 1;
}
