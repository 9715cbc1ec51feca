//! Words whose letters stand apart.

/// Letters in a row that stand apart: fewer are words of one letter.
const MIN_LETTERS: usize = 3;

/// Joins words of one character that follow each other: `f u c k` becomes `fuck`. Numbers stay apart.
pub(super) fn rejoin(words: Vec<Vec<char>>) -> Vec<Vec<char>> {
    let mut joined: Vec<Vec<char>> = Vec::with_capacity(words.len());
    let mut run: Vec<char> = Vec::new();
    for word in words {
        match word.as_slice() {
            [c] => run.push(*c),
            _ => {
                end(&mut run, &mut joined);
                joined.push(word);
            }
        }
    }
    end(&mut run, &mut joined);
    joined
}

fn end(run: &mut Vec<char>, joined: &mut Vec<Vec<char>>) {
    let letters = run.iter().filter(|c| c.is_alphabetic()).count();
    if letters >= MIN_LETTERS {
        joined.push(std::mem::take(run));
    } else {
        joined.extend(run.drain(..).map(|c| vec![c]));
    }
}

/// Takes the stars out of a word that has one between all of its letters: `f*u*c*k`.
pub(super) fn unstar(word: &mut Vec<char>) {
    let is_starred = word.len() >= 2 * MIN_LETTERS - 1
        && word.len() % 2 == 1
        && word
            .iter()
            .enumerate()
            .all(|(index, c)| (*c == '*') == (index % 2 == 1));
    if is_starred {
        word.retain(|c| *c != '*');
    }
}
