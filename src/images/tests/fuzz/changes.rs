//! What is done to a file.

/// SplitMix64: the same numbers for the same seed.
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// Below `end`, or 0.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        (self.next() % end.max(1) as u64) as usize
    }

    fn byte(&mut self) -> u8 {
        self.next() as u8
    }
}

/// Numbers at which limits are.
const EDGES: [u32; 14] = [
    0,
    1,
    2,
    3,
    7,
    8,
    16,
    0x7f,
    0xff,
    0x7fff,
    0xffff,
    0x0001_0000,
    0x7fff_ffff,
    0xffff_ffff,
];

/// Changes a file in one to eight places; `other` is one of the same format.
pub(crate) fn change(file: &mut Vec<u8>, other: &[u8], random: &mut Random) {
    for _ in 0..=random.below(8) {
        let at = random.below(file.len());
        let longest = if random.below(4) == 0 { 400 } else { 8 };
        let length = 1 + random.below(longest);
        let end = (at + length).min(file.len());
        match random.below(10) {
            0 | 1 => {
                if let Some(byte) = file.get_mut(at) {
                    *byte ^= 1 << random.below(8);
                }
            }
            2 => file[at..end]
                .iter_mut()
                .for_each(|byte| *byte = random.byte()),
            3 => overwrite(file, at, &[random.byte()]),
            4 => {
                let edge = EDGES[random.below(EDGES.len())].to_be_bytes();
                overwrite(file, at, &edge[[0, 2, 3][random.below(3)]..]);
            }
            5 => {
                let edge = EDGES[random.below(EDGES.len())].to_le_bytes();
                overwrite(file, at, &edge[..[1, 2, 4][random.below(3)]]);
            }
            6 => drop(file.drain(at..end)),
            7 => {
                let copy = file[at..end].to_vec();
                let to = random.below(file.len());
                file.splice(to..to, copy);
            }
            8 => {
                let from = random.below(other.len());
                let part = &other[from..(from + length).min(other.len())];
                overwrite(file, at, part);
            }
            _ => {
                if random.below(8) == 0 {
                    file.truncate(at);
                }
            }
        }
    }
}

fn overwrite(file: &mut [u8], at: usize, bytes: &[u8]) {
    for (to, byte) in file.iter_mut().skip(at).zip(bytes) {
        *to = *byte;
    }
}
