/** How the page speaks of where it is: a tab of TensorBoard, or an export. Pure. */
import type { Head } from "../api/head";
import { formatCount, formatDate } from "./format";

export interface Place {
  /** "in this TensorBoard". */
  here: string;
  /** When the files of the versions were looked at; "" says now. */
  looked: string;
  /** What the button that copies the address does. */
  copyLink: string;
  /** Of a chart whose curves have more points than are drawn. */
  sampled: string;
  /** Why a run's name leads nowhere. */
  unknownRun(name: string): string;
  /** What a click on a training does; `runs`: its runs, "mlp/train" and "mlp/validation". */
  openRuns(runs: readonly string[]): string;
}

const listed = (names: readonly string[]): string => names.join(" and ");

export const TAB: Place = {
  here: "in this TensorBoard",
  looked: "",
  copyLink: "Copy a link to exactly this view",
  sampled: "drawn from a sample of the points",
  unknownRun: (name) => `TensorBoard does not know the run ${name}`,
  openRuns: (runs) => `Open ${listed(runs)} alone in Time Series`,
};

export function placeOf(exported: Head | null, tensorboard: string): Place {
  if (!exported) return TAB;
  return {
    here: "in this export",
    looked: " when exported",
    sampled: sampledWords(exported),
    copyLink:
      "Copy the address of exactly this view: it works for whoever has this file at the same address; elsewhere add what follows # to theirs",
    unknownRun: (name) => `This export has no curves of the run ${name}`,
    openRuns: (runs) => (tensorboard ? `Open ${listed(runs)} alone in Time Series: ${tensorboard}` : `Curves of ${listed(runs)}`),
  };
}

/** Says what a chart of an export is drawn from. */
function sampledWords({ sampling }: Head): string {
  return sampling.points > 0 ? `at most ${formatCount(sampling.points)} points per curve` : "a sample of the points";
}

/** TensorBoard's address without query and hash, where it is one that a browser may be sent to; else empty. */
export function tensorboardAddress(text: string): string {
  if (!URL.canParse(text)) return "";
  const { protocol, origin, pathname } = new URL(text);
  return protocol === "http:" || protocol === "https:" ? origin + pathname : "";
}

/** How current an export is, in the place where the tab says "live". */
export function currencyOf({ generator, newest }: Head): string[] {
  return [generator && `exported with ${generator}`, newest !== null && `newest version ${formatDate(newest)}`].filter(
    (each): each is string => typeof each === "string" && each !== "",
  );
}
