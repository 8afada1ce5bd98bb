/** A menu: arrow keys, Home, End and first letters move; Enter acts; Esc and Tab close. */
import type { ComponentChildren } from "preact";
import { Popover } from "./Popover";

export interface MenuEntry {
  label: string;
  act(): void;
  hint?: string;
  disabled?: boolean;
  /** A line above it. */
  apart?: boolean;
}

interface MenuProps {
  anchor: HTMLElement;
  label: string;
  entries: MenuEntry[];
  close(): void;
}

function onKeyDown(event: KeyboardEvent, close: () => void): void {
  const items = [...(event.currentTarget as HTMLElement).querySelectorAll<HTMLElement>("[role=menuitem]")];
  const at = items.indexOf(document.activeElement as HTMLElement);
  const to = (index: number): void => items[(index + items.length) % items.length]?.focus();
  if (event.key === "ArrowDown") to(at + 1);
  else if (event.key === "ArrowUp") to(at - 1);
  else if (event.key === "Home") to(0);
  else if (event.key === "End") to(items.length - 1);
  else if (event.key === "Tab") {
    close();
    return;
  } else if (event.key.length === 1 && event.key !== " ") {
    const letter = event.key.toLowerCase();
    const next = [...items.slice(at + 1), ...items].find((item) => item.textContent?.toLowerCase().startsWith(letter));
    next?.focus();
  } else return;
  event.preventDefault();
  event.stopPropagation();
}

export function Menu({ anchor, label, entries, close }: MenuProps): ComponentChildren {
  const choose = (entry: MenuEntry): void => {
    if (entry.disabled) return;
    close();
    anchor.focus();
    entry.act();
  };
  return (
    <Popover anchor={anchor} label={label} role="menu" close={close} class="menu" onKeyDown={(event) => onKeyDown(event, close)}>
      {entries.map((entry) => (
        <button
          key={entry.label}
          type="button"
          role="menuitem"
          tabIndex={-1}
          class={entry.apart ? "plain apart" : "plain"}
          aria-disabled={entry.disabled ? "true" : undefined}
          onClick={() => choose(entry)}
        >
          {entry.label}
          {entry.hint && <kbd>{entry.hint}</kbd>}
        </button>
      ))}
    </Popover>
  );
}
