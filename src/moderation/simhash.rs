//! Near-duplicates: texts whose hashes differ in few bits.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use xxhash_rust::xxh64::xxh64;

use super::reason::{Reason, ReasonCode};
use crate::base::json;

/// A text with fewer letters and digits is too short: many people write *so beautiful!*
const MIN_CHARS: usize = 24;
/// Characters of a shingle.
const SHINGLE: usize = 4;
/// Texts are near-duplicates if at most this many bits differ.
const MAX_DISTANCE: u32 = 6;

/// So many near-duplicates are no coincidence.
const MIN_COPIES: usize = 3;
/// Of the same author.
const MIN_OWN_COPIES: usize = 2;

/// Other comments that are nearly the same.
#[derive(Debug, Clone, Copy, Default)]
pub struct Copies {
    own: usize,
    all: usize,
}

impl Copies {
    /// Counts one more.
    pub(crate) fn add(&mut self, is_own: bool) {
        self.own += usize::from(is_own);
        self.all += 1;
    }

    pub(super) fn reason(self) -> Option<Reason> {
        let are_many = self.all >= MIN_COPIES || self.own >= MIN_OWN_COPIES;
        are_many.then(|| ReasonCode::NearDuplicate.with(&self.all.to_string()))
    }
}

/// The hash of a text, close to those of similar texts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct SimHash(u64);

impl SimHash {
    /// The hash of a text as it is meant; `None` if it is too short to compare.
    pub(crate) fn of(meant: &str) -> Option<Self> {
        let chars: Vec<char> = meant.chars().filter(|c| c.is_alphanumeric()).collect();
        if chars.len() < MIN_CHARS {
            return None;
        }
        let mut sums = [0_i32; 64];
        let mut bytes = String::with_capacity(4 * SHINGLE);
        for shingle in chars.windows(SHINGLE) {
            bytes.clear();
            bytes.extend(shingle);
            let hash = xxh64(bytes.as_bytes(), 0);
            for (bit, sum) in sums.iter_mut().enumerate() {
                *sum += if hash >> bit & 1 == 1 { 1 } else { -1 };
            }
        }
        let bits = sums
            .iter()
            .enumerate()
            .map(|(bit, sum)| u64::from(*sum > 0) << bit);
        Some(Self(bits.sum()))
    }

    /// Whether two texts are nearly the same.
    pub(crate) fn is_near(self, other: Self) -> bool {
        (self.0 ^ other.0).count_ones() <= MAX_DISTANCE
    }
}

impl fmt::Display for SimHash {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:016x}", self.0)
    }
}

impl Serialize for SimHash {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for SimHash {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        json::text(deserializer, "16 hexadecimal digits", |text| {
            let is_hash = text.len() == 16 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
            is_hash.then(|| u64::from_str_radix(text, 16).ok().map(Self))?
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OFFER: &str =
        "earn 500 dollars a day from home write to me on my profile and start today";

    #[test]
    fn near_duplicates_differ_in_few_bits() {
        let offer = SimHash::of(OFFER).unwrap();
        for (text, is_near) in [
            (OFFER.to_owned(), true),
            (format!("{OFFER}!"), true),
            (format!("{OFFER} ann"), true),
            (OFFER.replace(' ', "  "), true),
            (
                "what a wonderful light in this picture of the mountains in winter".to_owned(),
                false,
            ),
        ] {
            assert_eq!(
                offer.is_near(SimHash::of(&text).unwrap()),
                is_near,
                "{text}"
            );
        }
        assert_eq!(SimHash::of("so beautiful!"), None);
    }

    #[test]
    fn is_written_and_read_as_hexadecimal_digits() {
        let hash = SimHash::of(OFFER).unwrap();
        let json = serde_json::to_string(&hash).unwrap();
        assert_eq!(json.len(), 18);
        assert_eq!(serde_json::from_str::<SimHash>(&json).unwrap(), hash);
        for bad in [
            r#""""#,
            r#""+000000000000001""#,
            r#""0123456789abcdeg""#,
            "7",
        ] {
            assert!(serde_json::from_str::<SimHash>(bad).is_err(), "{bad}");
        }
    }
}
