//! The labelled comments, which are not part of this project: docs/moderation.md says where they come from.

use std::{env, fs, path::Path};

/// A comment with its label.
#[derive(Debug, Clone)]
pub(crate) struct Labelled {
    /// What it says.
    pub(crate) text: String,
    /// Whether it is what the model looks for.
    pub(crate) is_positive: bool,
    /// What it tests, or the video it stands under.
    pub(crate) part: String,
}

/// Reads a set from the folder that `MODERATION_DATA` names.
pub(crate) fn set(file: &str, positive: &[&str]) -> Vec<Labelled> {
    let folder = env::var("MODERATION_DATA")
        .expect("MODERATION_DATA must name the folder of the sets: see docs/moderation.md");
    let path = Path::new(&folder).join(file);
    let text =
        fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let mut rows = records(&text).into_iter();
    let header = rows.next().expect("a set has a header");
    let column = |name: &str| header.iter().position(|column| column == name);
    let (text, label) = (column("text").unwrap(), column("label").unwrap());
    let part = column("functionality").or(column("video"));
    rows.map(|row| Labelled {
        text: row[text].clone(),
        is_positive: positive.contains(&row[label].as_str()),
        part: part.map_or_else(String::new, |part| row[part].clone()),
    })
    .collect()
}

/// The records of a CSV text (RFC 4180).
fn records(text: &str) -> Vec<Vec<String>> {
    let mut records = vec![vec![String::new()]];
    let mut is_quoted = false;
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        let record = records.last_mut().unwrap();
        match c {
            '"' if is_quoted && chars.peek() == Some(&'"') => {
                chars.next();
                record.last_mut().unwrap().push('"');
            }
            '"' => is_quoted = !is_quoted,
            ',' if !is_quoted => record.push(String::new()),
            '\n' if !is_quoted => records.push(vec![String::new()]),
            '\r' if !is_quoted => {}
            c => record.last_mut().unwrap().push(c),
        }
    }
    records.retain(|record| record.len() > 1);
    records
}
