//! The format `gitlab`: a code quality report.

use std::io::{self, Write};

use serde::Serialize;

use super::fingerprint::fingerprints;
use super::{Finding, Report};
use crate::diagnostic::Severity;

/// Writes one JSON array.
pub fn render(report: &Report<'_>, out: &mut impl Write) -> io::Result<()> {
    let issues: Vec<_> = report
        .findings
        .iter()
        .zip(fingerprints(report))
        .map(|(finding, fingerprint)| Issue::of(finding, fingerprint))
        .collect();
    serde_json::to_writer_pretty(&mut *out, &issues)?;
    writeln!(out)
}

#[derive(Serialize)]
struct Issue<'a> {
    description: &'a str,
    check_name: &'a str,
    fingerprint: String,
    severity: &'static str,
    location: IssueLocation<'a>,
}

#[derive(Serialize)]
struct IssueLocation<'a> {
    path: &'a str,
    lines: Lines,
}

#[derive(Serialize)]
struct Lines {
    begin: u32,
    end: u32,
}

impl<'a> Issue<'a> {
    fn of(finding: &Finding<'a>, fingerprint: String) -> Self {
        let diagnostic = finding.diagnostic;
        let file = finding.file();
        let span = diagnostic.at.span;
        let severity = match diagnostic.severity {
            Severity::Error => "critical",
            Severity::Warning => "major",
            Severity::Info => "minor",
            Severity::Style => "info",
        };
        let lines = Lines { begin: file.position(span.start).line, end: file.position(span.end).line };
        Self {
            description: &diagnostic.message,
            check_name: &diagnostic.rule,
            fingerprint,
            severity,
            location: IssueLocation { path: file.path().as_str(), lines },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixtures::rendered;
    use super::*;

    #[test]
    fn issues_have_places_and_stable_names() {
        let issues: serde_json::Value = serde_json::from_str(&rendered(render)).unwrap();
        assert_eq!(issues[1]["location"]["path"], "svc/requirements.txt");
        assert_eq!(issues[1]["location"]["lines"], serde_json::json!({"begin": 2, "end": 2}));
        assert_eq!(issues[1]["severity"], "critical");
        assert_ne!(issues[0]["fingerprint"], issues[1]["fingerprint"]);
    }
}
