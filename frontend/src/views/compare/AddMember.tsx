/** All versions and runs that are not compared yet, found by typing. */
import type { ComponentChildren } from "preact";
import { useMemo, useState } from "preact/hooks";
import { Popover } from "../../elements/Popover";
import { candidates } from "../../model/compare/candidates";
import { formatCount } from "../../model/format";
import type { Store } from "../../state/store";

const MOST = 100;
const OPTION = "cmp-candidate-";

interface AddMemberProps {
  store: Store;
  members: string[];
  anchor: HTMLElement;
  close(): void;
  add(id: string): void;
}

export function AddMember({ store, members, anchor, close, add }: AddMemberProps): ComponentChildren {
  const [text, setText] = useState("");
  const [active, setActive] = useState(0);
  const table = store.table.value;
  const runs = store.runs.known.value;
  const all = useMemo(() => (table ? candidates(table, runs ?? table.payload.runs) : []), [table, runs]);
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  const offered = store.exported ? all.filter((each) => !each.hasVersions) : all;
  const found = offered.filter((each) => !members.includes(each.id) && words.every((word) => each.search.includes(word)));
  const shown = found.slice(0, MOST);
  const choose = (index: number): void => {
    const one = shown[index];
    if (!one) return;
    close();
    anchor.focus();
    add(one.id);
  };
  const move = (to: number): void => {
    const next = (to + shown.length) % Math.max(1, shown.length);
    setActive(next);
    document.getElementById(OPTION + next)?.scrollIntoView({ block: "nearest" });
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key === "ArrowDown") move(active + 1);
    else if (event.key === "ArrowUp") move(active - 1);
    else if (event.key === "Enter") choose(active);
    else return;
    event.preventDefault();
  };
  return (
    <Popover anchor={anchor} label="Add a version or a run" role="dialog" close={close} class="cmp-add">
      <input
        type="text"
        role="combobox"
        placeholder="Find a version or a run"
        aria-label="Find a version or a run"
        aria-autocomplete="list"
        aria-expanded="true"
        aria-controls="cmp-candidates"
        aria-activedescendant={shown.length > 0 ? OPTION + active : undefined}
        value={text}
        onInput={(event) => {
          setText(event.currentTarget.value);
          setActive(0);
        }}
        onKeyDown={onKeyDown}
      />
      <div id="cmp-candidates" class="cmp-candidates" role="listbox" aria-label="Versions and runs">
        {shown.map((each, index) => (
          // biome-ignore lint/a11y/useFocusableInteractive: the focus stays in the field, aria-activedescendant points here
          // biome-ignore lint/a11y/useKeyWithClickEvents: the field has the keys
          <div
            key={each.id}
            id={OPTION + index}
            role="option"
            aria-selected={index === active}
            class={index === active ? "option active" : "option"}
            onMouseDown={(event) => event.preventDefault()}
            onClick={() => choose(index)}
          >
            <span>
              <span class="dot" style={store.runs.color(each.run) ? { background: store.runs.color(each.run) as string } : undefined} />
              <bdi>{each.name}</bdi>
            </span>
            <span class="dim">{each.hint}</span>
          </div>
        ))}
      </div>
      <p class="dim small" role="status">
        {table?.isPart && "Of so many versions only those that were on screen are offered: tick others in the table. "}
        {found.length === 0
          ? "Nothing has this name."
          : found.length > MOST
            ? `${formatCount(found.length - MOST)} more: type to find them`
            : ""}
      </p>
    </Popover>
  );
}
