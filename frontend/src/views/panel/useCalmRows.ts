/** The shown rows, for a drawing. */
import { useEffect, useState } from "preact/hooks";
import type { Store } from "../../state/store";

const CALM_MS = 250;

/** The rows once they stay the same for a moment: a drawing is not made anew at each key press. */
export function useCalmRows(store: Store): Uint32Array | undefined {
  const shown = store.rows.shown.value;
  const [calm, setCalm] = useState(shown);
  useEffect(() => {
    const timer = setTimeout(() => setCalm(shown), CALM_MS);
    return () => clearTimeout(timer);
  }, [shown]);
  // Rows of another answer are other versions.
  const stale = calm !== shown && calm?.table !== store.table.value;
  return (stale ? shown : calm)?.rows;
}
