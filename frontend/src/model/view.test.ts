import { describe, expect, test } from "vitest";
import { decodeView, EMPTY_VIEW, encodeView, readHash, type View, writeHash } from "./view";

const round = (view: View, hash = ""): View => decodeView(readHash(writeHash(hash, encodeView(view))));

describe("a link carries the view", () => {
  test("the empty view leaves no trace", () => {
    expect(writeHash("", encodeView(EMPTY_VIEW))).toBe("#versions");
    expect(round(EMPTY_VIEW)).toEqual(EMPTY_VIEW);
  });

  test("everything comes back", () => {
    const view: View = {
      q: 'val_accuracy > 0.9 and optimizer = "a&b=c#d%"',
      models: ["digits", "a,b", "100%", "x>y", "ünï😀"],
      aliases: ["production"],
      runs: ["par(en)[x]*", "lr=0.1,bs=32", "plus+and&amp=1#hash"],
      states: ["missing"],
      sort: [
        { id: "m:val_loss", desc: false },
        { id: "hp:a,b", desc: true },
      ],
      group: "run",
      choice: { shown: ["last:loss"], hidden: ["created"], moved: [["size", "version"]] },
      open: "digits:3",
      tab: "files",
      selected: ["digits:1", "digits:2"],
      metric: "val_loss",
      chart: false,
      panel: "scatter",
      large: true,
      axes: ["hp:a,b", "m:val_loss"],
      xy: ["hp:lr", "m:a>b"],
      color: "hp:a|b",
      brush: [
        { id: "hp:a,b>c|d", range: null, texts: ["x|y", "=1~2", ""], specials: ["none", "nan"] },
        { id: "m:val_loss", range: [-0.25, 1e-7], texts: [], specials: ["high"] },
      ],
      without: ["data"],
      side: false,
      withdrawn: true,
      at: 1_700_000_000_000,
      history: "digits",
      overTime: true,
      compare: ["digits:1", "run:lr=0.1,bs=32", "run:ünï/100%"],
      look: { base: "digits:1", tags: "loss,a%2Cb", smooth: "0.6", log: "1" },
    };
    expect(round(view)).toEqual(view);
  });

  test("no sort at all is not the default sort", () => {
    expect(round({ ...EMPTY_VIEW, sort: [] }).sort).toEqual([]);
  });

  test("keys of others stay as they are", () => {
    const hash = "#versions&p.versions.q=old&tagFilter=a%20b&p.hparams.x=1";
    expect(writeHash(hash, new Map([["q", "new"]]))).toBe("#versions&p.versions.q=new&tagFilter=a%20b&p.hparams.x=1");
  });

  test("a broken link is read as far as it goes", () => {
    const view = decodeView(
      readHash("#versions&p.versions.q=%E0%A4%A&p.versions.group=nonsense&p.versions.sort=,-,+&p.versions.cols=>,-&x"),
    );
    expect(view.q).toBe("%E0%A4%A");
    expect(view.group).toBe("none");
    expect(view.sort).toEqual([]);
  });

  test("a thousand selected versions do not make an endless link", () => {
    const selected = Array.from({ length: 1000 }, (_, i) => `m:${i}`);
    expect(
      encodeView({ ...EMPTY_VIEW, selected })
        .get("sel")
        ?.split(","),
    ).toHaveLength(200);
  });
});
