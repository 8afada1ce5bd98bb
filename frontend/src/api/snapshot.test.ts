// @vitest-environment jsdom
import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { foldEvents } from "../model/registry/fold";
import { readHead } from "./head";
import { digestOf, embeddedSections, type Sections, sectionsOf } from "./sections";
import { type Question, snapshotApi } from "./snapshot";
import type { ComparePayload } from "./types";

const DIGEST = `sha256:${"0123456789abcdef".repeat(4)}`;
const NOTHING = {} as ComparePayload;

const pack = (value: unknown): Buffer => gzipSync(JSON.stringify(value));

function embed(name: string, value: unknown): void {
  const element = document.createElement("script");
  element.type = "application/gzip";
  element.id = `tbv/${name}`;
  element.textContent = pack(value).toString("base64");
  document.body.append(element);
}

const HEAD = {
  format: "tb-versions-export",
  schema_version: 2,
  title: "November",
  details_size: 2,
  versions: 3,
  runs: [
    { name: "mlp", tags: ["loss", "acc"], section: 0, color: 4 },
    { name: "__proto__", tags: ["loss"], section: 1, color: 5 },
  ],
};

function version(id: string) {
  const lineage = { parents: [], children: [], same_run: [], same_content: [] };
  return {
    id,
    model: "digits",
    number: 1,
    runs: [],
    metrics: [],
    files_changed: [],
    redacted: ["paths"],
    comparing: { of: id },
    lineage,
    manifest: { model: "digits" },
  };
}

const TABLE = {
  schema_version: 2,
  revision: "r1",
  status: "ready",
  looked_in: [],
  problems: [],
  metrics: [],
  hyperparameters: [],
  labels: [],
  blocks: [
    { rows: 2, parts: ["a"] },
    { rows: 1, parts: ["b"] },
  ],
};
const COLUMNS = { id: ["digits:1", "digits:2"], model: { values: ["digits"], codes: [0, 0] } };
const LAST = { digest: "b", columns: { id: ["digits:3"], model: { values: ["digits"], codes: [0] } } };
const PARTS = [{ digest: "a", columns: COLUMNS, runs: ["mlp"] }, LAST];
const VERSIONS = { ...TABLE, parts: PARTS };

/** The table with other columns in its first part. */
const altered = (columns: object): object => ({ ...TABLE, parts: [{ ...PARTS[0], columns }, LAST] });

const LOSS = { tag: "loss", steps: [100, 10, 10], wall_times: [1_700_000_000_000, 500, -250], values: [3, "NaN", 1], sampled: true };

function whole(): void {
  embed("head", HEAD);
  embed("versions", VERSIONS);
  embed("details/0", [version("digits:1"), version("digits:2")]);
  embed("details/1", [version("digits:3")]);
  embed("runs/0", { mlp: [LOSS] });
  // Written by hand: in a literal this key would be the prototype.
  embed("runs/1", JSON.parse(`{"__proto__": [${JSON.stringify(LOSS)}]}`));
  embed("facts", { runs: { "run:other": { facts: 1 } }, shared: { rows: [] } });
}

const apiOf = (sections: Sections, ask: (question: Question) => ComparePayload = () => NOTHING) =>
  snapshotApi(sections, readHead(HEAD), { compare: ask, fold: foldEvents });

beforeEach(() => document.body.replaceChildren());
afterEach(() => vi.restoreAllMocks());

