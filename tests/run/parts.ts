/** The parts of `make test`: each is a target of the Makefile. */

export interface Part {
  target: string;
  /** False where nothing is counted, such as formatting. */
  hasChecks: boolean;
  /** Parts that share something run one after the other: Cargo's target folder, or the lock of apt. */
  shares?: "cargo" | "apt";
}

/** In the order of their start. Long waits come first, so that they pass while others compile. */
export const parts: Part[] = [
  { target: "test-e2e", hasChecks: true },
  { target: "test-web", hasChecks: true, shares: "apt" },
  { target: "test-core", hasChecks: true, shares: "cargo" },
  { target: "lint", hasChecks: false, shares: "cargo" },
  { target: "test-fuzz", hasChecks: true, shares: "cargo" },
  { target: "test-sql", hasChecks: true, shares: "apt" },
  { target: "test-wasm", hasChecks: true, shares: "cargo" },
  { target: "test-deploy", hasChecks: true },
  { target: "test-package", hasChecks: true, shares: "cargo" },
  { target: "test-local", hasChecks: true },
  { target: "test-tools", hasChecks: true, shares: "cargo" },
  { target: "test-providers", hasChecks: true },
  { target: "test-email", hasChecks: true, shares: "apt" },
];

/** What must pass before anything slow starts. */
export const first: Part[] = [{ target: "test-schema", hasChecks: true }];
