//! `rustrict` as WebAssembly, for the comparison alone.

use rustrict::CensorStr;

/// Space for a text.
#[unsafe(no_mangle)]
pub extern "C" fn space(len: usize) -> *mut u8 {
    Box::leak(vec![0; len].into_boxed_slice()).as_mut_ptr()
}

/// Whether a text is inappropriate, by the crate's defaults. Frees the space.
///
/// # Safety
/// `text` and `len` are of one call of `space`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn is_inappropriate(text: *mut u8, len: usize) -> bool {
    let text = unsafe { Vec::from_raw_parts(text, len, len) };
    String::from_utf8_lossy(&text).is_inappropriate()
}
