//! Telephone numbers and email addresses.

use super::super::reason::{Reason, ReasonCode};

/// Digits of a telephone number.
const PHONE_DIGITS: std::ops::RangeInclusive<usize> = 9..=15;

/// The first telephone number and the first email address of a folded text.
pub(crate) fn contact(folded: &str) -> Vec<Reason> {
    let phone = has_phone(folded).then(|| ReasonCode::PhoneNumber.alone());
    let email = folded.split(' ').any(is_email);
    let email = email.then(|| ReasonCode::EmailAddress.alone());
    phone.into_iter().chain(email).collect()
}

/// A number written with the separators of telephone numbers. Amounts, dates and times have others or fewer digits.
fn has_phone(folded: &str) -> bool {
    let mut digits = 0;
    let mut separators = 0;
    // A link or a name may end in digits.
    let mut is_in_word = false;
    for c in folded.chars().chain(['\n']) {
        match c {
            '0'..='9' if !is_in_word => {
                digits += 1;
                separators = 0;
            }
            ' ' | '-' | '.' | '(' | ')' | '+' | '/' if digits > 0 && separators < 2 && c != '/' => {
                separators += 1;
                is_in_word = false;
            }
            _ => {
                if PHONE_DIGITS.contains(&digits) && !c.is_alphabetic() {
                    return true;
                }
                digits = 0;
                separators = 0;
                is_in_word = c.is_alphanumeric() || matches!(c, '/' | '_' | '=' | '$' | '€' | ',');
            }
        }
    }
    false
}

fn is_email(word: &str) -> bool {
    let word = word.trim_matches(|c: char| !c.is_alphanumeric());
    word.split_once('@').is_some_and(|(name, host)| {
        !name.is_empty()
            && host
                .rsplit_once('.')
                .is_some_and(|(name, ending)| !name.is_empty() && ending.len() > 1)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_numbers_and_addresses() {
        use ReasonCode::{EmailAddress, PhoneNumber};
        for (text, found) in [
            ("whatsapp +34 600 123 456", vec![PhoneNumber]),
            ("call (555) 010-9999.", vec![PhoneNumber]),
            ("5550109999", vec![PhoneNumber]),
            ("write to ann.lee@mail.example!", vec![EmailAddress]),
            ("at 10:30 on 24-12-2025 for 1,000,000,000", vec![]),
            ("in 1999 2000 of 3.5", vec![]),
            ("@ann hi@ @ a@b", vec![]),
            ("https://a.example/watch/123456789", vec![]),
        ] {
            let codes: Vec<ReasonCode> = contact(text).iter().map(|reason| reason.code).collect();
            assert_eq!(codes, found, "{text}");
        }
    }
}
