/** The shown rows, for a drawing. */
import { useEffect, useState } from "preact/hooks";
import type { Store } from "../../state/store";

const CALM_MS = 250;

/** The rows once they stay the same for a moment, so that not every key press redraws a chart. */
export function useCalmRows(store: Store): Uint32Array | undefined {
  const shown = store.rows.shown.value;
  const [calm, setCalm] = useState(shown);
  useEffect(() => {
    const timer = setTimeout(() => setCalm(shown), CALM_MS);
    return () => clearTimeout(timer);
  }, [shown]);
  // Row numbers of an older table mean other versions.
  const stale = calm !== shown && calm?.table !== store.table.value;
  return (stale ? shown : calm)?.rows;
}
