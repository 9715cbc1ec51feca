//! The golden contracts in `tests/contract`: a claim as the database answers it, and the settlement
//! that the core decides upon. The same files are run through the WebAssembly package by
//! `tests/contract/contract.test.ts`. `UPDATE_CONTRACTS=1 cargo test --test contract` writes the
//! settlements anew; read the difference before you commit it.
#![cfg(not(target_arch = "wasm32"))]
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use std::{fs, path::Path};

use serde_json::Value;
use suplatzigram_queues::{handlers::Queue, wire};

#[test]
fn every_golden_claim_leads_to_its_settlement() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/contract");
    let mut checked = 0;
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "json") {
            continue;
        }
        let mut contract: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
        let queue = Queue::from_name(contract["queue"].as_str().unwrap()).unwrap();
        let claim = serde_json::to_vec(&contract["claim"]).unwrap();
        let settlement: Value =
            serde_json::from_str(&wire::decide(queue, &claim).unwrap()).unwrap();
        if std::env::var_os("UPDATE_CONTRACTS").is_some() {
            contract["settlement"] = settlement;
            let text = serde_json::to_string_pretty(&contract).unwrap();
            fs::write(&path, text + "\n").unwrap();
        } else {
            assert_eq!(settlement, contract["settlement"], "{}", path.display());
        }
        checked += 1;
    }
    assert!(checked >= 6, "the golden contracts are missing");
}

#[test]
fn what_is_no_claim_is_refused_with_a_reason() {
    for claim in [
        &b""[..],
        b"null",
        b"{}",
        b"[1",
        b"\xff\xfe",
        b"{\"now\":\"never\"}",
    ] {
        let failure = wire::decide(Queue::Analytics, claim).unwrap_err();
        assert_eq!(failure.code, "invalid_claim");
        assert!(!failure.error.is_empty());
    }
}
