/** The comparison of an export's versions. */
import type { CompareMembers } from "../../api/snapshot";

export const compareMembers: CompareMembers = () => {
  throw new Error("This export does not compare yet: its curves are below.");
};
