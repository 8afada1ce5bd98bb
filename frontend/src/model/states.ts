/** What the states of all versions say together. Pure. */
import type { Whole } from "./whole";

/** Whether there are versions, and the folder of each is outside of what may be read. */
export function isAllOutside({ columns: { state } }: Pick<Whole, "columns">): boolean {
  const outside = state.values.indexOf("outside");
  return state.codes.length > 0 && outside >= 0 && state.codes.every((code) => code === outside);
}
