import { newDeliver } from "../_shared/providers/index.ts";
import { worker } from "../_shared/worker.ts";

export default { fetch: worker("deliveries", { deliver: newDeliver() }) };
