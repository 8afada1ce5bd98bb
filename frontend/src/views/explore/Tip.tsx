/** The version under the pointer: its name and its values. */
import type { ComponentChildren } from "preact";
import type { Column, Table } from "../../model/columns";
import { axisTitle } from "../../model/explore/axis";
import type { Frame } from "../../model/explore/layout";
import { valueWords, versionWords } from "../../model/explore/words";
import { sourceOf } from "../../model/origins";
import { sourceWords } from "../../model/sources";

interface TipProps {
  table: Table;
  row: number;
  columns: readonly Column[];
  x: number;
  y: number;
  room: Frame;
}

export function Tip({ table, row, columns, x, y, room }: TipProps): ComponentChildren {
  const side = x > room.width / 2 ? { right: `${room.width - x + 14}px` } : { left: `${x + 14}px` };
  const level = y > room.height / 2 ? { bottom: `${Math.max(0, room.height - y - 20)}px` } : { top: `${Math.max(0, y - 20)}px` };
  return (
    <div class="ex-tip" style={{ ...side, ...level }} aria-hidden="true">
      <b>
        <bdi>{versionWords(table, row)}</bdi>
      </b>
      <dl>
        {[...new Set(columns)].map((column) => (
          <div key={column.id}>
            <dt>
              <bdi>{axisTitle(column)}</bdi>
            </dt>
            <dd>
              <bdi>{valueWords(column, row)}</bdi> <span class="dim">{sourceWords(sourceOf(column, row))}</span>
            </dd>
          </div>
        ))}
      </dl>
    </div>
  );
}
