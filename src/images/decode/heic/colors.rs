//! What the samples of a HEIC stand for.

use heic_rs::{Nclx, Range};
use moxcms::ColorProfile;

use crate::{
    color::{HALF, clamped},
    failure::{Code, Failure},
    picture::Plane,
};

/// The code for no word about it (ITU-T H.273).
const UNSPECIFIED: u16 = 2;

/// How samples stand for colors. Video about which nothing is said keeps something free above and below.
pub(super) fn kind(nclx: Option<Nclx>) -> Result<YccKind, Failure> {
    let (matrix, range) = nclx.map_or((UNSPECIFIED, Range::Limited), |nclx| {
        (nclx.matrix_code, nclx.range)
    });
    let (red, blue) = match matrix {
        1 => (0.2126, 0.0722),
        UNSPECIFIED | 5 | 6 => (0.299, 0.114),
        9 => (0.2627, 0.0593),
        _ => {
            return Err(Failure::new(
                Code::UnsupportedColor,
                "the HEIC stores its colors in a rare way; please upload a JPEG",
            ));
        }
    };
    Ok(YccKind {
        red,
        blue,
        is_limited: range == Range::Limited,
    })
}

/// How brightness and two planes of color stand for red, green and blue.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct YccKind {
    /// The parts of red and of blue in brightness.
    pub(super) red: f32,
    pub(super) blue: f32,
    /// Video keeps something free above and below.
    pub(super) is_limited: bool,
}

impl YccKind {
    pub(super) const JPEG: Self = Self {
        red: 0.299,
        blue: 0.114,
        is_limited: false,
    };

    /// What a sample of brightness and one of color are worth in JPEG.
    fn scales(self) -> (f32, f32) {
        if self.is_limited {
            (255.0 / 219.0, 255.0 / 224.0)
        } else {
            (1.0, 1.0)
        }
    }

    fn black(self) -> i32 {
        if self.is_limited { 16 } else { 0 }
    }

    pub(super) fn into_grey(self, mut plane: Plane) -> Plane {
        let scale = fixed(self.scales().0);
        for y in &mut plane.samples {
            *y = clamped(((i32::from(*y) - self.black()) * scale + HALF) >> 16);
        }
        plane
    }

    /// The planes as JPEG has them. Between the two are only sums: what is grey stays grey.
    pub(super) fn into_jpeg(self, mut planes: [Plane; 3]) -> [Plane; 3] {
        if self == Self::JPEG {
            return planes;
        }
        let (brightness, color) = self.scales();
        // What a unit of each plane of color adds to brightness and to both planes.
        let parts = |cb: f32, cr: f32| {
            let (r, b) = (2.0 * (1.0 - self.red) * cr, 2.0 * (1.0 - self.blue) * cb);
            let g = -(self.red * r + self.blue * b) / (1.0 - self.red - self.blue);
            let y = 0.299 * r + 0.587 * g + 0.114 * b;
            [y, (b - y) / 1.772, (r - y) / 1.402].map(|part| fixed(part * color))
        };
        let (from_cb, from_cr, brightness) = (parts(1.0, 0.0), parts(0.0, 1.0), fixed(brightness));
        let [y, cb, cr] = &mut planes;
        let width = (cb.width as usize).max(1);
        let mut rows = y.samples.chunks_mut((y.width as usize).max(1));
        let colors = cb
            .samples
            .chunks_mut(width)
            .zip(cr.samples.chunks_mut(width));
        for (cb, cr) in colors {
            let [[y_of_cb, cb_of_cb, cr_of_cb], [y_of_cr, cb_of_cr, cr_of_cr]] = [from_cb, from_cr];
            let added: Vec<_> = cb
                .iter_mut()
                .zip(cr)
                .map(|(cb, cr)| {
                    let (b, r) = (i32::from(*cb) - 128, i32::from(*cr) - 128);
                    *cb = clamped(((b * cb_of_cb + r * cb_of_cr + HALF) >> 16) + 128);
                    *cr = clamped(((b * cr_of_cb + r * cr_of_cr + HALF) >> 16) + 128);
                    b * y_of_cb + r * y_of_cr
                })
                .collect();
            for row in rows.by_ref().take(2) {
                for (pair, added) in row.chunks_mut(2).zip(&added) {
                    for y in pair {
                        let scaled = (i32::from(*y) - self.black()) * brightness;
                        *y = clamped((scaled + added + HALF) >> 16);
                    }
                }
            }
        }
        planes
    }
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "a conversion with `as` saturates"
)]
fn fixed(value: f32) -> i32 {
    (value * 65_536.0).round() as i32
}

/// A profile for the primaries of that code (ITU-T H.273) other than those of sRGB.
pub(super) fn profile(primaries: u16) -> Option<Vec<u8>> {
    let profile = match primaries {
        9 => ColorProfile::new_bt2020(),
        12 => ColorProfile::new_display_p3(),
        _ => return None,
    };
    profile.encode().ok()
}
