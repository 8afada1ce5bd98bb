/** How the members answered the same inputs: what flipped, how far outputs moved, which is right more often. */
import type { ComponentChildren } from "preact";
import type { VersionPayload } from "../../api/types";
import {
  barsOf,
  type Compared,
  flipsOf,
  inputsOf,
  type ListedExample,
  type MovedOutput,
  staleBecause,
  type TestVerdict,
} from "../../model/compare/behaviour";
import { formatCount, formatDate, formatDateFull, formatMetric } from "../../model/format";
import { modelsDir, reference, shellQuote } from "../../model/snippets";
import { targetOf } from "../detail/UseIt";
import { Snippet } from "../Snippet";
import type { Behaviours, Pair } from "./useBehaviour";

const VERDICTS: Readonly<Record<TestVerdict, readonly [tone: string, word: string]>> = {
  better: ["good", "better"],
  worse: ["bad", "worse"],
  no_difference: ["noise", "no difference beyond chance"],
  not_known: ["plain", "not known"],
};

const RIGHT: Readonly<Record<ListedExample["right"], string>> = {
  both: "both",
  lost: "only before",
  won: "only now",
  neither: "none",
  "": "",
};

/** Asks both. A name that begins with a dash is no option. */
export function commandOf(before: VersionPayload, after: VersionPayload): string {
  const targets = [targetOf(before), targetOf(after)];
  const folders = [...new Set(targets.map(modelsDir).filter((each) => each !== null))];
  const names = targets.map((target) => shellQuote(reference(target)));
  const end = names.some((name) => name.startsWith("-")) ? ["--", ...names] : [];
  return [
    "tb-versions replay",
    ...(end.length > 0 ? [] : names),
    ...folders.map((each) => `--models-dir ${shellQuote(each)}`),
    ...end,
  ].join(" ");
}

export function Behaviour({ found }: { found: Behaviours | null }): ComponentChildren {
  if (!found || found.pairs.length + found.unknown.length === 0) return null;
  const { pairs, more, unknown } = found;
  return (
    <section class="cmp-wide beh" aria-labelledby="beh-title">
      <h3 id="beh-title">Behaviour</h3>
      {pairs.map(
        ({ before, after, compared }) =>
          compared && <Recorded key={`${before.id} ${after.id}`} before={before} after={after} compared={compared} />,
      )}
      {unknown.length > 0 && (
        <p class="warn">
          <span aria-hidden="true">⚠ </span>
          What was recorded of <bdi>{unknown.join(", ")}</bdi> is not known, or not all of it: the log can't be read to its end.
        </p>
      )}
      <NotRecorded pairs={pairs.filter(({ compared }) => compared === null)} more={more} />
    </section>
  );
}

/** Folded: what nobody asked for yet does not push away what is known. */
function NotRecorded({ pairs, more }: { pairs: readonly Pair[]; more: number }): ComponentChildren {
  const [first] = pairs;
  if (!first) return null;
  const others = pairs.length - 1 + more;
  return (
    <details class="beh-examples">
      <summary>
        How <bdi>{reference(targetOf(first.after))}</bdi>
        {others > 0 ? ` and ${formatCount(others)} more answer` : " answers"} beside <bdi>{reference(targetOf(first.before))}</bdi> was not
        recorded: {pairs.length === 1 ? "the command" : "the commands"}
      </summary>
      <p class="dim">It loads and runs both models:</p>
      {pairs.map(({ before, after }) => (
        <Snippet key={after.id} text={commandOf(before, after)} />
      ))}
      {more > 0 && <p class="dim small">The others likewise.</p>}
    </details>
  );
}

interface RecordedProps {
  before: VersionPayload;
  after: VersionPayload;
  compared: Compared;
}

function Recorded({ before, after, compared }: RecordedProps): ComponentChildren {
  const name = reference(targetOf(after));
  const stale = staleBecause(compared, name, { before: before.manifest_digest || null, after: after.manifest_digest || null });
  return (
    <article class="beh-pair">
      <h4>
        <bdi>{name}</bdi> against <bdi>{compared.other}</bdi>
      </h4>
      <Asked compared={compared} name={name} />
      {stale && (
        <>
          <p class="warn">
            <span aria-hidden="true">⚠ </span>
            <bdi>{stale}</bdi> What follows is old. To ask again:
          </p>
          <Snippet text={commandOf(before, after)} />
        </>
      )}
      {compared.outputs.map((output) => (
        <Output key={`${output.signature} ${output.name}`} output={output} pair={`${name} against ${compared.other}`} />
      ))}
      {compared.leftOut.length > 0 && (
        <ul class="beh-left-out dim small">
          {compared.leftOut.map((each) => (
            <li key={each}>
              <bdi>{each}</bdi>
            </li>
          ))}
        </ul>
      )}
    </article>
  );
}

