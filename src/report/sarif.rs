//! The format `sarif`: SARIF 2.1.0, which code scanning services read.
//!
//! Only the part of the standard that dlint fills is declared here.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{self, Write};

use camino::Utf8Path;
use serde::Serialize;

use super::fingerprint::fingerprints;
use super::{Finding, Report, RuleInfo};
use crate::diagnostic::{Diagnostic, Edit, Fix, Severity};
use crate::source::{Location, SourceFile, Sources, Span};

const SCHEMA: &str = "https://json.schemastore.org/sarif-2.1.0.json";
const HOME: &str = env!("CARGO_PKG_REPOSITORY");

/// Writes one log with one run. `rules` are all rules that were applied, whether they found something or not.
pub fn render(report: &Report<'_>, rules: &[RuleInfo], out: &mut impl Write) -> io::Result<()> {
    let fingerprints = fingerprints(report);
    let index: BTreeMap<&str, usize> =
        rules.iter().enumerate().map(|(index, rule)| (rule.id.as_str(), index)).collect();
    let results = report.findings.iter().zip(fingerprints).map(|(finding, fingerprint)| {
        Result::of(finding, index.get(finding.diagnostic.rule.as_str()).copied(), fingerprint)
    });
    let driver = Driver {
        name: "dlint",
        version: env!("CARGO_PKG_VERSION"),
        information_uri: (!HOME.is_empty()).then_some(HOME),
        rules: rules.iter().map(ReportingDescriptor::of).collect(),
    };
    let run = Run { tool: Tool { driver }, column_kind: "unicodeCodePoints", results: results.collect() };
    serde_json::to_writer_pretty(&mut *out, &Log { schema: SCHEMA, version: "2.1.0", runs: [run] })?;
    writeln!(out)
}

#[derive(Serialize)]
struct Log<'a> {
    #[serde(rename = "$schema")]
    schema: &'static str,
    version: &'static str,
    runs: [Run<'a>; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Run<'a> {
    tool: Tool<'a>,
    column_kind: &'static str,
    results: Vec<Result<'a>>,
}

#[derive(Serialize)]
struct Tool<'a> {
    driver: Driver<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Driver<'a> {
    name: &'static str,
    version: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    information_uri: Option<&'static str>,
    rules: Vec<ReportingDescriptor<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ReportingDescriptor<'a> {
    id: &'a str,
    short_description: Message<'a>,
    full_description: Message<'a>,
    help: Message<'a>,
    default_configuration: Configuration,
    properties: Properties<'a>,
}

#[derive(Serialize)]
struct Configuration {
    level: &'static str,
}

#[derive(Serialize)]
struct Properties<'a> {
    tags: Vec<&'a str>,
}

#[derive(Serialize)]
struct Message<'a> {
    text: std::borrow::Cow<'a, str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    markdown: Option<&'a str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Result<'a> {
    rule_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    rule_index: Option<usize>,
    level: &'static str,
    message: Message<'a>,
    locations: [ResultLocation<'a>; 1],
    #[serde(skip_serializing_if = "Vec::is_empty")]
    related_locations: Vec<ResultLocation<'a>>,
    partial_fingerprints: Fingerprints,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    fixes: Vec<SarifFix<'a>>,
}

