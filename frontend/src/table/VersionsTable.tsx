/** The table of versions: a real table of which only the rows on screen exist. */
import { type Signal, useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useEffect, useMemo, useRef } from "preact/hooks";
import type { Table } from "../model/columns";
import { AWAY, type Items } from "../model/group";
import type { Store } from "../state/store";
import type { RowContext } from "./cells";
import { indexOfKey, itemKey, step } from "./cursor";
import { Header, type HeaderProps, type OpenMenu } from "./Header";
import { HeaderMenu } from "./HeaderMenu";
import { NewsChip } from "./NewsChip";
import { rowDomId } from "./Row";
import { SelectAll } from "./SelectAll";
import { TableBody } from "./TableBody";
import { useAnchor } from "./useAnchor";
import { useColumnWindow } from "./useColumnWindow";
import { HEAD_HEIGHT, ROW_HEIGHT, useVirtual, type Window } from "./useVirtual";
import { useWidths } from "./useWidths";

const CHECK_WIDTH = 40;

const NOWHERE: RowContext["served"] = [];

function useRowContext(store: Store): RowContext | null {
  const table = store.table.value;
  const columns = store.columns.visible.value;
  const best = store.columns.best.value;
  const leads = store.columns.leads.value;
  const twins = store.columns.twins.value;
  const now = store.minute.value;
  const dark = store.host.dark.value;
  const positions = store.runs.position.value;
  const places = store.served.places.value;
  const served = store.view.at.value === null ? places : NOWHERE;
  return useMemo(
    () =>
      table && {
        table,
        columns,
        best,
        leads,
        twins,
        now,
        runColor: (name) => store.runs.color(name),
        runLink: (names) => store.runs.link(names),
        runParts: (run) => store.runs.parts(run),
        place: store.place,
        served,
      },
    [table, columns, best, leads, twins, now, dark, positions, served],
  );
}

/** Tells which rows are on screen, where the page does not have all of them. */
function useLook(store: Store, { seen }: Window): void {
  const isOn = store.windowed.isOn.value;
  const list = isOn ? store.rows.list.value : null;
  useEffect(() => {
    if (!list) return;
    const positions = Array.from({ length: Math.max(0, seen.to - seen.from) }, (_, at) => list.positionAt(seen.from + at));
    store.windowed.look(positions);
  }, [list, seen.from, seen.to]);
}

/** The place of the keyboard in the list; -1: nowhere. */
function useCursor(table: Table, items: Items, cursor: Signal<string | null>): number {
  const last = useRef({ at: -1, order: "" });
  const { value } = cursor;
  const found = indexOfKey(table, items, value);
  // A row that is no longer there, because others are on screen, keeps its place.
  const stays = found < 0 && value !== null && table.isPart && last.current.order === items.order && last.current.at < items.length;
  const at = stays ? last.current.at : found;
  last.current = { at, order: items.order };
  useEffect(() => {
    // The row has come: from now on the cursor goes where it goes.
    const isThere = value?.startsWith(":#") && (items.at(at) ?? AWAY) !== AWAY;
    if (isThere) cursor.value = itemKey(table, items, at);
  }, [table, items, value]);
  return at;
}

export function VersionsTable({ store }: { store: Store }): ComponentChildren {
  const context = useRowContext(store);
  return context && <Grid store={store} context={context} />;
}

