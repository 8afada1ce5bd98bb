import { expect, it } from "vitest";
import type { VersionSaid } from "../../api/registry";
import type { Said } from "./overlay";
import { verifiedNow } from "./verified";

const TIME = Date.UTC(2026, 10, 24, 12);

function said(verified: Partial<NonNullable<VersionSaid["verified"]>> | null, unknown = false): Said {
  const by = { actor: "anna", time: TIME, reason: "", event: 3, manifest: "", ok: true, how: "digests", ...verified };
  return { log: null, unknown, aliases: [], version: { verified: verified && by } as unknown as VersionSaid };
}

it("says when every file was found as published, and by whom", () => {
  const { tone, words } = verifiedNow(said({}));
  expect(tone).toBe("good");
  expect(words).toMatch(/^verified: as published on .*2026.* by anna \(every file was read\)$/);
});

it("says that files were found changed", () => {
  expect(verifiedNow(said({ ok: false }))).toMatchObject({ tone: "bad", words: expect.stringMatching(/^changed: not as published/) });
});

it("says of a look at names and sizes that it was no more", () => {
  expect(verifiedNow(said({ how: "sizes" })).words).toContain("(names and sizes only)");
});

it("never takes what is not recorded, or not known, for verified", () => {
  expect(verifiedNow(said(null))).toEqual({ tone: "dim", words: "not checked: no verification is recorded" });
  expect(verifiedNow({ log: null, unknown: false, aliases: [], version: null }).tone).toBe("dim");
  expect(verifiedNow(said({}, true)).words).toContain("not known");
});
