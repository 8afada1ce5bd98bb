/** A cell of the table of differences, and the numbers behind its verdict. */
import type { ComponentChildren } from "preact";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import type { CompareCell, CompareCommitDetails, CompareRow } from "../../api/types";
import { besideExport, cellSource, chipOf, grounds, isNumeric, isOther, unfolded } from "../../model/compare/verdicts";
import { SourceMark } from "../../table/SourceMark";

/** What a chip that is pointed at or focused explains. */
export interface TipAt {
  anchor: HTMLElement;
  lines: string[];
}

const TIP = "cmp-tip";
const GAP = 6;

export function Tip({ at, close }: { at: TipAt; close(): void }): ComponentChildren {
  const panel = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    const element = panel.current;
    if (!element) return;
    const box = at.anchor.getBoundingClientRect();
    const below = box.bottom + GAP + element.offsetHeight < window.innerHeight;
    element.style.top = `${below ? box.bottom + GAP : Math.max(GAP, box.top - GAP - element.offsetHeight)}px`;
    element.style.left = `${Math.max(GAP, Math.min(box.left, window.innerWidth - element.offsetWidth - 2 * GAP))}px`;
  });
  useEffect(() => {
    const key = (event: KeyboardEvent): void => {
      if (event.key === "Escape") close();
    };
    document.addEventListener("keydown", key);
    document.addEventListener("scroll", close, true);
    return () => {
      document.removeEventListener("keydown", key);
      document.removeEventListener("scroll", close, true);
    };
  }, [at]);
  return (
    <div ref={panel} id={TIP} class="cmp-tip" role="tooltip">
      {at.lines.map((line) => (
        <p key={line}>
          <bdi>{line}</bdi>
        </p>
      ))}
    </div>
  );
}

interface ChipProps {
  words: string;
  tone: string;
  lines: string[];
  onTip(tip: TipAt | null): void;
}

function Chip({ words, tone, lines, onTip }: ChipProps): ComponentChildren {
  if (lines.length === 0) {
    return (
      <span class="cmp-chip" data-tone={tone}>
        {words}
      </span>
    );
  }
  const show = (event: Event): void => onTip({ anchor: event.currentTarget as HTMLElement, lines });
  return (
    <button
      type="button"
      class="cmp-chip"
      data-tone={tone}
      aria-description={lines.join(" ")}
      onMouseEnter={show}
      onFocus={show}
      onClick={show}
      onMouseLeave={() => onTip(null)}
      onBlur={() => onTip(null)}
    >
      {words}
    </button>
  );
}

interface DiffCellProps {
  row: CompareRow;
  cell: CompareCell;
  base: CompareCell;
  isBase: boolean;
  /** Whose cell it is. */
  member: string;
  open: boolean;
  onTip(tip: TipAt | null): void;
}

function isWeb(link: unknown): link is string {
  return typeof link === "string" && link.startsWith("https://");
}

/** The page of a commit, and of what lies between it and the baseline's. */
function Commit({ cell }: { cell: CompareCell }): ComponentChildren {
  const { link, compare } = cell.details as CompareCommitDetails;
  const text = (
    <code>
      <bdi>{cell.text}</bdi>
    </code>
  );
  return (
    <>
      {isWeb(link) ? (
        <a href={link} target="_blank" rel="noreferrer noopener">
          {text}
        </a>
      ) : (
        text
      )}
      {isWeb(compare) && (
        <>
          {" "}
          <a href={compare} target="_blank" rel="noreferrer noopener">
            what lies between
          </a>
        </>
      )}
    </>
  );
}

const CODE = new Set(["signature", "code", "files"]);

function Text({ row, cell }: { row: CompareRow; cell: CompareCell }): ComponentChildren {
  if (row.group === "code" && row.key === "commit") return <Commit cell={cell} />;
  const text = cell.text.length > 90 ? `${cell.text.slice(0, 88)}…` : cell.text;
  const isCode = CODE.has(row.group) && row.key !== "" && !["dirty", "diff", "size", "files"].includes(row.key);
  return isCode ? (
    <code>
      <bdi>{text}</bdi>
    </code>
  ) : (
    <bdi>{text}</bdi>
  );
}

/** A scrolling region must be reachable by keyboard. */
function Scroll({ label, children }: { label: string; children: ComponentChildren }): ComponentChildren {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: see above
    <section class="cmp-text" tabIndex={0} aria-label={label}>
      {children}
    </section>
  );
}

function Unfolded({ row, cell, member }: { row: CompareRow; cell: CompareCell; member: string }): ComponentChildren {
  const { text, lists } = unfolded(row, cell);
  return (
    <>
      {text !== "" && (
        <Scroll label={`${member}, ${row.label}, whole text`}>
          <pre>
            <bdi>{text}</bdi>
          </pre>
        </Scroll>
      )}
      {lists.map(({ title, lines }) => (
        <Scroll key={title} label={`${member}, ${row.label}, ${title}`}>
          <span class="dim">{title}</span>
          <ul>
            {lines.map((line) => (
              <li key={line}>
                <bdi>{line}</bdi>
              </li>
            ))}
          </ul>
        </Scroll>
      ))}
    </>
  );
}

export function DiffCell({ row, cell, base, isBase, member, open, onTip }: DiffCellProps): ComponentChildren {
  const chip = isBase ? null : chipOf(row, cell);
  const beside = row.group === "metrics" ? besideExport(cell) : "";
  const same = chip !== null && chip.words === cell.text;
  const other = !isBase && !isNumeric(row) && isOther(cell, base);
  const note = !open && chip === null && !isBase && !isNumeric(row) && cell.reasons.length === 1 ? (cell.reasons[0] ?? "") : "";
  const isOfRun = (cell.details as { origin?: unknown }).origin === "run";
  const quiet = !cell.known || cell.absent;
  return (
    <td class={isBase ? "base" : undefined}>
      {!same && (
        <span class={`cmp-value ${other && chip === null ? "cmp-other" : quiet ? "absent" : ""}`}>
          <SourceMark source={cellSource(row, cell)} />
          <Text row={row} cell={cell} />
        </span>
      )}
      {chip && !same && " "}
      {chip && <Chip words={chip.words} tone={chip.tone} lines={grounds(row, cell)} onTip={onTip} />}
      {note !== "" && (
        <span class="dim small">
          <bdi>{note}</bdi>
        </span>
      )}
      {isOfRun && <span class="dim small"> from the run</span>}
      {beside !== "" && " "}
      {beside !== "" && <span class="dim small cmp-beside">{beside}</span>}
      {open && <Unfolded row={row} cell={cell} member={member} />}
    </td>
  );
}
