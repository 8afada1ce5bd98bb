import { expect, test } from "vitest";
import { fontFacesOf } from "./fonts";

class CSSFontFaceRule {
  constructor(readonly cssText: string) {}
}

class CSSStyleRule extends CSSFontFaceRule {}

/** What the function reads of a page; jsdom has no font faces. */
function page(rules: object[], status: string, href: string | null = null): Document {
  return { fonts: [{ status }], styleSheets: [{ href, cssRules: rules }], baseURI: "http://host:6006/tb/" } as unknown as Document;
}

const face = (address: string) => new CSSFontFaceRule(`@font-face { font-family: Roboto; src: local("Roboto"), url(${address}); }`);

test("font faces are taken with absolute addresses", () => {
  const rules = [face('"/font-roboto/a.woff2"'), new CSSStyleRule("p { color: red }"), face("b.woff2")];
  const css = fontFacesOf(page(rules, "loaded"));
  expect(css).toContain('local("Roboto"), url("http://host:6006/font-roboto/a.woff2")');
  expect(css).toContain('url("http://host:6006/tb/b.woff2")');
  expect(css).not.toContain("color");
  expect(fontFacesOf(page([face("b.woff2")], "loaded", "http://host:6006/css/all.css"))).toContain("/css/b.woff2");
});

test("none are taken that the page could not load, or from elsewhere", () => {
  expect(fontFacesOf(page([face("a.woff2")], "error"))).toBe("");
  expect(fontFacesOf(page([face("https://fonts.example/a.woff2")], "loaded"))).toBe("");
});

test("a sheet of another origin is passed over", () => {
  const closed = {
    href: "https://elsewhere/x.css",
    get cssRules(): never {
      throw new DOMException("no");
    },
  };
  const both = page([face("a.woff2")], "loaded");
  const sheets = [closed, ...(both.styleSheets as unknown as object[])];
  expect(fontFacesOf({ ...both, styleSheets: sheets } as unknown as Document)).toContain("a.woff2");
});
