// @vitest-environment jsdom
import { render } from "preact";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { VersionPayload } from "../../api/types";
import { type Compared, comparedOf } from "../../model/compare/behaviour";
import { Behaviour, commandOf } from "./Behaviour";

const version = (number: number, changed: Partial<VersionPayload> = {}): VersionPayload =>
  ({
    id: `digits:${number}`,
    model: "digits",
    number,
    folder: `models/digits/${number}`,
    manifest_digest: `sha256:${number}`,
    ...changed,
  }) as VersionPayload;

const OUTPUT = {
  ...{ signature: "serve", name: "<b>y</b>", examples: 16, count: 160, not_finite: 1, max: 0.5, mean: 0.1, quantiles: [0.1, 0.3, 0.5] },
  ...{ bins: [100, 60], rule: "largest", flipped: 1, test: { verdict: "worse", words: "Worse on 16 examples.", power: "16 can show." } },
  listed: [{ example: 4, moved: 0.5, flipped: true, before: 2, after: 7, right: "lost" }],
};

function record(outputs: unknown[] = [OUTPUT]): Compared {
  const event = {
    ...{ number: 7, kind: "behaviour_compared", version: 5, time: 1, actor: "anna", reason: "", other: "digits:3", manifest: "sha256:5" },
    ...{ other_manifest: "sha256:3", inputs: ["before"], repeated: 2, tensorflow: "2.21.0", device: "CPU", outputs, left_out: [] },
  };
  return comparedOf(event as never) as Compared;
}

let root: HTMLElement;

beforeEach(() => {
  root = document.createElement("div");
});

afterEach(() => render(null, root));

test("nothing is shown before it is there, and where there is nothing to say", () => {
  render(<Behaviour found={null} />, root);
  expect(root.textContent).toBe("");
  render(<Behaviour found={{ pairs: [], more: 3, unknown: [] }} />, root);
  expect(root.textContent).toBe("");
});

test("a pair that was not compared has its command", () => {
  render(<Behaviour found={{ pairs: [{ before: version(3), after: version(5), compared: null }], more: 2, unknown: [] }} />, root);
  expect(root.querySelector("summary")?.textContent).toBe("How digits:5 and 2 more answer beside digits:3 was not recorded: the command");
  expect(root.querySelector("textarea")?.value).toBe("tb-versions replay digits:3 digits:5 --models-dir models");
  expect(root.textContent).toContain("The others likewise");
});

test("a pair that was compared has its verdict, flips, distribution and examples", () => {
  render(<Behaviour found={{ pairs: [{ before: version(3), after: version(5), compared: record() }], more: 0, unknown: [] }} />, root);
  const said = root.textContent ?? "";
  expect(root.querySelector("h4")?.textContent).toBe("digits:5 against digits:3");
  expect(root.querySelector('.cmp-chip[data-tone="bad"]')?.textContent).toBe("worse");
  for (const part of [
    "TF 2.21.0",
    "golden inputs of digits:3",
    "2 that repeat",
    "1 of 16 flipped",
    "Worse on 16",
    "1 values are not finite",
  ])
    expect(said).toContain(part);
  expect(root.querySelector('[role="img"]')?.getAttribute("aria-label")).toContain("100 from 0 to 0.2500, 60 from 0.2500 to 0.5000");
  expect([...root.querySelectorAll("tbody tr > *")].map((cell) => cell.textContent)).toEqual([
    "4",
    "yes",
    "2",
    "7",
    "only before",
    "0.5000",
  ]);
  expect(root.querySelector("b")).toBeNull();
  expect(said).not.toContain("was not recorded");
});

test("a record of another manifest is stale, with the command that asks again", () => {
  const changed = version(3, { manifest_digest: "sha256:9" });
  render(<Behaviour found={{ pairs: [{ before: changed, after: version(5), compared: record() }], more: 0, unknown: [] }} />, root);
  expect(root.querySelector(".warn")?.textContent).toContain("The manifest of digits:3 is another one");
  expect(root.querySelector("textarea")?.value).toContain("tb-versions replay digits:3 digits:5");
});

test("of a log that can't be read it is not said that nothing was recorded", () => {
  render(<Behaviour found={{ pairs: [], more: 0, unknown: ["digits:3"] }} />, root);
  expect(root.querySelector(".warn")?.textContent).toContain("What was recorded of digits:3 is not known");
  expect(root.textContent).not.toContain("was not recorded");
});

test("where flips are not claimed it says so", () => {
  const regression = { ...OUTPUT, rule: "", flipped: null, test: null, listed: [] };
  render(
    <Behaviour found={{ pairs: [{ before: version(3), after: version(5), compared: record([regression]) }], more: 0, unknown: [] }} />,
    root,
  );
  expect(root.textContent).toContain("Which examples flipped is not claimed");
});

test("names can't act in a shell, or as options", () => {
  const odd = version(3, { model: "$(rm)", folder: "mo dels/$(rm)/3" });
  expect(commandOf(odd, version(5))).toBe("tb-versions replay '$(rm):3' digits:5 --models-dir 'mo dels' --models-dir models");
  expect(commandOf(version(3, { model: "-x", folder: "m/-x/3" }), version(5, { folder: "m/digits/5" }))).toBe(
    "tb-versions replay --models-dir m -- -x:3 digits:5",
  );
});
