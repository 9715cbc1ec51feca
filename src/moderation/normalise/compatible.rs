//! Compatibility forms and letters with marks: `ﬁ`, `Ｆ`, `𝓯`, `é`. The table is generated (`tools/moderation/folding.ts`).

use std::sync::LazyLock;

/// Each line: the first code point, `+` or `=` and how many follow, a space, and what the first one becomes. After `+` each
/// becomes the character after that of the one before it, after `=` all become the same.
const TABLE: &str = include_str!("folding.txt");

static RUNS: LazyLock<Vec<Run>> = LazyLock::new(|| TABLE.lines().filter_map(Run::read).collect());

struct Run {
    first: u32,
    last: u32,
    step: u32,
    to: &'static str,
}

/// What a character becomes, if it is in the table.
pub(super) fn compatible(c: char) -> Option<impl Iterator<Item = char>> {
    let code = u32::from(c);
    let after = RUNS.partition_point(|run| run.first <= code);
    let run = RUNS.get(after.checked_sub(1)?)?;
    (code <= run.last).then(|| {
        let offset = (code - run.first) * run.step;
        let to = run.to.chars();
        to.map(move |c| char::from_u32(u32::from(c) + offset).unwrap_or(c))
    })
}

impl Run {
    fn read(line: &'static str) -> Option<Self> {
        let (codes, to) = line.split_once(' ')?;
        let (first, more, step) = match codes.split_once(['+', '=']) {
            Some((first, more)) => (first, more, u32::from(codes.contains('+'))),
            None => (codes, "0", 0),
        };
        let first = u32::from_str_radix(first, 16).ok()?;
        Some(Self {
            first,
            last: first + u32::from_str_radix(more, 16).ok()?,
            step,
            to,
        })
    }
}
