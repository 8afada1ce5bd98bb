/** TensorBoard's own fonts, which its stylesheets declare for its page alone: an iframe has none of them. */

/** Addresses in `url(…)`, absolute: they are relative to the sheet or page that they stand in. */
function withAbsoluteAddresses(css: string, base: string): string {
  return css.replace(/url\((["']?)([^"')]+)\1\)/g, (_, __, address: string) => `url("${new URL(address, base).href}")`);
}

function isFrom(origin: string, css: string): boolean {
  return [...css.matchAll(/url\("([^"]+)"\)/g)].every(([, address]) => new URL(address as string).origin === origin);
}

function rulesOf(sheet: CSSStyleSheet): CSSRule[] {
  try {
    return [...sheet.cssRules];
  } catch {
    // A sheet of another origin does not show its rules.
    return [];
  }
}

/**
 * The font faces of a page as CSS, with addresses of its own origin only: the content security policy allows no others.
 *
 * Empty where the page has loaded none: below a --path_prefix TensorBoard asks for its fonts in vain, and so would we.
 */
export function fontFacesOf(page: Document): string {
  if (![...page.fonts].some((face) => face.status === "loaded")) return "";
  const faces = [...page.styleSheets].flatMap((sheet) => {
    const base = sheet.href ?? page.baseURI;
    return rulesOf(sheet)
      .filter((rule) => rule.constructor.name === "CSSFontFaceRule")
      .map((rule) => withAbsoluteAddresses(rule.cssText, base));
  });
  const { origin } = new URL(page.baseURI);
  return faces.filter((css) => isFrom(origin, css)).join("\n");
}
