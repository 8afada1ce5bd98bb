/** What every part of the comparison gets. */
import type { Look } from "../../model/compare/look";
import type { Store } from "../../state/store";

export interface PartProps {
  store: Store;
  look: Look;
  setLook(patch: Partial<Look>, push?: boolean): void;
  /** The colour of each member, by its id. */
  colors: ReadonlyMap<string, string>;
}
