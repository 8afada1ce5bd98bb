import { describe, expect, test } from "vitest";
import { readRegistry } from "../../api/readRegistry";
import type { GateFinding, GateSaid } from "../../api/registry";
import { gateRows } from "../compare/gates";
import { foldEvents } from "./fold";
import { gateNow, gateShown, gatesTitle, gateWord, marginText, monitorsOf } from "./gates";
import { event } from "./sample";
import { plainSentence } from "./words";

function gate(verdict: GateSaid["verdict"], more: Partial<GateSaid> = {}): GateSaid {
  return {
    ...{ gate: "release", on: null, verdict, passed: verdict === "passed", count: 5, failed: 2, changed: [], until: null, promoted: [] },
    ...{ event: 7, actor: "ci", time: 0, ...more },
  };
}

function finding(more: Partial<GateFinding> = {}): GateFinding {
  const numbers = { value: 0.95, limit: 0.9, margin: 0.05 };
  return { rule: "accuracy", wanted: "≥ 0.9", found: "0.95", verdict: "passed", why: "", ...numbers, baseline: "", ...more };
}

describe("what gates come to", () => {
  test("is the worst of them", () => {
    expect(gateWord([])).toBeNull();
    expect(gateWord([gate("passed")])).toBe("passed");
    expect(gateWord([gate("passed"), gate("stale")])).toBe("stale");
    expect(gateWord([gate("stale"), gate("failed"), gate("passed")])).toBe("failed");
  });

  test("the holder of an alias passed at its promotion, unless more changed than that", () => {
    const promoted = gate("stale", { changed: ["baseline"], promoted: ["production"] });
    expect(gateShown([promoted])).toBe("passed at promotion");
    expect(gateShown([promoted, gate("passed")])).toBe("passed at promotion");
    expect(gateShown([promoted, gate("stale", { changed: ["baseline"] })])).toBe("stale");
    expect(gateShown([promoted, gate("failed")])).toBe("failed");
    for (const changed of [["files", "baseline"], ["metrics"], []])
      expect(gateShown([gate("stale", { changed, promoted: ["production"] })])).toBe("stale");
    expect(gateShown([])).toBeNull();
  });

  test("in words, with the causes and the promotion", () => {
    expect(gateNow(gate("passed", { promoted: ["production"] }))).toBe("passed");
    expect(gateNow(gate("failed"))).toBe("failed: 2 of 5 rules did not pass");
    expect(gateNow(gate("stale", { changed: ["files", "metrics", "baseline"] }))).toBe(
      "stale: its files, its metrics and the baseline changed",
    );
    expect(gateNow(gate("stale", { changed: ["baseline"], promoted: ["production"] }))).toBe(
      "passed at promotion to production; now stale: the baseline changed",
    );
    expect(gatesTitle([gate("passed"), gate("failed", { gate: "speed" })]).split("\n")).toHaveLength(2);
  });

  test("a check on monitoring is a chip of its own", () => {
    expect(monitorsOf([gate("passed")])).toEqual([]);
    const monitored = gate("failed", { gate: "live on monitoring", on: "monitoring" });
    expect(monitorsOf([monitored])).toMatchObject([{ name: "monitoring", word: "worse", tone: "warn" }]);
  });
});

test("a verdict that is not known is no pass", () => {
  const wire = {
    models: { digits: { versions: { 1: { gates: [{ gate: "release", verdict: "splendid", passed: 1 }, 3, { gate: 4 }] } } } },
  };
  const said = readRegistry(wire)?.models.digits?.versions[1];
  expect(said?.gates).toMatchObject([{ gate: "release", verdict: "stale", passed: false, changed: [] }]);
});

test("what was measured later grows old while the page is open or an export lies about", () => {
  const gates = (until: number | null) =>
    readRegistry({
      models: { digits: { versions: { 1: { gates: [{ gate: "live", on: "monitoring", verdict: "passed", passed: true, until }] } } } },
    })?.models.digits?.versions[1]?.gates ?? [];
  expect(gates(null).map(gateNow)).toEqual(["passed"]);
  expect(gates(Date.now() + 1e9).map(gateNow)).toEqual(["passed"]);
  expect(gates(1).map(gateNow)).toEqual(["stale: its later metrics are too old"]);
  expect(monitorsOf(gates(1))).toMatchObject([{ word: "stale" }]);
});

test("an export's slider knows the last result of that day", () => {
  const findings = [finding(), finding({ verdict: "failed" })];
  const events = [
    event("gate_checked", 2, 1, { number: 1, gate: "release", passed: false, findings }),
    event("gate_checked", 2, 2, { number: 2, gate: "release", passed: true, findings: [finding()] }),
    event("gate_checked", 2, 3, { number: 3, gate: "live", on: "monitoring", passed: false, findings }),
  ];
  const first = foldEvents(events, (events[0] as { effective: number }).effective).versions[2]?.gates;
  expect(first).toMatchObject([{ gate: "release", verdict: "failed", failed: 1, count: 2, event: 1 }]);
  const last = foldEvents(events, Number.POSITIVE_INFINITY).versions[2]?.gates;
  expect(last).toMatchObject([
    { gate: "live on monitoring", on: "monitoring", verdict: "failed" },
    { gate: "release", verdict: "passed", event: 2 },
  ]);
});

test("history says which rules decided", () => {
  const bad = [finding({ verdict: "failed" }), finding({ rule: "f1", verdict: "not known" }), finding()];
  const words = plainSentence("digits", event("gate_checked", 2, 1, { gate: "release", passed: false, findings: bad }));
  expect(words).toBe("digits 2 gate “release” failed: “accuracy, f1”");
  const good = event("gate_checked", 2, 1, { gate: "release", passed: true, findings: [finding()] });
  expect(plainSentence("digits", good)).toBe("digits 2 gate “release” passed, 1 rule");
});

test("a margin has a sign", () => {
  expect(marginText(finding())).toBe("+0.05");
  expect(marginText(finding({ margin: -0.123456 }))).toBe("−0.123");
  expect(marginText(finding({ margin: 999_987 }))).toBe("+1,000,000");
  expect(marginText(finding({ margin: null }))).toBe("");
  expect(marginText(finding({ rule: "size", found: "187 kB", margin: 49_813_157 }))).toBe("+49.8 MB");
  expect(marginText(finding({ rule: "size", found: "the same", why: "187 kB against 187 kB of digits:9.", margin: 18_700 }))).toBe(
    "+18.7 kB",
  );
  expect(marginText(finding({ rule: "size", found: "0.95", margin: 0.05 }))).toBe("+0.05");
});

test("a comparison has a row for each rule of any member", () => {
  const rows = gateRows([
    [{ gate: "release", findings: [finding(), finding({ rule: "size", wanted: "≤ 1 MB", value: null, margin: null, found: "13 B" })] }],
    [{ gate: "release", findings: [finding({ found: "0.97", margin: 0.07 })] }],
    [],
  ]);
  expect(rows.map(({ label }) => label)).toEqual(["release: accuracy ≥ 0.9", "release: size ≤ 1 MB"]);
  expect(rows[0]?.cells.map(({ text }) => text)).toEqual(["0.95 · passed · margin +0.05", "0.97 · passed · margin +0.07", "not known"]);
  expect(rows.map(({ differs }) => differs)).toEqual([true, false]);
});
