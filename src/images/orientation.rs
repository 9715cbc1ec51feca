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

    pub(crate) fn swaps_sides(self) -> bool {
        self.0 >= 5
    }

    /// Turns the picture upright.
    pub(crate) fn upright(self, picture: Picture) -> Picture {
        if self.0 == 1 {
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
        let mirrored = matches!(self.0, 2 | 3 | 7 | 8);
        let upside_down = matches!(self.0, 3 | 4 | 6 | 7);
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
