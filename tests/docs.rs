//! The documentation is true: every rule that it shows loads and does what its examples say, and the reference is the
//! one that dlint prints.

#![expect(clippy::unwrap_used, reason = "a test may fail")]

use std::path::Path;

use dlint::builtin;
use dlint::examples;
use dlint::rules::reference;
use dlint::source::SourceFile;

fn document(name: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs").join(name)).unwrap()
}

/// The fenced blocks of that language.
fn blocks<'t>(text: &'t str, language: &str) -> Vec<&'t str> {
    let fence = format!("```{language}\n");
    text.split(&fence).skip(1).filter_map(|rest| rest.split_once("```").map(|(block, _)| block)).collect()
}

#[test]
fn every_rule_shown_does_what_it_says() {
    let text = document("rules.md");
    let rules = blocks(&text, "toml");
    assert_eq!(rules.len(), 11);
    for rule in rules {
        let pack = format!("[pack]\nname = \"shown\"\nsummary = \"Shown\"\n{rule}");
        let file = SourceFile::new("rules.md", pack.as_bytes());
        let packs = builtin::load_with([file]).unwrap_or_else(|broken| panic!("{rule}\n{broken:?}"));
        let mut outcomes = examples::run(&packs, |rule| rule.pack() == "shown");
        outcomes.extend(examples::run_logs(&packs, |rule| rule.pack() == "shown"));
        assert!(outcomes.len() >= 2, "{rule}");
        for outcome in outcomes {
            assert!(outcome.failures.is_empty(), "{}: {:?}", outcome.rule, outcome.failures);
        }
    }
}

/// `DLINT_UPDATE=1` writes it anew.
#[test]
fn the_reference_is_up_to_date() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/reference.md");
    if std::env::var_os("DLINT_UPDATE").is_some() {
        std::fs::write(&path, reference()).unwrap();
    }
    assert!(document("reference.md") == reference(), "run the tests once with DLINT_UPDATE=1");
}
