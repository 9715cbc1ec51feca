//! Two readings of a text: as it is written, and as it is meant where somebody hides a word.

mod compatible;
mod confusables;
mod fold;
mod leet;
mod spaced;
mod stretched;

pub(crate) use fold::{Folded, fold};

/// The words of a folded text as they are meant, each after one space: lookalikes of letters, digits and symbols that
/// stand for letters, letters that stand apart, and stretched ones. A star inside a word is kept.
pub(crate) fn unmask(folded: &str) -> String {
    let mut words = spaced::rejoin(split(folded));
    let mut text = String::with_capacity(folded.len());
    for word in &mut words {
        spaced::unstar(word);
        leet::unleet(word);
        trim(word);
        // Without its symbols it may have one between all of its letters.
        spaced::unstar(word);
    }
    // A word that lost its symbols may have become one letter.
    for mut word in spaced::rejoin(words) {
        leet::unleet(&mut word);
        let (word, other) = stretched::unstretch(word);
        for word in [Some(word), other].into_iter().flatten() {
            if !word.is_empty() {
                if !text.is_empty() {
                    text.push(' ');
                }
                text.extend(word);
            }
        }
    }
    text
}

/// The words, with the symbols that may be letters.
fn split(folded: &str) -> Vec<Vec<char>> {
    let is_word = |c: char| c.is_alphanumeric() || c == '*' || leet::is_leet(c);
    folded
        .split(|c: char| !is_word(c))
        .filter(|word| word.contains(char::is_alphanumeric))
        .map(|word| {
            let mut word: Vec<char> = word.chars().map(confusables::latin).collect();
            trim_ends(&mut word);
            word
        })
        .collect()
}

/// Symbols at the ends of a word are punctuation, except for `$`, and `!` or `|` in front.
fn trim_ends(word: &mut Vec<char>) {
    while word.pop_if(|c| !c.is_alphanumeric() && *c != '$').is_some() {}
    let front = word
        .iter()
        .take_while(|c| !c.is_alphanumeric() && !matches!(c, '$' | '!' | '|'))
        .count();
    word.drain(..front);
}

/// Drops the symbols that stand for no letter.
fn trim(word: &mut Vec<char>) {
    word.retain(|c| c.is_alphanumeric() || *c == '*');
    while word.pop_if(|c| *c == '*').is_some() {}
    let stars = word.iter().take_while(|c| **c == '*').count();
    word.drain(..stars);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn meant(text: &str) -> String {
        unmask(&fold(text).text)
    }

    #[test]
    fn reads_words_as_they_are_meant() {
        for (written, read) in [
            ("sh1t a$$ b!tch $hit", "shit ass bitch shit"),
            ("F U C K you", "fuck you"),
            ("p.u.t.a es p-u-t-a f*u*c*k", "puta es puta fuck"),
            ("fuuuuck", "fuck fuuck"),
            ("asssss niggggger", "as ass niger nigger"),
            ("ѕһ1т", "shit"),
            ("f**k s*it", "f**k s*it"),
            ("*great* (really)!", "great really"),
            ("@ann: 100 1.2.3 10:30!!", "ann 100 1 2 3 10 30"),
            ("a b", "a b"),
            ("aaaa x y", "aa x y"),
            ("no!!! sí…", "no si"),
            ("k*n*@0", "kno"),
            ("", ""),
        ] {
            assert_eq!(meant(written), read, "{written:?}");
        }
    }
}
