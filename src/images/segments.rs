//! The segments of a JPEG. Whoever reads one of these files goes from marker to marker by the same rules.

use crate::failure::{Code, Failure};

/// A marker and what belongs to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Segment<'file> {
    pub(crate) marker: u8,
    /// Without the length.
    pub(crate) content: &'file [u8],
    /// Where the file goes on.
    pub(crate) end: usize,
}

impl<'file> Segment<'file> {
    /// Reads the segment at `at`, before which there may be more bytes of ones.
    pub(crate) fn read(file: &'file [u8], mut at: usize) -> Result<Self, Failure> {
        let truncated = || Failure::new(Code::Truncated, "the file ends within its header");
        let corrupt = || Failure::new(Code::Corrupt, "the JPEG has no marker where one must be");
        if file.get(at).ok_or_else(truncated)? != &0xff {
            return Err(corrupt());
        }
        while file.get(at + 1) == Some(&0xff) {
            at += 1;
        }
        let marker = *file.get(at + 1).ok_or_else(truncated)?;
        let start = at + 2;
        match marker {
            0 => Err(corrupt()),
            // Alone: without a length.
            0x01 | 0xd0..=0xd9 => Ok(Self {
                marker,
                content: &[],
                end: start,
            }),
            _ => {
                let length = file.get(start..).and_then(<[u8]>::first_chunk::<2>);
                let length = usize::from(u16::from_be_bytes(*length.ok_or_else(truncated)?));
                let end = start + length;
                if length < 2 {
                    return Err(corrupt());
                }
                let content = file.get(start + 2..end).ok_or_else(truncated)?;
                Ok(Self {
                    marker,
                    content,
                    end,
                })
            }
        }
    }
}

/// Where the next marker is from `at` on, in the data of a scan.
pub(crate) fn next_marker(file: &[u8], at: usize) -> Option<usize> {
    let found = file
        .get(at..)?
        .windows(2)
        .position(|pair| matches!(pair, [0xff, second] if !matches!(second, 0 | 0xff)));
    found.map(|found| at + found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn goes_from_marker_to_marker() {
        let file = b"\xff\xd8\xff\xff\xe0\0\x04ab\xff\x01\xff\xdb\0\x02\xff\0\xff\xd9";
        let mut at = 0;
        let mut seen = Vec::new();
        while let Ok(segment) = Segment::read(file, at) {
            seen.push((segment.marker, segment.content));
            at = segment.end;
        }
        let expected: [(u8, &[u8]); 4] = [(0xd8, b""), (0xe0, b"ab"), (0x01, b""), (0xdb, b"")];
        assert_eq!(seen, expected);
        // A stuffed byte is no marker: the data of a scan would begin in front of it.
        assert_eq!(at, 15);
        assert_eq!(next_marker(file, at), Some(17));
        assert_eq!(next_marker(file, 18), None);
    }

    #[test]
    fn what_is_cut_off_is_told_from_what_is_broken() {
        let code = |file: &[u8]| Segment::read(file, 0).err().map(|failure| failure.code);
        for file in [
            &b"\xff"[..],
            b"",
            b"\xff\xff",
            b"\xff\xe0\0",
            b"\xff\xe0\0\x04a",
        ] {
            assert_eq!(code(file), Some(Code::Truncated), "{file:?}");
        }
        for file in [&b"\0\xff"[..], b"\xff\0\0\x02", b"\xff\xe0\0\x01"] {
            assert_eq!(code(file), Some(Code::Corrupt), "{file:?}");
        }
    }
}
