//! What BuildKit's own parser and lexer say, compared with what dlint says.
//!
//! `data/parser_cases.jsonl` holds Dockerfiles with BuildKit's verdict and tree, `data/expand_cases.jsonl`
//! words with what they expand to.

#![expect(clippy::unwrap_used, reason = "a test may stop where it stands")]

use std::collections::HashMap;
use std::fmt::Write as _;

use dlint::source::SourceFile;
use dlint::syntax::dockerfile::{Escape, Lexer, Word, ast, parse};
use serde_json::Value;

fn cases(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// Decodes base64, which the cases use for files that are not UTF-8.
fn base64(text: &str) -> Vec<u8> {
    const DIGITS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut bytes = Vec::new();
    let mut bits = 0_u32;
    let mut count = 0;
    for digit in text.bytes().filter(|digit| *digit != b'=') {
        bits = bits << 6 | DIGITS.iter().position(|known| *known == digit).unwrap() as u32;
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push((bits >> count) as u8);
        }
    }
    bytes
}

fn source(case: &Value) -> SourceFile {
    let bytes = match case.get("dockerfile") {
        Some(text) => text.as_str().unwrap().as_bytes().to_vec(),
        None => base64(case["dockerfile_b64"].as_str().unwrap()),
    };
    SourceFile::new("Dockerfile", bytes)
}

/// The tail of a message that BuildKit takes from a random order.
fn without_guess(message: &Value) -> Option<&str> {
    Some(message.as_str()?.split(" (did you mean").next().unwrap_or_default())
}

#[test]
fn trees_are_those_of_buildkit() {
    let cases = cases(include_str!("data/parser_cases.jsonl"));
    let mut wrong = String::new();
    for case in &cases {
        let file = source(case);
        let actual = serde_json::to_value(ast(&file, &parse(&file))).unwrap();
        let expected = &case["expect"];
        for (key, value) in expected.as_object().unwrap() {
            let same = if key == "error" {
                without_guess(&actual[key]) == without_guess(value)
            } else {
                actual[key] == *value
            };
            if !same {
                let _ = writeln!(
                    wrong,
                    "{} {key}\n  is        {}\n  should be {value}",
                    case["name"], actual[key]
                );
            }
        }
    }
    assert!(wrong.is_empty(), "of {} files:\n{wrong}", cases.len());
}

#[test]
fn words_expand_as_in_buildkit() {
    let cases = cases(include_str!("data/expand_cases.jsonl"));
    let mut wrong = String::new();
    for case in &cases {
        let variables: HashMap<String, String> = serde_json::from_value(case["env"].clone()).unwrap();
        let option = |name: &str| case[name].as_bool().unwrap_or(false);
        let lexer = Lexer {
            escape: if case["escape"] == "`" { Escape::Backtick } else { Escape::Backslash },
            raw_quotes: option("raw_quotes"),
            raw_escapes: option("raw_escapes"),
            skip_quotes: option("skip_process_quotes"),
            skip_unset: option("skip_unset_env"),
        };
        let word = Word::verbatim(case["word"].as_str().unwrap(), 0);
        let actual = match lexer.expand(&word, &|name| variables.get(name).cloned()) {
            Err(error) => serde_json::json!({ "error": error.to_string() }),
            Ok(expanded) => serde_json::json!({
                "result": expanded.text,
                "words": expanded.words.iter().map(|word| &expanded.text[word.clone()]).collect::<Vec<_>>(),
                "matched": expanded.used(),
                "unmatched": expanded.unset(),
            }),
        };
        if actual != case["oracle"] {
            let _ = writeln!(wrong, "{}\n  is        {actual}\n  should be {}", case["name"], case["oracle"]);
        }
    }
    assert!(wrong.is_empty(), "of {} words:\n{wrong}", cases.len());
}
