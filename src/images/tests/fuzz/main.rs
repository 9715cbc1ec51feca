//! Damaged files of every format, for as long as there is time: each has an answer, in the memory that there is.
//!
//! Not guided by coverage, which needs a nightly compiler: a file is worth more changes if its answer is one that none had
//! before. FUZZ_SECS: how long (60). FUZZ_FILES: how many of each format at most (6,000), so that the same seed finds the same
//! on a faster machine. FUZZ_SEED: which random numbers (1). What fails is kept in target/tmp.
#![cfg(not(target_arch = "wasm32"))]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    clippy::disallowed_methods,
    reason = "a test fails by panicking, and this one ends by the clock"
)]

mod changes;
mod memory;
#[path = "../pictures/mod.rs"]
mod pictures;
mod seeds;

use std::{
    collections::{BTreeSet, HashSet},
    env, fs,
    panic::catch_unwind,
    path::Path,
    time::{Duration, Instant},
};

use changes::Random;
use suplatzigram_images::{Answer, Options, process};

/// Of the memory of WebAssembly, all but what the module itself takes.
const MAX_BYTES: usize = 150_000_000;
/// A file may become so much longer.
const MAX_FILE_BYTES: usize = 20_000;
const MAX_FILES: usize = 300;
/// Files whose answers are no more than these are all alike.
const FEW_ANSWERS: usize = 3;

/// Files of one format, and what has been seen of them.
struct Corpus {
    name: &'static str,
    files: Vec<Vec<u8>>,
    answers: HashSet<String>,
    cases: u64,
    processed: u64,
}

#[test]
fn every_decoder_answers_whatever_it_is_given() {
    let setting =
        |name: &str, default: u64| env::var(name).map_or(default, |value| value.parse().unwrap());
    let ends = Instant::now() + Duration::from_secs(setting("FUZZ_SECS", 60));
    let mut random = Random::new(setting("FUZZ_SEED", 1));
    let mut corpora: Vec<Corpus> = seeds::all()
        .into_iter()
        .map(|(name, files)| Corpus {
            name,
            files,
            answers: HashSet::new(),
            cases: 0,
            processed: 0,
        })
        .collect();
    // Those without a change too.
    for corpus in &mut corpora {
        for file in corpus.files.clone() {
            corpus.try_file(file);
        }
        assert_eq!(
            corpus.processed, corpus.cases,
            "a whole {} is refused",
            corpus.name
        );
    }
    let most = setting("FUZZ_FILES", 6_000);
    let tells_little = |corpus: &Corpus| corpus.answers.len() <= FEW_ANSWERS;
    while corpora.iter().any(|corpus| corpus.cases < most)
        && (Instant::now() < ends || corpora.iter().any(tells_little))
    {
        for corpus in &mut corpora {
            let file = corpus.next(&mut random);
            corpus.try_file(file);
        }
    }
    for Corpus {
        name,
        files,
        answers,
        cases,
        processed,
    } in &corpora
    {
        println!(
            "{name}: {cases} files, {processed} processed, {} answers, {} files kept",
            answers.len(),
            files.len()
        );
        assert!(
            answers.len() > FEW_ANSWERS,
            "the files of {name} are all alike"
        );
    }
}

impl Corpus {
    fn next(&self, random: &mut Random) -> Vec<u8> {
        let mut file = self.files[random.below(self.files.len())].clone();
        let other = &self.files[random.below(self.files.len())];
        changes::change(&mut file, other, random);
        file.truncate(MAX_FILE_BYTES);
        if self.name == "png" {
            seeds::repair_checksums(&mut file);
        }
        file
    }

    fn try_file(&mut self, file: Vec<u8>) {
        let options = Options {
            location: true,
            serial_number: true,
            heic: true,
        };
        let given = file.clone();
        let (answer, bytes) = memory::peak(|| catch_unwind(|| process(given, &options)));
        let problem = match &answer {
            Err(_) => "panics".to_owned(),
            Ok(_) if bytes > MAX_BYTES => format!("takes {bytes} bytes"),
            Ok(answer) => {
                self.cases += 1;
                self.processed += u64::from(matches!(answer, Answer::Processed(_)));
                if self.answers.insert(kind(answer)) && self.files.len() < MAX_FILES {
                    self.files.push(file);
                }
                return;
            }
        };
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("fuzz.{}", self.name));
        fs::write(&path, file).unwrap();
        panic!("a damaged {} {problem}: {}", self.name, path.display());
    }
}

/// What tells one answer from another, roughly.
fn kind(answer: &Answer) -> String {
    match answer {
        Answer::Refused(failure) => {
            // Numbers would make every answer a new one.
            let words: String = failure
                .error
                .chars()
                .filter(|char| !char.is_ascii_digit())
                .collect();
            format!("{:?} {words}", failure.code)
        }
        Answer::Processed(processed) => {
            let kinds: BTreeSet<_> = processed
                .variants
                .iter()
                .map(|variant| variant.format as u8)
                .collect();
            format!(
                "{kinds:?} {} × {} {}",
                processed.width.ilog2(),
                processed.height.ilog2(),
                &processed.color[..2]
            )
        }
        Answer::Heic => panic!("it is for another package"),
    }
}
