import { expect, it } from "vitest";
import { trustTone } from "./trust";

it("takes one word for good, and what it does not know for none", () => {
  expect(trustTone("verified")).toBe("good");
  expect(["changed", "refused"].map(trustTone)).toEqual(["bad", "bad"]);
  expect(["quick", "claimed", "other key", "", "toString"].map(trustTone)).toEqual(["warn", "warn", "warn", "warn", "warn"]);
});
