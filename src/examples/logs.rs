//! The examples of diagnoses, run: logs that each must explain before all others, or must not be made for, and the
//! files that its first repair leaves.

use std::collections::BTreeMap;

use super::{DOCKERFILE, Failure, Files, Outcome};
use crate::diagnose::{Build, Diagnosis, Subject, diagnose};
use crate::diagnostic::Safety;
use crate::fix::apply::changed_by;
use crate::model::settings::Settings;
use crate::rules::{DiagnosisRule, LogExample, Packs};
use crate::source::{SourceFile, Sources};

/// Runs the examples of the diagnoses for which `wanted` is true, in pack order.
pub fn run_logs(packs: &Packs, wanted: impl Fn(&DiagnosisRule) -> bool) -> Vec<Outcome> {
    let mut outcomes = Vec::new();
    for rule in packs.diagnoses.iter().filter(|rule| wanted(rule)) {
        for (index, example) in rule.examples.iter().enumerate() {
            let failures = failures(packs, rule, example);
            outcomes.push(Outcome { rule: rule.id.clone(), number: index + 1, failures });
        }
    }
    outcomes
}

fn failures(packs: &Packs, rule: &DiagnosisRule, example: &LogExample) -> Vec<Failure> {
    let context = Files(example.files.iter().cloned().collect());
    let settings = Settings::default();
    let facts = example.dockerfile.as_ref().map(|text| {
        crate::model::build(
            SourceFile::new(DOCKERFILE, text.as_bytes()),
            &context,
            &packs.knowledge,
            &settings,
        )
    });
    let build = facts.as_ref().map(|facts| Build { facts, context: &context, settings: &settings });
    let found = diagnose(&example.log, &Subject { packs, phase: None, build });
    if !example.fits {
        let made = found.iter().filter(|diagnosis| diagnosis.rule == rule.id);
        let messages: Vec<_> = made.map(|diagnosis| diagnosis.cause.clone()).collect();
        return if messages.is_empty() { Vec::new() } else { vec![Failure::Noisy { messages }] };
    }
    let Some(first) = found.first().filter(|first| first.rule == rule.id) else {
        let found = found.into_iter().map(|diagnosis| diagnosis.rule).collect();
        return vec![Failure::OtherDiagnosis { found }];
    };
    let mut failures: Vec<_> = example
        .captures
        .iter()
        .filter_map(|(name, expected)| {
            let found = first.captures.iter().find(|(own, _)| own == name).map(|(_, text)| text.clone());
            (found.as_ref() != Some(expected)).then(|| Failure::WrongCapture {
                name: name.clone(),
                expected: expected.clone(),
                found: found.unwrap_or_default(),
            })
        })
        .collect();
    if let Some(facts) = &facts {
        failures.extend(wrong_files(&facts.sources, first, example));
    }
    failures
}

/// The files that the first repair leaves otherwise than the example says.
fn wrong_files(sources: &Sources, diagnosis: &Diagnosis, example: &LogExample) -> Vec<Failure> {
    let mut expected: BTreeMap<&str, &str> = BTreeMap::new();
    if let Some(text) = &example.dockerfile {
        expected.insert(DOCKERFILE, example.fixed.as_ref().unwrap_or(text));
    }
    for (path, text) in &example.files {
        let fixed = example.fixed_files.iter().find(|(fixed, _)| fixed == path);
        expected.insert(path, fixed.map_or(text, |(_, fixed)| fixed));
    }
    let repair = diagnosis.fixes.iter().find(|fix| fix.safety > Safety::Display);
    let changed = repair.and_then(|fix| changed_by(fix, sources)).unwrap_or_default();
    let mut failures = Vec::new();
    for (_, file) in sources.iter() {
        let path = file.path().as_str();
        let after = changed.iter().find(|changed| changed.path == path);
        let found =
            String::from_utf8_lossy(after.map_or(file.bytes(), |changed| &changed.after)).into_owned();
        if let Some(expected) = expected.get(path).filter(|expected| **expected != found) {
            failures.push(Failure::WrongFix {
                path: path.to_owned(),
                expected: (*expected).to_owned(),
                found,
            });
        }
    }
    failures
}
