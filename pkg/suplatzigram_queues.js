/* @ts-self-types="./suplatzigram_queues.d.ts" */
import * as wasm from "./suplatzigram_queues_bg.wasm";
import { __wbg_set_wasm } from "./suplatzigram_queues_bg.js";

__wbg_set_wasm(wasm);
wasm.__wbindgen_start();
export {
    decide, drain, openMetrics
} from "./suplatzigram_queues_bg.js";
