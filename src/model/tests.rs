//! Whole Dockerfiles to facts, with a context in memory and just enough knowledge of programs and images.

mod files;
mod knowledge;
mod packages;
mod scripts;
mod stages;

use std::collections::BTreeMap;

use camino::{Utf8Path, Utf8PathBuf};

use super::build;
use super::context::Context;
use super::facts::{Command, Facts, Package};
use super::settings::Settings;
use super::value::Value;
use crate::source::SourceFile;

/// A context in memory: path to text.
struct Memory(BTreeMap<Utf8PathBuf, String>);

impl Context for Memory {
    fn read(&self, path: &Utf8Path) -> Option<Result<Vec<u8>, String>> {
        self.0.get(path).map(|text| Ok(text.clone().into_bytes()))
    }

    fn shown(&self, path: &Utf8Path) -> Utf8PathBuf {
        path.to_owned()
    }

    fn is_folder(&self, path: &Utf8Path) -> bool {
        path == "" || self.0.keys().any(|file| file != path && file.starts_with(path))
    }
}

fn facts_with(dockerfile: &str, files: &[(&str, &str)], settings: &Settings) -> Facts {
    let files = files.iter().map(|(path, text)| (Utf8PathBuf::from(*path), (*text).to_owned()));
    let context = Memory(files.collect());
    build(SourceFile::new("Dockerfile", dockerfile), &context, &knowledge::knowledge(), settings)
}

fn facts(dockerfile: &str, files: &[(&str, &str)]) -> Facts {
    facts_with(dockerfile, files, &Settings::default())
}

/// The text, in angle brackets where it is not known.
fn text(value: &Value) -> String {
    match value.known() {
        Some(text) => text.to_owned(),
        None => format!("<{}>", value.text),
    }
}

fn texts<'v>(values: impl IntoIterator<Item = &'v Value>) -> String {
    values.into_iter().map(text).collect::<Vec<_>>().join(" ")
}

/// `through… program subcommand --flag=value operand`.
fn command(command: &Command) -> String {
    let mut words: Vec<String> = command.through.iter().map(ToString::to_string).collect();
    words.push(command.program.to_string());
    words.extend(command.subcommand.iter().map(text));
    words.extend(command.flags.iter().map(|flag| match &flag.value {
        Some(value) => format!("{}={}", flag.name, text(value)),
        None => flag.name.to_string(),
    }));
    words.extend(command.operands().map(text));
    words.join(" ")
}

fn commands(dockerfile: &str) -> String {
    facts(dockerfile, &[]).commands.iter().map(command).collect::<Vec<_>>().join("\n")
}

/// `ecosystem:name specifier`, with what is unusual about it behind.
fn package(facts: &Facts, package: &Package) -> String {
    let mut shown = format!("{}:{}", package.ecosystem, package.name);
    if !package.extras.is_empty() {
        shown = format!("{shown}[{}]", package.extras.join(","));
    }
    if let Some(specifier) = package.specifier.as_ref().filter(|specifier| !specifier.text.is_empty()) {
        shown += &text(specifier);
    }
    if let Some(url) = &package.url {
        shown = format!("{shown} @ {}", text(url));
    }
    if !package.environment.is_empty() {
        shown = format!("{shown} in {}", package.environment);
    }
    if let Some(file) = package.file.and_then(|file| facts.files.get(file)) {
        shown = format!("{shown} from {}", file.path);
    }
    for (holds, word) in [
        (package.constraint, "constraint"),
        (package.hashed, "hashed"),
        (package.removed, "removed"),
        (package.applies == Some(false), "inapplicable"),
        (package.applies.is_none(), "perhaps"),
    ] {
        if holds {
            shown = format!("{shown} ({word})");
        }
    }
    shown
}

/// Checks the packages, one a line.
fn check_packages(dockerfile: &str, files: &[(&str, &str)], expected: &[&str]) {
    let facts = facts(dockerfile, files);
    let found: Vec<_> = facts.packages.iter().map(|found| package(&facts, found)).collect();
    assert_eq!(found, expected, "{dockerfile}");
}
