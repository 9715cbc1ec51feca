//! What JavaScript passes in. Their shapes are in `types.ts`.

use js_sys::Uint8Array;
use wasm_bindgen::prelude::*;

use crate::base::Variables;

#[wasm_bindgen]
extern "C" {
    /// See `Variables`.
    #[wasm_bindgen(typescript_type = "Variables")]
    pub type JsVariables;

    #[wasm_bindgen(method)]
    pub(super) fn variable(this: &JsVariables, name: &str) -> Option<String>;
    #[wasm_bindgen(method, js_name = isSet)]
    pub(super) fn is_set(this: &JsVariables, name: &str) -> bool;

    /// See `Host`.
    #[wasm_bindgen(extends = JsVariables, typescript_type = "Host")]
    pub type JsHost;

    #[wasm_bindgen(method, catch)]
    pub(super) async fn claim(
        this: &JsHost,
        limit: Option<u32>,
        alone: bool,
    ) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, catch)]
    pub(super) async fn settle(this: &JsHost, settlement: &str) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, catch)]
    pub(super) async fn heartbeat(this: &JsHost) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, catch)]
    pub(super) async fn deliver(this: &JsHost, delivery: &str) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, catch)]
    pub(super) async fn sleep(this: &JsHost, ms: u32) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method)]
    pub(super) fn now(this: &JsHost) -> f64;
    #[wasm_bindgen(method, js_name = cpuMs)]
    pub(super) fn cpu_ms(this: &JsHost) -> f64;
    #[wasm_bindgen(method, js_name = memoryBytes)]
    pub(super) fn memory_bytes(this: &JsHost) -> f64;
    #[wasm_bindgen(method, js_name = isStopping)]
    pub(super) fn is_stopping(this: &JsHost) -> bool;

    /// See `UnsubscribeHost`.
    #[wasm_bindgen(extends = JsVariables, typescript_type = "UnsubscribeHost")]
    pub type JsUnsubscribeHost;

    #[wasm_bindgen(method, catch, js_name = unsubscribe)]
    pub(super) async fn ask(this: &JsUnsubscribeHost, token: &str) -> Result<JsValue, JsValue>;

    /// See `Reply`.
    #[wasm_bindgen(typescript_type = "Reply")]
    pub type JsReply;

    #[wasm_bindgen(method, getter)]
    pub(super) fn status(this: &JsReply) -> u16;
    #[wasm_bindgen(method, getter, js_name = retryAfter)]
    pub(super) fn retry_after(this: &JsReply) -> Option<String>;
    #[wasm_bindgen(method, getter, js_name = rateLimitReset)]
    pub(super) fn rate_limit_reset(this: &JsReply) -> Option<String>;
    #[wasm_bindgen(method, getter, js_name = messageId)]
    pub(super) fn message_id(this: &JsReply) -> Option<String>;
    #[wasm_bindgen(method, getter)]
    pub(super) fn stage(this: &JsReply) -> Option<String>;
    #[wasm_bindgen(method, getter)]
    pub(super) fn body(this: &JsReply) -> Uint8Array;
}

impl Variables for JsVariables {
    fn variable(&self, name: &str) -> Option<String> {
        self.variable(name)
    }

    fn is_set(&self, name: &str) -> bool {
        self.is_set(name)
    }
}
