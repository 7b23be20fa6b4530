//! Every built-in rule does what its examples say, and a new rule takes nothing but TOML.

use dlint::engine::{Selection, check};
use dlint::examples;
use dlint::model::context::NoContext;
use dlint::model::settings::Settings;
use dlint::rules::{PackFile, Packs};
use dlint::source::SourceFile;

fn builtin() -> Packs {
    Packs::builtin_with([]).unwrap_or_else(|broken| panic!("{:?}", broken[0].errors))
}

#[test]
fn every_example_holds() {
    let outcomes = examples::run(&builtin(), |_| true);
    let failed: Vec<String> = outcomes
        .iter()
        .flat_map(|outcome| {
            outcome
                .failures
                .iter()
                .map(move |failure| format!("{} example {}: {failure}", outcome.rule, outcome.number))
        })
        .collect();
    assert!(failed.is_empty(), "{} of {} fail\n{}", failed.len(), outcomes.len(), failed.join("\n"));
}

const NEW: &str = r#"
[pack]
name = "ours"
summary = "What our team keeps to"

[[rule]]
id = "shouting"
severity = "style"
category = "style"
summary = "a stage has a loud name"
message = "the stage `{stage.name}` has a loud name, for its {word}"
why = "It hurts."
[rule.match]
stage = { name = { regex = "(?<word>loud)" } }
requires = [{ instruction = { keyword = "workdir" }, in = "own-stage", order = "after" }]
"#;

#[test]
fn a_new_rule_takes_nothing_but_toml() {
    let file = PackFile { file: SourceFile::new("ours.toml", NEW), builtin: false };
    let packs = Packs::load(&[file]).unwrap_or_else(|broken| panic!("{:?}", broken[0].errors));
    let found = |text: &str| -> Vec<String> {
        let file = SourceFile::new("Dockerfile", text);
        let checked = check(file, &NoContext, &packs, &Settings::default(), &Selection::default());
        checked
            .diagnostics
            .into_iter()
            .map(|finding| format!("{} {}", finding.rule, finding.message))
            .collect()
    };
    assert_eq!(
        found("FROM a AS loudest\nWORKDIR /x\n"),
        ["ours/shouting the stage `loudest` has a loud name, for its loud"]
    );
    assert_eq!(found("FROM a AS quiet\nWORKDIR /x\n"), [""; 0]);
    assert_eq!(found("FROM a AS loudest\n"), [""; 0]);
    assert_eq!(found("# dlint ignore=ours\nFROM a AS loudest\nWORKDIR /x\n"), [""; 0]);
}