function Asked({ compared, name }: { compared: Compared; name: string }): ComponentChildren {
  const { repeated, tensorflow, device, time, actor, event } = compared;
  return (
    <p class="dim small">
      Asked on TF <bdi>{tensorflow}</bdi> / <bdi>{device}</bdi>, <time title={formatDateFull(time)}>{formatDate(time)}</time> by{" "}
      <bdi>{actor}</bdi>, event {event}: <bdi>{inputsOf(compared, name)}</bdi>
      {repeated > 0 && `; ${formatCount(repeated)} that repeat an earlier one are not counted`}.
    </p>
  );
}

function Output({ output, pair }: { output: MovedOutput; pair: string }): ComponentChildren {
  const { signature, name, test, max, mean, quantiles, notFinite, listed } = output;
  const [tone, word] = test ? VERDICTS[test.verdict] : ["plain", ""];
  const flips = flipsOf(output);
  return (
    <div class="beh-output">
      <p class="beh-name">
        <bdi>
          {signature}: {name}
        </bdi>{" "}
        {test && (
          <span class="cmp-chip" data-tone={tone}>
            {word}
          </span>
        )}
      </p>
      {test && (
        <p>
          <bdi>{test.words}</bdi> <span class="dim">{test.power}</span>
        </p>
      )}
      <p>
        {flips ? `${flips}.` : "Which examples flipped is not claimed: it has no classes."}
        {max !== null && ` Values moved by up to ${formatMetric(max)}, by ${formatMetric(mean)} on average`}
        {max !== null && quantiles.length === 3 && `, 99 of 100 by no more than ${formatMetric(quantiles[2] as number)}`}
        {max !== null && "."}
        {notFinite > 0 && ` ${formatCount(notFinite)} values are not finite in one of the two.`}
      </p>
      {max !== null && max > 0 && <Distribution output={output} />}
      {listed.length > 0 && (
        <Examples listed={listed} flipped={output.flipped ?? 0} caption={`Examples of ${signature}: ${name}, ${pair}`} />
      )}
    </div>
  );
}

function Distribution({ output }: { output: MovedOutput }): ComponentChildren {
  const bars = barsOf(output);
  const told = bars
    .filter(({ count }) => count > 0)
    .map(({ count, from, to }) => `${formatCount(count)} from ${formatMetric(from)} to ${formatMetric(to)}`);
  return (
    <div class="beh-bars" role="img" aria-label={`How far values moved: ${told.join(", ")}`}>
      <span aria-hidden="true">0</span>
      <span class="beh-chart" aria-hidden="true">
        {bars.map(({ height, count, from, to }) => (
          <i
            key={from}
            style={{ height: `${count > 0 ? Math.max(4, height) : 0}%` }}
            title={`${formatCount(count)} values moved by ${formatMetric(from)} to ${formatMetric(to)}`}
          />
        ))}
      </span>
      <span aria-hidden="true">{formatMetric(output.max)}</span>
    </div>
  );
}

interface ExamplesProps {
  listed: readonly ListedExample[];
  /** Of all, not only of those that are listed. */
  flipped: number;
  caption: string;
}

function Examples({ listed, flipped, caption }: ExamplesProps): ComponentChildren {
  const labelled = listed.some(({ right }) => right !== "");
  const answered = listed.some(({ before, after }) => before !== null || after !== null);
  const flips = listed.filter(({ flipped }) => flipped).length;
  return (
    <details class="beh-examples">
      <summary>
        {flips > 0 && `${formatCount(flips)} ${flips < flipped ? `of ${formatCount(flipped)} ` : ""}flipped examples`}
        {flips > 0 && listed.length > flips && " and "}
        {listed.length > flips && `${formatCount(listed.length - flips)} ${flips > 0 ? "" : "examples "}that moved farthest`}
      </summary>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a table that scrolls must be reachable by the keyboard */}
      <section class="beh-scroll" tabIndex={0} aria-label={caption}>
        <table>
          <caption class="vh">{caption}</caption>
          <thead>
            <tr>
              <th scope="col">example</th>
              <th scope="col">flipped</th>
              {answered && <th scope="col">before</th>}
              {answered && <th scope="col">now</th>}
              {labelled && <th scope="col">right</th>}
              <th scope="col">moved</th>
            </tr>
          </thead>
          <tbody>
            {listed.map((each) => (
              <tr key={each.example}>
                <th scope="row">{formatCount(each.example)}</th>
                <td>{each.flipped ? "yes" : ""}</td>
                {answered && <td>{each.before ?? "–"}</td>}
                {answered && <td>{each.after ?? "–"}</td>}
                {labelled && <td>{RIGHT[each.right]}</td>}
                <td>{formatMetric(each.moved)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </details>
  );
}