function Grid({ store, context }: { store: Store; context: RowContext }): ComponentChildren {
  const { table, columns } = context;
  const items = store.rows.items.value;
  const selected = store.view.selected.value;
  const scroller = useRef<HTMLDivElement>(null);
  const grid = useRef<HTMLTableElement>(null);
  const menu = useSignal<OpenMenu | null>(null);
  const cursor = useSignal<string | null>(null);
  const anchor = useRef<string | null>(null);
  const view = useVirtual(scroller, items.length);
  const { widths, setWidth } = useWidths(table, columns, context.now, context.served);
  const { from, to } = useColumnWindow(scroller, columns, widths);
  useAnchor(scroller, table, items, view);
  useLook(store, view);

  const at = useCursor(table, items, cursor);
  const idAt = (index: number): string | null => {
    const item = items.at(index);
    return item !== undefined && item >= 0 && item !== AWAY ? (table.ids[item] ?? null) : null;
  };
  /** Of rows only. */
  const anchorAt = (index: number): string | null => ((items.at(index) ?? -1) < 0 ? null : itemKey(table, items, index));
  const toggle = (id: string): void => {
    const next = new Set(store.view.selected.value);
    if (!next.delete(id)) next.add(id);
    store.view.select(next);
  };
  const selectTo = (index: number): void => {
    const from = indexOfKey(table, items, anchor.current);
    store.selecting.between(from < 0 ? index : from, index);
  };
  const fold = (index: number, want?: boolean): void => {
    const group = items.groups[-1 - (items.at(index) ?? 0)];
    if (!group || (want !== undefined && want === group.folded)) return;
    const next = new Set(store.rows.folded.value);
    if (!next.delete(group.key)) next.add(group.key);
    store.rows.folded.value = next;
  };
  const moveTo = (index: number): void => {
    cursor.value = itemKey(table, items, index);
    view.reveal(index);
  };

  const onKeyDown = (event: KeyboardEvent): void => {
    if ((event.target as Element).closest("thead")) return;
    const page = Math.max(1, Math.floor(((scroller.current?.clientHeight ?? 400) - HEAD_HEIGHT) / ROW_HEIGHT) - 1);
    const to = event.ctrlKey || event.metaKey || event.altKey ? null : step(event.key, at, items.length, page);
    const id = idAt(at);
    if (to !== null && items.length > 0) {
      if (event.shiftKey && anchor.current === null) anchor.current = anchorAt(at);
      moveTo(to);
      if (event.shiftKey) selectTo(to);
      else anchor.current = anchorAt(to);
    } else if (event.key === "a" && (event.ctrlKey || event.metaKey)) {
      store.selecting.all();
    } else if (event.key === "Escape") {
      if (store.view.open.value !== null) store.view.openVersion(null);
      else store.view.select([]);
    } else if (event.target !== grid.current) return;
    else if (event.key === "Enter" && id !== null) store.view.openVersion(id);
    else if (event.key === " " && id !== null) toggle(id);
    else if ((event.key === "Enter" || event.key === " ") && at >= 0) fold(at);
    else if (event.key === "ArrowLeft" || event.key === "ArrowRight") sideways(event.key === "ArrowLeft" ? -1 : 1);
    else return;
    event.preventDefault();
  };
  const sideways = (by: -1 | 1): void => {
    if (at >= 0 && (items.at(at) ?? 0) < 0) fold(at, by === -1);
    else scroller.current?.scrollBy({ left: by * 80 });
  };

  const onClick = (event: MouseEvent): void => {
    const target = event.target as Element;
    const index = Number(target.closest<HTMLElement>("tr[data-index]")?.dataset.index ?? Number.NaN);
    if (Number.isNaN(index) || target.closest("a")) return;
    if (!window.getSelection()?.isCollapsed && !event.shiftKey) return;
    cursor.value = itemKey(table, items, index);
    const id = idAt(index);
    if (id === null) {
      fold(index);
      return;
    }
    const box = target.closest(".check") !== null;
    if (event.shiftKey) selectTo(index);
    else if (box || event.ctrlKey || event.metaKey) toggle(id);
    else store.view.openVersion(id);
    if (!event.shiftKey) anchor.current = id;
    grid.current?.focus({ preventScroll: true });
  };
  /** Shift+click selects rows, not text. */
  const onMouseDown = (event: MouseEvent): void => {
    if (event.shiftKey) event.preventDefault();
  };

  const header: HeaderProps = { store, columns, widths, setWidth, menu, toTable: () => grid.current?.focus({ preventScroll: true }) };
  const total = CHECK_WIDTH + columns.reduce((sum, column) => sum + (widths.get(column.id) ?? 100), 0);
  const inView = at >= view.start && at < view.end;
  return (
    // The menu and the chip are outside of the scroller, whose `contain: strict` would clip even fixed positions.
    <div class="table-place">
      <div
        class="scroller"
        ref={scroller}
        onScroll={(event) => event.currentTarget.scrollTop === 0 && event.currentTarget.style.removeProperty("--slack")}
      >
        <table
          ref={grid}
          // biome-ignore lint/a11y/noNoninteractiveElementToInteractiveRole: a grid is a table whose rows can be chosen
          role="grid"
          class="versions"
          style={{ width: `${total}px` }}
          tabIndex={0}
          aria-label="Versions"
          aria-rowcount={items.length + 1}
          aria-busy={store.windowed.asking.value ? "true" : undefined}
          aria-colcount={columns.length + 1}
          aria-multiselectable="true"
          aria-activedescendant={inView ? rowDomId(at) : undefined}
          onKeyDown={onKeyDown}
          onClick={onClick}
          onMouseDown={onMouseDown}
          onFocus={(event) => {
            if (event.target === grid.current && at < 0 && items.length > 0) cursor.value = itemKey(table, items, view.start);
          }}
        >
          <colgroup>
            <col style={{ width: `${CHECK_WIDTH}px` }} />
            {columns.map((column, index) => (
              <col key={column.id} style={index === columns.length - 1 ? undefined : { width: `${widths.get(column.id) ?? 100}px` }} />
            ))}
          </colgroup>
          <thead>
            <tr aria-rowindex={1}>
              <th scope="col" class="check">
                <SelectAll store={store} />
              </th>
              <Header {...header} />
            </tr>
          </thead>
          <TableBody store={store} context={context} items={items} view={view} from={from} to={to} cursor={at} selected={selected} />
        </table>
      </div>
      <HeaderMenu {...header} />
      <NewsChip store={store} scroller={scroller} top={view.top()} />
    </div>
  );
}
