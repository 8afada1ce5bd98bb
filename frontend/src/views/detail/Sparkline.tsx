/** A run's curve of one metric, the size of a word, with a mark where the version was exported. */
import type { ComponentChildren } from "preact";
import { formatCount, formatMetric } from "../../model/format";
import { drawCurve } from "./curve";
import type { Curve } from "./load";

const BOX = { width: 104, height: 22, pad: 3 };

interface SparklineProps {
  name: string;
  curve: Curve;
  step: number | null;
  color: string | null;
}

export function Sparkline({ name, curve, step, color }: SparklineProps): ComponentChildren {
  const drawing = drawCurve(curve.steps, curve.values, BOX, step);
  if (!drawing) return null;
  const { first, last, firstStep, lastStep, marker } = drawing;
  const exported = step === null ? "" : `; exported at step ${formatCount(step)}`;
  const words =
    `${name} from step ${formatCount(firstStep)} to ${formatCount(lastStep)}: ` +
    `from ${formatMetric(first)} to ${formatMetric(last)}${exported}`;
  return (
    <svg
      class="dv-sparkline"
      role="img"
      aria-label={words}
      viewBox={`0 0 ${BOX.width} ${BOX.height}`}
      style={color ? { color } : undefined}
    >
      <title>{words}</title>
      <path d={drawing.path} />
      {marker && (
        <>
          <line x1={marker.x} x2={marker.x} y1="0" y2={BOX.height} />
          <circle cx={marker.x} cy={marker.y} r="3" />
        </>
      )}
    </svg>
  );
}
