//! Decoded pixels.

/// How many bytes a pixel has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Channels {
    Rgb,
    Rgba,
}

impl Channels {
    pub(crate) fn bytes(self) -> usize {
        match self {
            Self::Rgb => 3,
            Self::Rgba => 4,
        }
    }
}

/// `pixels` holds `width × height` pixels of `channels`, row by row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Picture {
    pub(crate) width: u32,
    pub(crate) height: u32,
    pub(crate) channels: Channels,
    pub(crate) pixels: Vec<u8>,
}

impl Picture {
    /// Whether a pixel is transparent to some degree.
    pub(crate) fn is_transparent(&self) -> bool {
        self.channels == Channels::Rgba
            && self
                .pixels
                .as_chunks::<4>()
                .0
                .iter()
                .any(|[.., alpha]| *alpha != 255)
    }

    /// In place: a second copy of a large picture would be too much.
    pub(crate) fn without_alpha(mut self) -> Self {
        if self.channels == Channels::Rgba {
            let count = self.pixels.len() / 4;
            for pixel in 0..count {
                self.pixels.copy_within(pixel * 4..pixel * 4 + 3, pixel * 3);
            }
            self.pixels.truncate(count * 3);
            self.channels = Channels::Rgb;
        }
        self
    }

    pub(crate) fn to_rgba(&self) -> Vec<u8> {
        match self.channels {
            Channels::Rgba => self.pixels.clone(),
            Channels::Rgb => self
                .pixels
                .as_chunks::<3>()
                .0
                .iter()
                .flat_map(|[r, g, b]| [*r, *g, *b, 255])
                .collect(),
        }
    }
}
