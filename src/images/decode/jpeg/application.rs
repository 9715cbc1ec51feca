//! What programs add to a JPEG about its picture: how it was taken, and what its colors mean.

use crate::limits::MAX_METADATA_BYTES;

#[derive(Default)]
pub(super) struct Application<'file> {
    is_jfif: bool,
    /// How Adobe says that the colors are stored.
    adobe: Option<u8>,
    pub(super) exif: Option<&'file [u8]>,
    /// The parts of a profile by their numbers, and how many there are.
    profile: Vec<(u8, u8, &'file [u8])>,
}

/// The kind of the components.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Colors {
    Grey,
    Ycc,
    Rgb,
    Cmyk,
    /// Inks of which all but the last are stored as brightness and color.
    Ycck,
}

impl<'file> Application<'file> {
    pub(super) fn read(&mut self, marker: u8, segment: &'file [u8]) {
        match marker {
            0xe0 => self.is_jfif |= segment.starts_with(b"JFIF\0"),
            0xe1 => {
                let exif = segment.strip_prefix(b"Exif\0\0");
                self.exif = self.exif.or(exif);
            }
            0xe2 => {
                let part = segment.strip_prefix(b"ICC_PROFILE\0");
                if let Some([number, count, part @ ..]) = part
                    && self.profile.len() < usize::from(u8::MAX)
                {
                    self.profile.push((*number, *count, part));
                }
            }
            0xee if segment.starts_with(b"Adobe") => {
                self.adobe = self.adobe.or_else(|| segment.get(11).copied());
            }
            _ => {}
        }
    }

    /// Whether Adobe wrote the file, who stores inks inverted.
    pub(super) fn is_adobe(&self) -> bool {
        self.adobe.is_some()
    }

    /// All parts of the profile, if none is missing.
    pub(super) fn profile(mut self) -> Option<Vec<u8>> {
        self.profile.sort_unstable_by_key(|(number, ..)| *number);
        let (_, count, _) = *self.profile.first()?;
        let numbers = self.profile.iter().map(|(number, ..)| *number);
        if !numbers.eq(1..=count) {
            return None;
        }
        let parts: Vec<_> = self.profile.iter().map(|(.., part)| *part).collect();
        Some(parts.concat()).filter(|profile| profile.len() <= MAX_METADATA_BYTES)
    }

    /// What the components are, by the rules of libjpeg.
    pub(super) fn colors(&self, ids: &[u8]) -> Option<Colors> {
        Some(match (ids, self.adobe) {
            ([_], _) => Colors::Grey,
            ([_, _, _], _) if self.is_jfif => Colors::Ycc,
            ([_, _, _], Some(0)) | (b"RGB", None) => Colors::Rgb,
            ([_, _, _], _) => Colors::Ycc,
            ([_, _, _, _], Some(0) | None) => Colors::Cmyk,
            ([_, _, _, _], Some(_)) => Colors::Ycck,
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_profile_has_all_of_its_parts_in_their_order() {
        let profile = |parts: &[&'static [u8]]| {
            let mut application = Application::default();
            for part in parts {
                application.read(0xe2, part);
            }
            application.profile()
        };
        let (first, second) = (b"ICC_PROFILE\0\x01\x02ab", b"ICC_PROFILE\0\x02\x02c");
        assert_eq!(
            profile(&[second, first]).as_deref(),
            Some(b"abc".as_slice())
        );
        assert_eq!(profile(&[first]), None);
        assert_eq!(profile(&[first, second, second]), None);
        assert_eq!(profile(&[b"ICC_PROFILE\0"]), None);
        assert_eq!(profile(&[]), None);
    }

    #[test]
    fn the_colors_are_what_libjpeg_takes_them_for() {
        let colors = |segments: &[(u8, &'static [u8])], ids: &[u8]| {
            let mut application = Application::default();
            for (marker, segment) in segments {
                application.read(*marker, segment);
            }
            application.colors(ids)
        };
        let jfif = (0xe0, b"JFIF\0".as_slice());
        let adobe = |transform| -> (u8, &'static [u8]) {
            let segment: [&[u8]; 3] = [
                b"Adobe\0\x64\0\0\0\0\0",
                b"Adobe\0\x64\0\0\0\0\x01",
                b"Adobe\0\x64\0\0\0\0\x02",
            ];
            (0xee, segment.get(transform).copied().unwrap_or_default())
        };
        assert_eq!(colors(&[], &[1]), Some(Colors::Grey));
        assert_eq!(colors(&[], &[1, 2, 3]), Some(Colors::Ycc));
        assert_eq!(colors(&[], b"RGB"), Some(Colors::Rgb));
        assert_eq!(colors(&[jfif], b"RGB"), Some(Colors::Ycc));
        assert_eq!(colors(&[adobe(0)], &[1, 2, 3]), Some(Colors::Rgb));
        assert_eq!(colors(&[adobe(1)], b"RGB"), Some(Colors::Ycc));
        assert_eq!(colors(&[], &[1, 2, 3, 4]), Some(Colors::Cmyk));
        assert_eq!(colors(&[adobe(0)], &[1, 2, 3, 4]), Some(Colors::Cmyk));
        assert_eq!(colors(&[adobe(2)], &[1, 2, 3, 4]), Some(Colors::Ycck));
        assert_eq!(colors(&[], &[1, 2]), None);
    }
}
