/**
 * Markdown of unknown authors as safe DOM nodes.
 *
 * No HTML passes from the source (markdown-it's `html: false`), what markdown-it makes is sanitised all the same, links go
 * to http, https and mailto only, and images are shown as their words: an image is a request to somebody.
 */
import DOMPurify from "dompurify";
import createMarkdownIt, { type MarkdownIt } from "markdown-it";

/** Longer texts are cut: 64 KiB of the hardest input takes a fraction of a second. */
export const MAX_MARKDOWN = 64 * 1024;

const TAGS = [..."a blockquote br code del em h1 h2 h3 h4 h5 h6 hr li ol p pre s strong table tbody td th thead tr ul".split(" ")];
const ALLOWED_LINK = /^(?:https?:\/\/|mailto:)/i;

function reader(): MarkdownIt {
  const markdown = createMarkdownIt({ html: false, linkify: false, breaks: false, maxNesting: 20 });
  // Every address is read as one, and what leads nowhere becomes its words: the source is not for the reader.
  markdown.validateLink = () => true;
  markdown.renderer.rules.image = (tokens, index, options, env) =>
    markdown.utils.escapeHtml(markdown.renderer.renderInlineAsText(tokens[index]?.children ?? [], options, env));
  return markdown;
}

let shared: MarkdownIt | null = null;

/** The panel's own headings are of the third level. */
function lower(heading: Element): void {
  const level = Math.min(6, Number(heading.tagName.slice(1)) + 3);
  const below = document.createElement(`h${level}`);
  below.append(...heading.childNodes);
  heading.replaceWith(below);
}

function harden(link: Element): void {
  if (!ALLOWED_LINK.test(link.getAttribute("href") ?? "")) {
    link.replaceWith(...link.childNodes);
    return;
  }
  link.setAttribute("target", "_blank");
  link.setAttribute("rel", "noopener noreferrer");
}

/** A region that scrolls must be reachable by the keyboard. */
function reachable(region: Element, label: string): void {
  region.setAttribute("tabindex", "0");
  region.setAttribute("role", "region");
  region.setAttribute("aria-label", label);
}

export function markdownFragment(source: string): DocumentFragment {
  shared ??= reader();
  const cut = source.length > MAX_MARKDOWN;
  const html = shared.render(cut ? source.slice(0, MAX_MARKDOWN) : source);
  const fragment = DOMPurify.sanitize(html, {
    ALLOWED_TAGS: TAGS,
    ALLOWED_ATTR: ["href", "start"],
    ALLOW_ARIA_ATTR: false,
    ALLOW_DATA_ATTR: false,
    ALLOWED_URI_REGEXP: ALLOWED_LINK,
    RETURN_DOM_FRAGMENT: true,
  });
  for (const heading of fragment.querySelectorAll("h1, h2, h3, h4, h5, h6")) lower(heading);
  for (const link of fragment.querySelectorAll("a")) harden(link);
  for (const block of fragment.querySelectorAll("pre")) reachable(block, "code in the description");
  if (cut) fragment.append(Object.assign(document.createElement("p"), { textContent: "… The text goes on; the Raw tab has all of it." }));
  return fragment;
}
