import { worker } from "../_shared/worker.ts";

export default { fetch: worker("deferred_actions") };
