/** The header: click sorts, drag moves, the right edge resizes; everything also from the keyboard and the menu. */

import { type Signal, useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useRef } from "preact/hooks";
import { Icon } from "../elements/Icon";
import { moveBehind, nudge, setShown } from "../model/choice";
import type { Column } from "../model/columns";
import { onlySource } from "../model/origins";
import { nextSort, type SortKey } from "../model/sort";
import { sourceWords } from "../model/sources";
import type { Store } from "../state/store";
import { isRight } from "./cells";
import { dragEdge, dragHeader } from "./drag";
import { SourceMark } from "./SourceMark";
import { captionOf, guess } from "./text";
import { clampWidth } from "./widths";

export interface OpenMenu {
  id: string;
  anchor: HTMLElement;
}

export interface HeaderProps {
  store: Store;
  columns: Column[];
  widths: Map<string, number>;
  setWidth(id: string, width: number | null): void;
  menu: Signal<OpenMenu | null>;
  toTable(): void;
}

export const WIDTH_STEP = 24;

/** The first click shows the useful end: best metrics, newest, largest. */
export function firstDescending(column: Column): boolean {
  if (column.goal === "min") return false;
  return ["metric", "later", "date", "version", "size", "count"].includes(column.role);
}

export function sortBy(store: Store, column: Column, several: boolean): void {
  const sort = (): void => store.view.set({ sort: nextSort(store.view.sort.value, column.id, several, firstDescending(column)) });
  const ready = store.rows.prepare(column);
  if (ready) void ready.then(sort);
  else sort();
}

/** Moves the focus to a header that remains. */
export function hideColumn(store: Store, column: Column): void {
  store.view.set({ choice: setShown(store.view.choice.value, store.columns.layout.value.defaults, [column.id], false) });
  requestAnimationFrame(() => document.querySelector<HTMLElement>('table.versions thead .sort[tabindex="0"]')?.focus());
}

function describe(column: Column, store: Store): string {
  const goal = { max: "higher is better", min: "lower is better", unknown: "" }[column.goal];
  const captions = new Map([
    ["at export", "value at export"],
    ["as recorded", "value as another tracker recorded it"],
    ["best", "best value of the run"],
    ["last", "last value of the run"],
  ]);
  const how = goal && column.metric?.goal_source === "inferred" ? `${goal} (guessed from the name)` : goal;
  const option = column.id.startsWith("hp:args.") ? "option of the command" : "";
  const lead = column.id.startsWith("m:") && column.metric ? store.columns.leadWords(column.metric.key) : "";
  const later = column.later ? `measured later: ${column.later.from || "source not named"}` : "";
  return [column.title, captions.get(captionOf(column)), later || sourceWords(onlySource(column)), how, option, lead]
    .filter(Boolean)
    .join(" · ");
}

/** Handles a key on a header's button; false where the key has no meaning. */
function act(props: HeaderProps, event: KeyboardEvent, column: Column, focus: (id: string) => void): boolean {
  const { store, columns, widths, setWidth } = props;
  const visible = columns.map((each) => each.id);
  const by = event.key === "ArrowLeft" ? -1 : event.key === "ArrowRight" ? 1 : 0;
  if (by !== 0 && event.altKey && event.shiftKey) setWidth(column.id, clampWidth((widths.get(column.id) ?? 100) + by * WIDTH_STEP));
  else if (by !== 0 && event.altKey) store.view.set({ choice: nudge(store.view.choice.value, visible, column.id, by) });
  else if (by !== 0) focus(visible[visible.indexOf(column.id) + by] ?? column.id);
  else if (event.key === "Home") focus(visible[0] as string);
  else if (event.key === "End") focus(visible.at(-1) as string);
  else if (event.key === "ArrowDown" && event.altKey) props.menu.value = { id: column.id, anchor: event.currentTarget as HTMLElement };
  else if (event.key === "ArrowDown") props.toTable();
  else if (event.key === "Delete") hideColumn(store, column);
  else return false;
  return true;
}

