import { describe, expect, it } from "vitest";
import type { ExportQuestion } from "../api/api";
import { httpApi } from "../api/http";
import { buildTable } from "./columns";
import { exportCommand, filterOf } from "./exporting";
import { compile } from "./query/compile";
import { NOW, samplePayload } from "./testing";

const NONE = { models: [], aliases: [], runs: [], states: [] };
const QUESTION: ExportQuestion = { format: "html", refs: [], filter: "", view: "" };

describe("filterOf", () => {
  it("is what is written where nothing is chosen on the left", () => expect(filterOf(" adam or sgd ", NONE)).toBe("adam or sgd"));

  it("says what is chosen in the filter language", () => {
    const filter = filterOf("adam or sgd", { ...NONE, models: ["digits", "a b"], states: ["present"] });
    expect(filter).toBe('(adam or sgd) and model in (digits, "a b") and state in (present)');
    expect(compile(filter ?? "", buildTable(samplePayload()), NOW).error).toBeNull();
  });

  it("has no words for runs", () => expect(filterOf("", { ...NONE, runs: ["mlp"] })).toBeNull());
});

describe("the address of an export", () => {
  const api = httpApi("http://localhost:6006/data/plugin/versions/");

  it("carries every reference and the view", () => {
    const address = new URL(api.exportAddress({ ...QUESTION, refs: ["digits:3", "run:a&b"], view: "#versions&p.versions.q=x" }) ?? "");
    expect(address.pathname).toBe("/data/plugin/versions/export");
    expect(address.searchParams.getAll("ref")).toEqual(["digits:3", "run:a&b"]);
    expect(address.searchParams.get("view")).toBe("#versions&p.versions.q=x");
  });

  it("is not made where TensorBoard would refuse it", () => {
    const refs = Array.from({ length: 3000 }, (_, index) => `a-model-with-a-name:${index}`);
    expect(api.exportAddress({ ...QUESTION, refs })).toBeNull();
  });
});

it("gives a command that a shell takes as it is", () => {
  const folders = [
    { path: "my logs", kind: "logdir" as const },
    { path: "models", kind: "models_dir" as const },
  ];
  expect(exportCommand(folders, { ...QUESTION, filter: "val_accuracy > 0.9" })).toBe(
    "tb-versions export --logdir 'my logs' --models-dir models --filter 'val_accuracy > 0.9' --out share.html",
  );
});
