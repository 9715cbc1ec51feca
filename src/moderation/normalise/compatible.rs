//! Compatibility forms, capitals and letters with marks: `ﬁ`, `Ｆ`, `𝓯`, `Д`, `é`. The table is generated (`tools/moderation/folding.ts`).

use std::sync::LazyLock;

/// Each line: the first code point, `=`, `+` or `/` and how many follow, a space, and what the first one becomes. After `=`
/// all become the same, after `+` characters that follow each other, and after `/` every second one does, the others stay.
const TABLE: &str = include_str!("folding.txt");

static RUNS: LazyLock<Vec<Run>> = LazyLock::new(|| TABLE.lines().filter_map(Run::read).collect());

struct Run {
    first: u32,
    last: u32,
    kind: char,
    to: &'static str,
}

/// What a character becomes, if it is in the table.
pub(super) fn compatible(c: char) -> Option<impl Iterator<Item = char>> {
    let code = u32::from(c);
    let after = RUNS.partition_point(|run| run.first <= code);
    let run = RUNS.get(after.checked_sub(1)?)?;
    let offset = code - run.first;
    (code <= run.last && (run.kind != '/' || offset % 2 == 0)).then(|| {
        let offset = if run.kind == '=' { 0 } else { offset };
        let to = run.to.chars();
        to.map(move |c| char::from_u32(u32::from(c) + offset).unwrap_or(c))
    })
}

impl Run {
    fn read(line: &'static str) -> Option<Self> {
        let (codes, to) = line.split_once(' ')?;
        let kind = codes.chars().find(|c| !c.is_ascii_hexdigit());
        let kind = kind.unwrap_or('=');
        let (first, more) = codes.split_once(kind).unwrap_or((codes, "0"));
        let first = u32::from_str_radix(first, 16).ok()?;
        Some(Self {
            first,
            last: first + u32::from_str_radix(more, 16).ok()?,
            kind,
            to,
        })
    }
}