function SortMark({ sort, place }: { sort: SortKey; place: number | null }): ComponentChildren {
  return (
    <span class="arrow" aria-hidden="true">
      {sort.desc ? "↓" : "↑"}
      {place !== null && <sub>{place}</sub>}
    </span>
  );
}

export function Header(props: HeaderProps): ComponentChildren {
  const { store, columns, setWidth, menu } = props;
  const reach = useSignal("version");
  const drop = useSignal<{ id: string; behind: string } | null>(null);
  const cells = useRef(new Map<string, HTMLElement>());
  const current = columns.some((column) => column.id === reach.value) ? reach.value : "version";
  const sort = store.view.sort.value;

  const focus = (id: string): void => {
    reach.value = id;
    cells.current.get(id)?.querySelector("button")?.focus();
  };
  const onKey = (event: KeyboardEvent, column: Column): void => {
    if (!act(props, event, column, focus)) return;
    event.preventDefault();
    event.stopPropagation();
  };
  const onDrag = (event: PointerEvent, column: Column): void => {
    if (column.id === "version") return;
    dragHeader(
      event,
      (behind) => void (drop.value = behind === null ? null : { id: column.id, behind }),
      (behind) => store.view.set({ choice: moveBehind(store.view.choice.value, column.id, behind) }),
    );
  };
  const classOf = (column: Column): string | undefined =>
    [
      column.role === "version" && "version",
      isRight(column) && "right",
      drop.value?.behind === column.id && "drop",
      drop.value?.id === column.id && "dragged",
    ]
      .filter(Boolean)
      .join(" ") || undefined;

  return (
    <>
      {columns.map((column) => {
        const place = sort.findIndex((key) => key.id === column.id);
        const key = sort[place];
        return (
          <th
            key={column.id}
            ref={(cell) => void (cell ? cells.current.set(column.id, cell) : cells.current.delete(column.id))}
            scope="col"
            data-id={column.id}
            class={classOf(column)}
            aria-sort={key ? (key.desc ? "descending" : "ascending") : undefined}
          >
            <button
              type="button"
              class="plain sort"
              tabIndex={column.id === current ? 0 : -1}
              title={describe(column, store)}
              onClick={(event) => sortBy(store, column, event.shiftKey)}
              onFocus={() => void (reach.value = column.id)}
              onKeyDown={(event) => onKey(event, column)}
              onPointerDown={(event) => onDrag(event, column)}
              onContextMenu={(event) => {
                event.preventDefault();
                menu.value = { id: column.id, anchor: event.currentTarget };
              }}
            >
              <span class="title">
                <bdi>{column.title}</bdi>
                {key && <SortMark sort={key} place={sort.length > 1 ? place + 1 : null} />}
              </span>
              {column.caption && (
                <span class="under">
                  <span class="caption">{captionOf(column)}</span> <SourceMark source={onlySource(column)} />
                  {guess(column) && <span class="guessed"> {guess(column)}</span>}
                </span>
              )}
            </button>
            <button
              type="button"
              class="plain more"
              tabIndex={-1}
              aria-label={`Menu of the column ${column.title} ${column.caption}`}
              aria-haspopup="menu"
              onClick={(event) => void (menu.value = { id: column.id, anchor: event.currentTarget })}
            >
              <Icon name="more" size={16} />
            </button>
            {/* biome-ignore lint/a11y/noStaticElementInteractions: for the pointer only; keys and the menu resize too */}
            <span
              class="grip"
              onPointerDown={(event) =>
                dragEdge(event, cells.current.get(column.id)?.offsetWidth ?? 100, (width) => setWidth(column.id, clampWidth(width)))
              }
              onDblClick={() => setWidth(column.id, null)}
            />
          </th>
        );
      })}
    </>
  );
}
