//! Why a comment is not approved.

use serde::Serialize;
use strum::{IntoStaticStr, VariantArray};

use crate::base::{excerpt, json};

/// Longest text that a reason quotes, in characters.
const MAX_FOUND_CHARS: usize = 64;

/// One reason, with what was found for moderators.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Reason {
    /// What kind of reason it is.
    pub code: ReasonCode,
    /// The entry of a list, the host of a link or a number; never the whole comment.
    pub found: Option<String>,
}

/// What kind of reason it is. The database stores the names and apps translate them: a name, in
/// `snake_case`, never changes its meaning.
#[derive(Debug, Clone, Copy, PartialEq, Eq, IntoStaticStr, VariantArray)]
#[strum(serialize_all = "snake_case")]
pub enum ReasonCode {
    /// A word or phrase that is rejected unless the model finds the comment innocent.
    SevereWord,
    /// A word or phrase of the lists.
    OffensiveWord,
    /// An insult or a threat without profanity.
    Insult,
    /// A word whose letters are hidden behind stars.
    MaskedWord,
    /// Hatred of a group of people.
    GroupHate,
    /// The model of offence.
    OffenceModel,
    /// A phrase of advertising.
    SpamPhrase,
    /// A link.
    Link,
    /// A link that hides where it goes.
    ShortLink,
    /// A telephone number.
    PhoneNumber,
    /// An email address.
    EmailAddress,
    /// The model of spam.
    SpamModel,
    /// The same text as other comments.
    NearDuplicate,
    /// More people are mentioned than a comment talks to.
    MentionFlood,
    /// Characters, words or lines that repeat.
    Repetition,
    /// Capital letters alone.
    Shouting,
    /// Characters that hide text from readers.
    HiddenCharacters,
    /// The account is new.
    NewAccount,
    /// Comments of the author were rejected lately.
    RepeatOffender,
    /// Another service objects to it too.
    SecondOpinion,
}

json::written_by_name!(ReasonCode);

/// What a reason weighs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Weight {
    /// Rejects unless the model finds the comment innocent.
    Alone,
    /// A signal of offence: flags alone, rejects together with the model.
    Offence,
    /// A signal of offence of which it takes two to reject.
    Insult,
    /// A signal of spam: flags alone, rejects together with the model.
    Spam,
    /// No signal alone, since people share links; rejects together with the model.
    Link,
    /// Not a signal; makes a second one of the signal beside it.
    Support,
}

impl ReasonCode {
    pub(super) fn weight(self) -> Weight {
        match self {
            Self::SevereWord => Weight::Alone,
            Self::OffensiveWord
            | Self::MaskedWord
            | Self::GroupHate
            | Self::OffenceModel
            | Self::SecondOpinion => Weight::Offence,
            Self::Insult => Weight::Insult,
            Self::Link => Weight::Link,
            Self::SpamPhrase
            | Self::ShortLink
            | Self::PhoneNumber
            | Self::EmailAddress
            | Self::SpamModel
            | Self::NearDuplicate
            | Self::MentionFlood
            | Self::Repetition => Weight::Spam,
            Self::Shouting | Self::HiddenCharacters | Self::NewAccount | Self::RepeatOffender => {
                Weight::Support
            }
        }
    }

    pub(super) fn alone(self) -> Reason {
        Reason {
            code: self,
            found: None,
        }
    }

    pub(crate) fn with(self, found: &str) -> Reason {
        Reason {
            code: self,
            found: Some(excerpt(found, MAX_FOUND_CHARS)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_keep_their_names() {
        let names: Vec<&str> = ReasonCode::VARIANTS.iter().map(Into::into).collect();
        assert_eq!(
            names.join(" "),
            "severe_word offensive_word insult masked_word group_hate offence_model spam_phrase link short_link \
             phone_number email_address spam_model near_duplicate mention_flood repetition shouting \
             hidden_characters new_account repeat_offender second_opinion"
        );
    }
}
