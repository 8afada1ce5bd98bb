// @vitest-environment jsdom
import { render } from "preact";
import { act } from "preact/test-utils";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Api } from "../../api/api";
import type { Manifest, VersionPayload } from "../../api/types";
import { DetailPanel } from "./DetailPanel";
import type { DetailProps } from "./props";

vi.mock("../../css", () => ({ adopt: () => undefined }));

// jsdom lays nothing out.
vi.stubGlobal(
  "ResizeObserver",
  class {
    observe(): void {}
    disconnect(): void {}
  },
);

const NASTY = `"'><img src=x onerror=alert(1)><script>alert(2)</script>\u202e`;

function payload(change: Partial<VersionPayload> = {}, manifest: Partial<Manifest> = {}): VersionPayload {
  const number = change.number ?? 3;
  return {
    id: `digits:${number}`,
    model: "digits",
    number,
    state: "present",
    notice: null,
    checked: "names and sizes of 5 files; contents were not read",
    files_changed: [],
    folder: `models/digits/${number}`,
    from_event: false,
    runs: [],
    metrics: [],
    lineage: { parents: [], children: [], same_run: [], same_content: [] },
    manifest_digest: `sha256:${"ab".repeat(32)}`,
    manifest: { schemaVersion: 1, model: "digits", number: String(number), format: "files", ...manifest },
    manifest_text: "{}",
    ...change,
  };
}

function withNasty<T>(value: T): T {
  if (Array.isArray(value)) return value.map(withNasty) as T;
  if (value !== null && typeof value === "object") return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, withNasty(v)])) as T;
  return (typeof value === "string" ? value + NASTY : value) as T;
}

let root: HTMLElement;
const api = { versions: vi.fn(), version: vi.fn(), scalars: vi.fn(), measured: vi.fn() };

function props(change: Partial<DetailProps> = {}): DetailProps {
  return {
    id: "digits:3",
    api: api as unknown as Api,
    revision: "1",
    tab: "overview",
    onTab: vi.fn(),
    onOpen: vi.fn(),
    onClose: vi.fn(),
    runColor: () => "#12b5cb",
    runLink: (names) => ({ href: `/?runFilter=${encodeURIComponent(names.join("|"))}`, target: "_parent" }),
    copyLink: vi.fn(),
    ...change,
  };
}

async function show(change: Partial<DetailProps> = {}): Promise<DetailProps> {
  const given = props(change);
  await act(async () => {
    render(<DetailPanel {...given} />, root);
  });
  await act(async () => Promise.resolve());
  return given;
}

function text(): string {
  return (root.textContent ?? "").replace(/\s+/g, " ");
}

beforeEach(() => {
  root = document.createElement("div");
  document.body.append(root);
  api.scalars.mockResolvedValue({ series: [], missing: [] });
  api.measured.mockResolvedValue({ measured: [] });
});

afterEach(() => {
  render(null, root);
  root.remove();
  vi.resetAllMocks();
});

