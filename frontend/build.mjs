/** Builds the tab and the exported page into one folder. Options of Vite that `make check` gives: --outDir, --emptyOutDir, --logLevel. */
import { parseArgs } from "node:util";
import { build } from "vite";

const { values } = parseArgs({
  options: { outDir: { type: "string" }, emptyOutDir: { type: "boolean", default: true }, logLevel: { type: "string" } },
});
const outDir = values.outDir ?? "../tb_versions/static";

await build({ configFile: "vite.config.ts", logLevel: values.logLevel, build: { outDir, emptyOutDir: values.emptyOutDir } });
await build({ configFile: "vite.export.config.ts", logLevel: values.logLevel, build: { outDir, emptyOutDir: false } });
