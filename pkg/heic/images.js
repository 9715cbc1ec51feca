/* @ts-self-types="./images.d.ts" */
import * as wasm from "./images_bg.wasm";
import { __wbg_set_wasm } from "./images_bg.js";

__wbg_set_wasm(wasm);
wasm.__wbindgen_start();
export {
    memoryBytes, process
} from "./images_bg.js";
