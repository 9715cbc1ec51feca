/** The built package. It is loaded at run time, because a new checkout has not built it when the tests are checked. */
import { ROOT } from "../../local/tools/paths.ts";

const BUILT = `${ROOT}/web/notifications/dist`;

// deno-lint-ignore no-explicit-any
type Module = Promise<any>;

export const modules = {
  cache: (): Module => import(`file://${BUILT}/cache.js`),
  poll: (): Module => import(`file://${BUILT}/poll.js`),
  relative: (): Module => import(`file://${BUILT}/relative.js`),
};
