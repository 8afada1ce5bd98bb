/** Models whose state is not known, and what to do. Pure. */
import type { ModelSaid, Registry } from "../../api/registry";
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

/** The option that names the models folder, where it is known. */
function optionOf(model: string, folder: string): string {
  return folder.endsWith(`/${model}`) ? ` --models-dir ${shellQuote(folder.slice(0, -model.length - 1) || "/")}` : "";
}

function remedyOf(model: string, { kind, folder }: ModelSaid): Pick<Trouble, "remedy" | "command"> {
  const option = optionOf(model, folder);
  switch (kind) {
    case "newer":
      return {
        remedy: "Upgrade, then restart TensorBoard:",
        command: "pip install --upgrade tensorboard-plugin-versions",
      };
    case "rewritten":
      return {
        remedy: "If somebody restored a backup on purpose, say so; else get the missing events from another copy of the folder:",
        command: `tb-versions fsck --acknowledge ${shellQuote(model)}${option}`,
      };
    default:
      return { remedy: "Find out what is damaged, and mend what is certain:", command: `tb-versions fsck ${shellQuote(model)}${option}` };
  }
}

export function troublesOf(registry: Registry | null): Trouble[] {
  return logsOf(registry).flatMap(({ model, log }) =>
    log.problem === null ? [] : [{ model, problem: log.problem, ...remedyOf(model, log) }],
  );
}
