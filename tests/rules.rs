//! Every built-in rule does what its examples say, and a new rule takes nothing but TOML.

use dlint::builtin;
use dlint::diagnostic::{Category, Safety};
use dlint::engine::{Selection, check};
use dlint::examples;
use dlint::model::context::NoContext;
use dlint::model::settings::Settings;
use dlint::rules::{PackFile, Packs};
use dlint::source::SourceFile;

/// Examples that do not hold yet.
const OPEN: &[&str] = &[];

#[test]
fn every_example_holds() {
    let packs = builtin::load_with([]).unwrap();
    let mut outcomes = examples::run(&packs, |_| true);
    outcomes.extend(examples::run_logs(&packs, |_| true));
    let name = |outcome: &examples::Outcome| format!("{} example {}", outcome.rule, outcome.number);
    let open: Vec<_> = outcomes.iter().filter(|outcome| !outcome.failures.is_empty()).map(name).collect();
    let settled: Vec<_> = OPEN.iter().filter(|open_one| !open.iter().any(|name| name == *open_one)).collect();
    assert!(settled.is_empty(), "these hold now and are no longer open: {settled:?}");
    let failed: Vec<String> = outcomes
        .iter()
        .filter(|outcome| !OPEN.contains(&name(outcome).as_str()))
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
    let packs = Packs::load(&[file]).unwrap();
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

#[test]
fn conflicts_are_mended_one_by_one() {
    let packs = builtin::load_with([]).unwrap();
    let file = SourceFile::new(
        "Dockerfile",
        "FROM python:3.10\nRUN pip install torch==2.1.2 torchvision==0.17.0 numpy==2.0.1\n",
    );
    let checked = check(file, &NoContext, &packs, &Settings::default(), &Selection::default());
    let compat = checked.diagnostics.iter().filter(|finding| finding.category == Category::Compat);
    let mended: Vec<_> =
        compat.map(|finding| (finding.rule.as_str(), finding.fixes.first().map(|fix| fix.safety))).collect();
    assert_eq!(mended.len(), 2, "{mended:?}");
    assert!(mended.iter().all(|(_, safety)| *safety == Some(Safety::Safe)), "{mended:?}");
}
