/** What was said of the version after it was published, and how to say more. */
import type { ComponentChildren } from "preact";
import { ChangeSection } from "../registry/ChangeSection";
import { VersionHistory } from "../registry/VersionHistory";
import type { TabProps } from "./props";

export function HistoryTab({ api, payload, registry, table, still, onOpen }: TabProps): ComponentChildren {
  if (!registry) return <p class="dv-empty">Nothing is known here of what was said later.</p>;
  return (
    <>
      {!still && <ChangeSection registry={registry} payload={payload} table={table ?? null} />}
      <VersionHistory api={api} payload={payload} said={registry.of(payload.id)} onOpen={onOpen} />
    </>
  );
}
