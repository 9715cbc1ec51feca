//! Two linear models, trained by `tools/moderation/train.rs`. docs/moderation.md is their card.

use super::features::{BUCKETS, Features, SIGN_BUCKETS};

/// Changes with the rules, the lists or the weights: verdicts of different versions are not comparable.
pub const VERSION: &str = "4";

/// The probability that a comment offends.
pub(super) const OFFENCE: Model<'static> = Model {
    file: include_bytes!("offence.bin"),
};
/// The probability that it is spam.
pub(super) const SPAM: Model<'static> = Model {
    file: include_bytes!("spam.bin"),
};

/// Bytes before the weights: the bias, the weight of a step for text and the one for signs, as `f32`.
const HEADER: usize = 12;

/// A trained model: a weight of 8 bits for each bucket of the text, then one for each of the signs.
#[derive(Debug, Clone, Copy)]
pub struct Model<'a> {
    file: &'a [u8],
}

impl<'a> Model<'a> {
    /// Reads a model's file; `None` if it has another size.
    #[must_use]
    pub fn read(file: &'a [u8]) -> Option<Self> {
        (file.len() == HEADER + BUCKETS + SIGN_BUCKETS).then_some(Self { file })
    }

    /// The probability, from 0 to 1.
    #[must_use]
    pub fn probability(&self, features: &Features) -> f32 {
        let [bias, text_step, sign_step] = [0, 4, 8].map(|at| self.float(at));
        let text = self.sum(HEADER, &features.text) * text_step / root(features.text.len());
        let signs = self.sum(HEADER + BUCKETS, &features.signs) * sign_step;
        1.0 / (1.0 + (-(bias + text + signs)).exp())
    }

    fn float(&self, at: usize) -> f32 {
        let bytes = self
            .file
            .get(at..at + 4)
            .and_then(|bytes| bytes.try_into().ok());
        bytes.map_or(0.0, f32::from_le_bytes)
    }

    /// A weight is the square of its byte, with the byte's sign: small ones, which are most, are the more precise. The sum is
    /// below 2^24, which `f32` holds exactly.
    #[expect(clippy::cast_precision_loss, reason = "it is below 2^24")]
    fn sum(&self, start: usize, buckets: &[u16]) -> f32 {
        let weights = buckets
            .iter()
            .filter_map(|bucket| self.file.get(start + usize::from(*bucket)));
        weights
            .map(|weight| i32::from(weight.cast_signed()))
            .map(|weight| weight * weight.abs())
            .sum::<i32>() as f32
    }
}

/// Longer texts have more features: their sum grows with the root of their number.
#[expect(clippy::cast_precision_loss, reason = "it is below 2^24")]
pub(super) fn root(len: usize) -> f32 {
    (len.max(1) as f32).sqrt()
}
