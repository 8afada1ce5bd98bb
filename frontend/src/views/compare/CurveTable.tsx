/** A chart as a table: a row for each step, a column for each run; the steps of exports say so. */
import type { ComponentChildren } from "preact";
import type { Picture } from "../../model/compare/pictures";
import { nearestIndex } from "../../model/curves/axis";
import { formatCount, formatMetric } from "../../model/format";

const MOST_STEPS = 60;

/** All steps, or so many of them evenly spread; those of exports and the last one always. */
function stepsOf(picture: Picture, hidden: ReadonlySet<string>): { steps: number[]; all: number } {
  const every = [...new Set(picture.curves.filter((each) => !hidden.has(each.run)).flatMap((each) => each.steps))].sort((a, b) => a - b);
  const share = Math.max(1, Math.ceil(every.length / MOST_STEPS));
  const kept = new Set(every.filter((_, index) => index % share === 0 || index === every.length - 1));
  for (const each of picture.exports) if (!hidden.has(each.run)) kept.add(each.step);
  return { steps: [...kept].sort((a, b) => a - b), all: every.length };
}

export function CurveTable({
  picture,
  hidden,
  names,
}: {
  picture: Picture;
  hidden: ReadonlySet<string>;
  names: string[];
}): ComponentChildren {
  const curves = picture.curves.filter((each) => !hidden.has(each.run));
  const { steps, all } = stepsOf(picture, hidden);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a table that scrolls must be reachable by the keyboard
    <section class="cmp-values" tabIndex={0} aria-label={`Values of ${picture.tag}`}>
      <table>
        <thead>
          <tr>
            <th scope="col">step</th>
            {curves.map((each) => (
              <th key={each.run} scope="col">
                <bdi>{each.run}</bdi>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {steps.map((step) => (
            <tr key={step}>
              <th scope="row">{formatCount(step)}</th>
              {curves.map((each) => {
                const index = nearestIndex(each.steps, step);
                const value = each.steps[index] === step ? (each.values[index] as number) : null;
                const marks = picture.exports.filter((mark) => mark.run === each.run && mark.step === step);
                return (
                  <td key={each.run}>
                    {formatMetric(value)}
                    {marks.map((mark) => (
                      <b key={mark.member}>
                        {" "}
                        <bdi>{names[mark.member]}</bdi> exported: {formatMetric(mark.value)}
                      </b>
                    ))}
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
      {all > steps.length && (
        <p class="dim small">
          {formatCount(steps.length)} of {formatCount(all)} steps
        </p>
      )}
    </section>
  );
}
