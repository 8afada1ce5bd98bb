/** Whether a version is served, and whether under the aliases that it holds. Pure. */
import type { VersionNumber } from "../../api/registry";
import type { ServedModel, ServedPlace } from "../../api/served";
import type { Table } from "../columns";

/** Everything that is known of what is served. */
export type Served = readonly ServedPlace[];

export interface ServedMark {
  text: string;
  tone: "good" | "warn" | "plain";
  /** A sentence for each place. */
  sentences: string[];
}

interface Found {
  serves: boolean;
  /** Aliases of the version that clients reach under another version, or under none. */
  wrong: string[];
  sentence: string;
}

const same = (a: VersionNumber | undefined, b: string): boolean => a !== undefined && String(a) === b;

function inPlace(place: ServedPlace, model: ServedModel, number: string, aliases: readonly string[]): Found {
  const { where } = place;
  const serves = model.versions.some((version) => same(version, number));
  const labels = Object.entries(model.labels);
  const own = labels.filter(([, version]) => same(version, number)).map(([label]) => label);
  const wrong = aliases.filter((alias) => !serves || (labels.length > 0 && !own.includes(alias)));
  const elsewhere = wrong.map((alias) => {
    const leads = Object.hasOwn(model.labels, alias) ? `version ${String(model.labels[alias])}` : "no version";
    return `${alias} leads to ${leads}`;
  });
  const as = own.length > 0 ? ` as ${own.join(", ")}` : "";
  const words = serves ? `served by ${where}${as}` : `not served by ${where}`;
  return { serves, wrong, sentence: labels.length > 0 && elsewhere.length > 0 ? `${words}: ${elsewhere.join(", ")}` : words };
}

/** The same of a row. */
export function servedOf({ payload, numbers }: Table, row: number, places: Served): ServedMark | null {
  const { model, aliases } = payload.columns;
  const name = places.length > 0 ? model.values[model.codes[row] as number] : undefined;
  return name === undefined ? null : servedMark(places, name, String(numbers[row]), aliases[row] ?? []);
}

/** What is known of a version; null: it is not served and holds no alias, or nothing is known. */
export function servedMark(places: Served, model: string, number: string, aliases: readonly string[]): ServedMark | null {
  const found = places.flatMap((place): Found[] => {
    const its = Object.hasOwn(place.models, model) ? place.models[model] : undefined;
    if (place.problem !== "" || (!its && place.left_out > 0) || (its && its.policy !== "specific")) return [];
    return [inPlace(place, its ?? { policy: "specific", versions: [], labels: {} }, number, aliases)];
  });
  const served = found.some(({ serves }) => serves);
  const wrong = [...new Set(found.flatMap((each) => each.wrong))];
  const sentences = found.map(({ sentence }) => sentence);
  if (wrong.length > 0) {
    const everywhere = found.every(({ serves }) => serves);
    return { text: everywhere ? `not served as ${wrong.join(", ")}` : "not served", tone: "warn", sentences };
  }
  return served
    ? { text: "served", tone: aliases.length > 0 ? "good" : "plain", sentences: sentences.filter((_, at) => found[at]?.serves) }
    : null;
}
