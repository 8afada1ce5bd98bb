/** Which columns are axes. */
import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useRef } from "preact/hooks";
import { Popover } from "../../elements/Popover";
import type { Column, Section } from "../../model/columns";
import { axisTitle } from "../../model/explore/axis";
import { exploreOf } from "../../state/explore";
import { useStore } from "../context";

const SECTIONS: readonly Section[] = ["Metrics", "Hyperparameters", "Labels", "Version"];
const MOST_LISTED = 300;

interface Limits {
  first: number;
  most: number;
}

function Left(): ComponentChildren {
  const { left } = exploreOf(useStore()).offer.value;
  if (left.length === 0) return null;
  return (
    <fieldset>
      <legend>Not fit for an axis</legend>
      {left.slice(0, 40).map(({ column, reason }) => (
        <p key={column.id} class="dim small ex-left">
          <bdi>{axisTitle(column)}</bdi>: {reason}
        </p>
      ))}
    </fieldset>
  );
}

function List({ limits, find }: { limits: Limits; find: string }): ComponentChildren {
  const store = useStore();
  const explore = exploreOf(store);
  const chosen = explore.axes(limits).map(({ id }) => id);
  const toggle = (id: string, want: boolean): void =>
    store.view.set({ axes: want ? [...chosen, id] : chosen.filter((each) => each !== id) });
  const found = explore.offer.value.columns.filter((column) => axisTitle(column).toLowerCase().includes(find.toLowerCase()));
  const box = (column: Column): ComponentChildren => {
    const checked = chosen.includes(column.id);
    const disabled = checked ? chosen.length <= 2 : chosen.length >= limits.most;
    return (
      <label key={column.id} class="choice">
        <input type="checkbox" checked={checked} disabled={disabled} onChange={(event) => toggle(column.id, event.currentTarget.checked)} />
        <bdi>{axisTitle(column)}</bdi>
      </label>
    );
  };
  return (
    <>
      {SECTIONS.map((section) => {
        const its = found.filter((column) => column.section === section);
        if (its.length === 0) return null;
        return (
          <fieldset key={section}>
            <legend>{section}</legend>
            {its.slice(0, MOST_LISTED).map(box)}
            {its.length > MOST_LISTED && <p class="dim small">and {its.length - MOST_LISTED} more: type to find them</p>}
          </fieldset>
        );
      })}
      {found.length === 0 && <p class="dim ex-left">No column with this name.</p>}
    </>
  );
}

export function AxesChoice({ limits }: { limits: Limits }): ComponentChildren {
  const store = useStore();
  const open = useSignal(false);
  const find = useSignal("");
  const button = useRef<HTMLButtonElement>(null);
  const count = exploreOf(store).axes(limits).length;
  return (
    <>
      <button
        ref={button}
        type="button"
        class="button ex-button"
        aria-haspopup="dialog"
        aria-expanded={open.value}
        onClick={() => void (open.value = !open.value)}
      >
        Axes: {count}
      </button>
      {open.value && button.current && (
        <Popover anchor={button.current} label="Axes" role="dialog" close={() => void (open.value = false)} class="chooser">
          <div class="chooser-head">
            <input
              type="search"
              placeholder="Find a column"
              aria-label="Find a column"
              value={find.value}
              onInput={(event) => void (find.value = event.currentTarget.value)}
            />
            <span class="dim small ex-most">at most {limits.most}</span>
            <button type="button" class="plain link" onClick={() => store.view.set({ axes: [] })}>
              Most telling
            </button>
          </div>
          <List limits={limits} find={find.value} />
          <Left />
        </Popover>
      )}
    </>
  );
}
