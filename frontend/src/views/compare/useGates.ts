/** Loads what gates found of the members of a comparison; the comparison is whole without it. */
import { useEffect, useState } from "preact/hooks";
import type { Api } from "../../api/api";
import type { Table } from "../../model/columns";
import type { MemberGate } from "../../model/compare/gates";
import { saidIn } from "../../model/registry/late";

const PAGE = 500;

async function gatesOf(api: Api, table: Table, id: string): Promise<MemberGate[]> {
  const row = table.indexOf.get(id);
  const said = row === undefined ? null : saidIn(table.payload)(row);
  const gates = said === null || said.unknown ? [] : (said.version?.gates ?? []);
  if (row === undefined || gates.length === 0) return [];
  const model = table.payload.columns.model;
  const name = model.values[model.codes[row] as number] as string;
  const number = table.numbers[row] as string;
  const isPlain = id === `${name}:${number}`;
  const folder = !isPlain && said?.log?.folder ? { folder: said.log.folder } : {};
  const { events } = await api.history({ model: name, version: number, limit: PAGE, ...folder });
  return gates.map(({ gate, event }) => ({ gate, findings: events.find((each) => each.number === event)?.findings ?? [] }));
}

/** In the order of the members; null until all are there. */
export function useGates(api: Api, table: Table | null, members: readonly string[]): MemberGate[][] | null {
  const [answer, setAnswer] = useState<{ of: string; gates: MemberGate[][] } | null>(null);
  const of = JSON.stringify([members, table?.payload.revision]);
  useEffect(() => {
    let current = true;
    if (table)
      Promise.all(members.map((id) => gatesOf(api, table, id))).then(
        (gates) => current && setAnswer({ of, gates }),
        () => undefined,
      );
    return () => {
      current = false;
    };
  }, [api, of]);
  return answer?.of === of ? answer.gates : null;
}
