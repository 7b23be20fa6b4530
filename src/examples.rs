//! The examples of rules, run: every rule carries Dockerfiles that it must report, must leave alone, and must mend.
//!
//! This is what `dlint rules test` and the project's own tests run. An example is checked and fixed exactly as a
//! user's file would be, with its rule as the only one that speaks.

mod logs;

pub use logs::run_logs;

use std::collections::BTreeMap;

use camino::{Utf8Path, Utf8PathBuf};

use crate::diagnostic::{Checked, Diagnostic, Safety};
use crate::engine::{Engine, Selection};
use crate::fix::{Target, converge};
use crate::model::context::Context;
use crate::rules::{Example, Packs, Rule};
use crate::source::{FileId, SourceFile};

/// The name under which an example's Dockerfile is checked.
const DOCKERFILE: &str = "Dockerfile";

/// What became of one example.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// The rule.
    pub rule: String,
    /// Its place among the examples of the rule, from 1.
    pub number: usize,
    /// What is wrong with it; nothing if the rule does as the example says.
    pub failures: Vec<Failure>,
}

/// A way in which a rule does not do as its example says.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// A bad example that the rule does not report.
    #[error("not reported")]
    Missing,
    /// A good example that the rule reports.
    #[error("reported, but good: {}", .messages.join("; "))]
    Noisy {
        /// What it says, and where.
        messages: Vec<String>,
    },
    /// A bad example that is reported at other places.
    #[error("reported at {found:?}, not at {expected:?}")]
    Elsewhere {
        /// Where the example says.
        expected: Vec<String>,
        /// Where the rule says.
        found: Vec<String>,
    },
    /// A file that the fix leaves otherwise than the example says.
    #[error("{path} is fixed to\n{found}\nnot to\n{expected}")]
    WrongFix {
        /// The file.
        path: String,
        /// What the example says.
        expected: String,
        /// What the fix gives.
        found: String,
    },
    /// A log that something else explains first.
    #[error("diagnosed as {found:?}")]
    OtherDiagnosis {
        /// What was diagnosed, in order.
        found: Vec<String>,
    },
    /// A capture that is not what the example says.
    #[error("`{name}` is `{found}`, not `{expected}`")]
    WrongCapture {
        /// The name.
        name: String,
        /// What the example says.
        expected: String,
        /// What the log says; empty where it says nothing.
        found: String,
    },
    /// A fixed example that is still reported.
    #[error("still reported after the fix: {}", .messages.join("; "))]
    StillReported {
        /// What is said, and where.
        messages: Vec<String>,
    },
}

/// Runs the examples of the rules for which `wanted` is true, in pack order.
pub fn run(packs: &Packs, wanted: impl Fn(&Rule) -> bool) -> Vec<Outcome> {
    let mut outcomes = Vec::new();
    for rule in packs.rules.iter().filter(|rule| wanted(rule)) {
        for (index, example) in rule.examples.iter().enumerate() {
            let failures = failures(packs, rule, example);
            outcomes.push(Outcome { rule: rule.id.clone(), number: index + 1, failures });
        }
    }
    outcomes
}

fn failures(packs: &Packs, rule: &Rule, example: &Example) -> Vec<Failure> {
    let selection = Selection { select: vec![rule.id.clone()], ..Selection::default() };
    let engine = Engine::new(packs, &example.settings, &selection);
    let context = Files(example.files.iter().cloned().collect());
    let dockerfile = SourceFile::new(DOCKERFILE, example.text.as_bytes());
    let checked = engine.check(dockerfile, &context);
    let found = of_rule(&checked, rule);
    if !example.bad {
        return noisy(&checked, &found).into_iter().collect();
    }
    if found.is_empty() {
        return vec![Failure::Missing];
    }
    let mut failures: Vec<_> = elsewhere(example, &checked, &found).into_iter().collect();
    if example.fixed.is_some() || !example.fixed_files.is_empty() {
        failures.extend(wrong_fixes(&engine, rule, example, checked.clone(), &context));
    }
    failures
}

/// The findings of the rule: no other speaks but those about files that cannot be read.
fn of_rule<'c>(checked: &'c Checked, rule: &Rule) -> Vec<&'c Diagnostic> {
    checked.diagnostics.iter().filter(|diagnostic| diagnostic.rule == rule.id).collect()
}

fn noisy(checked: &Checked, found: &[&Diagnostic]) -> Option<Failure> {
    (!found.is_empty()).then(|| Failure::Noisy { messages: messages(checked, found) })
}

fn messages(checked: &Checked, found: &[&Diagnostic]) -> Vec<String> {
    found.iter().map(|finding| format!("{} at {}", finding.message, place(checked, finding))).collect()
}

fn elsewhere(example: &Example, checked: &Checked, found: &[&Diagnostic]) -> Option<Failure> {
    let expected: Vec<String> = example
        .at
        .as_ref()?
        .iter()
        .map(|(file, line, column)| match file {
            Some(file) => format!("{file}:{line}:{column}"),
            None => format!("{line}:{column}"),
        })
        .collect();
    let found: Vec<String> = found.iter().map(|finding| place(checked, finding)).collect();
    (expected != found).then_some(Failure::Elsewhere { expected, found })
}

/// Where a finding stands, as examples write it.
fn place(checked: &Checked, finding: &Diagnostic) -> String {
    let file = checked.sources.get(finding.at.file);
    let position = file.position(finding.at.span.start);
    let place = format!("{}:{}", position.line, position.column);
    if finding.at.file == FileId::default() { place } else { format!("{}:{place}", file.path()) }
}

fn wrong_fixes(
    engine: &Engine<'_>,
    rule: &Rule,
    example: &Example,
    checked: Checked,
    context: &Files,
) -> Vec<Failure> {
    let trust = if example.takes_unsafe { Safety::Unsafe } else { Safety::Safe };
    let check = |file: SourceFile, context: &dyn Context| engine.check(file, context);
    let fixed = converge(&[Target { checked, context, check: &check }], trust);
    let after = |path: &str, before: &str| {
        let changed = fixed.files.iter().find(|changed| changed.path == path);
        changed
            .map_or_else(|| before.to_owned(), |changed| String::from_utf8_lossy(&changed.after).into_owned())
    };
    let mut failures = Vec::new();
    let mut compare = |path: &str, before: &str, expected: &str| {
        let found = after(path, before);
        if found != expected {
            failures.push(Failure::WrongFix { path: path.to_owned(), expected: expected.to_owned(), found });
        }
    };
    compare(DOCKERFILE, &example.text, example.fixed.as_deref().unwrap_or(&example.text));
    for (path, before) in &example.files {
        let expected = example.fixed_files.iter().find(|(fixed, _)| fixed == path);
        compare(path, before, expected.map_or(before, |(_, expected)| expected));
    }
    if let Some(checked) = fixed.checked.first() {
        let found = of_rule(checked, rule);
        if !found.is_empty() {
            failures.push(Failure::StillReported { messages: messages(checked, &found) });
        }
    }
    failures
}

/// The further files of an example.
struct Files(BTreeMap<String, String>);

impl Context for Files {
    fn read(&self, path: &Utf8Path) -> Option<Result<Vec<u8>, String>> {
        self.0.get(path.as_str()).map(|text| Ok(text.clone().into_bytes()))
    }

    fn shown(&self, path: &Utf8Path) -> Utf8PathBuf {
        path.to_owned()
    }

    fn is_folder(&self, path: &Utf8Path) -> bool {
        self.0.keys().any(|file| Utf8Path::new(file).parent().is_some_and(|parent| parent.starts_with(path)))
    }
}
