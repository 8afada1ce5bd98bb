/** The box in the header. */
import type { ComponentChildren } from "preact";
import { useCallback } from "preact/hooks";
import type { Store } from "../state/store";

export function SelectAll({ store }: { store: Store }): ComponentChildren {
  const table = store.table.value;
  const rows = store.rows.sorted.value;
  const selected = store.view.selected.value;
  let chosen = 0;
  if (table && selected.size > 0) for (const row of rows) if (selected.has(table.ids[row] as string)) chosen++;
  // Of very many rows the page does not have all.
  const isPart = store.rows.shown.value === null;
  const all = rows.length > 0 && chosen === rows.length;
  const onChange = useCallback(() => {
    if (all || (isPart && selected.size > 0)) store.view.select([]);
    else store.selecting.all();
  }, [all, isPart, selected]);
  return (
    <input
      type="checkbox"
      aria-label="Select all shown versions"
      checked={all}
      ref={(box) => void (box && (box.indeterminate = (isPart ? selected.size > 0 : chosen > 0) && !all))}
      onChange={onChange}
    />
  );
}
