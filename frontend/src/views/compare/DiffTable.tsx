/** What differs, fact by fact: a column for each member, equal rows hidden until asked for. */
import type { ComponentChildren } from "preact";
import { useMemo, useState } from "preact/hooks";
import type { CompareMember, ComparePayload, CompareRow } from "../../api/types";
import { Chip } from "../../elements/Chip";
import { cautionOf, extraRows, isFoldable, isNumeric } from "../../model/compare/verdicts";
import { formatCount } from "../../model/format";
import { chipsOf } from "../../model/registry/chips";
import { metricKey } from "../../model/slices";
import { DiffCell, Tip, type TipAt } from "./cells";
import type { PartProps } from "./part";

interface DiffTableProps extends PartProps {
  payload: ComparePayload;
}

const MORE: Readonly<Record<string, string>> = { environment: "packages", slices: "slices" };

interface Group {
  key: string;
  label: string;
  rows: CompareRow[];
  /** Packages, kinds of ops and slices beyond the first few. */
  folded: number;
  cautions: { text: string; rows: string[] }[];
}

function groupsOf(payload: ComparePayload, all: boolean, unfolded: ReadonlySet<string>): Group[] {
  return payload.groups.flatMap(({ key, label }) => {
    const rows = payload.rows.filter((row) => row.group === key && (all || row.differs));
    if (rows.length === 0) return [];
    const extra = unfolded.has(key) ? [] : extraRows(rows);
    const hidden = new Set(extra);
    const cautions = new Map<string, string[]>();
    for (const row of rows) if (row.caution) cautions.set(row.caution, [...(cautions.get(row.caution) ?? []), cautionOf(row)]);
    return [
      {
        key,
        label,
        rows: rows.filter((row) => !hidden.has(row)),
        folded: extra.length,
        cautions: [...cautions].map(([text, of]) => ({ text, rows: of })),
      },
    ];
  });
}

function Goal({ row, look, setLook }: { row: CompareRow } & Pick<PartProps, "look" | "setLook">): ComponentChildren {
  const { goal, goal_source } = row.details;
  if (!isNumeric(row) || goal === undefined) return null;
  if (goal !== "unknown" && goal_source !== "caller") {
    const isGuess = goal_source === "inferred";
    const words = (goal === "max" ? "higher is better" : "lower is better") + (isGuess ? ", guessed from the name" : "");
    return (
      <span class="dim" title={words}>
        {" "}
        <span aria-hidden="true">
          {goal === "max" ? "↑" : "↓"}
          {isGuess ? " guessed" : ""}
        </span>
        <span class="vh">{words}</span>
      </span>
    );
  }
  // A goal holds for all slices of a metric; the row with the caution asks for it.
  const { name, dataset = "" } = row.details;
  if (name !== undefined && row.caution === null) return null;
  const key = name === undefined ? row.key : metricKey(name, dataset);
  const set = (value: string): void => {
    const goals = new Map(look.goals);
    if (value === "max" || value === "min") goals.set(key, value);
    else goals.delete(key);
    setLook({ goals });
  };
  return (
    <select
      class="cmp-goal"
      aria-label={`What is better for ${key}?`}
      value={look.goals.get(key) ?? ""}
      onChange={(event) => set(event.currentTarget.value)}
    >
      <option value="">goal?</option>
      <option value="max">higher is better</option>
      <option value="min">lower is better</option>
    </select>
  );
}

function Column({ member, index, props }: { member: CompareMember; index: number; props: DiffTableProps }): ComponentChildren {
  const { store, setLook, colors, payload } = props;
  const table = store.table.value;
  const row = table?.indexOf.get(member.id);
  const chips = table && row !== undefined ? chipsOf(table, row) : [];
  const color = colors.get(member.id);
  return (
    <th scope="col" class={index === payload.baseline ? "base" : undefined}>
      <span class="dot" style={color ? { background: color } : undefined} />
      {row === undefined ? (
        <bdi>{member.label}</bdi>
      ) : (
        <button type="button" class="plain cmp-open" title={`All about ${member.id}`} onClick={() => store.view.openVersion(member.id)}>
          <bdi>{member.label}</bdi>
        </button>
      )}
      {member.semantic_version && (
        <span class="dim cmp-semver">
          {" "}
          <bdi>{member.semantic_version}</bdi>
        </span>
      )}
      {chips.map((chip) => (
        <Chip key={chip.name} {...chip} />
      ))}
      <span class="cmp-under">
        {index === payload.baseline ? (
          "baseline"
        ) : (
          <button
            type="button"
            class="plain link"
            aria-label={`Make ${member.label} the baseline`}
            onClick={() => setLook({ base: member.id })}
          >
            make baseline
          </button>
        )}
        {member.kind === "run" && " · no version"}
      </span>
    </th>
  );
}

