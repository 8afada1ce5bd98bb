/** What the chart of a metric over versions gets, and what its two forms draw. */
import type { Table } from "../model/columns";
import type { Extras } from "./option";
import type { Metric, Picture, Point } from "./points";
import type { Holders } from "./production";

export interface MetricOverVersionsProps {
  metric: Metric;
  points: Point[];
  selected: string | null;
  dark: boolean;
  onOpen(id: string): void;
  /** Over time: up to when, and who held production; null: by version. */
  over: { now: number; holders: Holders } | null;
  /** The metric of all versions, from which the seed noise is estimated. */
  column: { table: Table; values: Float64Array } | null;
}

/** The props, and what is computed from them. */
export interface Drawn extends MetricOverVersionsProps {
  picture: Picture;
  extras: Extras;
  words: string;
}

/** "digits 9" of "digits:9". */
export const nameOf = (id: string): string => id.replace(/:([^:]*)$/, " $1");
