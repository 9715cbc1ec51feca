import { worker } from "../_shared/worker.ts";

export default { fetch: worker("like_events") };
