//! Digits and symbols that stand for letters.

/// Rewrites a word that has a letter: `sh1t` and `a$$` become `shit` and `ass`. A symbol stands for a letter only
/// beside one. A word without letters is a number or a smiley and stays.
pub(super) fn unleet(word: &mut [char]) {
    if !word.iter().any(|c| c.is_alphabetic()) {
        return;
    }
    // From the end, so that each symbol sees what the next one stands for.
    let mut next: Option<char> = None;
    for index in (0..word.len()).rev() {
        let is_after = index
            .checked_sub(1)
            .and_then(|before| word.get(before))
            .is_some_and(|c| c.is_alphanumeric() || *c == '$');
        let is_before = next.is_some_and(char::is_alphanumeric);
        let Some(c) = word.get_mut(index) else { break };
        if let Some(letter) = letter(*c, is_after, is_before) {
            *c = letter;
        }
        next = Some(*c);
    }
}

/// Whether a character that is no letter may be part of a word.
pub(super) fn is_leet(c: char) -> bool {
    matches!(c, '@' | '$' | '!' | '|' | '+' | '(')
}

fn letter(c: char, is_after: bool, is_before: bool) -> Option<char> {
    let letter = match c {
        '0' => 'o',
        '1' => 'i',
        '3' => 'e',
        '4' => 'a',
        '5' => 's',
        '7' => 't',
        '8' => 'b',
        '9' => 'g',
        '$' if is_after || is_before => 's',
        // In front it names a person.
        '@' if is_after && is_before => 'a',
        '!' | '|' if is_before => 'i',
        '+' if is_after && is_before => 't',
        '(' if is_after && is_before => 'c',
        _ => return None,
    };
    Some(letter)
}
