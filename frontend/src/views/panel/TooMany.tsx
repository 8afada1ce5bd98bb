/** Charts that are not drawn for more versions than the page has: a sentence says what to do. */
import type { ComponentChildren } from "preact";
import { formatCount } from "../../model/format";
import { FEW } from "../../state/windowed";
import { useStore } from "../context";
import type { PanelView } from "./view";

function TooMany(): ComponentChildren {
  const { found } = useStore().rows.tally.value;
  return (
    <p class="chart-empty dim">
      This chart is not drawn for {formatCount(found)} versions. Filter until at most {formatCount(FEW)} are left, or tick some versions and
      compare them.
    </p>
  );
}

function NeedsAll(): ComponentChildren {
  return (
    <p class="chart-empty dim">
      The graph of all versions is not drawn for so many. Open a version: its tab “Lineage” says what it was made from and what was made
      from it.
    </p>
  );
}

const Nothing = (): ComponentChildren => <div class="chart" />;

export const loadTooMany = async (): Promise<PanelView> => ({ Body: TooMany });
export const loadNeedsAll = async (): Promise<PanelView> => ({ Body: NeedsAll });
/** The rows are on their way. */
export const loadNothing = async (): Promise<PanelView> => ({ Body: Nothing });
