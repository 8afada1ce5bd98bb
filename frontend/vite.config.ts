/// <reference types="vitest/config" />
import { defineConfig } from "vite";

/** Stable names: the plugin serves its files with "must revalidate", so no hash is needed and diffs stay readable. */
export default defineConfig({
  base: "./",
  publicDir: false,
  build: {
    outDir: "../tb_versions/static",
    emptyOutDir: true,
    target: "es2022",
    modulePreload: false,
    cssCodeSplit: false,
    reportCompressedSize: true,
    license: false,
    rolldownOptions: {
      input: { index: "src/main.tsx" },
      preserveEntrySignatures: "strict",
      output: {
        format: "es",
        entryFileNames: "[name].js",
        chunkFileNames: "[name].js",
        assetFileNames: "[name][extname]",
        // What the first view and the lazy ones share: one request instead of one for each small module.
        codeSplitting: {
          groups: [
            {
              name: "shared",
              test: /node_modules\/@?preact\/|src\/(elements\/\w+|host\/clipboard|model\/(best|columns|format|runs|trainings|view)|views\/(context|Toolbar|panel\/(MetricSelect|useCalmRows)))\.tsx?$/,
            },
          ],
        },
      },
    },
  },
  test: {
    environment: "node",
    include: ["src/**/*.test.{ts,tsx}"],
    // Catches what hangs: on a slow and busy machine a test takes ten times as long.
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
