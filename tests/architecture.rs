//! Checks that the dependencies between the rooms of `src` go one way, and those in `src/images`, a crate of its own.
#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{fs, iter::Peekable, path::Path};

use proc_macro2::{Delimiter, TokenStream, TokenTree, token_stream::IntoIter};

/// Each room, and the rooms that it may use.
type Rooms = [(&'static str, &'static [&'static str])];

const ROOMS: &Rooms = &[
    ("base", &[]),
    ("work", &["base"]),
    ("engine", &["work", "base"]),
    ("notify", &["work", "base"]),
    ("moderation", &["base"]),
    ("queues", &["notify", "moderation", "work", "base"]),
    ("wire", &["queues", "engine", "notify", "work", "base"]),
    (
        "wasm",
        &["wire", "queues", "engine", "notify", "work", "base"],
    ),
];

const IMAGES: &Rooms = &[
    ("failure", &[]),
    ("picture", &[]),
    ("segments", &["failure"]),
    ("stripped", &["segments"]),
    ("lanes", &[]),
    ("format", &[]),
    ("limits", &["failure"]),
    ("header", &["segments", "limits", "format", "failure"]),
    ("color", &["picture"]),
    ("orientation", &["picture"]),
    ("resample", &["lanes", "picture"]),
    ("resize", &["resample", "picture"]),
    (
        "decode",
        &[
            "header",
            "segments",
            "format",
            "limits",
            "color",
            "orientation",
            "lanes",
            "resize",
            "resample",
            "picture",
            "failure",
        ],
    ),
    ("metadata", &["orientation"]),
    ("encode", &["lanes", "picture", "failure"]),
    (
        "process",
        &[
            "decode",
            "metadata",
            "orientation",
            "color",
            "resize",
            "encode",
            "stripped",
            "limits",
            "format",
            "picture",
            "failure",
        ],
    ),
    ("wasm", &["process", "metadata"]),
];

#[test]
fn rooms_depend_on_each_other_one_way_only() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let images = src.join("images");
    let found = violations_below(ROOMS, &src, &images, 40);
    assert_eq!(found, Vec::<String>::new());
    let found = violations_below(IMAGES, &images, &images.join("tests"), 14);
    assert_eq!(found, Vec::<String>::new());
    assert!(!violations(IMAGES, "decode/png.rs", "use crate::process::Options;").is_empty());

    for (file, source) in [
        ("engine/retry.rs", "use crate::queues::Queue;"),
        ("engine/retry.rs", "use super::super::notify::Breakers;"),
        ("engine/mod.rs", "use super::wire;"),
        (
            "engine/drain/mod.rs",
            "use crate::{base::Failure, work::{Answer, Effect}, notify::{self, Breakers}};",
        ),
        (
            "engine/drain/deliver.rs",
            "fn f() { let _ = (1, [crate::notify::Breakers::default()]); }",
        ),
        (
            "base/text.rs",
            "mod tests { use super::super::super::work::Answer; }",
        ),
        ("work/answer.rs", "pub use crate::engine::Claim as Handed;"),
        ("work/answer.rs", "pub(in crate::notify) struct A;"),
        ("base/json.rs", "use crate::*;"),
        ("base/json.rs", "use crate as root;"),
        ("notify/mod.rs", "m! { a => $crate::queues::Queue }"),
        ("queues/mod.rs", "use { crate::{ { wire::decide } } };"),
        ("attic/mod.rs", "use crate::base::Failure;"),
    ] {
        assert!(
            !violations(ROOMS, file, source).is_empty(),
            "{file}: {source}"
        );
    }
    for (file, source) in [
        (
            "engine/drain/mod.rs",
            "use super::{Claim, super::work}; mod tests { use super::super::*; }",
        ),
        ("wire/mod.rs", "use crate::{engine, queues::Queue};"),
        (
            "base/text.rs",
            "/// See [`crate::work`].\npub(crate) fn f() {}",
        ),
    ] {
        assert_eq!(
            violations(ROOMS, file, source),
            Vec::<String>::new(),
            "{source}"
        );
    }
}

/// Those of all files below `src` but for `other`, which has rooms of its own, or none.
fn violations_below(rooms: &Rooms, src: &Path, other: &Path, at_least: usize) -> Vec<String> {
    let mut files = Vec::new();
    collect(src, other, &mut files);
    assert!(files.len() >= at_least, "the sources are missing");
    files
        .iter()
        .flat_map(|file| {
            let name = file.strip_prefix(src).unwrap().to_str().unwrap();
            violations(rooms, name, &fs::read_to_string(file).unwrap())
        })
        .collect()
}

fn collect(folder: &Path, other: &Path, files: &mut Vec<std::path::PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path == other {
            continue;
        }
        if path.is_dir() {
            collect(&path, other, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
}

/// The uses of a file that its room does not allow, one line each. The root may use every room.
fn violations(rooms: &Rooms, file: &str, source: &str) -> Vec<String> {
    let mut module: Vec<String> = file
        .trim_end_matches(".rs")
        .split('/')
        .map(str::to_owned)
        .collect();
    if module.last().is_some_and(|name| name == "mod") {
        module.pop();
    }
    if module == ["lib"] {
        return Vec::new();
    }
    let room = module.first().unwrap().clone();
    let Some((_, allowed)) = rooms.iter().find(|(name, _)| *name == room) else {
        return vec![format!("{file} is in no known room")];
    };
    let mut used = Vec::new();
    paths(source.parse().unwrap(), &module, &mut used);
    used.into_iter()
        .filter(|used| *used != room && !allowed.contains(&used.as_str()))
        .map(|used| format!("{file} uses {used}"))
        .collect()
}

/// Resolves every path that starts with `crate`, `super` or `self`, at any depth and in macros, and
/// collects the rooms.
fn paths(source: TokenStream, module: &[String], used: &mut Vec<String>) {
    let mut tokens = source.into_iter().peekable();
    while let Some(token) = tokens.next() {
        match token {
            TokenTree::Ident(ident) if ident == "mod" => {
                let name = tokens.next();
                if let Some(TokenTree::Group(body)) = tokens.peek() {
                    let inner = [module, &[name.unwrap().to_string()]].concat();
                    paths(body.stream(), &inner, used);
                    tokens.next();
                }
            }
            TokenTree::Ident(ident) => {
                let Some(start) = step(&ident.to_string(), module, None) else {
                    continue;
                };
                let renamed = matches!(tokens.peek(), Some(TokenTree::Ident(next)) if next == "as");
                if renamed || skip_colons(&mut tokens) {
                    tree(&mut tokens, module, start, used);
                }
            }
            TokenTree::Group(group) => paths(group.stream(), module, used),
            TokenTree::Punct(_) | TokenTree::Literal(_) => {}
        }
    }
}

/// Resolves a path, or each branch of a `use` tree, relative to `at`.
fn tree(
    tokens: &mut Peekable<IntoIter>,
    module: &[String],
    mut at: Vec<String>,
    used: &mut Vec<String>,
) {
    loop {
        match tokens.peek() {
            Some(TokenTree::Ident(ident)) if ident != "as" => {
                let name = ident.to_string();
                tokens.next();
                at = step(&name, module, Some(&at)).unwrap_or_else(|| {
                    let mut inside = at.clone();
                    inside.push(name);
                    inside
                });
                if !skip_colons(tokens) {
                    break;
                }
            }
            Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Brace => {
                let mut branches = group.stream().into_iter().peekable();
                tokens.next();
                while branches.peek().is_some() {
                    tree(&mut branches, module, at.clone(), used);
                    while branches.next().is_some_and(|token| {
                        !matches!(&token, TokenTree::Punct(punct) if punct.as_char() == ',')
                    }) {}
                }
                return;
            }
            // `as`, `*`, or the `<` of a type's arguments.
            Some(_) | None => break,
        }
    }
    used.push(
        at.first()
            .map_or_else(|| "the root".to_owned(), Clone::clone),
    );
}

/// Resolves `crate`, `super` or `self`; `None` for any other name.
fn step(name: &str, module: &[String], at: Option<&[String]>) -> Option<Vec<String>> {
    match name {
        "crate" => Some(Vec::new()),
        "self" => Some(at.unwrap_or(module).to_vec()),
        "super" => {
            let (_, parents) = at.unwrap_or(module).split_last()?;
            Some(parents.to_vec())
        }
        _ => None,
    }
}

fn skip_colons(tokens: &mut Peekable<IntoIter>) -> bool {
    let mut colon = || {
        tokens
            .next_if(|token| matches!(token, TokenTree::Punct(punct) if punct.as_char() == ':'))
            .is_some()
    };
    colon() && colon()
}
