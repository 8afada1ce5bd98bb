/** A small payload for the tests. */
import { readRegistry } from "../api/readRegistry";
import type { Coded, VersionsPayload, WireNumber } from "../api/types";
import { buildTable, type Table } from "./columns";
import { blocksOf, knownPart } from "./parts";
import { withRegistry } from "./registry/late";
import { type Metric, type Whole, wholeOf } from "./whole";

export function code(texts: (string | null)[]): Coded {
  const values = [...new Set(texts.filter((text): text is string => text !== null))];
  return { values, codes: texts.map((text) => (text === null ? -1 : values.indexOf(text))) };
}

export function metric(key: string, goal: Metric["goal"], at_export: (WireNumber | null)[], more: Partial<Metric> = {}): Metric {
  return {
    key,
    name: key,
    dataset: "",
    slice: "",
    goal,
    goal_source: "inferred",
    at_export,
    ...more,
  };
}

const DAY = 86_400_000;
/** Noon, so that whole days ago stay on their day in every time zone. */
export const NOW = new Date(2026, 10, 23, 12).getTime();

/** digits 1, 2, 3 and churn 1; the last one is damaged. */
export function samplePayload(): Whole {
  return {
    revision: "r1",
    status: "ready",
    looked_in: [],
    problems: [],
    unregistered: 0,
    runs: ["train", "train/val", "a|b"],
    datasets: [{ name: "digits", digest: "0123456789ab", split: "train" }],
    columns: {
      id: ["digits:1", "digits:2", "digits:10", "churn:1"],
      model: code(["digits", "digits", "digits", "churn"]),
      number: [1, 2, 10, 1],
      semantic_version: ["1.0.0", null, "2.0.0", null],
      description: [null, "Better augmentation", null, null],
      aliases: [[], ["production"], ["candidate", "canary"], []],
      created: [NOW - 10 * DAY, NOW - 2 * DAY, NOW - DAY, null],
      run: [0, 0, 2, -1],
      runs: [[0, 1], [0, 1], [2], []],
      run_known: [true, true, true, true],
      step: [100, 200, 50, null],
      size: [1_000_000, 20_000_000, 3_000_000, null],
      parameters: [10, 10, 10, null],
      digest: ["aa", "bb", "aa", null],
      state: code(["present", "changed", "present", "damaged"]),
      notice: [null, null, null, "not JSON"],
      parents: [[], ["digits:1"], [], []],
      relations: [[], ["fine-tuned from"], [], []],
      datasets: [[0], [0], [], []],
      recipe: [0, 0, 1, -1],
      seeds: [0, 0, 1, -1],
      framework: code(["TensorFlow 2.21.0", "TensorFlow 2.21.0", "TensorFlow 2.21.0", null]),
    },
    metrics: [
      metric("val_accuracy", "max", [0.9, 0.95, "NaN", null], { best: [0.91, 0.95, 0.99, null], last: [0.9, 0.94, 0.9, null] }),
      metric("val_loss", "min", [0.3, 0.2, 0.25, null]),
    ],
    hyperparameters: [
      { name: "optimizer", values: ["adam", "sgd", "adam", null] },
      { name: "lr", values: [0.1, "auto", 0.01, null] },
      { name: "size", values: [1, 2, 3, null] },
      { name: "odd name (x)", values: [true, false, null, null] },
    ],
    labels: [{ name: "team", values: ["vision", null, "vision", null] }],
    registry: null,
  };
}

/** A table as it travels, all its parts with it. */
export function tableOf({ parts, ...head }: VersionsPayload): Table {
  const known = new Map(parts.map((part) => [part.digest, knownPart(part)]));
  return buildTable(withRegistry(wholeOf(head, blocksOf(head, known) ?? []), readRegistry(head.registry)));
}
