/** The author's words. The Markdown reader is a chunk of its own, loaded when there is something to read. */
import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { Fold, Section } from "./parts";

/** Markdown of unknown authors; its plain text until the reader is there. */
export function Markdown({ text }: { text: string }): ComponentChildren {
  const box = useRef<HTMLDivElement>(null);
  const [rendered, setRendered] = useState<string | null>(null);
  useEffect(() => {
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
  return (
    <>
      {rendered === null && <div class="dv-plain">{text}</div>}
      <div ref={box} class="dv-markdown" dir="auto" />
    </>
  );
}

interface DescriptionProps {
  /** Of the manifest. */
  text: string | undefined;
  /** That was given after publishing; null: none was. */
  later?: string | null;
}

export function Description({ text, later = null }: DescriptionProps): ComponentChildren {
  const manifest = text?.trim() ? text : "";
  const shown = later ?? manifest;
  if (shown.trim() === "" && (later === null || manifest === "")) return null;
  return (
    <Section title="Description" aside={later !== null && <span class="dim small">given later</span>}>
      {shown.trim() === "" ? <p class="dim">Emptied later.</p> : <Markdown text={shown} />}
      {later !== null && manifest !== "" && <Fold summary="What the manifest says">{() => <Markdown text={manifest} />}</Fold>}
    </Section>
  );
}
