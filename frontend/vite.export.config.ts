import { Script } from "node:vm";
import { defineConfig, type Plugin } from "vite";

/** In an HTML file nothing of these may stand in a script. They only occur in strings and patterns, where \x3c is a "<". */
const ENDS_A_SCRIPT = /<(?=\/script|script|!--)/gi;

/** One classic script that can stand inside an HTML element as it is. */
function inlineable(): Plugin {
  return {
    name: "inlineable",
    enforce: "post",
    generateBundle(_, bundle) {
      const outputs = Object.values(bundle);
      const [chunk] = outputs;
      if (outputs.length !== 1 || chunk?.type !== "chunk") throw new Error("The exported page must be a single script.");
      chunk.code = chunk.code.replace(ENDS_A_SCRIPT, "\\x3c");
      const found = /<\/script|<!--|^\s*-->|\bimport\(|\bimport\.meta\b/im.exec(chunk.code);
      if (found) throw new Error(`The exported page must not hold "${found[0]}".`);
      new Script(chunk.code);
    },
  };
}

/** The page of an export: one script with everything, which the exporter puts into the file. */
export default defineConfig({
  publicDir: false,
  plugins: [inlineable()],
  build: {
    target: "es2022",
    modulePreload: false,
    cssCodeSplit: false,
    reportCompressedSize: true,
    license: false,
    chunkSizeWarningLimit: 2000,
    rolldownOptions: {
      input: { export: "src/export.tsx" },
      // Vite's loader of chunks asks for it; there are no chunks.
      transform: { define: { "import.meta": "{}" } },
      output: { format: "iife", codeSplitting: false, entryFileNames: "[name].js" },
    },
  },
});