describe("an embedded export", () => {
  it("decodes nothing but what is asked for, and that once", async () => {
    whole();
    const looked = vi.spyOn(document, "getElementById");
    const sections = embeddedSections(document);
    await Promise.all([sections.read("head"), sections.read("head")]);
    await sections.read("versions");
    await sections.read("versions");
    expect(looked.mock.calls.map(([id]) => id)).toEqual(["tbv/head", "tbv/versions"]);
  });

  it("gives the table once", async () => {
    whole();
    const api = apiOf(embeddedSections(document));
    const taken: unknown[] = [];
    expect(await api.versions(null, (part) => taken.push(part))).toEqual({ notModified: false, head: { ...TABLE, registry: null } });
    expect(taken).toEqual(PARTS);
    expect(await api.versions("r1", (part) => taken.push(part))).toEqual({ notModified: true });
    expect(taken).toHaveLength(2);
  });

  const said = (number: number, version: number) => ({
    ...{ number, kind: "alias_set", version, alias: "production", time: number, effective: number, actor: "person 1" },
    ...{ reason: "", tool: "t", skewed: false, critical: true, known: true, origin: null },
  });
  const embedHistory = (events: object[]): void => {
    embed("head", HEAD);
    const model = { head: 3, aliases: [{ name: "production", number: 3, actor: "", time: 3, reason: "", event: 3 }], versions: {} };
    embed("versions", { ...VERSIONS, registry: { at: null, models: { digits: model }, measured: [], measured_values: {} } });
    embed("history", { digits: events });
  };

  it("pages its history, newest first, and knows what was in use on a day", async () => {
    embedHistory([said(1, 1), said(2, 2), said(3, 3)]);
    const api = apiOf(embeddedSections(document));
    expect((await api.history({ model: "digits", limit: 2 })).events.map(({ number }) => number)).toEqual([3, 2]);
    expect(await api.history({ model: "digits", before: 2 })).toMatchObject({ events: [{ number: 1 }], more: false, head: 3 });
    expect((await api.history({ model: "digits", version: "2" })).events).toHaveLength(1);
    expect((await api.registry(2)).models.digits).toMatchObject({ problem: null, aliases: [{ number: 2, previous: [1] }] });
    expect(await api.changes()).toEqual({ allowed: false, why: "" });
  });

  it("an alias that nobody moved since is of another manifest on an earlier day, too", async () => {
    embed("head", HEAD);
    const alias = { name: "production", number: 3, actor: "", time: 3, reason: "", event: 3, another_manifest: true };
    const model = { head: 4, aliases: [alias], versions: {} };
    embed("versions", { ...VERSIONS, registry: { at: null, models: { digits: model }, measured: [], measured_values: {} } });
    embed("history", { digits: [said(1, 1), said(2, 2), said(3, 3), { ...said(4, 3), kind: "noted", alias: undefined }] });
    const api = apiOf(embeddedSections(document));
    const then = async (at: number) => (await api.registry(at)).models.digits?.aliases.map((each) => [each.number, each.another_manifest]);
    expect([await then(2), await then(3)]).toEqual([[[2, false]], [[3, true]]]);
  });

  it("of a history with some events only it does not say what was in use", async () => {
    embedHistory([said(1, 1), said(3, 3)]);
    const then = await apiOf(embeddedSections(document)).registry(2);
    expect(then.models.digits?.problem).toContain("only some events");
  });

  it("finds a version in its part of the details, without what only a comparison needs", async () => {
    whole();
    const found = await apiOf(embeddedSections(document)).version("digits:3");
    expect(found.id).toBe("digits:3");
    expect(found).not.toHaveProperty("comparing");
    expect(found.manifest_text).toBe('{\n  "model": "digits"\n}\n');
    expect(found.redacted).toEqual(["paths"]);
  });

  it("says which version it does not hold", async () => {
    whole();
    await expect(apiOf(embeddedSections(document)).version("digits:9")).rejects.toThrow('This export does not hold "digits:9".');
  });

  it("adds up the differences of curves, and has seconds as HTTP has", async () => {
    whole();
    const { series, missing } = await apiOf(embeddedSections(document)).scalars(["mlp", "gone"], ["loss"]);
    expect(series).toEqual([
      {
        run: "mlp",
        tag: "loss",
        steps: [100, 110, 120],
        wall_times: [1_700_000_000, 1_700_000_000.5, 1_700_000_000.25],
        values: [3, "NaN", 1],
        sampled: true,
      },
    ]);
    expect(missing).toEqual([{ run: "gone", tag: "loss" }]);
  });

  it("takes a run called __proto__ for a run", async () => {
    whole();
    const api = apiOf(embeddedSections(document));
    expect((await api.scalars(["__proto__", "constructor"], ["loss"])).series.map((each) => each.run)).toEqual(["__proto__"]);
    expect(Object.entries(await api.runTags())).toEqual([
      ["mlp", ["loss", "acc"]],
      ["__proto__", ["loss"]],
    ]);
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });

  it("hands the members of a comparison to the engine", async () => {
    whole();
    const asked: Question[] = [];
    const api = apiOf(embeddedSections(document), (question) => {
      asked.push(question);
      return NOTHING;
    });
    await api.compare(["digits:1", "run:other"], null, new Map());
    expect([...(asked[0]?.versions.keys() ?? [])]).toEqual(["digits:1"]);
    expect([...(asked[0]?.runs ?? [])]).toEqual([["run:other", { facts: 1 }]]);
    expect(asked[0]?.shared).toEqual({ rows: [] });
    await expect(api.compare(["digits:1", "run:mlp"], null, new Map())).rejects.toThrow('of "mlp"');
  });
});

