/** What the menu of a column offers. */
import type { ComponentChildren } from "preact";
import { Menu, type MenuEntry } from "../elements/Menu";
import { nudge } from "../model/choice";
import type { Column } from "../model/columns";
import { type HeaderProps, hideColumn, sortBy, WIDTH_STEP } from "./Header";
import { clampWidth } from "./widths";

function entries({ store, columns, widths, setWidth }: HeaderProps, column: Column): MenuEntry[] {
  const visible = columns.map((each) => each.id);
  const at = visible.indexOf(column.id);
  const width = widths.get(column.id) ?? 100;
  const move = (by: -1 | 1): void => store.view.set({ choice: nudge(store.view.choice.value, visible, column.id, by) });
  return [
    { label: "Sort ascending", act: () => store.view.set({ sort: [{ id: column.id, desc: false }] }) },
    { label: "Sort descending", act: () => store.view.set({ sort: [{ id: column.id, desc: true }] }) },
    { label: "Add to the sort order", act: () => sortBy(store, column, true), hint: "Shift+click" },
    { label: "Move left", act: () => move(-1), disabled: at < 2, hint: "Alt+←", apart: true },
    { label: "Move right", act: () => move(1), disabled: at < 1 || at === visible.length - 1, hint: "Alt+→" },
    { label: "Wider", act: () => setWidth(column.id, clampWidth(width + 2 * WIDTH_STEP)), hint: "Alt+Shift+→", apart: true },
    { label: "Narrower", act: () => setWidth(column.id, clampWidth(width - 2 * WIDTH_STEP)), hint: "Alt+Shift+←" },
    { label: "Fit the content", act: () => setWidth(column.id, null), hint: "double click" },
    { label: "Hide this column", act: () => hideColumn(store, column), disabled: column.id === "version", hint: "Del", apart: true },
  ];
}

export function HeaderMenu(props: HeaderProps): ComponentChildren {
  const open = props.menu.value;
  const column = open && props.columns.find((each) => each.id === open.id);
  if (!open || !column) return null;
  return (
    <Menu
      anchor={open.anchor}
      label={`Column ${column.title}`}
      entries={entries(props, column)}
      close={() => {
        props.menu.value = null;
      }}
    />
  );
}
