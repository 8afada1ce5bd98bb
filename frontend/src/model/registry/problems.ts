/** Models whose state is not known, and what to do. Pure. */
import type { ProblemKind, Registry } from "../../api/registry";
import { shellQuote } from "../snippets";
import { logsOf } from "./overlay";

export interface Trouble {
  model: string;
  /** A sentence of the server. */
  problem: string;
  /** What to do, in words. */
  remedy: string;
  /** The command for it; "": the words are enough. */
  command: string;
}

function remedyOf(model: string, kind: ProblemKind | null): Pick<Trouble, "remedy" | "command"> {
  const fsck = `tb-versions fsck ${shellQuote(model)}`;
  switch (kind) {
    case "newer":
      return {
        remedy: "Upgrade, then restart TensorBoard:",
        command: "pip install --upgrade tensorboard-plugin-versions",
      };
    case "rewritten":
      return {
        remedy: "If somebody restored a backup on purpose, say so; else get the missing events from another copy of the folder:",
        command: `${fsck} --acknowledge`,
      };
    default:
      return { remedy: "Find out what is damaged, and mend what is certain:", command: fsck };
  }
}

export function troublesOf(registry: Registry | null): Trouble[] {
  return logsOf(registry).flatMap(({ model, log: { problem, kind } }) =>
    problem === null ? [] : [{ model, problem, ...remedyOf(model, kind) }],
  );
}
