// @vitest-environment jsdom
import { describe, expect, it } from "vitest";
import { MAX_MARKDOWN, markdownFragment } from "./markdown";

function html(source: string): string {
  const box = document.createElement("div");
  box.append(markdownFragment(source));
  return box.innerHTML;
}

function nodes(source: string): HTMLElement {
  const box = document.createElement("div");
  box.append(markdownFragment(source));
  return box;
}

describe("markdownFragment", () => {
  it("shows what authors write", () => {
    const shown = html("# Title\n\n**bold**, `code` and\n\n- a\n- b\n\n| a | b |\n|---|---|\n| 1 | 2 |");
    for (const part of ["<h4>Title</h4>", "<strong>bold</strong>", "<code>code</code>", "<li>a</li>", "<td>1</td>"])
      expect(shown).toContain(part);
  });

  it("opens links in their own tab, without a way back", () => {
    const link = nodes("[paper](https://example.org/x)").querySelector("a");
    expect(link?.getAttribute("href")).toBe("https://example.org/x");
    expect(link?.getAttribute("target")).toBe("_blank");
    expect(link?.getAttribute("rel")).toContain("noopener");
    expect(nodes("<mailto:ann@example.org>").querySelector("a")?.getAttribute("href")).toBe("mailto:ann@example.org");
  });

  it.each([
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](java&#10;script:alert(1))",
    "[x](&#x6A;avascript:alert(1))",
    "[x](vbscript:x)",
    "[x](data:text/html;base64,PHNjcmlwdD4=)",
    "[x](file:///etc/passwd)",
    "[x](blob:https://example.org/1)",
    "[x](//example.org)",
    "[x](/data/plugin/versions/versions)",
    "[x](#hash)",
    "<javascript:alert(1)>",
    "[x][y]\n\n[y]: javascript:alert(1)",
  ])("%s is no link", (source) => {
    expect(nodes(source).querySelector("a")).toBeNull();
  });

  it.each([
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "![words](https://example.org/x.png)",
    '![a"onerror="alert(1)](x)',
    "<svg><script>alert(1)</script></svg>",
    "<iframe src=javascript:alert(1)>",
    '<math><mi//xlink:href="data:x,<script>alert(1)</script>">',
    "<style>*{display:none}</style>",
    '<form id="x"><input name="y"></form>',
    '<a id="document" name="cookie">x</a>',
    "```\n<img src=x onerror=alert(1)>\n```",
    '```"><img src=x onerror=alert(1)>\nx\n```',
    "<!-- --><![CDATA[<img src=x onerror=alert(1)>]]>",
  ])("%s makes no element of its own and no attribute that acts", (source) => {
    const box = nodes(source);
    expect(box.querySelector("script, img, svg, iframe, math, style, form, input, [id], [name], [style]")).toBeNull();
    for (const element of box.querySelectorAll("*")) {
      for (const { name } of element.attributes)
        expect(["href", "rel", "target", "start", "tabindex", "role", "aria-label"]).toContain(name);
    }
  });

  it.each([
    ["![the *curve*](https://example.org/x.png)", "the curve"],
    ["![alt text](a.png)", "alt text"],
    ["![alt text](<a b.png> 'title')", "alt text"],
    ["![words][x]\n\n[x]: a.png", "words"],
    ["![words]\n\n[words]: https://example.org/a.png", "words"],
    ["![](a.png)", ""],
    ["![x](data:image/png;base64,AAAA)", "x"],
    ["[![badge](b.svg)](ci/index.html)", "badge"],
  ])("shows the image %j as its words", (source, words) => {
    expect(nodes(source).textContent?.trim()).toBe(words);
    expect(nodes(source).querySelector("a, img")).toBeNull();
  });

  it("cuts what is too long, and says so", () => {
    const box = nodes("a ".repeat(MAX_MARKDOWN));
    expect((box.textContent ?? "").length).toBeLessThan(MAX_MARKDOWN + 100);
    expect(box.textContent).toContain("Raw tab");
  });

  it.each(["[", "*a_", ">", "![", "`", "<", "- ", "|", "[a](", "**a", "&", "\\", "~~", "_", "1. ", "[a]: b\n", "# "])(
    "does not hang with 64 KiB of %j",
    (part) => {
      expect(markdownFragment(part.repeat(MAX_MARKDOWN / part.length))).toBeTruthy();
    },
  );
});
