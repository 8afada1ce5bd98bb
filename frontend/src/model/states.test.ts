import { expect, test } from "vitest";
import { isAllOutside } from "./states";
import { code, samplePayload } from "./testing";

test("all versions are outside only where there are some and none is elsewhere", () => {
  const of = (...states: string[]) => isAllOutside({ columns: { ...samplePayload().columns, state: code(states) } });
  expect(of("outside", "outside")).toBe(true);
  expect(of("outside", "missing")).toBe(false);
  expect(of("present")).toBe(false);
  expect(of()).toBe(false);
});
