//! The way up.

use crate::picture::{Picture, Plane};

/// How the camera was held: a number from 1 to 8, as in EXIF.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Orientation(u8);

impl Orientation {
    /// Upright if the number is unknown.
    pub(crate) fn new(number: u32) -> Self {
        Self(
            u8::try_from(number)
                .ok()
                .filter(|number| (1..=8).contains(number))
                .unwrap_or(1),
        )
    }

    pub(crate) fn is_upright(self) -> bool {
        self.0 == 1
    }

    /// What turns a picture by this and then by the other.
    pub(crate) fn then(self, other: Self) -> Self {
        let (mut mirrored, mut upside_down) = (other.is_mirrored(), other.is_upside_down());
        // Left and right of the picture that is turned are top and bottom before.
        if self.swaps_sides() {
            (mirrored, upside_down) = (upside_down, mirrored);
        }
        let steps = (
            self.swaps_sides() != other.swaps_sides(),
            self.is_mirrored() != mirrored,
            self.is_upside_down() != upside_down,
        );
        Self(match steps {
            (false, false, false) => 1,
            (false, true, false) => 2,
            (false, true, true) => 3,
            (false, false, true) => 4,
            (true, false, false) => 5,
            (true, false, true) => 6,
            (true, true, true) => 7,
            (true, true, false) => 8,
        })
    }

    fn is_mirrored(self) -> bool {
        matches!(self.0, 2 | 3 | 7 | 8)
    }

    fn is_upside_down(self) -> bool {
        matches!(self.0, 3 | 4 | 6 | 7)
    }

    pub(crate) fn swaps_sides(self) -> bool {
        self.0 >= 5
    }

    /// Turns the picture upright.
    pub(crate) fn upright(self, picture: Picture) -> Picture {
        if self.is_upright() {
            return picture;
        }
        let turned = |plane| self.turned(plane);
        match picture {
            Picture::Ycc(planes) => Picture::Ycc(planes.map(turned)),
            Picture::Grey(plane) => Picture::Grey(turned(plane)),
            Picture::Rgb(planes) => Picture::Rgb(planes.map(turned)),
            Picture::Rgba(planes) => Picture::Rgba(planes.map(turned)),
        }
    }

    fn turned(self, plane: Plane) -> Plane {
        let (columns, rows) = (plane.width as usize, plane.height as usize);
        let (mirrored, upside_down) = (self.is_mirrored(), self.is_upside_down());
        if !self.swaps_sides() {
            let mut samples = Vec::with_capacity(plane.samples.len());
            for y in 0..rows {
                let row = plane.row(if upside_down { rows - 1 - y } else { y });
                if mirrored {
                    samples.extend(row.iter().rev());
                } else {
                    samples.extend_from_slice(row);
                }
            }
            return Plane { samples, ..plane };
        }
        let mut upright = Plane::new(plane.height, plane.width, 0);
        // A square at a time, so that what is read and what is written stays in the cache.
        const SIDE: usize = 32;
        for top in (0..rows).step_by(SIDE) {
            for left in (0..columns).step_by(SIDE) {
                for x in left..columns.min(left + SIDE) {
                    let to_y = if mirrored { columns - 1 - x } else { x };
                    for y in top..rows.min(top + SIDE) {
                        let to_x = if upside_down { rows - 1 - y } else { y };
                        let to = upright.samples.get_mut(to_y * rows + to_x);
                        if let (Some(to), Some(sample)) = (to, plane.samples.get(y * columns + x)) {
                            *to = *sample;
                        }
                    }
                }
            }
        }
        upright
    }
}
