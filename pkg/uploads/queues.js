/* @ts-self-types="./queues.d.ts" */
import * as wasm from "./queues_bg.wasm";
import { __wbg_set_wasm } from "./queues_bg.js";

__wbg_set_wasm(wasm);
wasm.__wbindgen_start();
export {
    acceptRun, databaseTimeoutMs, decide, drain, refuseMethod
} from "./queues_bg.js";
