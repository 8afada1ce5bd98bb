/** Which tags have a chart: those of metrics, and every other scalar of the members' runs. */
import type { ComponentChildren } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { ComparePayload } from "../../api/types";
import { Popover } from "../../elements/Popover";
import { metricsOfTags } from "../../model/compare/pictures";
import { formatCount } from "../../model/format";
import type { PartProps } from "./part";

interface TagPickerProps extends PartProps {
  payload: ComparePayload;
  runs: string[];
  tags: string[];
  anchor: HTMLElement;
  close(): void;
  togglePin(tag: string): void;
}

const MOST = 300;

/** A filter as in TensorBoard: a regex that ignores case; null where it is none. */
function regexOf(text: string): RegExp | null {
  try {
    return new RegExp(text, "i");
  } catch {
    return null;
  }
}

export function TagPicker({ store, look, setLook, payload, runs, tags, anchor, close, togglePin }: TagPickerProps): ComponentChildren {
  const [text, setText] = useState("");
  const [others, setOthers] = useState<string[] | null>(null);
  useEffect(() => {
    let current = true;
    const known = new Set(runs);
    void store.api.runTags().then((found) => {
      const all = new Set(Object.entries(found).flatMap(([run, its]) => (known.has(run) ? its : [])));
      if (current) setOthers([...all].sort());
    });
    return () => {
      current = false;
    };
  }, [runs]);
  const metrics = metricsOfTags(payload);
  const all = [...new Set([...tags, ...metrics.keys(), ...(others ?? [])])];
  const regex = regexOf(text);
  const found = all.filter((tag) => regex?.test(tag) ?? false);
  const shown = new Set(tags);
  const choose = (chosen: string[], want: boolean): void => {
    const rest = tags.filter((tag) => !chosen.includes(tag));
    setLook({ tags: want ? [...tags, ...chosen.filter((tag) => !shown.has(tag))] : rest });
  };
  return (
    <Popover anchor={anchor} label="Tags" role="dialog" close={close} class="chooser cmp-tags">
      <div class="chooser-head">
        <input
          type="search"
          placeholder="Filter tags (regex)"
          aria-label="Filter tags (regex)"
          aria-invalid={regex === null ? "true" : undefined}
          value={text}
          onInput={(event) => setText(event.currentTarget.value)}
        />
        <button type="button" class="plain link" onClick={() => choose(found.slice(0, MOST), true)}>
          Show all
        </button>
        <button type="button" class="plain link" onClick={() => choose(found, false)}>
          None
        </button>
        <button type="button" class="plain link" onClick={() => setLook({ tags: null, pins: [] })}>
          Reset
        </button>
      </div>
      <ul>
        {found.slice(0, MOST).map((tag) => (
          <li key={tag}>
            <label class="choice">
              <input type="checkbox" checked={shown.has(tag)} onChange={(event) => choose([tag], event.currentTarget.checked)} />
              <bdi>{tag}</bdi>
            </label>
            <span class="dim small">
              <bdi>
                {(metrics.get(tag) ?? [])
                  .map((metric) => metric.name)
                  .filter((name) => name !== tag)
                  .join(", ")}
              </bdi>
            </span>
            {shown.has(tag) && (
              <button type="button" class="plain link small" aria-pressed={look.pins.includes(tag)} onClick={() => togglePin(tag)}>
                {look.pins.includes(tag) ? "★ pinned" : "☆ pin"}
              </button>
            )}
          </li>
        ))}
      </ul>
      <p class="dim small" role="status">
        {regex === null
          ? "This is no regular expression."
          : found.length > MOST
            ? `and ${formatCount(found.length - MOST)} more: filter to find them`
            : found.length === 0
              ? "No tag matches."
              : others === null
                ? "Looking for more tags …"
                : ""}
      </p>
    </Popover>
  );
}
