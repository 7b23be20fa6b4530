//! The formats `json` and `jsonl`: a contract that scripts rely on. Fields may be added, none may change.

use std::io::{self, Write};

use serde::Serialize;

use super::{Finding, Report, Summary};
use crate::diagnostic::{Diagnostic, Fix};
use crate::fix::{Attempt, Outcome};
use crate::source::{Location, Sources};

/// Writes one JSON object with all findings and the summary, and for a fixing run what became of the fixes.
pub fn render(report: &Report<'_>, attempts: Option<&[Attempt]>, out: &mut impl Write) -> io::Result<()> {
    let document = Document {
        version: 1,
        diagnostics: report.findings.iter().map(JsonDiagnostic::of).collect(),
        attempts: attempts.map(|attempts| attempts.iter().map(JsonAttempt::of).collect()),
        summary: report.summary,
    };
    serde_json::to_writer_pretty(&mut *out, &document)?;
    writeln!(out)
}

/// Writes one finding as one line.
pub fn render_line(finding: &Finding<'_>, out: &mut impl Write) -> io::Result<()> {
    serde_json::to_writer(&mut *out, &JsonDiagnostic::of(finding))?;
    writeln!(out)
}

#[derive(Serialize)]
struct Document<'a> {
    version: u32,
    diagnostics: Vec<JsonDiagnostic<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    attempts: Option<Vec<JsonAttempt<'a>>>,
    summary: Summary,
}

#[derive(Serialize)]
struct JsonDiagnostic<'a> {
    rule: &'a str,
    aliases: &'a [String],
    category: &'static str,
    severity: &'static str,
    message: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<&'a str>,
    file: &'a str,
    start: JsonPosition,
    end: JsonPosition,
    related: Vec<JsonRelated<'a>>,
    fixes: Vec<JsonFix<'a>>,
}

#[derive(Serialize)]
struct JsonPosition {
    line: u32,
    column: u32,
    offset: u32,
}

#[derive(Serialize)]
struct JsonRelated<'a> {
    file: &'a str,
    start: JsonPosition,
    end: JsonPosition,
    message: &'a str,
}

/// A fix as scripts read it.
#[derive(Serialize)]
pub(super) struct JsonFix<'a> {
    title: &'a str,
    safety: &'static str,
    edits: Vec<JsonEdit<'a>>,
}

#[derive(Serialize)]
struct JsonEdit<'a> {
    file: &'a str,
    start: u32,
    end: u32,
    text: &'a str,
}

#[derive(Serialize)]
struct JsonAttempt<'a> {
    rule: &'a str,
    title: &'a str,
    file: &'a str,
    line: u32,
    column: u32,
    outcome: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
}

impl<'a> JsonDiagnostic<'a> {
    fn of(finding: &Finding<'a>) -> Self {
        let Diagnostic { rule, aliases, category, severity, message, note, at, related, fixes } =
            finding.diagnostic;
        let sources = finding.sources;
        let (start, end) = positions(sources, *at);
        let related = related.iter().map(|related| {
            let (start, end) = positions(sources, related.at);
            let file = sources.get(related.at.file).path().as_str();
            JsonRelated { file, start, end, message: &related.message }
        });
        Self {
            rule,
            aliases,
            category: category.name(),
            severity: severity.name(),
            message,
            note: note.as_deref(),
            file: finding.file().path().as_str(),
            start,
            end,
            related: related.collect(),
            fixes: fixes.iter().map(|fix| JsonFix::of(fix, sources)).collect(),
        }
    }
}

impl<'a> JsonFix<'a> {
    /// Reads it for the files of these sources.
    pub(super) fn of(fix: &'a Fix, sources: &'a Sources) -> Self {
        let edits = fix.edits().iter().map(|edit| JsonEdit {
            file: sources.get(edit.file).path().as_str(),
            start: edit.span.start,
            end: edit.span.end,
            text: &edit.text,
        });
        Self { title: &fix.title, safety: fix.safety.name(), edits: edits.collect() }
    }
}

impl<'a> JsonAttempt<'a> {
    fn of(attempt: &'a Attempt) -> Self {
        let (outcome, reason) = match &attempt.outcome {
            Outcome::Applied => ("applied", None),
            Outcome::Held { needs } => ("held", Some(needs.name().to_owned())),
            Outcome::Skipped => ("skipped", None),
            Outcome::RolledBack(regression) => ("rolled-back", Some(regression.to_string())),
        };
        Self {
            rule: &attempt.rule,
            title: &attempt.title,
            file: attempt.path.as_str(),
            line: attempt.position.line,
            column: attempt.position.column,
            outcome,
            reason,
        }
    }
}

fn positions(sources: &Sources, at: Location) -> (JsonPosition, JsonPosition) {
    let file = sources.get(at.file);
    let position = |offset| {
        let position = file.position(offset);
        JsonPosition { line: position.line, column: position.column, offset }
    };
    (position(at.span.start), position(at.span.end))
}

#[cfg(test)]
mod tests {
    use super::super::findings_of;
    use super::super::fixtures::{checked, rendered};
    use super::*;

    #[test]
    fn the_document_is_as_promised() {
        let text = rendered(|report, out| render(report, None, out));
        let document: serde_json::Value = serde_json::from_str(&text).unwrap();
        let expected = serde_json::json!({
            "rule": "pip/no-cache-dir", "aliases": ["DL3042"], "category": "size", "severity": "warning",
            "message": "pip keeps its download cache in the image", "file": "svc/Dockerfile",
            "start": {"line": 6, "column": 5, "offset": 46}, "end": {"line": 6, "column": 16, "offset": 57},
            "related": [],
            "fixes": [{"title": "Add `--no-cache-dir`", "safety": "safe",
                       "edits": [{"file": "svc/Dockerfile", "start": 57, "end": 57, "text": " --no-cache-dir"}]}]
        });
        assert_eq!(document["version"], 1);
        assert_eq!(document["diagnostics"][0], expected);
        assert_eq!(document["diagnostics"][1]["related"][1]["file"], "svc/Dockerfile");
        assert_eq!(
            document["summary"],
            serde_json::json!({"files": 1, "errors": 1, "warnings": 1, "infos": 0, "styles": 0, "fixable": 1, "fixable_unsafe": 1})
        );
        assert!(document.get("attempts").is_none());
    }

    #[test]
    fn a_finding_is_one_line() {
        let checked = checked();
        let mut bytes = Vec::new();
        findings_of(&checked).for_each(|finding| render_line(&finding, &mut bytes).unwrap());
        assert_eq!(String::from_utf8(bytes).unwrap().lines().count(), 2);
    }
}
