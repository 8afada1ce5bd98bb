/** A metric over the versions as a table. */
import type { ComponentChildren } from "preact";
import { formatDate, formatMetric } from "../model/format";
import { type Drawn, nameOf } from "./metricProps";
import { isWithin, type Point } from "./points";

/** What the flags and the curves to parents show in the drawing, as text. */
function Beside({ point: { aliases, parents } }: { point: Point }): ComponentChildren {
  return (
    <span class="dim">
      {aliases.length > 0 && <bdi> {aliases.join(", ")}</bdi>}
      {parents.map(({ id, relation }) => (
        <span key={id}>
          {" "}
          {relation} <bdi>{nameOf(id)}</bdi>
        </span>
      ))}
    </span>
  );
}

export function MetricValues({ metric, picture, extras: { band }, selected, onOpen, words }: Drawn): ComponentChildren {
  const several = picture.lines.length > 1;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a table that scrolls must be reachable by the keyboard
    <section class="chart-values" tabIndex={0} aria-label={words}>
      <table>
        <thead>
          <tr>
            <th scope="col">version</th>
            <th scope="col">
              <bdi>{metric.key}</bdi>
            </th>
            {band && <th scope="col">noise</th>}
            <th scope="col">created</th>
          </tr>
        </thead>
        <tbody>
          {picture.lines.flatMap((line) =>
            line.points.map((point) => (
              <tr key={point.id}>
                <th scope="row">
                  <button
                    type="button"
                    class="plain link"
                    aria-current={point.id === selected ? "true" : undefined}
                    onClick={() => onOpen(point.id)}
                  >
                    {several && (
                      <>
                        <bdi>{point.model}</bdi>{" "}
                      </>
                    )}
                    <bdi>{point.label}</bdi>
                  </button>
                  <Beside point={point} />
                </th>
                <td>
                  {formatMetric(point.value)}
                  {point === line.best && <b> best</b>}
                  {point.source && <span class="dim"> {point.source}</span>}
                </td>
                {band && <td>{point === band.around ? "reference" : isWithin(band, point) ? "within" : ""}</td>}
                <td class="dim">{formatDate(point.created)}</td>
              </tr>
            )),
          )}
        </tbody>
      </table>
    </section>
  );
}