interface RowProps {
  row: CompareRow;
  baseline: number;
  props: DiffTableProps;
  cautioned: boolean;
  onTip(tip: TipAt | null): void;
}

function DiffRow({ row, baseline, props, cautioned, onTip }: RowProps): ComponentChildren {
  const [open, setOpen] = useState(false);
  const foldable = useMemo(() => isFoldable(row), [row]);
  const name = <bdi>{row.label}</bdi>;
  return (
    <tr class={row.differs ? undefined : "equal"}>
      <th scope="row">
        {foldable ? (
          <button type="button" class="plain cmp-fold" aria-expanded={open} onClick={() => setOpen(!open)}>
            <span aria-hidden="true">{open ? "▾" : "▸"}</span> {name}
          </button>
        ) : (
          name
        )}
        <Goal row={row} look={props.look} setLook={props.setLook} />
        {cautioned && (
          <span class="warn" title={row.caution ?? ""}>
            {" "}
            <span aria-hidden="true">⚠</span>
            <span class="vh">with caution</span>
          </span>
        )}
      </th>
      {row.cells.map((cell, index) => (
        <DiffCell
          key={props.payload.members[index]?.id ?? index}
          row={row}
          cell={cell}
          base={row.cells[baseline] ?? cell}
          isBase={index === baseline}
          member={props.payload.members[index]?.label ?? ""}
          open={open}
          onTip={onTip}
        />
      ))}
    </tr>
  );
}

export function DiffTable(props: DiffTableProps): ComponentChildren {
  const { look, setLook, payload } = props;
  const [unfolded, setUnfolded] = useState<ReadonlySet<string>>(new Set());
  const [tip, setTip] = useState<TipAt | null>(null);
  const groups = useMemo(() => groupsOf(payload, look.all, unfolded), [payload, look.all, unfolded]);
  const columns = payload.members.length + 1;
  const hidden = `${formatCount(payload.equal)} equal ${payload.equal === 1 ? "row" : "rows"}`;
  return (
    <>
      <table class="cmp-table" style={{ "--cmp-members": String(payload.members.length) }}>
        <caption class="vh">Differences between {payload.members.map((member) => member.label).join(", ")}</caption>
        <thead>
          <tr>
            <th scope="col">
              <button
                type="button"
                class="cmp-toggle"
                aria-pressed={!look.all}
                title={look.all ? "Hide what is equal" : "Show what is equal too"}
                onClick={() => setLook({ all: !look.all })}
              >
                <b>{look.all ? "all rows" : "differences only"}</b> · {look.all ? `${hidden} shown` : `${hidden} hidden`}
              </button>
            </th>
            {payload.members.map((member, index) => (
              <Column key={member.id} member={member} index={index} props={props} />
            ))}
          </tr>
        </thead>
        {groups.map((group) => (
          <tbody key={group.key}>
            <tr class="cmp-group">
              <th scope="rowgroup" colSpan={columns}>
                <span class="cmp-stuck">{group.label}</span>
              </th>
            </tr>
            {group.cautions.map(({ text, rows }) => (
              <tr key={text} class="cmp-caution">
                <td colSpan={columns}>
                  <span class="cmp-stuck">
                    <span aria-hidden="true">⚠ </span>
                    <b>
                      <bdi>{rows.join(", ")}</bdi>
                    </b>
                    : <bdi>{text}</bdi>
                  </span>
                </td>
              </tr>
            ))}
            {group.rows.map((row) => (
              <DiffRow
                key={row.key}
                row={row}
                baseline={payload.baseline}
                props={props}
                cautioned={row.caution !== null && row.group !== "slices"}
                onTip={setTip}
              />
            ))}
            {group.folded > 0 && (
              <tr class="cmp-more">
                <td colSpan={columns}>
                  <button type="button" class="plain link cmp-stuck" onClick={() => setUnfolded(new Set([...unfolded, group.key]))}>
                    Show {formatCount(group.folded)} more {MORE[group.key] ?? "kinds of ops"}
                  </button>
                </td>
              </tr>
            )}
          </tbody>
        ))}
        {groups.length === 0 && (
          <tbody>
            <tr>
              <td colSpan={columns}>
                <span class="cmp-stuck">Nothing differs.</span>
              </td>
            </tr>
          </tbody>
        )}
      </table>
      {tip && <Tip at={tip} close={() => setTip(null)} />}
    </>
  );
}
