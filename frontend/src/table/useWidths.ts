/** The widths of the columns: measured once and then kept, so that nothing jumps. Widths that the reader set win. */
import { useSignal } from "@preact/signals";
import { useMemo, useRef } from "preact/hooks";
import { useFonts } from "../elements/useFonts";
import type { Column, Table } from "../model/columns";
import type { Served } from "../model/registry/served";
import { canvasMeasure, columnWidth, type Measure } from "./widths";

interface Widths {
  widths: Map<string, number>;
  setWidth(id: string, width: number | null): void;
}

export function useWidths(table: Table, columns: Column[], now: number, served: Served): Widths {
  const own = useSignal(new Map<string, number>());
  const measured = useRef(new Map<string, number>());
  const measure = useRef<Measure | null>(null);
  const sampled = useRef(0);
  const fonts = useFonts();
  const measuredWith = useRef(fonts);
  const measuredFor = useRef(served);
  const widths = useMemo(() => {
    // Texts have other widths in another font.
    if (measuredWith.current !== fonts) {
      measured.current = new Map();
      measure.current = null;
      measuredWith.current = fonts;
    }
    // The first scan found many more versions since the widths were measured.
    if (table.count > 4 * sampled.current && !table.isPart) measured.current = new Map();
    if (measuredFor.current !== served) measured.current.delete("version");
    measuredFor.current = served;
    if (measured.current.size === 0) sampled.current = table.count;
    measure.current ??= canvasMeasure();
    for (const column of columns) {
      if (!measured.current.has(column.id)) measured.current.set(column.id, columnWidth(table, column, now, measure.current, served));
    }
    return new Map(columns.map((column) => [column.id, own.value.get(column.id) ?? measured.current.get(column.id) ?? 100]));
  }, [columns, own.value, fonts, served]);
  const setWidth = (id: string, width: number | null): void => {
    const next = new Map(own.value);
    if (width === null) next.delete(id);
    else next.set(id, width);
    own.value = next;
  };
  return { widths, setWidth };
}
