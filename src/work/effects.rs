//! Effects: changes inside the database, applied by the transaction that settles their messages.
//!
//! This room knows an effect by its name in the database's registry and by its shape alone. The rows of
//! an effect belong to their queue and serialise themselves: to add an effect, implement [`Row`] there.

use std::collections::BTreeMap;

use serde::{Serialize, Serializer, ser::SerializeMap};
use serde_json::value::RawValue;
use uuid::Uuid;

use crate::base::{Code, Timestamp, json};

/// One change inside the database.
#[derive(Debug, Clone)]
pub enum Effect {
    /// Sends a message to a queue.
    Send {
        /// The queue's name.
        queue: &'static str,
        /// The message's body.
        message: Box<RawValue>,
    },
    /// A row for the effect of this name.
    Row {
        /// The effect's name.
        effect: &'static str,
        /// The row.
        row: Box<RawValue>,
        /// What the row cannot be without.
        needs: Option<Needed>,
    },
    /// Adds numbers to a row. A settlement adds up its sums for the same row first.
    Sum(Sum),
}

/// A row of another table that an effect refers to. Once that is gone, no try can succeed: the message is
/// dropped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Needed {
    /// Its id.
    pub id: Uuid,
    /// Why the message is dropped without it.
    pub code: Code,
    /// The same for people.
    pub error: &'static str,
}

/// A row that an effect of the database applies.
pub trait Row: Serialize {
    /// The effect's name.
    const EFFECT: &'static str;

    /// What the database must still have when it applies the row.
    fn needs(&self) -> Option<Needed> {
        None
    }
}

impl<R: Row> From<&R> for Effect {
    fn from(row: &R) -> Self {
        Self::Row {
            effect: R::EFFECT,
            row: json::raw(row),
            needs: row.needs(),
        }
    }
}

impl Effect {
    /// What it cannot be without, if that is among the ids.
    pub(crate) fn lacks(&self, gone: &[Uuid]) -> Option<Needed> {
        match self {
            Self::Row { needs, .. } => needs.filter(|needed| gone.contains(&needed.id)),
            Self::Send { .. } | Self::Sum(_) => None,
        }
    }
}

/// Numbers to add to the row with this key. All sums of one effect have the same fields in the same
/// order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sum {
    /// The effect's name.
    pub effect: &'static str,
    /// The key, field by field.
    pub key: Vec<(&'static str, KeyPart)>,
    /// What to add, field by field.
    pub amounts: Vec<(&'static str, i64)>,
}

/// A field of a key. Settlements write their sums in the order of the keys, so that two of them lock
/// shared rows in the same order.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(untagged)]
pub enum KeyPart {
    /// A name or a day.
    Text(String),
    /// The id of another row, if any.
    Id(Option<Uuid>),
    /// A point in time.
    At(Timestamp),
}

type Key = [(&'static str, KeyPart)];
type Amounts = Vec<(&'static str, i64)>;

/// The effects of a batch, grouped by effect, so that the database applies each with one statement.
#[derive(Debug, Clone, Default)]
pub struct Effects<'a> {
    messages: BTreeMap<&'static str, Vec<&'a RawValue>>,
    rows: BTreeMap<&'static str, Vec<&'a RawValue>>,
    sums: BTreeMap<&'static str, BTreeMap<&'a Key, Amounts>>,
}

impl<'a> Effects<'a> {
    /// Adds the effects of one message.
    pub fn extend(&mut self, effects: &'a [Effect]) {
        for effect in effects {
            match effect {
                Effect::Send { queue, message } => {
                    self.messages.entry(queue).or_default().push(message);
                }
                Effect::Row { effect, row, .. } => self.rows.entry(effect).or_default().push(row),
                Effect::Sum(sum) => {
                    let sums = self.sums.entry(sum.effect).or_default();
                    match sums.get_mut(sum.key.as_slice()) {
                        None => {
                            sums.insert(&sum.key, sum.amounts.clone());
                        }
                        Some(total) => {
                            for ((_, total), (_, amount)) in total.iter_mut().zip(&sum.amounts) {
                                *total += amount;
                            }
                        }
                    }
                }
            }
        }
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.messages.is_empty() && self.rows.is_empty() && self.sums.is_empty()
    }
}

impl Serialize for Effects<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut effects = serializer.serialize_map(None)?;
        if !self.messages.is_empty() {
            effects.serialize_entry("enqueue", &self.messages)?;
        }
        for (effect, rows) in &self.rows {
            effects.serialize_entry(effect, rows)?;
        }
        for (effect, sums) in &self.sums {
            let rows: Vec<SumRow<'_>> = sums.iter().map(|(key, sum)| SumRow(key, sum)).collect();
            effects.serialize_entry(effect, &rows)?;
        }
        effects.end()
    }
}

/// One row of a sum: the fields of its key, then its amounts.
struct SumRow<'a>(&'a Key, &'a Amounts);

impl Serialize for SumRow<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self(key, amounts) = self;
        let mut row = serializer.serialize_map(Some(key.len() + amounts.len()))?;
        for (field, part) in *key {
            row.serialize_entry(field, part)?;
        }
        for (field, amount) in *amounts {
            row.serialize_entry(field, amount)?;
        }
        row.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Serialize)]
    struct Note {
        text: &'static str,
    }

    impl Row for Note {
        const EFFECT: &'static str = "notes";
    }

    fn count(event: &str, post_id: Option<u128>) -> Effect {
        Effect::Sum(Sum {
            effect: "counts",
            key: vec![
                ("event", KeyPart::Text(event.to_owned())),
                ("post_id", KeyPart::Id(post_id.map(Uuid::from_u128))),
            ],
            amounts: vec![("count", 1)],
        })
    }

    #[test]
    fn groups_rows_by_effect_and_adds_up_sums_in_the_order_of_their_keys() {
        let first = [
            count("like", Some(2)),
            Effect::from(&Note { text: "a" }),
            count("like", None),
        ];
        let second = [
            count("like", Some(2)),
            Effect::Send {
                queue: "likes",
                message: json::raw(&7),
            },
            Effect::from(&Note { text: "b" }),
            count("follow", None),
        ];
        let mut effects = Effects::default();
        assert!(effects.is_empty());
        effects.extend(&first);
        effects.extend(&second);
        assert!(!effects.is_empty());
        assert_eq!(
            serde_json::to_value(&effects).unwrap(),
            serde_json::json!({
                "enqueue": {"likes": [7]},
                "notes": [{"text": "a"}, {"text": "b"}],
                "counts": [
                    {"event": "follow", "post_id": null, "count": 1},
                    {"event": "like", "post_id": null, "count": 1},
                    {"event": "like", "post_id": Uuid::from_u128(2), "count": 2},
                ],
            })
        );
    }
}
