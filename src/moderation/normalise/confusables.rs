//! Letters of other scripts that look like Latin ones.

/// The Latin letter that a folded character looks like, or the character.
pub(crate) fn latin(c: char) -> char {
    if c.is_ascii() {
        return c;
    }
    match c {
        'а' | 'ɑ' | 'α' | 'ạ' | 'ᴀ' => 'a',
        'в' | 'ʙ' | 'ь' | 'β' | 'ß' => 'b',
        'с' | 'ϲ' | 'ᴄ' | 'ↄ' => 'c',
        'ԁ' | 'ɗ' | 'ᴅ' => 'd',
        'е' | 'ҽ' | 'ε' | 'є' | 'ᴇ' | 'ɛ' => 'e',
        'ғ' | 'ƒ' | 'ꜰ' => 'f',
        'ɡ' | 'ց' | 'ɢ' => 'g',
        'һ' | 'н' | 'ʜ' | 'հ' => 'h',
        'і' | 'ι' | 'ı' | 'ɪ' | 'ӏ' => 'i',
        'ј' | 'ϳ' | 'ᴊ' => 'j',
        'к' | 'κ' | 'ᴋ' => 'k',
        'ʟ' | 'ḷ' | 'ł' => 'l',
        'м' | 'ᴍ' => 'm',
        'п' | 'ո' | 'ռ' | 'η' | 'ɴ' | 'и' => 'n',
        'о' | 'ο' | 'օ' | 'ᴏ' | 'σ' | 'ø' | 'ө' => 'o',
        'р' | 'ρ' | 'ᴘ' => 'p',
        'ԛ' | 'գ' => 'q',
        'г' | 'ʀ' | 'я' => 'r',
        'ѕ' | 'ꜱ' => 's',
        'т' | 'τ' | 'ᴛ' => 't',
        'υ' | 'ս' | 'ᴜ' | 'μ' => 'u',
        'ν' | 'ѵ' | 'ᴠ' => 'v',
        'ѡ' | 'ω' | 'ա' | 'ᴡ' | 'ш' => 'w',
        'х' | 'χ' => 'x',
        'у' | 'γ' | 'ү' | 'ʏ' => 'y',
        'ᴢ' | 'ʐ' => 'z',
        _ => c,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_lookalikes_as_latin() {
        let read: String = "ѕһіт рυтα ᴄᴜɴᴛ".chars().map(latin).collect();
        assert_eq!(read, "shit puta cunt");
        for c in char::MIN..=char::MAX {
            assert_eq!(latin(latin(c)), latin(c));
        }
    }
}
