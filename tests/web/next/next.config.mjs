import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL(".", import.meta.url));

// It has its own packages, in a folder of a larger checkout.
export default { turbopack: { root }, outputFileTracingRoot: root };
