import { describe, expect, test } from "vitest";
import { elementAt, fitted, HIGHEST, heightOf, isStuck, listAt, type Measures, moved, type Place } from "./scaling";

const measures = (rows: number): Measures => ({ total: rows * 33 + 42, height: heightOf(rows * 33 + 42), seen: 700 });
const [small, large, largest] = [measures(10_000), measures(1_000_000), measures(10_000_000)];

test("a list that a browser can show is scrolled as it is", () => {
  expect(small.height).toBe(small.total);
  expect(moved(small, { offset: 0, ahead: 0 }, 12_345, 1400)).toEqual({ offset: 12_345, ahead: 0 });
  expect([elementAt(small, 500), listAt(small, 500)]).toEqual([500, 500]);
  expect(fitted(small, { offset: 999, ahead: 0 })).toEqual({ offset: 999, ahead: 0 });
});

describe.each([large, largest])("a higher list of $total px", (own) => {
  test("begins and ends where the element does", () => {
    expect(own.height).toBe(HIGHEST);
    expect(listAt(own, 0)).toBe(0);
    expect(listAt(own, own.height - own.seen)).toBe(own.total - own.seen);
    expect(elementAt(own, own.total - own.seen)).toBe(own.height - own.seen);
  });

  test("has a place of the element for each place of its own, and back", () => {
    for (const part of [0.0001, 0.1, 0.5, 0.77, 0.9999]) {
      const offset = Math.round(part * (own.total - own.seen));
      const ratio = own.total / own.height;
      expect(Math.abs(listAt(own, elementAt(own, offset)) - offset)).toBeLessThanOrEqual(ratio);
    }
  });

  test("moves pixel by pixel with a wheel, and to scale with the scroll bar", () => {
    const start: Place = { offset: 5_000_000, ahead: 5_000_000 - elementAt(own, 5_000_000) };
    const top = start.offset - start.ahead;
    expect(moved(own, start, top + 100, 1400).offset).toBe(5_000_100);
    expect(moved(own, start, top + 100_000, 1400).offset).toBe(listAt(own, top + 100_000));
  });

  test("reaches every row by wheel alone: the element is put back before it ends", () => {
    let place: Place = { offset: own.total - own.seen - 60_000, ahead: 0 };
    place = fitted(own, place);
    let steps = 0;
    while (place.offset < own.total - own.seen && steps++ < 2000) {
      const before = place.offset;
      const top = Math.min(own.height - own.seen, place.offset - place.ahead + 120);
      place = moved(own, place, top, 1400);
      expect(place.offset - before).toBeLessThanOrEqual(120);
      if (isStuck(own, place)) place = { offset: place.offset, ahead: place.offset - elementAt(own, place.offset) };
    }
    expect(place.offset).toBe(own.total - own.seen);
    while (place.offset > own.total - 60_000 && steps++ < 4000) place = moved(own, place, place.offset - place.ahead - 120, 1400);
    expect(place.offset).toBeGreaterThan(0);
  });
});

test("a list that became shorter is seen at its end", () => {
  const place = fitted(large, { offset: 30_000_000, ahead: 30_000_000 - elementAt(large, 30_000_000) });
  expect(fitted(small, place)).toEqual({ offset: small.total - small.seen, ahead: 0 });
  expect(fitted(largest, place).offset).toBe(30_000_000);
});
