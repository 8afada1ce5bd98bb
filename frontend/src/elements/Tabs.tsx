/** Tabs as ARIA means them: one stop for Tab; arrows, Home and End move and choose. */
import type { ComponentChildren } from "preact";
import { useRef } from "preact/hooks";
import { useOverflow } from "./useOverflow";

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

/** Scrolls the chosen tab into view. */
function showChosen(list: HTMLElement): void {
  const tab = list.querySelector<HTMLElement>('[aria-selected="true"]');
  if (!tab) return;
  const left = tab.offsetLeft - list.offsetLeft;
  const room = 30;
  if (left - room < list.scrollLeft) list.scrollLeft = left - room;
  else if (left + tab.offsetWidth + room > list.scrollLeft + list.clientWidth)
    list.scrollLeft = left + tab.offsetWidth + room - list.clientWidth;
}

export function Tabs({ label, name, tabs, current, onTab, class: look }: TabsProps): ComponentChildren {
  const list = useRef<HTMLDivElement>(null);
  useOverflow(list, showChosen, current);
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
