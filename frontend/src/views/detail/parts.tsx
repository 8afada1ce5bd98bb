/** Small pieces that all tabs of the panel are made of. */
import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { copyText } from "../../host/clipboard";
import { formatCount } from "../../model/format";
import { type Place, TAB } from "../../model/place";
import type { RunLink } from "../../model/runs";
import { trainingOf } from "../../model/trainings";
import { shortDigest } from "./manifest";

/** Text from the data: isolated, so that its direction can't reorder what is beside it. */
export function Name({ children }: { children: string }): ComponentChildren {
  return <bdi>{children}</bdi>;
}

export function Section({
  title,
  aside,
  children,
}: {
  title: string;
  aside?: ComponentChildren;
  children: ComponentChildren;
}): ComponentChildren {
  return (
    <section class="dv-section">
      <div class="dv-section-head">
        <h3>{title}</h3>
        {aside}
      </div>
      {children}
    </section>
  );
}

/** [name, value]; a row whose value is null, undefined, false or "" is absent. */
export type RowOf = [string, ComponentChildren];

function isThere([, value]: RowOf): boolean {
  return value !== null && value !== undefined && value !== false && value !== "";
}

export function anyRow(rows: RowOf[]): boolean {
  return rows.some(isThere);
}

export function Rows({ rows }: { rows: RowOf[] }): ComponentChildren {
  const there = rows.filter(isThere);
  if (there.length === 0) return null;
  return (
    <dl class="dv-rows">
      {there.map(([name, value]) => (
        <div key={name}>
          <dt>
            <Name>{name}</Name>
          </dt>
          <dd>{typeof value === "string" ? <Name>{value}</Name> : value}</dd>
        </div>
      ))}
    </dl>
  );
}

const COPIED_MS = 1600;

export function CopyButton({ text, label, children }: { text: string; label: string; children?: ComponentChildren }): ComponentChildren {
  const [said, say] = useState("");
  const timer = useRef<number>(0);
  useEffect(() => () => window.clearTimeout(timer.current), []);
  const copy = async (): Promise<void> => {
    say((await copyText(text)) ? "Copied" : "Not allowed");
    window.clearTimeout(timer.current);
    timer.current = window.setTimeout(() => say(""), COPIED_MS);
  };
  return (
    <>
      <button type="button" class="dv-copy" aria-label={label} title={label} onClick={copy}>
        {said || (children ?? "Copy")}
      </button>
      <span class="vh" role="status">
        {said}
      </span>
    </>
  );
}

/** The first twelve digits, and the whole for the clipboard. */
export function Digest({ digest }: { digest: string }): ComponentChildren {
  return (
    <span class="dv-digest">
      <code title={digest}>{shortDigest(digest)}…</code>
      <CopyButton text={digest} label={`Copy the digest ${shortDigest(digest)}…`} />
    </span>
  );
}

/** A scrolling region: reachable by keyboard, and named for screen readers. */
export function Scroll({ label, class: name, children }: { label: string; class: string; children: ComponentChildren }): ComponentChildren {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: see above
    <section class={name} tabIndex={0} aria-label={label}>
      {children}
    </section>
  );
}

interface CodeProps {
  text: string;
  label: string;
  /** Long lines stay lines. */
  wide?: boolean;
  /** The text with colours. */
  children?: ComponentChildren;
}

/** Lines to read or paste. */
export function Code({ text, label, wide, children }: CodeProps): ComponentChildren {
  return (
    <div class="dv-code">
      <div class="dv-code-head">
        <span class="dim small">{label}</span>
        <CopyButton text={text} label={`Copy: ${label}`} />
      </div>
      <Scroll class={wide ? "dv-scroll dv-wide" : "dv-scroll"} label={label}>
        <pre>
          <code>{children ?? text}</code>
        </pre>
      </Scroll>
    </div>
  );
}

/** Closed at first; its content is rendered when it is first opened. */
export function Fold({
  summary,
  open,
  children,
}: {
  summary: ComponentChildren;
  open?: boolean;
  children: () => ComponentChildren;
}): ComponentChildren {
  const [made, make] = useState(open === true);
  return (
    <details
      class="dv-fold"
      open={open}
      onToggle={(event) => {
        if (event.currentTarget.open) make(true);
      }}
    >
      <summary>{summary}</summary>
      {made && children()}
    </details>
  );
}

/** The first items of a long list, and a button for the rest. */
export function useMore<T>(items: readonly T[], most: number): [readonly T[], ComponentChildren] {
  const [all, showAll] = useState(false);
  if (all || items.length <= most) return [items, null];
  const button = (
    <button type="button" class="dv-link" onClick={() => showAll(true)}>
      Show all {formatCount(items.length)}
    </button>
  );
  return [items.slice(0, most), button];
}

export interface RunLooks {
  runColor(name: string): string | null;
  runLink(names: string[]): RunLink;
  runParts?(run: string): string[];
  place?: Place;
}

/** The training of a run, which opens with all its runs. */
export function RunName({ name, known, looks }: { name: string; known: boolean; looks: RunLooks }): ComponentChildren {
  const place = looks.place ?? TAB;
  if (!known) {
    return (
      <span class="dv-run">
        <Name>{trainingOf(name)}</Name> <span class="dim">(not {place.here})</span>
      </span>
    );
  }
  const color = looks.runColor(name);
  const parts = looks.runParts?.(name) ?? [name];
  return (
    <a class="dv-run" {...looks.runLink(parts)} title={place.openRuns(parts)}>
      <span class="dot" style={color ? { background: color } : undefined} />
      <Name>{trainingOf(name)}</Name>
    </a>
  );
}

/** A version that can be opened. */
export function VersionButton({ id, onOpen }: { id: string; onOpen(id: string): void }): ComponentChildren {
  return (
    <button type="button" class="dv-link" onClick={() => onOpen(id)}>
      <Name>{id}</Name>
    </button>
  );
}

/** A sentence in which no line breaks inside `--a_flag`. */
export function withFlags(sentence: string): ComponentChildren {
  return sentence.split(/(--\w+)/).map((part) => (part.startsWith("--") ? <code class="flag">{part}</code> : part));
}