describe("DetailPanel", () => {
  it("shows no section and no row for what is absent", async () => {
    api.version.mockResolvedValue(payload());
    await show();
    const headings = [...root.querySelectorAll("h3")].map((heading) => heading.textContent);
    expect(headings).toEqual(["Use it"]);
    expect(api.scalars).not.toHaveBeenCalled();
  });

  it("says where files are that lie elsewhere, and how to check them", async () => {
    const elsewhere = { source: "nas", path: "digits/00000003", bound_to: null };
    api.version.mockResolvedValue(payload({ state: "elsewhere", notice: "Its files are elsewhere.", elsewhere }));
    await show({ tab: "files" });
    expect(text()).toContain("files elsewhere");
    expect(text()).toContain("digits/00000003 of source nas, which is bound to no folder here");
    expect(text()).toContain("--source nas=DIR");
    expect(text()).not.toContain("missing");
    api.version.mockResolvedValue(payload({ number: 4, elsewhere: { ...elsewhere, bound_to: "/mnt/nas" } }));
    await show({ id: "digits:4", tab: "files" });
    expect(text()).toContain("which is /mnt/nas");
    expect(text()).toContain("--source nas=/mnt/nas");
  });

  it("says what was inferred and from what, and marks metrics that were", async () => {
    const metric = { key: "loss", name: "loss", dataset: "", slice: "", goal: "min" as const, goal_source: "manifest" as const };
    const none = { best: null, best_step: null, last: null, last_step: null, regret: null, why_not: null, sample: null };
    const metrics = [{ ...metric, ...none, source: "inferred" as const, step: 7, at_export: 0.25, run: null, tag: null }];
    const inferred = [
      { field: "created", evidence: "the time of saved_model.pb" },
      { field: "runs", evidence: "files written 14:03:22, between steps 7 and 8 of run mlp" },
    ];
    api.version.mockResolvedValue(payload({ metrics }, { inferred, created: "2024-06-01T14:03:22Z" }));
    await show();
    expect(text()).toContain("Inferred, and from what");
    expect(text()).toContain("files written 14:03:22, between steps 7 and 8 of run mlp");
    expect(text()).toContain("∴ inferred");
    expect(text()).toContain("made ");
    expect(text()).not.toContain("published");
  });

  it("offers no line for TensorFlow where other formats say what they hold", async () => {
    const metaGraphs = [{ signatures: [{ key: "call", inputs: [{ name: "x" }] }] }];
    api.version.mockResolvedValue(payload({}, { format: "keras", savedModel: { metaGraphs } }));
    await show();
    expect(text()).toContain("tbv.path(");
    expect(text()).not.toContain("tf.saved_model.load");
  });

  it("says which hyperparameters are from the run", async () => {
    api.version.mockResolvedValue(payload({ run_hyperparameters: { lr: 0.5 } }));
    await show();
    expect(text()).toContain("Hyperparameters, from the run");
    expect(text()).toContain("lr0.5");
    api.version.mockResolvedValue(payload({ number: 4, run_hyperparameters: null }, { hyperparameters: { lr: 0.5 } }));
    await show({ id: "digits:4" });
    expect(text()).not.toContain("from the run");
  });

  it("says where an imported version is from, and what could not be taken over", async () => {
    const imported = { tracker: "mlflow", model: "Ziffern 数字", version: "3", files: "ABSENT", notes: ["Its run was deleted."] } as const;
    api.version.mockResolvedValue(payload({}, { imported: { ...imported, notes: [...imported.notes], modelLabels: { team: "<b>a" } } }));
    await show();
    for (const words of ["mlflow", "Ziffern 数字", "not at hand", "Its run was deleted.", "<b>a"]) expect(text()).toContain(words);
  });

  it("survives a manifest of wrong types, and shows the next version whole", async () => {
    for (const wrong of [{ files: 5 }, { datasets: 5 }, { code: { arguments: 5 } }, { description: 5 }]) {
      api.version.mockResolvedValue(payload({}, wrong as unknown as Partial<Manifest>));
      for (const tab of ["overview", "files"]) await show({ tab, revision: JSON.stringify(wrong) });
      expect(text()).toContain("digits");
    }
    api.version.mockResolvedValue(payload({ number: 4 }, { labels: { team: "vision" } }));
    await show({ id: "digits:4", revision: "9" });
    expect(text()).toContain("vision");
  });

  it("asks again for a new revision and keeps what it shows meanwhile", async () => {
    api.version.mockResolvedValue(payload({}, { labels: { team: "vision" } }));
    await show();
    const label = [...root.querySelectorAll("dd")].find((each) => each.textContent === "vision");
    let answer: (value: VersionPayload) => void = () => undefined;
    api.version.mockReturnValue(new Promise((resolve) => (answer = resolve)));
    await show({ revision: "2" });
    expect(label?.isConnected).toBe(true);
    await act(async () => answer(payload({ state: "missing" }, { labels: { team: "vision" } })));
    expect(label?.isConnected).toBe(true);
    expect(text()).toContain("folder missing");
  });

  it("an answer that comes too late is not shown", async () => {
    let late: (value: VersionPayload) => void = () => undefined;
    api.version.mockReturnValueOnce(new Promise((resolve) => (late = resolve)));
    await show();
    api.version.mockResolvedValueOnce(payload({ number: 4 }));
    await show({ id: "digits:4" });
    await act(async () => late(payload()));
    expect(root.querySelector("h2")?.textContent).toBe("digits 4");
  });

  it("says why a version can't be shown, and tries again", async () => {
    api.version.mockRejectedValueOnce(new Error("There is no version digits:3."));
    await show();
    expect(root.querySelector("[role=alert]")?.textContent).toContain("There is no version digits:3.");
    expect(text()).not.toContain("Loading");
    api.version.mockResolvedValueOnce(payload());
    await act(async () => root.querySelector<HTMLElement>("[role=alert] button")?.click());
    await act(async () => Promise.resolve());
    expect(root.querySelector("[role=alert]")).toBeNull();
    expect(root.querySelector("h2")?.textContent).toBe("digits 3");
  });

  it("offers no second try where the page is a file", async () => {
    api.version.mockRejectedValueOnce(new Error('This export does not hold "digits:9".'));
    const { onClose } = await show({ id: "digits:9", still: true });
    const button = root.querySelector<HTMLElement>("[role=alert] button");
    expect(button?.textContent).toBe("Show all versions");
    await act(async () => button?.click());
    expect(onClose).toHaveBeenCalled();
  });

  it("asks for all curves in one request", async () => {
    const metric = (name: string, run: string) => ({
      key: name,
      name,
      dataset: "",
      slice: "",
      goal: "max" as const,
      goal_source: "manifest" as const,
      source: "log" as const,
      step: 5,
      at_export: 0.5,
      run,
      tag: name,
      best: 0.6,
      best_step: 4,
      last: 0.4,
      last_step: 9,
      regret: null,
      why_not: null,
      sample: null,
    });
    api.version.mockResolvedValue(payload({ metrics: [metric("b", "train"), metric("a", "validation")] }));
    api.scalars.mockResolvedValue({
      series: [{ run: "train", tag: "b", steps: [1, 5, 9], wall_times: [1, 2, 3], values: [0.1, 0.5, 0.4], sampled: false }],
      missing: [],
    });
    await show();
    expect(api.scalars.mock.calls).toEqual([
      [
        ["train", "validation"],
        ["a", "b"],
      ],
    ]);
    const drawings = root.querySelectorAll("svg[role=img]");
    expect(drawings).toHaveLength(1);
    expect(drawings[0]?.getAttribute("aria-label")).toBe("b from step 1 to 9: from 0.1000 to 0.4000; exported at step 5");
  });

  it("says of imported numbers that they are as recorded, not those of the export", async () => {
    const imported = {
      ...{ key: "loss", name: "loss", dataset: "", slice: "", goal: "min" as const, goal_source: "inferred" as const },
      ...{ source: "imported" as const, step: 3, at_export: 0.5, run: null, tag: null, best: null, best_step: null },
      ...{ last: null, last_step: null, regret: null, why_not: null, sample: null },
    };
    api.version.mockResolvedValue(payload({ metrics: [imported] }));
    await show();
    expect(root.querySelector(".dv-metrics thead")?.textContent).toContain("as recorded");
    expect(root.querySelector(".dv-source")?.textContent).toBe("↧ imported");
  });

  it("says of numbers that they come from a sample, and why others are not known", async () => {
    const metric = {
      ...{ key: "loss", name: "loss", dataset: "", slice: "", goal: "min" as const, goal_source: "inferred" as const },
      ...{ source: "run" as const, step: null, at_export: null, run: "train", tag: "loss", best: 0.2, best_step: 4 },
      ...{ last: 0.4, last_step: 9, regret: null, why_not: "not known, because of this", sample: 1000 },
    };
    api.version.mockResolvedValue(payload({ metrics: [metric] }));
    await show();
    expect(root.querySelector(".dv-unsure")?.textContent).toBe("loss: at export not known, because of this; from a sample of 1,000 points");
  });

  it("links known runs and names the others", async () => {
    const runs = [
      { name: "a/b", step: 7, wall_time: null, known: true },
      { name: "gone", step: null, wall_time: null, known: false },
    ];
    api.version.mockResolvedValue(payload({ runs }));
    await show();
    const links = [...root.querySelectorAll<HTMLAnchorElement>("a[target=_parent]")];
    expect(links.map((link) => link.getAttribute("href"))).toEqual(["/?runFilter=a%2Fb", "/?runFilter=a%2Fb"]);
    expect(text()).toContain("gone (not in this TensorBoard)");
  });

  it("moves through its tabs with the keyboard", async () => {
    api.version.mockResolvedValue(payload());
    const { onTab } = await show();
    const overview = root.querySelector("[role=tab]");
    overview?.dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowLeft", bubbles: true }));
    expect(onTab).toHaveBeenCalledWith("raw");
    expect([...root.querySelectorAll(".dv > [role=tablist] > [tabindex='0']")].map((tab) => tab.textContent)).toEqual(["Overview"]);
  });

  it("opens relatives, and shows unknown ones as text", async () => {
    const lineage = {
      parents: [
        { ref: "digits:2", relation: "fine_tuned_from", known: true },
        { ref: "teacher:1", relation: "distilled_from", known: false },
      ],
      children: [{ ref: "tiny:1", relation: "distilled_from" }],
      same_run: ["digits:1"],
      same_content: [],
    };
    api.version.mockResolvedValue(payload({ lineage }));
    const { onOpen } = await show({ tab: "lineage" });
    expect(text()).toContain("fine-tuned from digits:2");
    expect(text()).toContain("distilled from teacher:1 (not known here)");
    expect(text()).toContain("tiny:1 was distilled from this");
    for (const button of root.querySelectorAll<HTMLElement>("li button")) button.click();
    expect(vi.mocked(onOpen).mock.calls).toEqual([["digits:2"], ["tiny:1"], ["digits:1"]]);
  });

  it("names missing, extra and changed files first", async () => {
    const files = ["a", "b", "c"].map((path) => ({ path, size: "1", digest: `sha256:${"0".repeat(64)}` }));
    const files_changed: VersionPayload["files_changed"] = [
      { path: "new.txt", what: "extra" },
      { path: "c", what: "missing" },
      { path: "b", what: "size" },
    ];
    api.version.mockResolvedValue(payload({ files_changed, state: "changed" }, { files, sizeBytes: "3" }));
    await show({ tab: "files" });
    const rows = [...root.querySelectorAll("tbody th > bdi")].map((cell) => cell.textContent);
    expect(rows).toEqual(["b", "c", "new.txt", "a"]);
    expect(text()).toContain("tb-versions verify digits:3");
  });

  it.each(["overview", "signature", "files", "lineage", "raw"])("a damaged manifest leaves the %s tab with words", async (tab) => {
    api.version.mockResolvedValue(payload({ state: "damaged", notice: "It is not JSON.", manifest: null, manifest_text: "{" }));
    await show({ tab });
    expect(text()).toContain("It is not JSON.");
    expect(root.querySelector("[role=tabpanel]")?.textContent?.length).toBeGreaterThan(0);
  });

  it.each(["overview", "signature", "files", "lineage", "raw"])("hostile text makes no element in the %s tab", async (tab) => {
    const tensor = { name: "x", dtype: "float32", shape: { dimensions: ["-1"] }, tensor: "x:0" };
    const hostile = withNasty(
      payload(
        {
          runs: [{ name: "run", step: 1, wall_time: null, known: true }],
          lineage: { parents: [{ ref: "a:1", relation: "x", known: false }], children: [], same_run: ["b:1"], same_content: ["c:1"] },
        },
        {
          semanticVersion: "1.0.0",
          labels: JSON.parse(`{"__proto__": "p", "constructor": "c", "${"k".repeat(2000)}": "v"}`),
          hyperparameters: { toString: "x" } as unknown as Record<string, string>,
          datasets: [{ name: "d", uri: "javascript:alert(1)", digest: "sha256:00", split: "train", digestOf: "file" }],
          code: { commit: "abcdef0", remote: "javascript:alert(1)//github.com/a/b", branch: "b", entryPoint: "e", arguments: ["a"] },
          environment: { python: "3", packages: { a: "1" } },
          hardware: { cpu: "c" },
          savedModel: { metaGraphs: [{ tags: ["t"], signatures: [{ key: "k", method: "m", inputs: [tensor], outputs: [tensor] }] }] },
          files: [{ path: "p", size: "1", digest: "sha256:00" }],
        },
      ),
    );
    api.version.mockResolvedValue(hostile);
    await show({ tab });
    expect(root.querySelector("img, script, iframe, object")).toBeNull();
    for (const link of root.querySelectorAll("a")) expect(link.getAttribute("href")).toMatch(/^\/\?runFilter=/);
    for (const element of root.querySelectorAll("*")) {
      for (const { name } of element.attributes) expect(name).not.toMatch(/^on/);
    }
    expect(text()).toContain("<script>alert(2)</script>");
  });
});
