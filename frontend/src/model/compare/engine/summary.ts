/** The comparison in one paragraph of plain text, built from the verdicts of its rows. Pure. */
import type { CompareGroup, CompareNoise } from "../../../api/types";
import { amountText, grouped, numberText } from "../numbers";
import { type Cell, isEqual, type Row } from "./cells";
import type { Member } from "./members";
import { before, cut, visible } from "./text";

const MOST_MEMBERS = 3;
const MOST_METRICS = 2;
const MOST_HYPERPARAMETERS = 3;
const SPLITS = [
  ["val", "valid", "validation"],
  ["test", "eval", "evaluation"],
];
const NOISES: Partial<Record<CompareNoise["method"], string>> = {
  curves: "the noise of the curves",
  intervals: "the intervals of the values",
};
const GRAPHS: ReadonlyMap<string, string> = new Map([
  ["identical content", "identical content"],
  ["same graph and weights", "same graph and weights"],
  ["same graph, new weights", "same graph with new weights"],
  ["same architecture, other weight files", "same architecture"],
  ["same weights, same kinds of ops", "same weights and kinds of ops, but how these are connected is not known"],
  ["same weights, other graph", "same weights in another graph"],
  ["same architecture", "same architecture"],
  ["different architecture", "different architecture"],
]);
const SIGNATURES: ReadonlyMap<string, string> = new Map([
  ["identical", "serving clients are unaffected"],
  ["compatible", "serving clients are unaffected, the signature only adds or allows more"],
  ["breaking", "it breaks serving clients"],
]);
const DATA: ReadonlyMap<string, string> = new Map([
  ["same data", "trained on the same data"],
  ["same data where both name it", "on the same data where both name it"],
  ["same name, new content", "trained on data of the same name with other content"],
  ["same content, other name", "trained on the same data under another name"],
  ["different data", "trained on different data"],
]);

/** Of one row: the cell of the member that is told of, and of the baseline. */
type Pair = [Row, Cell, Cell];

/** Which metrics are named is decided by the lead metric and by their names, never by which of them came out well. */
export function summaryOf(members: readonly Member[], baseline: number, rows: readonly Row[]): string {
  const others = [...members.keys()].filter((i) => i !== baseline);
  const names = members.map(({ facts }) => visible(facts.label));
  const named = [members[baseline], ...members].map((member) => member?.facts.lead_metric);
  const lead = named.find(Boolean) ?? null;
  const told = others.slice(0, MOST_MEMBERS).map((i) => {
    const pairs = rows.map((row): Pair => [row, row.cells[i] as Cell, row.cells[baseline] as Cell]);
    return sentence(names[i] ?? "", names[baseline] ?? "", pairs, lead);
  });
  const more = others.length - MOST_MEMBERS;
  if (more > 0) told.push(`${more} more ${more === 1 ? "is" : "are"} in the table.`);
  return told.join(" ");
}

function sentence(name: string, base: string, pairs: readonly Pair[], lead: string | null): string {
  const of = (group: CompareGroup, key = "") => pairs.find(([row]) => row.group === group && row.key === key);
  const metrics = metricsTold(pairs, base, lead);
  const others = [
    slices(pairs, lead),
    GRAPHS.get(of("graph", "graph")?.[1].verdict ?? ""),
    hyperparameters(pairs),
    DATA.get(of("data")?.[1].verdict ?? ""),
    software([isOfTensorFlow(of("signature")) ? of("environment", "tensorflow") : undefined, of("environment", "python")]),
    clients(of("signature")?.[1]),
  ].filter(Boolean);
  if (metrics) return `${name} has ${[metrics, ...others].join("; ")}.`;
  if (others.length > 0) return `${name} against ${base}: ${others.join("; ")}.`;
  return `${name} and ${base} have nothing in common that can be compared.`;
}

function metricsTold(pairs: readonly Pair[], base: string, lead: string | null): string {
  const candidates = pairs.filter(([row, cell]) => row.group === "metrics" && "relative" in cell.details);
  const isLead = ({ label }: Row): boolean => lead !== null && (label === lead || label.startsWith(`${lead} [`));
  const rank = (row: Row): string => Number(!isLead(row)) + importance(row);
  const ranked = candidates.map((pair) => [rank(pair[0]), pair] as const).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  const told = ranked.slice(0, MOST_METRICS).map(([, pair], i) => metric(pair, i === 0 ? base : ""));
  const noises = new Set(told.map(([, noise]) => noise));
  if (told.length > 1 && noises.size === 1 && !noises.has("")) return `${told.map(([words]) => words).join(" and ")}, both ${told[0]?.[1]}`;
  return told.map(([words, noise]) => (noise ? `${words}, ${noise}` : words)).join(", and ");
}

