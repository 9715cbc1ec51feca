/* tslint:disable */
/* eslint-disable */
export const memory: WebAssembly.Memory;
export const acceptRun: (a: number, b: number, c: number, d: number, e: number, f: number) => [number, number];
export const databaseTimeoutMs: () => number;
export const decide: (a: number, b: number, c: number, d: number, e: number) => [number, number, number, number];
export const drain: (a: number, b: number, c: number, d: number, e: any, f: number, g: number) => any;
export const refuseMethod: (a: number, b: number, c: number, d: number) => [number, number];
export const wasm_bindgen__convert__closures_____invoke__h1b49084453ef3be8: (a: number, b: number, c: any, d: any) => void;
export const wasm_bindgen__convert__closures_____invoke__hcac09d8e1c990a00: (a: number, b: number, c: any) => [number, number];
export const __wbindgen_malloc: (a: number, b: number) => number;
export const __wbindgen_realloc: (a: number, b: number, c: number, d: number) => number;
export const __wbindgen_free: (a: number, b: number, c: number) => void;
export const __wbindgen_exn_store: (a: number) => void;
export const __externref_table_alloc: () => number;
export const __wbindgen_externrefs: WebAssembly.Table;
export const __wbindgen_destroy_closure: (a: number, b: number) => void;
export const __externref_table_dealloc: (a: number) => void;
export const __wbindgen_start: () => void;
