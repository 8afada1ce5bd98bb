/** What the panel of a version gets, and each of its tabs. */
import type { Api } from "../../api/api";
import type { ServedPlace } from "../../api/served";
import type { VersionPayload } from "../../api/types";
import type { Table } from "../../model/columns";
import type { Place } from "../../model/place";
import type { RunLink } from "../../model/runs";
import type { RegistryState } from "../../state/registry";

export interface DetailProps {
  id: string;
  api: Api;
  revision: string;
  tab: string;
  onTab(tab: string): void;
  onOpen(id: string): void;
  onClose(): void;
  runColor(name: string): string | null;
  runLink(names: string[]): RunLink;
  /** All runs of a run's training: "mlp/train" and "mlp/validation". */
  runParts?(run: string): string[];
  /** Where the page is; TensorBoard by default. */
  place?: Place;
  /** Asking again gets the same answer: the page is a file. */
  still?: boolean;
  copyLink(): void;
  /** What was said of the models later; absent where nothing can be known of it. */
  registry?: RegistryState;
  /** What is served now; absent where that is not known. */
  served?: readonly ServedPlace[];
  /** The day that is shown, milliseconds since 1970; null: now. */
  at?: number | null;
  /** All versions, and the metric by which the best is chosen. */
  table?: Table | null;
  metric?: string | null;
  /** Key of the lead metric of the version's model: only its regret is told. null: not known, so all are. */
  lead?: string | null;
  onCompare?(ids: string[]): void;
  /** Shows the version among those that it comes from and that came from it. */
  onGraph?(): void;
}

export interface TabProps extends DetailProps {
  payload: VersionPayload;
}
