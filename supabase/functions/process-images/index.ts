import { imageJobs } from "../_shared/images/index.ts";
import { worker } from "../_shared/worker.ts";

export default { fetch: worker("image_processing", imageJobs) };
