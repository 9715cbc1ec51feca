//! Pixels, a plane for each channel.

/// The longest side of a picture that is published, and so of what a decoder makes.
pub(crate) const LONGEST_SIDE: u32 = 2_560;

/// `samples` holds `width × height` samples of one channel, row by row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Plane {
    pub(crate) width: u32,
    pub(crate) height: u32,
    pub(crate) samples: Vec<u8>,
}

impl Plane {
    pub(crate) fn new(width: u32, height: u32, sample: u8) -> Self {
        Self {
            width,
            height,
            samples: vec![sample; width as usize * height as usize],
        }
    }

    pub(crate) fn row(&self, at: usize) -> &[u8] {
        let width = self.width as usize;
        self.samples
            .get(at * width..(at + 1) * width)
            .unwrap_or_default()
    }
}

/// A picture by its channels.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Picture {
    /// As JPEG has it: brightness, and two planes of color at half its width and height.
    Ycc([Plane; 3]),
    /// Brightness alone.
    Grey(Plane),
    /// Red, green and blue.
    Rgb([Plane; 3]),
    /// The same with opacity, which the colors are not multiplied by.
    Rgba([Plane; 4]),
}

/// The size of a plane of color in `Ycc`.
pub(crate) fn halved(width: u32, height: u32) -> (u32, u32) {
    (width.div_ceil(2), height.div_ceil(2))
}

impl Picture {
    pub(crate) fn size(&self) -> (u32, u32) {
        let (Self::Ycc([first, ..])
        | Self::Grey(first)
        | Self::Rgb([first, ..])
        | Self::Rgba([first, ..])) = self;
        (first.width, first.height)
    }
}