#[derive(Serialize)]
struct Fingerprints {
    #[serde(rename = "ruleAndLine/v1")]
    rule_and_line: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ResultLocation<'a> {
    physical_location: PhysicalLocation,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<Message<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PhysicalLocation {
    artifact_location: ArtifactLocation,
    region: Region,
}

#[derive(Serialize)]
struct ArtifactLocation {
    uri: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Region {
    start_line: u32,
    start_column: u32,
    end_line: u32,
    end_column: u32,
    byte_offset: u32,
    byte_length: u32,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SarifFix<'a> {
    description: Message<'a>,
    artifact_changes: Vec<ArtifactChange<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ArtifactChange<'a> {
    artifact_location: ArtifactLocation,
    replacements: Vec<Replacement<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Replacement<'a> {
    deleted_region: Region,
    inserted_content: Message<'a>,
}

impl<'a> Message<'a> {
    fn plain(text: &'a str) -> Self {
        Self { text: text.into(), markdown: None }
    }
}

impl<'a> ReportingDescriptor<'a> {
    fn of(rule: &'a RuleInfo) -> Self {
        let why = if rule.why.is_empty() { &rule.summary } else { &rule.why };
        let mut tags = vec![rule.category.name()];
        tags.extend(rule.aliases.iter().map(String::as_str));
        Self {
            id: &rule.id,
            short_description: Message::plain(&rule.summary),
            full_description: Message::plain(why),
            help: Message { text: why.into(), markdown: Some(why) },
            default_configuration: Configuration { level: level(rule.severity) },
            properties: Properties { tags },
        }
    }
}

impl<'a> Result<'a> {
    fn of(finding: &Finding<'a>, rule_index: Option<usize>, rule_and_line: String) -> Self {
        let Diagnostic { rule, severity, message, note, at, related, fixes, .. } = finding.diagnostic;
        let sources = finding.sources;
        let text = match note {
            Some(note) => format!("{message}\n\n{note}").into(),
            None => message.as_str().into(),
        };
        let related = related.iter().map(|related| ResultLocation {
            physical_location: PhysicalLocation::of(sources, related.at),
            message: Some(Message::plain(&related.message)),
        });
        Self {
            rule_id: rule,
            rule_index,
            level: level(*severity),
            message: Message { text, markdown: None },
            locations: [ResultLocation {
                physical_location: PhysicalLocation::of(sources, *at),
                message: None,
            }],
            related_locations: related.collect(),
            partial_fingerprints: Fingerprints { rule_and_line },
            fixes: fixes.iter().map(|fix| SarifFix::of(fix, sources)).collect(),
        }
    }
}

impl PhysicalLocation {
    fn of(sources: &Sources, at: Location) -> Self {
        let file = sources.get(at.file);
        Self { artifact_location: ArtifactLocation::of(file.path()), region: Region::of(file, at.span) }
    }
}

impl ArtifactLocation {
    fn of(path: &Utf8Path) -> Self {
        Self { uri: uri(path) }
    }
}

impl Region {
    fn of(file: &SourceFile, span: Span) -> Self {
        let start = file.position(span.start);
        let end = file.position(span.end);
        Self {
            start_line: start.line,
            start_column: start.column,
            end_line: end.line,
            end_column: end.column,
            byte_offset: span.start,
            byte_length: span.len(),
        }
    }
}

impl<'a> SarifFix<'a> {
    fn of(fix: &'a Fix, sources: &'a Sources) -> Self {
        let changes = fix.edits().chunk_by(|a, b| a.file == b.file).filter_map(|edits| {
            let file = sources.get(edits.first()?.file);
            Some(ArtifactChange {
                artifact_location: ArtifactLocation::of(file.path()),
                replacements: edits.iter().map(|edit| Replacement::of(file, edit)).collect(),
            })
        });
        let text = format!("{} ({})", fix.title, fix.safety.name()).into();
        Self { description: Message { text, markdown: None }, artifact_changes: changes.collect() }
    }
}

impl<'a> Replacement<'a> {
    fn of(file: &SourceFile, edit: &'a Edit) -> Self {
        Self { deleted_region: Region::of(file, edit.span), inserted_content: Message::plain(&edit.text) }
    }
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info | Severity::Style => "note",
    }
}

/// The path as a URI reference, relative where the path is.
fn uri(path: &Utf8Path) -> String {
    let path = path.as_str().replace('\\', "/");
    let path = path.trim_start_matches("./");
    let mut uri = if path.starts_with('/') { "file://".to_owned() } else { String::new() };
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            uri.push(byte as char);
        } else {
            let _ = write!(uri, "%{byte:02X}");
        }
    }
    uri
}

#[cfg(test)]
mod tests {
    use super::super::fixtures::{assert_snapshot, rendered, rules};
    use super::*;

    #[test]
    fn the_log_has_rules_places_and_fixes() {
        assert_snapshot("sarif", &rendered(|report, out| render(report, &rules(), out)));
    }

    #[test]
    fn paths_are_uris() {
        assert_eq!(uri("./my svc/Dockerfile".into()), "my%20svc/Dockerfile");
        assert_eq!(uri("/srv/é%".into()), "file:///srv/%C3%A9%25");
        assert_eq!(uri("a:b".into()), "a%3Ab");
    }
}
