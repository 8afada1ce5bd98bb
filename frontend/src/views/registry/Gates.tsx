/** The gates of a version: each rule with the number that decided, and what the result is worth now. */
import type { ComponentChildren } from "preact";
import type { Api } from "../../api/api";
import type { GateFinding, GateSaid, LogEvent } from "../../api/registry";
import type { VersionPayload } from "../../api/types";
import { formatDate, formatDateFull } from "../../model/format";
import { GATE_GLYPHS, gateNow, gateShown, marginText } from "../../model/registry/gates";
import type { Said } from "../../model/registry/overlay";
import { Section } from "../detail/parts";
import { useHistory } from "./load";
import { questionOf } from "./VersionHistory";

interface GatesProps {
  api: Api;
  payload: VersionPayload;
  said: Said;
}

export function Gates(props: GatesProps): ComponentChildren {
  const gates = props.said.unknown ? [] : (props.said.version?.gates ?? []);
  return gates.length > 0 ? <List {...props} gates={gates} /> : null;
}

function List({ api, payload, said, gates }: GatesProps & { gates: readonly GateSaid[] }): ComponentChildren {
  const history = useHistory(api, { ...questionOf(payload, said), head: said.log?.head ?? 0 });
  return (
    <Section title="Gates">
      {gates.map((gate) => (
        <Gate key={gate.gate} gate={gate} event={history.events?.find(({ number }) => number === gate.event)} history={history} />
      ))}
    </Section>
  );
}

interface GateProps {
  gate: GateSaid;
  event: LogEvent | undefined;
  history: { events: readonly LogEvent[] | null; more: boolean; loading: boolean; error: string | null; older(): void };
}

function Gate({ gate, event, history }: GateProps): ComponentChildren {
  const word = gateShown([gate]) ?? gate.verdict;
  return (
    <div class="ga">
      <p>
        <span class="gate" data-gate={word}>
          <span aria-hidden="true">{GATE_GLYPHS.get(word)}</span> <bdi>{gate.gate}</bdi> {gateNow(gate)}
        </span>
        <span class="dim small">
          {" "}
          checked <time title={formatDateFull(gate.time)}>{formatDate(gate.time)}</time> by <bdi>{gate.actor}</bdi>, event {gate.event}
        </span>
      </p>
      {event?.findings && <Findings findings={event.findings} name={gate.gate} />}
      {!event && history.more && (
        <button type="button" class="dv-link" disabled={history.loading} onClick={history.older}>
          Look for its rules in older events
        </button>
      )}
      {!event && history.error !== null && <p class="warn">{history.error}</p>}
    </div>
  );
}

function Findings({ findings, name }: { findings: readonly GateFinding[]; name: string }): ComponentChildren {
  return (
    <table class="dv-table ga-rules">
      <caption class="vh">Rules of {name}</caption>
      <thead>
        <tr>
          <th scope="col">rule</th>
          <th scope="col">wanted</th>
          <th scope="col">found</th>
          <th scope="col" class="num">
            margin
          </th>
        </tr>
      </thead>
      <tbody>
        {findings.map((each) => (
          <tr key={`${each.rule} ${each.wanted} ${each.baseline}`}>
            <th scope="row">
              <span class="gate" data-gate={each.verdict}>
                <span aria-hidden="true">{GATE_GLYPHS.get(each.verdict)}</span>
                <span class="vh"> {each.verdict}:</span> <bdi>{each.rule}</bdi>
              </span>
              {each.why && (
                <small>
                  <bdi>{each.why}</bdi>
                </small>
              )}
            </th>
            <td>
              <bdi>{each.wanted}</bdi>
            </td>
            <td>
              <bdi>{each.found}</bdi>
            </td>
            <td class="num">{marginText(each)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
