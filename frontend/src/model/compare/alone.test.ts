import { expect, it } from "vitest";
import type { CompareMember, VersionPayload } from "../../api/types";
import { alonePayload } from "./alone";
import { exportsOf, metricsOfTags } from "./pictures";

const metric = { key: "acc", name: "acc", goal: "max", at_export: 0.9, step: null, run: "mlp", tag: "epoch_acc", source: "log" };
const version = {
  runs: [{ name: "mlp", step: 7, wall_time: 1, known: true }],
  metrics: [metric, { ...metric, key: "typed", name: "typed", run: null, tag: null }],
};
const guess = { id: "digits:3", kind: "version", created: 5 };

it("marks the export of a single version where it was", () => {
  const payload = alonePayload(version as unknown as VersionPayload, guess as unknown as CompareMember);
  expect(exportsOf(payload)).toMatchObject([{ member: 0, run: "mlp", tag: "epoch_acc", step: 7, value: 0.9 }]);
  expect([...metricsOfTags(payload).keys()]).toEqual(["epoch_acc"]);
});
