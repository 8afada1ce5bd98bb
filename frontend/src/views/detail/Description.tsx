/** The author's words. The Markdown reader is a chunk of its own, loaded when there is something to read. */
import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { Section } from "./parts";

export function Description({ text }: { text: string | undefined }): ComponentChildren {
  const box = useRef<HTMLDivElement>(null);
  const [rendered, setRendered] = useState<string | null>(null);
  useEffect(() => {
    if (!text?.trim()) return;
    let current = true;
    import("../../model/markdown").then(
      ({ markdownFragment }) => {
        if (!current) return;
        box.current?.replaceChildren(markdownFragment(text));
        setRendered(text);
      },
      () => undefined, // The plain text below stays.
    );
    return () => {
      current = false;
    };
  }, [text]);
  if (!text?.trim()) return null;
  return (
    <Section title="Description">
      {rendered === null && <div class="dv-plain">{text}</div>}
      <div ref={box} class="dv-markdown" dir="auto" />
    </Section>
  );
}
