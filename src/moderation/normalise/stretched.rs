//! Words with stretched letters.

/// From how many on equal letters are stretched: no word has three.
const STRETCHED: usize = 3;

/// The words that a stretched one may be: `fuuuck` is `fuck` or `fuuck`, `assss` is `as` or `ass`.
pub(super) fn unstretch(word: Vec<char>) -> (Vec<char>, Option<Vec<char>>) {
    if longest_run(&word) < STRETCHED {
        return (word, None);
    }
    let double = shorten(&word, 2);
    let single = shorten(&word, 1);
    // A single letter could be joined with its neighbours.
    if single.len() < 2 {
        (double, None)
    } else {
        (single, Some(double))
    }
}

fn shorten(word: &[char], len: usize) -> Vec<char> {
    word.chunk_by(|a, b| a == b)
        .flat_map(|run| {
            let is_stretched = run.len() >= STRETCHED && run.iter().all(|c| c.is_alphabetic());
            run.iter()
                .take(if is_stretched { len } else { run.len() })
                .copied()
        })
        .collect()
}

fn longest_run(word: &[char]) -> usize {
    word.chunk_by(|a, b| a == b)
        .filter(|run| run.iter().all(|c| c.is_alphabetic()))
        .map(<[char]>::len)
        .max()
        .unwrap_or(0)
}
