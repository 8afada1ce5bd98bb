// @vitest-environment jsdom
import { render } from "preact";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { GoldenSection } from "./GoldenSection";

vi.mock("../../css", () => ({ adopt: () => undefined }));

const GOLDEN = {
  digest: "sha256:ab",
  signatures: ["serve"],
  tensorflow: "2.21.0",
  compared: "DIFFERENT" as const,
  maxError: 0.123456,
  notes: ["<b>y</b> differs"],
};
const BY = { actor: "anna", time: 0, reason: "" };
let root: HTMLElement;

beforeEach(() => {
  root = document.createElement("div");
});

afterEach(() => render(null, root));

test("a version without golden outputs has no such section", () => {
  render(<GoldenSection golden={undefined} replayed={null} manifest={null} />, root);
  expect(root.textContent).toBe("");
});

test("it says how the export answered then, and that nobody has asked since", () => {
  render(<GoldenSection golden={GOLDEN} replayed={null} manifest="sha256:1" />, root);
  expect(root.textContent).toContain("not as the model in memory");
  expect(root.textContent).toContain("0.12");
  expect(root.textContent).toContain("not replayed");
  expect(root.textContent).toContain("<b>y</b> differs");
  expect(root.querySelector("b")).toBeNull();
});

test("it says that TensorFlow changed since it was asked last", () => {
  const words = "not replayed since TensorFlow changed (2.20.0 then, 2.21.0 here)";
  render(<GoldenSection golden={GOLDEN} replayed={null} manifest="sha256:1" notSince={words} />, root);
  expect(root.textContent).toContain(words);
  render(<GoldenSection golden={GOLDEN} replayed={null} manifest="sha256:1" />, root);
  expect(root.textContent).not.toContain("since then");
});

test("a replay of another manifest is marked", () => {
  const replayed = { ...BY, ok: true, words: "replayed on TF 2.21.0 / CPU", manifest: "sha256:2" };
  render(<GoldenSection golden={GOLDEN} replayed={replayed} manifest="sha256:1" />, root);
  expect(root.textContent).toContain("replayed on TF 2.21.0 / CPU, of another manifest");
  render(<GoldenSection golden={GOLDEN} replayed={replayed} manifest="sha256:2" />, root);
  expect(root.textContent).not.toContain("of another manifest");
});
