//! The coefficients of a block, most of which are zero or small.

/// Coefficients in the order of a scan. A progressive JPEG has all of its blocks at once, so they are held in one byte each
/// until one of them needs two.
#[derive(Clone)]
pub(super) struct Block {
    /// Which coefficients are not zero, except for the first.
    pub(super) used: u64,
    pub(super) first: i16,
    /// Those behind the first: the lower byte, or all.
    low: [i8; 64],
    /// The upper bytes, if there are any.
    high: Option<Box<[i8; 64]>>,
}

impl Block {
    pub(super) const EMPTY: Self = Self {
        used: 0,
        first: 0,
        low: [0; 64],
        high: None,
    };

    #[inline(always)]
    pub(super) fn get(&self, place: u32) -> i16 {
        let place = place as usize & 63;
        let low = self.low.get(place).copied().unwrap_or_default();
        match &self.high {
            None => i16::from(low),
            Some(high) => {
                let high = high.get(place).copied().unwrap_or_default();
                i16::from_be_bytes([high.cast_unsigned(), low.cast_unsigned()])
            }
        }
    }

    #[inline(always)]
    pub(super) fn set(&mut self, place: u32, value: i16) {
        let [_, low] = value.to_be_bytes();
        let low = low.cast_signed();
        if i16::from(low) != value || self.high.is_some() {
            self.set_high(place, value);
        }
        if let Some(to) = self.low.get_mut(place as usize & 63) {
            *to = low;
        }
    }

    #[inline(never)]
    fn set_high(&mut self, place: u32, value: i16) {
        let signs = || Box::new(self.low.map(|low| low >> 7));
        let high = self.high.get_or_insert_with(signs);
        let [byte, _] = value.to_be_bytes();
        if let Some(to) = high.get_mut(place as usize & 63) {
            *to = byte.cast_signed();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn coefficients_of_any_size_are_held() {
        let mut block = Block::EMPTY;
        let values = [
            5,
            -7,
            127,
            -128,
            128,
            -129,
            1_000,
            -1_000,
            i16::MAX,
            i16::MIN,
        ];
        for (place, value) in (1..).zip(values) {
            block.set(place, value);
        }
        // From one byte to two and back, and the other way.
        block.set(5, -1);
        block.set(1, 300);
        let seen: Vec<_> = (1..12).map(|place| block.get(place)).collect();
        let expected = [
            300,
            -7,
            127,
            -128,
            -1,
            -129,
            1_000,
            -1_000,
            i16::MAX,
            i16::MIN,
            0,
        ];
        assert_eq!(seen, expected);
    }

    #[test]
    fn small_coefficients_need_no_more_memory() {
        let mut block = Block::EMPTY;
        for place in 1..64 {
            block.set(place, -128);
        }
        assert!(block.high.is_none());
    }
}
