import react from "@vitejs/plugin-react";
import { readdirSync, readFileSync } from "node:fs";
import { defineConfig } from "vite";

const FUNCTIONS = new URL("../../supabase/functions/", import.meta.url);

/** The package of pkg/ that each function runs: its deno.json says so. */
function packages(): Record<string, string> {
  const found = readdirSync(FUNCTIONS).filter((name) => !name.startsWith("_")).map((name) => {
    const { imports } = JSON.parse(readFileSync(new URL(`${name}/deno.json`, FUNCTIONS), "utf8"));
    return [name, /\/pkg\/(\w+)\/$/.exec(imports["suplatzigram-queues/"] ?? "")?.[1]];
  });
  return Object.fromEntries(found.filter(([, name]) => name));
}

export default defineConfig({
  // For any folder of any host.
  base: "./",
  plugins: [react()],
  define: { CORE_PACKAGES: JSON.stringify(packages()) },
  // A policy without `data:` for scripts and fonts: nothing is inlined.
  build: {
    target: "es2022",
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // What changes rarely is cached apart, and measured apart (local/bench/console.ts).
    rolldownOptions: {
      output: {
        codeSplitting: {
          groups: [
            { name: "uPlot", test: /node_modules\/uplot\// },
            { name: "libraries", test: /node_modules\// },
          ],
        },
      },
    },
  },
});
