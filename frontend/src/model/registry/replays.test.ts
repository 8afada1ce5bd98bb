import { expect, test } from "vitest";
import { readRegistry } from "../../api/readRegistry";
import { foldEvents } from "./fold";
import { event } from "./sample";
import { moodOf, plainSentence, replayWords } from "./words";

const good = event("replayed", 2, 1, { number: 1, ok: true, tensorflow: "2.21.0", device: "CPU", max_error: 3.0123e-7 });
const bad = event("replayed", 2, 2, { number: 2, ok: false, found: "It was stopped after 120 s." });

test("a replay says where it ran and how far answers were off", () => {
  expect(replayWords(good)).toBe("replayed on TF 2.21.0 / CPU, max error 3e-7");
  expect(replayWords({ ...good, absolute: 0.5, relative: 0.01 })).toBe("replayed on TF 2.21.0 / CPU, max error 3e-7, tolerance 0.5,0.01");
  expect(plainSentence("digits", bad)).toBe("digits 2 “answers differ or are missing, replayed” “It was stopped after 120 s.”");
  expect(moodOf(bad)).toBe("bad");
  expect(moodOf(good)).toBe("plain");
});

test("an export's slider knows the last replay of that day", () => {
  const first = foldEvents([good, bad], (good as { effective: number }).effective).versions[2]?.replayed;
  expect(first).toMatchObject({ ok: true, manifest: null });
  expect(foldEvents([good, bad], Number.POSITIVE_INFINITY).versions[2]?.replayed).toMatchObject({ ok: false });
});

test("what is no replay is none, and only true is well", () => {
  const wire = { models: { digits: { versions: { 1: { replayed: { ok: 1, words: 3, manifest: 4 } }, 2: { replayed: "yes" } } } } };
  const versions = readRegistry(wire)?.models.digits?.versions;
  expect(versions?.[1]?.replayed).toMatchObject({ ok: false, words: "", manifest: null });
  expect(versions?.[2]?.replayed).toBeNull();
});
