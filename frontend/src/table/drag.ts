/** Dragging a header with the pointer: to another place, or by its right edge to another width. */

const DRAG_FROM = 6;

const swallow = (event: Event): void => event.stopImmediatePropagation();

/** The column behind which a column dropped at x would go. */
function columnBefore(row: Element | null | undefined, x: number): string {
  let behind = "version";
  for (const cell of row?.querySelectorAll<HTMLElement>("th[data-id]") ?? []) {
    const box = cell.getBoundingClientRect();
    if (x > box.left + box.width / 2) behind = cell.dataset.id ?? behind;
  }
  return behind;
}

/** Calls `over` with the column that it would go behind, and with null at the end; calls `drop` with the final one. */
export function dragHeader(event: PointerEvent, over: (behind: string | null) => void, drop: (behind: string) => void): void {
  if (event.button !== 0 || event.pointerType === "touch") return;
  const button = event.currentTarget as HTMLElement;
  const from = event.clientX;
  let behind: string | null = null;
  const onMove = (move: PointerEvent): void => {
    if (behind === null && Math.abs(move.clientX - from) < DRAG_FROM) return;
    if (behind === null) button.setPointerCapture(move.pointerId);
    behind = columnBefore(button.closest("tr"), move.clientX);
    over(behind);
  };
  const done = (up: Event): void => {
    button.removeEventListener("pointermove", onMove);
    button.removeEventListener("pointerup", done);
    button.removeEventListener("pointercancel", done);
    over(null);
    if (behind === null) return;
    button.addEventListener("click", swallow, { capture: true, once: true });
    setTimeout(() => button.removeEventListener("click", swallow, { capture: true }), 0);
    if (up.type === "pointerup") drop(behind);
  };
  button.addEventListener("pointermove", onMove);
  button.addEventListener("pointerup", done);
  button.addEventListener("pointercancel", done);
}

/** Calls `resize` with the width at each move. */
export function dragEdge(event: PointerEvent, width: number, resize: (width: number) => void): void {
  event.preventDefault();
  event.stopPropagation();
  const handle = event.currentTarget as HTMLElement;
  const from = event.clientX;
  handle.setPointerCapture(event.pointerId);
  handle.onpointermove = (move): void => resize(width + move.clientX - from);
  handle.onpointerup = handle.onpointercancel = (): void => {
    handle.onpointermove = handle.onpointerup = handle.onpointercancel = null;
  };
}