describe("an altered export", () => {
  const sentence = /^(This|The part) .*\.$/;

  it.each([
    ["no gzip", "bm90IGd6aXA="],
    ["no Base64", "%%%"],
    ["cut off", pack(VERSIONS).toString("base64").slice(0, 40)],
    ["no JSON", gzipSync("{").toString("base64")],
    ["empty", ""],
  ])("says so in a sentence: %s", async (_, text) => {
    embed("versions", VERSIONS);
    (document.getElementById("tbv/versions") as HTMLElement).textContent = text;
    await expect(apiOf(embeddedSections(document)).versions(null, () => {})).rejects.toThrow(sentence);
  });

  it.each([
    ["a list", []],
    ["null", null],
    ["ids that are no text", altered({ id: [1, 2] })],
    ["without ids", altered({ model: COLUMNS.model })],
    ["columns of different lengths", altered({ ...COLUMNS, size: [1] })],
    ["columns longer than their block", altered({ ...COLUMNS, size: [1, 2, 3] })],
    ["a column that is none", altered({ ...COLUMNS, size: 3 })],
    ["a metric that is shorter", { ...TABLE, parts: [{ ...PARTS[0], metrics: [{ key: "a", at_export: [1] }] }, LAST] }],
    ["a part that is missing", { ...TABLE, parts: [LAST] }],
    ["a part that is null", { ...TABLE, parts: [null, LAST] }],
    ["a block that is none", { ...VERSIONS, blocks: [null] }],
    ["no metrics", { ...VERSIONS, metrics: null }],
  ])("refuses a table that is %s", async (_, value) => {
    embed("versions", value);
    await expect(apiOf(embeddedSections(document)).versions(null, () => {})).rejects.toThrow("does not hold what it should");
  });

  it.each([
    ["of another version", version("digits:7")],
    ["without lists", { ...version("digits:1"), runs: "x" }],
    ["null", null],
  ])("refuses details that are %s", async (_, value) => {
    embed("versions", VERSIONS);
    embed("details/0", [value]);
    await expect(apiOf(embeddedSections(document)).version("digits:1")).rejects.toThrow("does not hold what it should");
  });

  it.each([
    ["no list", { mlp: {} }],
    ["uneven", { mlp: [{ ...LOSS, values: [1] }] }],
    ["absent", {}],
  ])("refuses curves that are %s", async (_, value) => {
    embed("runs/0", value);
    await expect(apiOf(embeddedSections(document)).scalars(["mlp"], ["loss"])).rejects.toThrow("does not hold what it should");
  });
});

describe("the head", () => {
  it("is refused where it is no export, or one of a later format", () => {
    expect(() => readHead(null)).toThrow("no export");
    expect(() => readHead({ ...HEAD, schema_version: 3 })).toThrow("the format 3; this page reads formats up to 2");
  });

  it("gets plain values for what a stranger wrote into it", () => {
    const head = readHead({
      ...HEAD,
      title: 3,
      introduction: {},
      details_size: -1,
      runs: [null, { name: 1, color: "x" }],
      redacted: [1, "paths"],
    });
    expect(head).toMatchObject({ title: "", introduction: "", detailsSize: 1, redacted: ["paths"], newest: null });
    expect(head.runs).toEqual([
      { name: "", tags: [], section: 0, color: 0 },
      { name: "", tags: [], section: 0, color: 0 },
    ]);
  });
});

describe("a folder", () => {
  const files = new Map<string, Buffer>();
  const asked: string[] = [];

  beforeEach(() => {
    files.clear();
    asked.length = 0;
    document.head.innerHTML = `<meta name="tbv-head" content="${DIGEST}"><base href="https://example.org/site/">`;
    const head = { ...HEAD, sections: { versions: DIGEST, "details/1": DIGEST } };
    files.set("data/head-0123456789abcdef.bin", pack(head));
    files.set("data/versions-0123456789abcdef.bin", pack(VERSIONS));
    files.set("data/details-1-0123456789abcdef.bin", pack([version("digits:3")]));
    vi.stubGlobal("fetch", async (url: URL) => {
      const name = url.href.replace("https://example.org/site/", "");
      asked.push(name);
      const bytes = files.get(name);
      return bytes ? new Response(new Uint8Array(bytes)) : new Response("", { status: 404 });
    });
  });
  afterEach(() => {
    vi.unstubAllGlobals();
    document.head.replaceChildren();
  });

  it("asks for each file when it is needed, once", async () => {
    const api = apiOf(sectionsOf(document));
    await api.version("digits:3");
    await api.version("digits:3");
    expect(asked).toEqual(["data/head-0123456789abcdef.bin", "data/versions-0123456789abcdef.bin", "data/details-1-0123456789abcdef.bin"]);
  });

  it("says what is missing, and asks again for it", async () => {
    const sections = sectionsOf(document);
    files.delete("data/versions-0123456789abcdef.bin");
    await expect(sections.read("versions")).rejects.toThrow("the server answered 404");
    files.set("data/versions-0123456789abcdef.bin", pack(VERSIONS));
    expect(await sections.read("versions")).toEqual(VERSIONS);
    await expect(sections.read("toString")).rejects.toThrow('This export has no part "toString".');
  });

  it("is known by the digest of its head", () => {
    expect(digestOf(document)).toBe(DIGEST);
  });
});
