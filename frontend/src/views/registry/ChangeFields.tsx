/** What a change needs beside its version: the name, the reason, a text. */
import type { ComponentChildren } from "preact";
import { useId } from "preact/hooks";
import type { Alias } from "../../api/registry";
import { PRODUCTION } from "../../model/registry/aliases";
import { type Change, FIELDS } from "../../model/registry/commands";

interface FieldsProps {
  change: Change;
  aliases: readonly Alias[];
  set(patch: Partial<Change>): void;
}

interface LineProps {
  label: string;
  value: string;
  onValue(value: string): void;
  most: number;
  hint?: string;
  list?: string;
}

function Line({ label, value, onValue, most, hint, list }: LineProps): ComponentChildren {
  return (
    <label class="ch-field">
      <span>{label}</span>
      <input
        type="text"
        value={value}
        maxLength={most}
        placeholder={hint}
        list={list}
        spellcheck={false}
        autocomplete="off"
        onInput={(event) => onValue(event.currentTarget.value)}
      />
    </label>
  );
}

export function ChangeFields({ change, aliases, set }: FieldsProps): ComponentChildren {
  const names = useId();
  const fields = FIELDS[change.verb];
  const offered = [...new Set([PRODUCTION, ...aliases.map(({ name }) => name)])];
  return (
    <>
      {fields.includes("alias") && (
        <>
          <Line label="Alias" value={change.alias} most={128} list={names} onValue={(alias) => set({ alias: alias.trim() })} />
          <datalist id={names}>
            {offered.map((name) => (
              <option key={name} value={name} />
            ))}
          </datalist>
        </>
      )}
      {fields.includes("key") && <Line label="Label" value={change.key} most={128} onValue={(key) => set({ key: key.trim() })} />}
      {fields.includes("value") && (
        <>
          {change.value !== null && <Line label="Value" value={change.value} most={1000} onValue={(value) => set({ value })} />}
          <label class="ch-check">
            <input
              type="checkbox"
              checked={change.value === null}
              onChange={(event) => set({ value: event.currentTarget.checked ? null : "" })}
            />{" "}
            remove the label
          </label>
        </>
      )}
      {fields.includes("text") && (
        <label class="ch-field">
          <span>Text</span>
          <textarea rows={5} value={change.text} maxLength={60_000} onInput={(event) => set({ text: event.currentTarget.value })} />
        </label>
      )}
      {fields.includes("reason") && (
        <Line
          label="Reason"
          value={change.reason}
          most={4000}
          hint="Why? It is kept with your change"
          onValue={(reason) => set({ reason })}
        />
      )}
    </>
  );
}
