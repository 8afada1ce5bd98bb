/** TensorBoard's hash: "#tab&key=value&…". */

/** Whether the hash shows this tab; an empty one does where the tab is TensorBoard's first. */
export function isOurHash(hash: string): boolean {
  const tab = hash.replace(/^#/, "").split("&")[0] ?? "";
  return tab === "" || tab === "versions";
}
