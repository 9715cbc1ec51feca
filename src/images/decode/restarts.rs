//! Room before the restart markers of a JPEG.
//!
//! The decoder looks ahead some bytes. If it sees a restart marker at the end of a row of blocks, it drops what is left
//! of the interval before the marker, and the picture shifts (zune-jpeg 0.5.16-rc3; intervals that end with a row are not
//! affected). It skips bytes in front of a marker where it expects one, so it is given some, and never looks too far.

/// More than the decoder looks ahead.
const ROOM: [u8; 16] = [0; 16];

/// The file with room before each restart marker of its first scan, whose marker is at `scan`.
pub(super) fn with_room(file: &[u8], scan: usize) -> Vec<u8> {
    let mut roomy = Vec::with_capacity(file.len() + file.len() / 8);
    // The scan's header may hold anything.
    let header = file
        .get(scan + 2..)
        .and_then(|rest| rest.first_chunk::<2>());
    let start = scan + 2 + header.map_or(0, |length| usize::from(u16::from_be_bytes(*length)));
    let mut copied = 0;
    let mut at = start;
    while let Some(found) = next(file, at) {
        at = found + 2;
        match file.get(found + 1) {
            Some(0xd0..=0xd7) => {
                roomy.extend_from_slice(file.get(copied..found).unwrap_or_default());
                roomy.extend(ROOM);
                copied = found;
            }
            // A byte of the picture, or the marker may be the byte behind.
            Some(0) => {}
            Some(0xff) => at = found + 1,
            _ => break,
        }
    }
    roomy.extend_from_slice(file.get(copied..).unwrap_or_default());
    roomy
}

/// Where the next byte of ones is, from `at` on.
fn next(file: &[u8], at: usize) -> Option<usize> {
    let rest = file.get(at..)?;
    rest.iter()
        .position(|byte| *byte == 0xff)
        .map(|found| at + found)
}
