//! BuildKit's checks: the rules that have their names say what `docker build --check` says, at its lines.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use camino::{Utf8Path, Utf8PathBuf};
use dlint::builtin;
use dlint::diagnostic::Severity;
use dlint::engine::{Selection, check};
use dlint::model::context::{Context, NoContext};
use dlint::model::settings::Settings;
use dlint::source::SourceFile;
use serde::Deserialize;

/// What BuildKit said of one file: the check, and the first and last line of the instruction.
#[derive(Deserialize)]
struct Case {
    name: String,
    dockerfile: String,
    dockerignore: Option<String>,
    #[serde(default)]
    build_args: BTreeMap<String, String>,
    expect: Vec<(String, u32, u32)>,
}

/// Cases in which dlint differs, and why.
const OPEN: [(&str, &str); 3] = [
    ("check-option/14", "what BuildKit calls experimental is skipped like any other rule"),
    ("check-option/26", "a comment above the instruction that is shown silences"),
    ("check-option/27", "and one above the instruction that replaces it does not"),
];

/// A file that BuildKit does not build, and the line that it names, if it does.
#[derive(Deserialize)]
struct Refused {
    name: String,
    dockerfile: String,
    #[serde(default)]
    build_args: BTreeMap<String, String>,
    line: Option<u32>,
}

/// What BuildKit refuses and dlint does not: an empty name, which a build argument may fill, is a warning of its own;
/// platforms, the order of ports and the options of `check` are not looked at.
const ACCEPTED: [&str; 11] = [
    "check-from/0",
    "check-from/2",
    "check-from/6",
    "check-from/11",
    "check-from/12",
    "check-from/24",
    "check-expose/9",
    "check-expose/20",
    "check-option/8",
    "check-option/10",
    "check-option/15",
];

impl Context for Case {
    fn read(&self, path: &Utf8Path) -> Option<Result<Vec<u8>, String>> {
        let text = self.dockerignore.as_ref().filter(|_| path == ".dockerignore")?;
        Some(Ok(text.clone().into_bytes()))
    }

    fn shown(&self, path: &Utf8Path) -> Utf8PathBuf {
        path.to_owned()
    }

    fn is_folder(&self, _: &Utf8Path) -> bool {
        false
    }
}

#[test]
fn the_checks_are_those_of_buildkit() {
    let packs = builtin::load();
    // BuildKit's names are the aliases in capitals and small letters.
    let is_check = |alias: &&String| alias.contains(char::is_lowercase) && !alias.contains('-');
    let names: Vec<String> =
        packs.rules.iter().flat_map(|rule| rule.aliases.iter().filter(is_check)).cloned().collect();
    let selection = Selection { select: names.clone(), ..Selection::default() };
    let mut wrong = String::new();
    let mut count = 0;
    for line in include_str!("data/check_cases.jsonl").lines() {
        let case: Case = serde_json::from_str(line).unwrap();
        count += 1;
        let build_args = case.build_args.clone().into_iter().collect();
        let settings = Settings { build_args, ..Settings::default() };
        let file = SourceFile::new("Dockerfile", case.dockerfile.as_bytes());
        let checked = check(file, &case, &packs, &settings, &selection);
        let mut found = Vec::new();
        for finding in &checked.diagnostics {
            let line = checked.sources.get(finding.at.file).position(finding.at.span.start).line;
            found.extend(
                finding.aliases.iter().filter(|alias| names.contains(alias)).map(|alias| (alias, line)),
            );
        }
        let mut missing = Vec::new();
        for (check, first, last) in &case.expect {
            let is_it = |(alias, line): &(&String, u32)| *alias == check && (*first..=*last).contains(line);
            match found.iter().position(is_it) {
                Some(index) => drop(found.remove(index)),
                None => missing.push((check, first)),
            }
        }
        let differs = !missing.is_empty() || !found.is_empty();
        if differs != OPEN.iter().any(|(name, _)| *name == case.name) {
            let _ = writeln!(
                wrong,
                "{} {:?}\n  missing {missing:?}, too many {found:?}",
                case.name, case.dockerfile
            );
        }
    }
    assert!(count > 200);
    assert!(wrong.is_empty(), "of {count} files:\n{wrong}");
}

#[test]
fn what_buildkit_refuses_is_an_error() {
    let packs = builtin::load();
    let mut wrong = String::new();
    for line in include_str!("data/refused_cases.jsonl").lines() {
        let case: Refused = serde_json::from_str(line).unwrap();
        let build_args = case.build_args.into_iter().collect();
        let settings = Settings { build_args, ..Settings::default() };
        let file = SourceFile::new("Dockerfile", case.dockerfile.as_bytes());
        let checked = check(file, &NoContext, &packs, &settings, &Selection::default());
        let mut errors = checked.diagnostics.iter().filter(|finding| finding.severity == Severity::Error);
        let told = errors.any(|finding| {
            let file = checked.sources.get(finding.at.file);
            case.line.is_none_or(|line| file.position(finding.at.span.start).line == line)
        });
        if told == ACCEPTED.contains(&case.name.as_str()) {
            let _ = writeln!(wrong, "{} {:?}", case.name, case.dockerfile);
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}
