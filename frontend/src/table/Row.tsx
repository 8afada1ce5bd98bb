/** A row of the table. Redrawn only when something of its own changed. */

import { Component, type ComponentChildren } from "preact";
import { Icon } from "../elements/Icon";
import { formatCount } from "../model/format";
import type { Group, Grouping } from "../model/group";
import { sourceOf } from "../model/origins";
import { isDeprecated, isRemoved } from "../model/registry/hiding";
import { sourceWords } from "../model/sources";
import { cell, isRight, type RowContext } from "./cells";

interface RowProps {
  context: RowContext;
  row: number;
  /** Position in the list. */
  index: number;
  selected: boolean;
  open: boolean;
  cursor: boolean;
  fresh: boolean;
  /** The columns with cells: the first one, and these. */
  from: number;
  to: number;
}

function shallow(a: object, b: object): boolean {
  const [x, y] = [a as Record<string, unknown>, b as Record<string, unknown>];
  return Object.keys(x).every((key) => Object.is(x[key], y[key]));
}

export function rowDomId(index: number): string {
  return `row-${index}`;
}

export class Row extends Component<RowProps> {
  override shouldComponentUpdate(next: RowProps): boolean {
    return !shallow(next, this.props);
  }

  override render(): ComponentChildren {
    const { context, row, index, selected, open, cursor, fresh, from, to } = this.props;
    const all = context.columns;
    const gaps = from > 1 || to < all.length;
    const id = context.table.ids[row] as string;
    const state = context.table.payload.columns.state;
    const classes = [selected && "selected", open && "open", cursor && "cursor", fresh && "fresh"].filter(Boolean).join(" ");
    return (
      <tr
        id={rowDomId(index)}
        class={classes || undefined}
        data-index={index}
        data-withdrawn={isDeprecated(context.table, row) || isRemoved(context.table, row) ? "" : undefined}
        data-state={state.values[state.codes[row] as number]}
        aria-rowindex={index + 2}
        aria-selected={selected}
      >
        <td class="check">
          <input type="checkbox" tabIndex={-1} checked={selected} aria-label={`Select ${id}`} />
        </td>
        {all[0] && <td class="version">{cell(context, all[0], row)}</td>}
        {from > 1 && <td aria-hidden="true" colSpan={from - 1} />}
        {all.slice(from, to).map((column, at) => (
          <td
            key={column.id}
            class={isRight(column) ? "right" : undefined}
            title={column.role === "metric" ? sourceWords(sourceOf(column, row)) || undefined : undefined}
            aria-colindex={gaps ? from + at + 2 : undefined}
          >
            {cell(context, column, row)}
          </td>
        ))}
        {to < all.length && <td aria-hidden="true" colSpan={all.length - to} />}
      </tr>
    );
  }
}

interface AwayRowProps {
  index: number;
  span: number;
  cursor: boolean;
}

/** The place of a row that is on its way. */
export class AwayRow extends Component<AwayRowProps> {
  override shouldComponentUpdate(next: AwayRowProps): boolean {
    return !shallow(next, this.props);
  }

  override render(): ComponentChildren {
    const { index, span, cursor } = this.props;
    return (
      <tr id={rowDomId(index)} class={cursor ? "away cursor" : "away"} data-index={index} aria-rowindex={index + 2} aria-busy="true">
        <td colSpan={span}>
          <span class="away-bar" aria-hidden="true" />
          <span class="vh">loading</span>
        </td>
      </tr>
    );
  }
}

interface GroupRowProps {
  group: Group;
  grouping: Grouping;
  index: number;
  span: number;
  cursor: boolean;
  color: string | null;
}

export class GroupRow extends Component<GroupRowProps> {
  override shouldComponentUpdate(next: GroupRowProps): boolean {
    return !shallow(next, this.props);
  }

  override render(): ComponentChildren {
    const { group, grouping, index, span, cursor, color } = this.props;
    return (
      <tr id={rowDomId(index)} class={cursor ? "group cursor" : "group"} data-index={index} aria-rowindex={index + 2}>
        <td colSpan={span}>
          <button type="button" class="plain heading" tabIndex={-1} aria-expanded={!group.folded}>
            <span class="caret">
              <Icon name={group.folded ? "folded" : "open"} />
            </span>
            {color && <span class="dot" style={{ background: color }} />}
            {group.name === null ? <i>without a {grouping}</i> : <bdi>{group.name}</bdi>}
            <span class="dim"> {formatCount(group.count)}</span>
          </button>
        </td>
      </tr>
    );
  }
}
