//! The golden contracts in `tests/contract`: claims as the database answers them, and the settlements that
//! the core decides. `tests/contract/contract.test.ts` runs the same files through the WebAssembly
//! package. `UPDATE_CONTRACTS=1 cargo test --test contract` rewrites the settlements; review the
//! difference before you commit it.
#![cfg(not(target_arch = "wasm32"))]
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use std::{fs, path::Path};

use serde_json::Value;
use suplatzigram_queues::{base::Code, notify::Environment, queues::Queue, wire};

#[test]
fn decides_the_golden_settlement_for_each_golden_claim() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/contract");
    let mut checked = 0;
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "json") {
            continue;
        }
        let mut contract: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
        let queue: Queue = contract["queue"].as_str().unwrap().parse().unwrap();
        let claim = serde_json::to_vec(&contract["claim"]).unwrap();
        let environment = Environment::read(&|name: &str| {
            let value = contract["variables"].get(name)?;
            value.as_str().map(str::to_owned)
        });
        let settlement: Value =
            serde_json::from_str(&wire::decide(queue, &claim, &environment).unwrap()).unwrap();
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

/// Postgres accepts far deeper nesting than a recursive parser survives.
#[test]
fn dead_letters_only_the_message_that_nests_too_deep() {
    let depth = 500_000;
    let deep = format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    let claim = fs::read_to_string(
        Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/contract/analytics.rejects.json"),
    );
    let mut claim: Value = serde_json::from_str::<Value>(&claim.unwrap()).unwrap()["claim"].take();
    claim["policy"]["max_message_bytes"] = 10_000_000.into();
    claim["messages"][0]["message"] = "DEEP".into();
    claim["messages"][0]["size_bytes"] = (2 * depth).into();
    let claim = claim
        .to_string()
        .replace("\"DEEP\"", &format!(r#"{{"metadata":{deep}}}"#));
    let settlement =
        wire::decide(Queue::Analytics, claim.as_bytes(), &Environment::default()).unwrap();
    let settlement: Value = serde_json::from_str(&settlement).unwrap();
    assert_eq!(settlement["dead_letters"][0]["code"], "message_too_complex");
    assert_eq!(settlement["acks"].as_array().unwrap().len(), 1);
}

#[test]
fn rejects_an_invalid_claim_with_a_reason() {
    for claim in [
        &b""[..],
        b"null",
        b"{}",
        b"[1",
        b"\xff\xfe",
        b"{\"now\":\"never\"}",
    ] {
        let failure = wire::decide(Queue::Analytics, claim, &Environment::default()).unwrap_err();
        assert_eq!(failure.code, Code::InvalidClaim);
        assert!(!failure.error.is_empty());
    }
}
