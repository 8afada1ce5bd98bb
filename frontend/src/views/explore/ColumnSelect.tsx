/** One of the columns that can be an axis or a colour. */
import type { ComponentChildren } from "preact";
import type { Column, Section } from "../../model/columns";
import { axisTitle } from "../../model/explore/axis";
import { exploreOf } from "../../state/explore";
import { useStore } from "../context";

const SECTIONS: readonly Section[] = ["Metrics", "Hyperparameters", "Labels", "Version"];

interface ColumnSelectProps {
  label: string;
  /** With the label in it. */
  name: string;
  value: string;
  onChange(id: string): void;
}

export function ColumnSelect(props: ColumnSelectProps): ComponentChildren {
  return <AxisSelect {...props} columns={exploreOf(useStore()).offer.value.columns} />;
}

export function AxisSelect({
  label,
  name,
  value,
  onChange,
  columns,
}: ColumnSelectProps & { columns: readonly Column[] }): ComponentChildren {
  return (
    <label class="ex-select">
      <span class="dim">{label}</span>
      <select aria-label={name} value={value} onChange={(event) => onChange(event.currentTarget.value)}>
        {SECTIONS.map((section) => (
          <optgroup key={section} label={section}>
            {columns
              .filter((column) => column.section === section)
              .map((column) => (
                <option key={column.id} value={column.id}>
                  {axisTitle(column)}
                </option>
              ))}
          </optgroup>
        ))}
      </select>
    </label>
  );
}
