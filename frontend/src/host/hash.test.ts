import { expect, test } from "vitest";
import { isOurHash } from "./hash";

test("the hash of another tab is not ours", () => {
  expect(isOurHash("#timeseries&p.versions.q=x")).toBe(false);
  expect(isOurHash("#versions&p.versions.q=x")).toBe(true);
  expect(isOurHash("")).toBe(true);
});
