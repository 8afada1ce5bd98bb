/** The rows on screen, with a spacer above and below for all others. */
import type { ComponentChildren } from "preact";
import { useRef } from "preact/hooks";
import { AWAY, type Items } from "../model/group";
import type { Store } from "../state/store";
import type { RowContext } from "./cells";
import { AwayRow, GroupRow, Row } from "./Row";
import type { Window } from "./useVirtual";

interface BodyProps {
  store: Store;
  context: RowContext;
  items: Items;
  view: Window;
  from: number;
  to: number;
  cursor: number;
  selected: Set<string>;
}

export function TableBody({ store, context, items, view, from, to, cursor, selected }: BodyProps): ComponentChildren {
  const { start, end } = view;
  const { table, columns } = context;
  const open = store.view.open.value;
  const fresh = store.feed.fresh.value;
  const grouping = store.view.group.value;
  const rows: ComponentChildren[] = [];
  // Keys repeat, so that a row that scrolls in reuses the elements of one that scrolled out: creating them is the slow part.
  const slots = useRef(0);
  slots.current = Math.max(slots.current, end - start);
  for (let index = start; index < end; index++) {
    const item = items.at(index) ?? AWAY;
    if (item === AWAY) {
      rows.push(<AwayRow key={index % slots.current} index={index} span={columns.length + 1} cursor={index === cursor} />);
      continue;
    }
    if (item < 0) {
      const group = items.groups[-1 - item];
      const color = grouping === "run" && group?.name ? store.runs.trainingColor(group.name) : null;
      if (group)
        rows.push(
          <GroupRow
            key={index % slots.current}
            group={group}
            grouping={grouping}
            index={index}
            span={columns.length + 1}
            cursor={index === cursor}
            color={color}
          />,
        );
      continue;
    }
    const id = table.ids[item] as string;
    rows.push(
      <Row
        key={index % slots.current}
        context={context}
        row={item}
        index={index}
        selected={selected.has(id)}
        open={id === open}
        cursor={index === cursor}
        fresh={fresh.has(id)}
        from={from}
        to={to}
      />,
    );
  }
  return (
    <>
      <Spacer height={view.above} span={columns.length + 1} />
      <tbody>{rows}</tbody>
      <Spacer height={view.below} span={columns.length + 1} />
    </>
  );
}

/** In place of the rows that are not on screen. */
function Spacer({ height, span }: { height: number; span: number }): ComponentChildren {
  return (
    <tbody aria-hidden="true" class="spacer">
      <tr>
        <td colSpan={span} style={{ height: `${height}px` }} />
      </tr>
    </tbody>
  );
}
