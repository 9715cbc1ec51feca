//! A JPEG without what is not its picture: the same pixels, bit by bit.

use crate::segments::{Segment, next_marker};

/// Says that the components are grey, or brightness and color.
const JFIF: &[u8] = b"\xff\xe0\0\x10JFIF\0\x01\x01\0\0\x01\0\x01\0\0";

/// The tables, the frame and the scans of a JPEG that was decoded and has nothing else among the data of its scans. What is
/// left behind: metadata, previews, comments, and what comes after the end of the picture.
pub(crate) fn jpeg(file: &[u8]) -> Option<Vec<u8>> {
    let mut kept = vec![0xff, 0xd8];
    kept.extend_from_slice(JFIF);
    let mut at = 2;
    let mut has_codes = false;
    loop {
        let Segment {
            marker,
            content,
            end,
        } = Segment::read(file, at).ok()?;
        at = end;
        match marker {
            0xd9 => {
                kept.extend([0xff, 0xd9]);
                return Some(kept);
            }
            // Frames, Huffman tables, scans, quantization tables and restart intervals.
            0xc0..=0xc2 | 0xc4 | 0xda | 0xdb | 0xdd => {
                kept.extend([0xff, marker]);
                kept.extend(u16::try_from(content.len() + 2).ok()?.to_be_bytes());
                kept.extend_from_slice(content);
            }
            _ => {}
        }
        has_codes |= marker == 0xc4;
        if marker == 0xda {
            // Not everybody knows the codes that a file without any means.
            if !has_codes {
                return None;
            }
            at = scan_end(file, end)?;
            kept.extend_from_slice(file.get(end..at)?);
        }
    }
}

/// Where the marker is that ends the data of a scan, which have restart markers.
fn scan_end(file: &[u8], start: usize) -> Option<usize> {
    let mut at = start;
    loop {
        at = next_marker(file, at)?;
        if !matches!(file.get(at + 1), Some(0xd0..=0xd7)) {
            return Some(at);
        }
        at += 2;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_leaves_out_its_codes_cannot_stay() {
        let scan = b"\xff\xda\0\x03\0\x12\x34\xff\xd9";
        let codes = b"\xff\xc4\0\x03\0";
        let file = |parts: &[&[u8]]| [b"\xff\xd8", parts.concat().as_slice()].concat();
        assert_eq!(jpeg(&file(&[scan])), None);
        assert_eq!(jpeg(&file(&[scan, codes])), None);
        let kept = jpeg(&file(&[b"\xff\xe1\0\x04ab", codes, scan]));
        let expected = [b"\xff\xd8", JFIF, codes, scan].concat();
        assert_eq!(kept, Some(expected));
    }
}
