//! The context of a claim of `comment_moderation`: the comments that its messages name, the hashes of recent ones, and
//! the thresholds.

use std::{collections::BTreeMap, fmt};

use serde::{Deserialize, Deserializer, de::Visitor};
use strum::EnumString;
use uuid::Uuid;

use crate::{
    base::json,
    moderation::{Author, Copies, Judgement, Language, Reading, Side, SimHash, Thresholds},
    notify::providers::OpinionProvider,
};

/// Recent comments that are compared.
const MAX_RECENT: usize = 2_000;

/// The context of one claim.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Context {
    settings: Settings,
    /// The comments that the messages name, as far as they exist.
    pub(crate) comments: BTreeMap<Uuid, ClaimedComment>,
    /// Comments that were judged lately.
    recent: Vec<RecentComment>,
}

#[derive(Debug, Clone, Deserialize)]
struct Settings {
    thresholds: ThresholdsByLanguage,
    opinion: Option<OpinionSettings>,
}

/// Of which flagged comments another service is asked.
#[derive(Debug, Clone, Copy, Deserialize)]
struct OpinionSettings {
    provider: OpinionProvider,
    /// The grey band: the scores of the model on the side of the only signal.
    from: f32,
    to: f32,
}

#[derive(Debug, Clone, Copy, Deserialize)]
struct ThresholdsByLanguage {
    en: Option<Thresholds>,
    es: Option<Thresholds>,
    other: Thresholds,
}

/// Its hash, its id and its author.
#[derive(Debug, Clone, Copy, Deserialize)]
struct RecentComment(SimHash, Uuid, Option<Uuid>);

/// A comment as it was when its message was claimed.
#[derive(Debug, Clone, Deserialize)]
#[serde(from = "WrittenComment")]
pub(crate) struct ClaimedComment {
    /// Counts its edits.
    pub(crate) revision: u32,
    /// What was decided about this revision.
    pub(crate) status: Status,
    /// What it says.
    pub(crate) reading: Reading,
    /// Who wrote it.
    pub(crate) author: ClaimedAuthor,
}

/// The author of a comment.
#[derive(Debug, Clone, Copy, Deserialize)]
pub(crate) struct ClaimedAuthor {
    id: Option<Uuid>,
    age_secs: Option<i64>,
    offences: u32,
}

/// What was decided about a comment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, EnumString)]
#[strum(serialize_all = "snake_case")]
pub(crate) enum Status {
    Pending,
    Approved,
    Flagged,
    Rejected,
}

json::read_by_name!(Status: "the status of a comment");

impl Context {
    /// The thresholds of a language.
    pub(crate) fn thresholds(&self, language: Language) -> &Thresholds {
        let ThresholdsByLanguage { en, es, other } = &self.settings.thresholds;
        let own = match language {
            Language::English => en.as_ref(),
            Language::Spanish => es.as_ref(),
            Language::Other => None,
        };
        own.unwrap_or(other)
    }

    /// Whether another service is asked about a comment: one that was flagged for a single signal, within the band.
    pub(crate) fn asks_for_opinion(&self, judgement: &Judgement) -> bool {
        let (Some(settings), Some(side)) = (&self.settings.opinion, judgement.doubt) else {
            return false;
        };
        let is_judged = match (settings.provider, side) {
            // It does not look for advertising.
            (OpinionProvider::OpenAi, Side::Spam) => false,
            (OpinionProvider::OpenAi, Side::Offence) | (OpinionProvider::Http, _) => true,
        };
        is_judged && (settings.from..=settings.to).contains(&judgement.scores.of(side))
    }

    /// How many other comments are nearly the same: recent ones, and those of this claim.
    pub(crate) fn copies(&self, id: Uuid, comment: &ClaimedComment) -> Copies {
        let Some(hash) = comment.reading.simhash() else {
            return Copies::default();
        };
        let recent = self.recent.iter().take(MAX_RECENT);
        let recent = recent.map(|RecentComment(hash, id, author)| (*hash, *id, *author));
        let claimed = self
            .comments
            .iter()
            .filter_map(|(id, other)| Some((other.reading.simhash()?, *id, other.author.id)));
        let mut copies = Copies::default();
        for (_, _, author) in recent
            .chain(claimed)
            .filter(|(other, other_id, _)| *other_id != id && hash.is_near(*other))
        {
            copies.add(author.is_some() && author == comment.author.id);
        }
        copies
    }
}

impl ClaimedAuthor {
    /// What the account says.
    pub(crate) fn account(self) -> Author {
        Author {
            age_secs: self.age_secs,
            offences: self.offences,
        }
    }
}

#[derive(Deserialize)]
struct WrittenComment {
    revision: u32,
    status: Status,
    body: AnyText,
    language: Option<AnyText>,
    author: ClaimedAuthor,
}

impl From<WrittenComment> for ClaimedComment {
    fn from(comment: WrittenComment) -> Self {
        let language = comment.language.as_ref().map(|AnyText(text)| text.as_str());
        Self {
            revision: comment.revision,
            status: comment.status,
            reading: Reading::new(&comment.body.0, language),
            author: comment.author,
        }
    }
}

/// Text of people: what is not Unicode in it, such as half of a surrogate pair, is replaced, so that one comment cannot
/// make a claim unreadable.
struct AnyText(String);

impl<'de> Deserialize<'de> for AnyText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;

        impl Visitor<'_> for Text {
            type Value = AnyText;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("text")
            }

            fn visit_str<E>(self, text: &str) -> Result<AnyText, E> {
                Ok(AnyText(text.to_owned()))
            }

            fn visit_bytes<E>(self, bytes: &[u8]) -> Result<AnyText, E> {
                Ok(AnyText(String::from_utf8_lossy(bytes).into_owned()))
            }
        }

        deserializer.deserialize_bytes(Text)
    }
}
