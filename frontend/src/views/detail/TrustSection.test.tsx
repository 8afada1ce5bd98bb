// @vitest-environment jsdom
import { render } from "preact";
import { afterEach, beforeEach, expect, it } from "vitest";
import type { TrustRow } from "../../api/types";
import { TrustSection } from "./TrustSection";

const TRUST: TrustRow[] = [
  { what: "files", state: "verified", tone: "good", words: "verified: as published on 2026-11-30" },
  { what: "signature", state: "claimed", tone: "warn", words: "claimed: it names the key sha256:c3b1" },
  { what: "replay", state: "???", tone: "glowing" as TrustRow["tone"], words: "of a newer server" },
];

let root: HTMLElement;

beforeEach(() => {
  root = document.body.appendChild(document.createElement("div"));
});

afterEach(() => {
  render(null, root);
  root.remove();
});

it("shows the server's words, each with its mark", () => {
  render(<TrustSection trust={TRUST} isPast={false} />, root);
  expect([...root.querySelectorAll("dd")].map((each) => each.textContent)).toEqual([
    "✓ verified: as published on 2026-11-30",
    "? claimed: it names the key sha256:c3b1",
    "? of a newer server",
  ]);
  expect(root.textContent).not.toContain("as it is now");
});

it("says that it is of now where the table is of another day", () => {
  render(<TrustSection trust={TRUST} isPast={true} />, root);
  expect(root.textContent).toContain("as it is now");
});

it("is not there for an export of an earlier release", () => {
  render(<TrustSection trust={undefined} isPast={false} />, root);
  expect(root.textContent).toBe("");
});
