/** What the file holds, what was left out of it, and how to see whether it was changed. */
import type { ComponentChildren } from "preact";
import type { Head } from "../../api/head";
import { digestOf } from "../../api/sections";
import { Popover } from "../../elements/Popover";
import { formatCount, formatDateFull } from "../../model/format";

interface ContentsProps {
  head: Head;
  /** "18 versions of 2 models". */
  holds: string;
  anchor: HTMLElement;
  close(): void;
}

function Sentences({ title, sentences }: { title: string; sentences: string[] }): ComponentChildren {
  if (sentences.length === 0) return null;
  return (
    <>
      <h2>{title}</h2>
      <ul>
        {sentences.map((sentence) => (
          <li key={sentence}>
            <bdi>{sentence}</bdi>
          </li>
        ))}
      </ul>
    </>
  );
}

export function Contents({ head, holds, anchor, close }: ContentsProps): ComponentChildren {
  const curves = head.runs.length > 0 ? `The curves of ${formatCount(head.runs.length)} run${head.runs.length === 1 ? "" : "s"}` : "";
  const held = [
    `${holds}, each with its manifest`,
    curves,
    curves && head.sampling.words,
    head.newest !== null && `The newest version is of ${formatDateFull(head.newest)}`,
    head.generator && `Exported with ${head.generator}`,
  ].filter((each): each is string => typeof each === "string" && each !== "");
  const digest = digestOf(document);
  return (
    <Popover anchor={anchor} label="What this file holds" role="dialog" close={close} class="problems export-contents">
      <Sentences title="What this file holds" sentences={held} />
      <Sentences title="Left out" sentences={head.leftOut} />
      <Sentences title="Taken out" sentences={head.redacted} />
      <h2>Unchanged?</h2>
      <p>
        <code>tb-versions verify</code> says whether this export was changed, by accident or by a careless edit, since it was made. The page
        sends nothing anywhere and loads nothing from elsewhere.
      </p>
      {digest && (
        <p>
          <code>{digest}</code>
        </p>
      )}
    </Popover>
  );
}
