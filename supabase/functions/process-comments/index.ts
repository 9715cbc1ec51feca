import { worker } from "../_shared/worker.ts";

export default { fetch: worker("comment_moderation") };
