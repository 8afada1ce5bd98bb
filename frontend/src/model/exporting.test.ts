import { describe, expect, it } from "vitest";
import type { ExportQuestion } from "../api/api";
import { httpApi } from "../api/http";
import { buildTable } from "./columns";
import { exportCommand, fileName, filterOf } from "./exporting";
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

  it("names runs as the sidebar does", () => expect(filterOf("", { ...NONE, runs: ["mlp"] })).toBe("run in (mlp)"));
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

describe("the command", () => {
  const folders = [
    { path: "my logs", kind: "logdir" as const },
    { path: "models", kind: "models_dir" as const },
  ];

  it("is one that a shell takes as it is", () =>
    expect(exportCommand(folders, { ...QUESTION, filter: "val_accuracy > 0.9" }, "share.html")).toBe(
      "tb-versions export --logdir 'my logs' --models-dir models --filter 'val_accuracy > 0.9' --out share.html",
    ));

  it("names versions behind a mark, so that none of them is an option", () =>
    expect(exportCommand([], { ...QUESTION, refs: ["digits:3", "run:--force"], view: "#versions&p.versions.cmp=a,b" }, "a.html")).toBe(
      "tb-versions export --view '#versions&p.versions.cmp=a,b' --out a.html -- digits:3 run:--force",
    ));

  it("has no view where that is the usual one or a table", () => {
    expect(exportCommand([], { ...QUESTION, view: "#versions" }, "a.html")).toBe("tb-versions export --out a.html");
    expect(exportCommand([], { ...QUESTION, format: "csv", view: "#versions&p.versions.q=x" }, "a.csv")).toBe(
      "tb-versions export --out a.csv",
    );
  });

  it("is not there where it would be endless", () => {
    const refs = Array.from({ length: 61 }, (_, at) => `m:${at}`);
    expect(exportCommand([], { ...QUESTION, refs }, "a.html")).toBeNull();
  });
});

describe("fileName", () => {
  it.each([
    [[], ["digits"], "digits-versions.html"],
    [[], ["digits", "digits-tiny"], "digits-digits-tiny-versions.html"],
    [[], ["a", "b", "c", "d"], "versions.html"],
    [[], ["../Größe: 1"], "Gr-e-1-versions.html"],
    [["digits:9", "digits:13"], ["digits"], "compare-digits-9-13.html"],
    [["digits:9", "run:cnn/seed-1", "digits-tiny:3"], [], "compare-digits-9-cnn-seed-1-digits-tiny-3.html"],
  ])("names the file of %j and %j", (compared, models, name) => expect(fileName("html", compared, models)).toBe(name));

  it("is short, and ends as its form does", () => {
    const name = fileName(
      "latex",
      Array.from({ length: 60 }, (_, at) => `model:${at}`),
      [],
    );
    expect(name).toMatch(/^compare-model-0-.*\d\.tex$/);
    expect(name.length).toBeLessThan(90);
    expect(fileName("markdown", [], ["m"])).toBe("m-versions.md");
  });
});
