/** A row that scrolls sideways says on which sides there is more of it: `data-more`, which the style sheet fades out. */
import { useLayoutEffect } from "preact/hooks";

function mark(row: HTMLElement): void {
  const { scrollLeft, scrollWidth, clientWidth } = row;
  const more = [scrollLeft > 1 && "left", scrollLeft + clientWidth < scrollWidth - 1 && "right"].filter(Boolean);
  if (more.length > 0) row.dataset.more = more.join(" ");
  else delete row.dataset.more;
}

/** `show` scrolls what matters into view, at first and when the room changes; `content` changes with what is in the row. */
export function useOverflow(row: { current: HTMLElement | null }, show: ((row: HTMLElement) => void) | null, content: unknown): void {
  useLayoutEffect(() => {
    const element = row.current;
    if (!element) return;
    const update = (): void => {
      show?.(element);
      mark(element);
    };
    update();
    const observer = new ResizeObserver(update);
    observer.observe(element);
    const onScroll = (): void => mark(element);
    element.addEventListener("scroll", onScroll, { passive: true });
    return () => {
      observer.disconnect();
      element.removeEventListener("scroll", onScroll);
    };
  }, [content]);
}
