//! What the models see of a comment: hashes of its words, of its character n-grams, and of the signs of the rules.

use super::language::Language;

/// The models have this many weights, half of them for Spanish: the same letters tell something else there. A feature has
/// the weight that its hash names.
pub const BUCKETS: usize = 1 << 15;

/// Buckets of the signs, half of them for Spanish.
pub const SIGN_BUCKETS: usize = 1 << 9;

/// Lengths of the character n-grams.
const NGRAMS: std::ops::RangeInclusive<usize> = 2..=5;

/// The features of a comment.
#[derive(Debug, Clone, Default)]
pub struct Features {
    /// Of the text: each counts the less the more there are.
    pub text: Vec<u16>,
    /// Of the rules: each counts in full.
    pub signs: Vec<u16>,
}

impl Features {
    /// Of a folded text, of the text as it is meant, and of the names of signs.
    pub(super) fn new<'a>(
        language: Language,
        folded: &str,
        meant: &str,
        signs: impl Iterator<Item = &'a str>,
    ) -> Self {
        let half = match language {
            Language::Spanish => 1,
            Language::English | Language::Other => 0,
        };
        let mut text = Vec::with_capacity(6 * folded.len());
        for word in folded.split(' ') {
            ngrams(word, &mut text);
        }
        let mut before = "";
        for word in meant.split(' ') {
            text.push(Hash::new('w').text(word).bucket());
            text.push(Hash::new('b').text(before).text(" ").text(word).bucket());
            before = word;
        }
        let mut seen = [0_u64; BUCKETS / 64];
        text.retain_mut(|bucket| {
            *bucket = in_half(*bucket, half, BUCKETS);
            let bit = 1 << (*bucket % 64);
            seen.get_mut(usize::from(*bucket / 64)).is_some_and(|seen| {
                let is_new = *seen & bit == 0;
                *seen |= bit;
                is_new
            })
        });
        let sign = |sign| in_half(Hash::new('s').text(sign).bucket(), half, SIGN_BUCKETS);
        Self {
            text,
            signs: std::iter::once("any").chain(signs).map(sign).collect(),
        }
    }
}

#[expect(clippy::cast_possible_truncation, reason = "BUCKETS is within u16")]
fn in_half(bucket: u16, half: usize, buckets: usize) -> u16 {
    (usize::from(bucket) % (buckets / 2) + half * buckets / 2) as u16
}

/// Adds the n-grams of a word with its borders.
fn ngrams(word: &str, out: &mut Vec<u16>) {
    let border = std::iter::once('\u{1}');
    let chars: Vec<char> = border.clone().chain(word.chars()).chain(border).collect();
    for start in 0..chars.len() {
        let mut hash = Hash::new('n');
        for (len, c) in (1..=*NGRAMS.end()).zip(chars.iter().skip(start)) {
            hash = hash.char(*c);
            if len >= *NGRAMS.start() {
                out.push(hash.bucket());
            }
        }
    }
}

/// FNV-1a, character by character.
#[derive(Clone, Copy)]
struct Hash(u32);

impl Hash {
    fn new(kind: char) -> Self {
        Self(0x811c_9dc5).char(kind)
    }

    fn char(self, c: char) -> Self {
        Self((self.0 ^ u32::from(c)).wrapping_mul(0x0100_0193))
    }

    fn text(self, text: &str) -> Self {
        text.chars().fold(self, Self::char)
    }

    #[expect(clippy::cast_possible_truncation, reason = "BUCKETS is within u16")]
    fn bucket(self) -> u16 {
        // FNV mixes upwards: the high bits are the good ones.
        let mixed = (self.0 ^ (self.0 >> 15)).wrapping_mul(0x2c1b_3c6d);
        ((mixed >> 16) as usize & (BUCKETS - 1)) as u16
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_are_few_for_each_character() {
        for text in ["", "a", "a b c", &"word ".repeat(400), &"ab".repeat(5_000)] {
            let features = Features::new(Language::Other, text, text, std::iter::empty());
            assert!(
                features.text.len() <= 6 * text.len() + 8,
                "{}",
                features.text.len()
            );
        }
    }

    #[test]
    fn a_hash_names_any_bucket() {
        let mut used = vec![false; BUCKETS];
        for n in 0..BUCKETS * 10 {
            let bucket = Hash::new('w').text(&n.to_string()).bucket();
            used[usize::from(bucket)] = true;
        }
        assert!(used.iter().filter(|used| **used).count() > BUCKETS * 99 / 100);
    }
}
