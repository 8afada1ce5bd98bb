/** The mark of where a number came from; the words are in its title, and for who does not see it. */
import type { ComponentChildren } from "preact";
import { isSource, SOURCES } from "../model/sources";

/** `words`: more than the name of the source, such as a step. Nothing for "" and for a source that does not exist. */
export function SourceMark({ source, words }: { source: string; words?: string }): ComponentChildren {
  if (!isSource(source)) return null;
  const [mark, name] = SOURCES[source];
  return (
    <span class="source" data-source={source} title={words ?? name}>
      <span aria-hidden="true">{mark}</span>
      <span class="vh"> {words ?? name} </span>
    </span>
  );
}
