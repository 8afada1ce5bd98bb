/** Adds styles to the document as a constructed sheet: it needs no request, and TensorBoard's content security policy allows it. */
export function adopt(css: string): void {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(css);
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
}
