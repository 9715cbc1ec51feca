/** The parts of `make soak`: what each runs again and again, with other random numbers every time. */

export interface Round {
  program: string;
  args: string[];
  env: Record<string, string>;
  /** How much it checks. */
  size: number;
}

export interface Part {
  /** Names what `size` counts. */
  unit: string;
  /** Compiles what the rounds run, outside of their time. */
  prepare?: Omit<Round, "size">;
  /** Whether what its rounds print is worth reading when they pass. */
  isShown?: boolean;
  /** `mins` is the part's share of the time. */
  round(seed: number, mins: number): Round;
}

const DENO = Deno.execPath();
const cargo = (...args: string[]) => ["test", "--profile", "soak", "--quiet", ...args];
const deno = ["--no-lock", "-A", "--config"];

export const parts: Record<string, Part> = {
  seeds: {
    unit: "seeds",
    prepare: { program: "cargo", args: cargo("--test", "simulation", "--no-run"), env: {} },
    round: (seed) => ({
      program: "cargo",
      args: cargo("--test", "simulation"),
      env: { SIMULATION_FIRST_SEED: `${seed}`, SIMULATION_SEEDS: "5000" },
      size: 5000,
    }),
  },
  fuzz: {
    unit: "cases",
    prepare: { program: "cargo", args: cargo("--test", "properties", "--test", "providers", "--no-run"), env: {} },
    // proptest chooses its own seeds, and keeps those that fail in proptest-regressions/.
    round: () => ({
      program: "cargo",
      args: cargo("--test", "properties", "--test", "providers"),
      env: { PROPTEST_CASES: "5000" },
      size: 5000,
    }),
  },
  images: {
    unit: "seconds of damaged files",
    prepare: {
      program: "cargo",
      args: cargo("--package", "suplatzigram-images", "--test", "fuzz", "--no-run"),
      env: {},
    },
    round: (seed) => ({
      program: "cargo",
      args: cargo("--package", "suplatzigram-images", "--test", "fuzz"),
      env: { FUZZ_SEED: `${seed}`, FUZZ_SECS: "60", FUZZ_FILES: "1000000" },
      size: 60,
    }),
  },
  deliveries: {
    unit: "notifications",
    round: (seed) => ({
      program: DENO,
      args: ["test", "--quiet", ...deno, "tests/deno.json", "tests/e2e/deliveries_at_scale.test.ts"],
      env: { DELIVERIES: "5000", DELIVERIES_SEED: `${seed}` },
      size: 5000,
    }),
  },
  demo: {
    unit: "likes and unlikes",
    round: () => ({
      program: DENO,
      args: ["run", "-A", "--config", "local/deno.json", "local/demo/demo.ts"],
      env: { DEMO_TOGGLES: "10000" },
      size: 10_000,
    }),
  },
  marks: {
    unit: "seconds of many sessions",
    round: (seed) => ({
      program: DENO,
      args: ["test", "--quiet", ...deno, "tests/deno.json", "tests/sql/marks.test.ts"],
      env: { TORTURE_SECS: "60", TORTURE_SEED: `${seed}` },
      size: 60,
    }),
  },
  load: {
    unit: "minutes of likes",
    isShown: true,
    round: (_, mins) => ({
      program: DENO,
      args: ["run", ...deno, "tests/deno.json", "tests/soak/load/main.ts"],
      env: { LOAD_MINS: `${mins}` },
      size: mins,
    }),
  },
};
