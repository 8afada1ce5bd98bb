import { describe, expect, test } from "vitest";
import { foldEvents } from "./fold";
import { haveGaps, holdersOf, lastBefore } from "./holders";
import { seriesOf, strokeOf } from "./measured";
import { BEGIN, DAY, event, history } from "./sample";
import { localValue, nextStop, placeOnLine } from "./slider";
import { moodOf, plainSentence } from "./words";

const at = (day: number): number => BEGIN + day * DAY;

describe("the state after some events", () => {
  const holder = (day: number) => foldEvents(history(), at(day)).aliases.find(({ name }) => name === "production");

  test.each([
    [0.5, undefined, undefined],
    [1, 1, []],
    [3.5, 2, [1]],
    [4, 10, [2, 1]],
    [5, 2, [1]],
    [99, 2, [1]],
  ])("production on day %d", (day, number, previous) => {
    expect([holder(day)?.number, holder(day)?.previous]).toEqual([number, previous]);
  });

  test("has what was said of the versions until then", () => {
    const { versions, aliases, head } = foldEvents(history(), at(99));
    expect(head).toBe(12);
    expect(aliases.map(({ name }) => name)).toEqual(["production"]);
    expect(versions["2"]).toMatchObject({ approvals: [{ actor: "ben" }], labels: { team: "ops" }, notes: 1, deprecated: null });
    expect(versions["10"]?.deprecated).toMatchObject({ actor: "anna", reason: "refuses batch size 1" });
    expect(versions["1"]?.removed?.by).toBe("keep=3 of run mlp");
    expect(foldEvents(history(), at(5.5)).versions["10"]?.deprecated).toBeNull();
  });
});

describe("events in words", () => {
  test.each([
    [0, "production set to digits 1"],
    [1, "digits 2 approved"],
    [2, "production digits 1 → digits 2"],
    [4, "production rolled back: digits 10 → digits 2"],
    [5, "digits 10 deprecated"],
    [6, "label “team = ops” set on digits 2"],
    [7, "note on digits 2: “**bold**”"],
    [8, "digits 1 removed by “keep=3 of run mlp” (1.2 kB)"],
    [10, "canary removed; it named digits 10"],
    [11, 'event of the kind “gate_passed” about digits 2: “{"gate":"release"}”'],
  ])("event %d", (index, words) => {
    const found = history()[index];
    expect(found && plainSentence("digits", found)).toBe(words);
  });

  test("a version that somebody removed by name is removed, not removed by the verb", () => {
    expect(plainSentence("digits", event("removed", 1, 1, { by: "remove" }))).toBe("digits 1 removed");
  });

  test("a kind called like a property of objects is an unknown one", () => {
    for (const kind of ["constructor", "__proto__", "toString"]) {
      expect(plainSentence("digits", event(kind, null, 1))).toBe(`event of the kind “${kind}”`);
      expect(moodOf(event(kind, null, 1))).toBe("plain");
    }
  });
});

describe("who held production when", () => {
  const held = holdersOf(history().reverse(), "production");

  test("is not known where events are missing", () => {
    expect(haveGaps(history().reverse())).toBe(false);
    expect(haveGaps(history().filter((each) => each.version !== 2))).toBe(true);
  });

  test("follows from the history in any order", () => {
    expect(held).toEqual([
      { number: 1, from: at(1), to: at(3) },
      { number: 2, from: at(3), to: at(4) },
      { number: 10, from: at(4), to: at(5) },
      { number: 2, from: at(5), to: null },
    ]);
    expect(holdersOf(history(), "canary")).toEqual([{ number: 10, from: at(10), to: at(11) }]);
  });
});

describe("the slider", () => {
  test("goes from event to event, and ends now", () => {
    const stops = [at(5), at(1), at(3)];
    expect(nextStop(stops, at(3), 1, at(9))).toBe(at(5));
    expect(nextStop(stops, at(3), -1, at(9))).toBe(at(1));
    expect(nextStop(stops, at(5), 1, at(9))).toBe(at(9));
    expect(nextStop(stops, at(1), -1, at(9))).toBe(at(1));
  });

  test("places what lies between its ends, and nothing beside them", () => {
    expect([placeOnLine(5, 0, 10), placeOnLine(-5, 0, 10), placeOnLine(50, 0, 10), placeOnLine(5, 5, 5)]).toEqual([50, 0, 100, 100]);
  });

  test("has a date for a field, in the reader's zone", () => {
    expect(localValue(new Date(2026, 9, 3, 7, 4).getTime())).toBe("2026-10-03T07:04");
    expect(localValue(Number.NaN)).toBe("");
  });

  test("finds the last event that had happened", () => {
    const newest = history().reverse();
    expect(lastBefore(newest, at(4.5))?.number).toBe(4);
    expect(lastBefore(newest, at(0))).toBeNull();
  });
});

describe("metrics that were measured later", () => {
  const record = (day: number, value: number | "NaN", source = "monitoring") => ({
    ...{ time: at(day), recorded: at(day), actor: "anna", source, dataset: "clinic", slice: "" },
    values: [{ name: "accuracy", value, goal: "max" }],
  });

  test("are one series for each metric, dataset and source, the oldest first", () => {
    const series = seriesOf([record(3, 0.9), record(1, 0.95), record(2, 0.5, "offline")]);
    expect(series.map(({ from, points }) => [from, points.map(({ value }) => value)])).toEqual([
      ["clinic · monitoring", [0.95, 0.9]],
      ["clinic · offline", [0.5]],
    ]);
    expect(seriesOf([record(3, 0.9), record(1, 0.95)], at(2))[0]?.points).toHaveLength(1);
  });

  test("are a line where two numbers can be drawn", () => {
    const [series] = seriesOf([record(1, 1), record(2, "NaN"), record(3, 0)]);
    expect(series && strokeOf(series, 106, 26)).toBe("M3,3L103,23");
    const [single] = seriesOf([record(1, 1)]);
    expect(single && strokeOf(single, 106, 26)).toBe("");
  });
});
