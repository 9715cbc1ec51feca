//! What of the coded picture is shown, and which way up.

use heic_rs::{Mirror, Rotation, Transform, transform::crop_rect};

use super::failure;
use crate::{failure::Failure, orientation::Orientation};

pub(super) struct Placed {
    /// The left and the top side, the width and the height of what is shown of the coded picture.
    pub(super) cut: [u32; 4],
    /// The size of that.
    pub(super) width: u32,
    pub(super) height: u32,
    pub(super) orientation: Orientation,
}

impl Placed {
    pub(super) fn new(
        (width, height): (u32, u32),
        transforms: &[Transform],
    ) -> Result<Self, Failure> {
        let mut cut = [0, 0, width, height];
        let mut orientation = Orientation::new(1);
        for transform in transforms {
            let turn = match transform {
                // Anywhere else it would cut a picture that is turned already; the standard has it first.
                Transform::Crop(crop)
                    if cut == [0, 0, width, height] && orientation.is_upright() =>
                {
                    let (left, top, width, height) =
                        crop_rect(width, height, *crop).map_err(|error| failure(&error))?;
                    cut = [left, top, width, height];
                    1
                }
                Transform::Crop(_) => {
                    return Err(failure(&heic_rs::Error::Unsupported(
                        "it is cut after turning",
                    )));
                }
                Transform::Rotate(Rotation::None) => 1,
                Transform::Rotate(Rotation::Ccw90) => 8,
                Transform::Rotate(Rotation::Ccw180) => 3,
                Transform::Rotate(Rotation::Ccw270) => 6,
                // heic-rs names these two the wrong way round: axis 0 exchanges top and bottom (ISO/IEC 23008-12).
                Transform::Mirror(Mirror::LeftRight) => 4,
                Transform::Mirror(Mirror::TopBottom) => 2,
            };
            orientation = orientation.then(Orientation::new(turn));
        }
        let [_, _, width, height] = cut;
        Ok(Self {
            cut,
            width,
            height,
            orientation,
        })
    }
}
