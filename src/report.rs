//! Findings to text: for people on a terminal, and for the tools that read the usual formats.
//!
//! Takes what the checks gave, brings it into one order, and writes it; one module a format. It decides nothing about
//! findings, and reads no file.

pub mod baseline;
pub mod checkstyle;
pub mod diagnoses;
mod fingerprint;
pub mod github;
pub mod gitlab;
pub mod json;
pub mod junit;
pub mod sarif;
pub mod stack;
pub mod text;
mod xml;

use std::ops::AddAssign;

use camino::Utf8Path;

use crate::diagnostic::{Category, Checked, Diagnostic, Safety, Severity};
use crate::source::{FileId, Location, SourceFile, Sources};

/// A finding together with the files in which it stands.
#[derive(Clone, Copy, Debug)]
pub struct Finding<'a> {
    /// The finding.
    pub diagnostic: &'a Diagnostic,
    /// The files of its check.
    pub sources: &'a Sources,
}

impl<'a> Finding<'a> {
    /// The file in which it stands.
    pub fn file(&self) -> &'a SourceFile {
        self.sources.get(self.diagnostic.at.file)
    }

    /// The line in which it begins.
    pub fn line(&self) -> &'a str {
        let file = self.file();
        let line = file.position(self.diagnostic.at.span.start).line;
        file.line_span(line).map_or("", |line| file.slice(line))
    }

    /// The path of a place.
    pub fn path_of(&self, at: Location) -> &'a Utf8Path {
        self.sources.get(at.file).path()
    }

    /// The best trust that any of its fixes has.
    pub fn best_fix(&self) -> Option<Safety> {
        self.diagnostic.fixes.iter().map(|fix| fix.safety).max()
    }
}

/// Everything that one run has to report.
#[derive(Clone, Debug, Default)]
pub struct Report<'a> {
    /// The findings by file, offset and rule; one that several Dockerfiles share is there once.
    pub findings: Vec<Finding<'a>>,
    /// The Dockerfiles that were checked, in order; one that several services build is there once.
    pub files: Vec<&'a Utf8Path>,
    /// The counts.
    pub summary: Summary,
}

impl<'a> Report<'a> {
    /// Collects the findings of all checks.
    pub fn new(checks: impl IntoIterator<Item = &'a Checked>) -> Self {
        let mut report = Self::default();
        for checked in checks {
            report.files.extend(dockerfile_of(checked).map(SourceFile::path));
            report.findings.extend(findings_of(checked));
        }
        report.findings.sort_by(|a, b| sort_key(a).cmp(&sort_key(b)));
        report.findings.dedup_by(|a, b| sort_key(a) == sort_key(b));
        report.files.sort_unstable_by_key(|path| path.as_str());
        report.files.dedup();
        report.summary = Summary::of(&report.findings, report.files.len());
        report
    }
}

/// The findings of one check, in its order.
pub fn findings_of(checked: &Checked) -> impl Iterator<Item = Finding<'_>> {
    checked.diagnostics.iter().map(|diagnostic| Finding { diagnostic, sources: &checked.sources })
}

fn dockerfile_of(checked: &Checked) -> Option<&SourceFile> {
    checked.sources.iter().find(|(id, _)| *id == FileId(0)).map(|(_, file)| file)
}

/// What puts findings in order; equal for the same finding met from several Dockerfiles.
///
/// Paths are compared as texts, as scripts do.
fn sort_key<'a>(finding: &Finding<'a>) -> (&'a str, u32, &'a str, u32, &'a str) {
    let Diagnostic { rule, message, at, .. } = finding.diagnostic;
    (finding.path_of(*at).as_str(), at.span.start, rule, at.span.end, message)
}

/// How much was found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Summary {
    /// Dockerfiles checked.
    pub files: usize,
    /// Findings of that severity.
    pub errors: usize,
    /// Findings of that severity.
    pub warnings: usize,
    /// Findings of that severity.
    pub infos: usize,
    /// Findings of that severity.
    pub styles: usize,
    /// Findings that `dlint fix` would mend.
    pub fixable: usize,
    /// Findings that only `dlint fix --unsafe` would mend.
    pub fixable_unsafe: usize,
}

impl Summary {
    /// Counts the findings of `files` Dockerfiles.
    pub fn of(findings: &[Finding<'_>], files: usize) -> Self {
        let mut summary = Self { files, ..Self::default() };
        for finding in findings {
            match finding.diagnostic.severity {
                Severity::Error => &mut summary.errors,
                Severity::Warning => &mut summary.warnings,
                Severity::Info => &mut summary.infos,
                Severity::Style => &mut summary.styles,
            }
            .add_assign(1);
            match finding.best_fix() {
                Some(Safety::Safe) => summary.fixable += 1,
                Some(Safety::Unsafe) => summary.fixable_unsafe += 1,
                Some(Safety::Display) | None => {}
            }
        }
        summary
    }

    /// The number of findings.
    pub fn total(&self) -> usize {
        self.errors + self.warnings + self.infos + self.styles
    }
}

/// What formats tell about a rule.
#[derive(Clone, Debug)]
pub struct RuleInfo {
    /// `pack/rule`.
    pub id: String,
    /// Other tools' names for it.
    pub aliases: Vec<String>,
    /// Kind of trouble.
    pub category: Category,
    /// How bad it is unless configured otherwise.
    pub severity: Severity,
    /// One line.
    pub summary: String,
    /// A paragraph.
    pub why: String,
}

/// The first paragraph of a note as one line, and what it quotes where it ends with a colon; `dlint explain` has the
/// rest.
fn opening(note: &str) -> (String, Vec<&str>) {
    let mut lines = note.trim().lines();
    let paragraph: Vec<&str> = lines.by_ref().take_while(|line| !line.is_empty()).map(str::trim).collect();
    let paragraph = paragraph.join(" ");
    let quote = lines.take_while(|line| line.starts_with("    "));
    let quote =
        if paragraph.ends_with(':') || !paragraph.ends_with('.') { quote.collect() } else { Vec::new() };
    (paragraph, quote)
}

/// `1 file`, `2 files`.
fn counted(number: usize, noun: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {noun}{plural}")
}

#[cfg(test)]
mod fixtures;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_opening_of_a_note_is_short() {
        assert_eq!(opening("One\ntwo.\n\nThree.\n"), ("One two.".to_owned(), Vec::new()));
        assert_eq!(
            opening("It says:\n\n    E: a\n    E: b\n\nMore."),
            ("It says:".to_owned(), vec!["    E: a", "    E: b"])
        );
        assert_eq!(opening("One.\n\n    E: a\n"), ("One.".to_owned(), Vec::new()));
    }
}
