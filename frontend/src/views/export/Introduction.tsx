/** The author's introduction above the table: untrusted Markdown, folded where it is long. */
import type { ComponentChildren } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { markdownFragment } from "../../model/markdown";

export function Introduction({ text }: { text: string }): ComponentChildren {
  const box = useRef<HTMLDivElement>(null);
  const [isLong, setLong] = useState(false);
  const [isOpen, setOpen] = useState(false);
  useLayoutEffect(() => {
    box.current?.replaceChildren(markdownFragment(text));
  }, [text]);
  useEffect(() => {
    const element = box.current;
    if (!element) return;
    const observer = new ResizeObserver(() => setLong(isOpen || element.scrollHeight > element.clientHeight + 1));
    observer.observe(element);
    return () => observer.disconnect();
  }, [isOpen]);
  return (
    <div class={isOpen ? "export-intro open" : "export-intro"}>
      <section ref={box} class="export-words" aria-label="Introduction" tabIndex={isOpen ? 0 : undefined} dir="auto" />
      {isLong && (
        <button type="button" class="plain link" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
          {isOpen ? "Less" : "Read all"}
        </button>
      )}
    </div>
  );
}
