//! A JPEG without what is not its picture: the same pixels, bit by bit.

/// What a file without color transform needs to say.
const JFIF: &[u8] = b"\xff\xe0\0\x10JFIF\0\x01\x01\0\0\x01\0\x01\0\0";

/// The tables, the frame and the scans of a JPEG that was decoded. Anything else is left behind: metadata, previews,
/// comments, and what comes after the end of the picture.
pub(crate) fn jpeg(file: &[u8]) -> Option<Vec<u8>> {
    let mut kept = vec![0xff, 0xd8];
    kept.extend_from_slice(JFIF);
    let mut rest = file.strip_prefix(&[0xff, 0xd8])?;
    let mut has_codes = false;
    loop {
        let (marker, after) = match rest {
            [0xff, 0xff, ..] => {
                rest = rest.get(1..)?;
                continue;
            }
            [0xff, marker, after @ ..] => (*marker, after),
            _ => return None,
        };
        match marker {
            0xd9 => {
                kept.extend([0xff, 0xd9]);
                return Some(kept);
            }
            0x01 | 0xd0..=0xd7 => {
                rest = after;
                continue;
            }
            _ => {}
        }
        let length = usize::from(u16::from_be_bytes(*after.first_chunk::<2>()?));
        let (segment, after) = after.split_at_checked(length)?;
        // Frames, Huffman tables, scans, quantization tables, and how often the decoder may start anew.
        let is_picture = matches!(marker, 0xc0..=0xc2 | 0xc4 | 0xda | 0xdb | 0xdd);
        if is_picture {
            kept.extend([0xff, marker]);
            kept.extend_from_slice(segment);
        }
        rest = after;
        has_codes |= marker == 0xc4;
        if marker == 0xda {
            // Not everybody knows the codes that a file without any means.
            if !has_codes {
                return None;
            }
            let length = scan(rest)?;
            kept.extend_from_slice(rest.get(..length)?);
            rest = rest.get(length..)?;
        }
    }
}

/// The bytes up to the next marker that ends a scan.
fn scan(bytes: &[u8]) -> Option<usize> {
    bytes
        .windows(2)
        .position(|pair| matches!(pair, [0xff, 0x01..=0xcf | 0xd8..=0xfe]))
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
