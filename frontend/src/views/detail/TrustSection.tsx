/** Whether the version can be trusted: its files, signatures, answers and gates, in the server's words. */
import type { ComponentChildren } from "preact";
import type { TrustRow } from "../../api/types";
import { TRUST_GLYPHS, type TrustTone } from "../../model/registry/trust";
import { Name, type RowOf, Rows, Section } from "./parts";

const toneOf = ({ tone }: TrustRow): TrustTone => (Object.hasOwn(TRUST_GLYPHS, tone) ? (tone as TrustTone) : "warn");

export function TrustWords({ row }: { row: TrustRow }): ComponentChildren {
  const tone = toneOf(row);
  return (
    <span class="dv-trust" data-tone={tone}>
      <span aria-hidden="true">{TRUST_GLYPHS[tone]}</span> <Name>{row.words}</Name>
    </span>
  );
}

/** `isPast`: the table shows a day of the past, and this does not. */
export function TrustSection({ trust, isPast }: { trust: TrustRow[] | undefined; isPast: boolean }): ComponentChildren {
  if (!trust || trust.length === 0) return null;
  return (
    <Section title="Trust" aside={isPast && <span class="dim small">as it is now</span>}>
      <Rows rows={trust.map((row): RowOf => [row.what, <TrustWords key={row.what} row={row} />])} />
    </Section>
  );
}
