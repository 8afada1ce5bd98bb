import { describe, expect, it } from "vitest";
import { readHead } from "../api/head";
import { currencyOf, placeOf, TAB, tensorboardAddress } from "./place";

const head = (fields: object) => readHead({ format: "tb-versions-export", schema_version: 1, ...fields });

describe("tensorboardAddress", () => {
  it.each([
    ["http://localhost:6006/", "http://localhost:6006/"],
    ["https://example.org/tb?x=1#timeseries", "https://example.org/tb"],
    ["http://user:secret@example.org/", "http://example.org/"],
  ])("keeps what leads to a TensorBoard: %s", (text, address) => expect(tensorboardAddress(text)).toBe(address));

  it.each(["", "javascript:alert(1)", "data:text/html,x", "//example.org", "file:///etc/passwd", "JaVaScRiPt:x"])("refuses %j", (text) => {
    expect(tensorboardAddress(text)).toBe("");
  });
});

describe("an export", () => {
  it("says how current it is, without a live sign", () => {
    const words = currencyOf(head({ generator: "tb_versions 0.2.0", newest: 1_790_000_000_000, sampling: { points: 1000 } }));
    expect(words).toHaveLength(2);
    expect(words[0]).toBe("exported with tb_versions 0.2.0");
  });

  it("says briefly what curves are drawn from", () => {
    expect(placeOf(head({ sampling: { points: 1000 } }), "").sampled).toBe("at most 1,000 points per curve");
  });

  it("says nothing of what it does not know", () => expect(currencyOf(head({}))).toEqual([]));

  it("leads to a TensorBoard only where it has one", () => {
    expect(placeOf(head({}), "").openRuns(["mlp/train", "mlp/validation"])).toBe("Curves of mlp/train and mlp/validation");
    expect(placeOf(head({}), "http://a/").openRuns(["mlp"])).toContain("http://a/");
    expect(placeOf(null, "http://a/")).toBe(TAB);
  });
});
