/** Tabs as ARIA means them: one stop for Tab; arrows, Home and End move and choose. */
import type { ComponentChildren } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";

export interface TabOf {
  id: string;
  label: string;
}

interface TabsProps {
  label: string;
  /** Unique in the page; names the elements. */
  name: string;
  tabs: readonly TabOf[];
  current: string;
  class: string;
  onTab(id: string): void;
}

export function tabId(name: string, tab: string): string {
  return `${name}-tab-${tab}`;
}

export function panelId(name: string): string {
  return `${name}-panel`;
}

function target(key: string, at: number, count: number): number | null {
  if (key === "ArrowRight") return (at + 1) % count;
  if (key === "ArrowLeft") return (at - 1 + count) % count;
  if (key === "Home") return 0;
  return key === "End" ? count - 1 : null;
}

/** Marks the sides on which more tabs are hidden, and scrolls the chosen one into view. */
function useMore(list: { current: HTMLDivElement | null }, current: string): void {
  useLayoutEffect(() => {
    const element = list.current;
    if (!element) return;
    const mark = (): void => {
      const { scrollLeft, scrollWidth, clientWidth } = element;
      const more = [scrollLeft > 1 && "left", scrollLeft + clientWidth < scrollWidth - 1 && "right"].filter(Boolean);
      if (more.length > 0) element.dataset.more = more.join(" ");
      else delete element.dataset.more;
    };
    const show = (): void => {
      const tab = element.querySelector<HTMLElement>('[aria-selected="true"]');
      if (!tab) return;
      const left = tab.offsetLeft - element.offsetLeft;
      const room = 30;
      if (left - room < element.scrollLeft) element.scrollLeft = left - room;
      else if (left + tab.offsetWidth + room > element.scrollLeft + element.clientWidth)
        element.scrollLeft = left + tab.offsetWidth + room - element.clientWidth;
    };
    show();
    mark();
    const observer = new ResizeObserver(() => {
      show();
      mark();
    });
    observer.observe(element);
    element.addEventListener("scroll", mark, { passive: true });
    return () => {
      observer.disconnect();
      element.removeEventListener("scroll", mark);
    };
  }, [current]);
}

export function Tabs({ label, name, tabs, current, onTab, class: look }: TabsProps): ComponentChildren {
  const list = useRef<HTMLDivElement>(null);
  useMore(list, current);
  const onKeyDown = (event: KeyboardEvent): void => {
    const at = tabs.findIndex((tab) => tab.id === current);
    const to = event.ctrlKey || event.altKey || event.metaKey ? null : target(event.key, at, tabs.length);
    const chosen = to === null ? undefined : tabs[to];
    if (!chosen) return;
    event.preventDefault();
    event.stopPropagation();
    onTab(chosen.id);
    list.current?.querySelector<HTMLElement>(`[data-tab="${chosen.id}"]`)?.focus();
  };
  return (
    <div ref={list} class={look} role="tablist" aria-label={label} onKeyDown={onKeyDown}>
      {tabs.map((tab) => (
        <button
          key={tab.id}
          type="button"
          role="tab"
          id={tabId(name, tab.id)}
          data-tab={tab.id}
          aria-selected={tab.id === current}
          aria-controls={panelId(name)}
          tabIndex={tab.id === current ? 0 : -1}
          onClick={() => onTab(tab.id)}
        >
          {tab.label}
        </button>
      ))}
    </div>
  );
}
