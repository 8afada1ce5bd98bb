/** A small panel beside the button that opened it: closes with Esc, with a click elsewhere, when the focus leaves. */
import type { ComponentChildren } from "preact";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";

interface PopoverProps {
  anchor: HTMLElement;
  label: string;
  role: "menu" | "dialog";
  close(): void;
  onKeyDown?(event: KeyboardEvent): void;
  class?: string;
  children: ComponentChildren;
}

const GAP = 4;

/** Below the anchor, or above where there is more room; never outside the window. */
function place(panel: HTMLElement, anchor: HTMLElement): void {
  const box = anchor.getBoundingClientRect();
  const below = window.innerHeight - box.bottom - 2 * GAP;
  const above = box.top - 2 * GAP;
  const up = panel.offsetHeight > below && above > below;
  panel.style.maxHeight = `${Math.max(120, up ? above : below)}px`;
  panel.style.top = `${up ? Math.max(GAP, box.top - panel.offsetHeight - GAP) : box.bottom + GAP}px`;
  panel.style.left = `${Math.max(GAP, Math.min(box.left, window.innerWidth - panel.offsetWidth - 2 * GAP))}px`;
}

export function Popover(props: PopoverProps): ComponentChildren {
  const panel = useRef<HTMLDivElement>(null);
  const { anchor } = props;
  useLayoutEffect(() => {
    if (panel.current) place(panel.current, anchor);
  });
  useEffect(() => {
    const first = panel.current?.querySelector<HTMLElement>("input, [role=menuitem]:not([aria-disabled=true])");
    (first ?? panel.current)?.focus();
    const outside = (event: Event): void => {
      const target = event.target as Node;
      if (!panel.current?.contains(target) && !anchor.contains(target)) props.close();
    };
    document.addEventListener("pointerdown", outside, true);
    window.addEventListener("resize", props.close);
    return () => {
      document.removeEventListener("pointerdown", outside, true);
      window.removeEventListener("resize", props.close);
    };
  }, [anchor]);
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key === "Escape") {
      props.close();
      anchor.focus();
      event.stopPropagation();
    } else props.onKeyDown?.(event);
  };
  const onFocusOut = (event: FocusEvent): void => {
    const next = event.relatedTarget as Node | null;
    if (next && !panel.current?.contains(next) && !anchor.contains(next)) props.close();
  };
  return (
    // biome-ignore lint/a11y/useAriaPropsSupportedByRole: the role is menu or dialog
    // biome-ignore lint/a11y/noStaticElementInteractions: the role is menu or dialog
    <div
      ref={panel}
      class={`popover ${props.class ?? ""}`}
      role={props.role}
      aria-label={props.label}
      tabIndex={-1}
      onKeyDown={onKeyDown}
      onFocusOut={onFocusOut}
    >
      {props.children}
    </div>
  );
}