/** Whole data before slices, known goals first, then validation, test, training; accuracy before loss. */
function importance({ label, details: { goal } }: Row): string {
  const first = before(label.toLowerCase().replaceAll("/", "_"), "_");
  const split = SPLITS.findIndex((words) => words.includes(first));
  return [label.includes("["), goal === "unknown", split < 0 ? SPLITS.length : split, goal !== "max"].map(Number).join("");
}

/** What is different, and what noise says of it; the first metric names the baseline. */
function metric([{ label, details }, cell, base]: Pair, named: string): [string, string] {
  const { direction, difference } = cell.details;
  if (direction === "equal") return [`the same ${label}${named && ` as ${named}`}, ${cell.text}`, ""];
  if (typeof difference !== "number") return [`${label} ${cell.text} against ${base.text}`, ""];
  const [old, now] = [Number(base.value), Number(cell.value)];
  const amount = amountText(old, now, String(details.goal)) || numberText(Math.abs(difference));
  return [`${amount} ${difference > 0 ? "higher" : "lower"} ${label}${named && ` than ${named}`}`, noise(cell)];
}

function noise({ verdict, details }: Cell): string {
  if (!details.is_comparable) return "but not measured alike";
  const kind = NOISES[(details.noise as CompareNoise).method] ?? "seed noise";
  if (verdict === "better" || verdict === "worse") return `${verdict}, beyond ${kind}`;
  if (verdict === "within noise") return `within ${kind}`;
  if (details.direction === "higher" || details.direction === "lower") return "whether that is better is not known";
  return `${details.direction}, but how much of it is noise is not known`;
}

/** On how many slices the member is worse: of the lead metric, or of the first one that is compared. */
function slices(pairs: readonly Pair[], lead: string | null): string {
  const compared = pairs.filter(([{ group }, cell]) => group === "slices" && "judgement" in cell.details);
  const first = compared.find(([{ details }]) => details.name === lead)?.[0] ?? compared[0]?.[0];
  const own = compared.filter(([{ details }]) => details.name === first?.details.name && details.dataset === first?.details.dataset);
  const worse = own.filter(([, { verdict }]) => verdict === "worse");
  const most = worse.reduce<Pair | undefined>((a, b) => (a && Number(a[1].details.loss) >= Number(b[1].details.loss) ? a : b), undefined);
  if (!most) return "";
  const { name, slice } = most[0].details;
  const told = own.length === 1 ? "one slice" : `${grouped(worse.length)} of ${grouped(own.length)} slices`;
  return `worse ${name} on ${told}, ${worse.length === 1 ? "" : "most "}on ${slice}`;
}

function hyperparameters(pairs: readonly Pair[]): string {
  const known = pairs.filter(([row, ours, theirs]) => row.group === "hyperparameters" && ours.known && theirs.known);
  const changed = known.filter(([row, ours, theirs]) => !row.key.startsWith("seed:") && !isEqual(ours, theirs));
  if (changed.length === 0) return known.length > 0 ? "same hyperparameters" : "";
  const told = changed.slice(0, MOST_HYPERPARAMETERS).map(([{ label }, ours, theirs]) => `${label} ${short(theirs)} → ${short(ours)}`);
  const rest = changed.length - told.length;
  return told.join(", ") + (rest > 1 ? ` and ${rest} more hyperparameters` : rest === 1 ? " and one more hyperparameter" : "");
}

const short = (cell: Cell): string => (cell.absent ? "unset" : cut(cell.text, 40));

/** A TensorFlow that is only installed has nothing to do with a model of another framework. */
const isOfTensorFlow = (signature: Pair | undefined): boolean => signature?.[1].known === true && signature[2].known;

function software(pairs: readonly (Pair | undefined)[]): string {
  const found = pairs.find((pair) => pair && !pair[1].absent && !pair[2].absent && pair[1].value !== pair[2].value);
  return found ? `with ${found[0].label} ${found[1].text} instead of ${found[2].text}` : "";
}

function clients(cell: Cell | undefined): string {
  const words = SIGNATURES.get(cell?.verdict ?? "") ?? "";
  return words && cell?.verdict === "breaking" && cell.reasons.length > 0 ? `${words} (${cell.reasons[0]})` : words;
}
