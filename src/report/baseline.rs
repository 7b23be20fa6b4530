//! Findings that are known: recorded once, so that only new ones count.
//!
//! A finding is known again by its rule, its file and the text of its line, so lines may be added above it. Where
//! several findings agree in all three, as many are known as were recorded. Nothing is read or written here.

use std::collections::{BTreeMap, BTreeSet};

use camino::{Utf8Path, Utf8PathBuf};
use serde::{Deserialize, Serialize};

use super::Finding;
use super::fingerprint::hash_of;

/// The version of the format.
const VERSION: u32 = 1;

/// What was recorded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Baseline {
    /// The version of the format.
    pub version: u32,
    /// What is known, by file, rule and line.
    pub findings: Vec<Entry>,
}

/// Findings that agree in rule, file and line.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Entry {
    /// The path, seen from the folder of the baseline.
    pub file: Utf8PathBuf,
    /// `pack/rule`.
    pub rule: String,
    /// The text of the line, for people.
    pub line: String,
    /// What the three give, as code scanning is told it too.
    pub fingerprint: String,
    /// How many there are.
    pub count: usize,
}

impl Baseline {
    /// Records findings, each with its path seen from the folder of the baseline.
    pub fn record<'a>(findings: impl IntoIterator<Item = (Finding<'a>, Utf8PathBuf)>) -> Self {
        let mut entries: BTreeMap<u64, Entry> = BTreeMap::new();
        for (finding, file) in findings {
            let hash = hash_of(&finding, &file);
            let entry = entries.entry(hash).or_insert_with(|| Entry {
                file,
                rule: finding.diagnostic.rule.clone(),
                line: finding.line().trim().to_owned(),
                fingerprint: shown(hash),
                count: 0,
            });
            entry.count += 1;
        }
        let mut findings: Vec<Entry> = entries.into_values().collect();
        findings.sort();
        Self { version: VERSION, findings }
    }

    /// Reads what [`Baseline::render`] wrote.
    pub fn parse(text: &str) -> Result<Self, String> {
        let baseline: Self = serde_json::from_str(text).map_err(|error| error.to_string())?;
        match baseline.version {
            VERSION => Ok(baseline),
            other => Err(format!("version {other} is not known")),
        }
    }

    /// The text of the file, one finding below the other.
    pub fn render(&self) -> String {
        serde_json::to_string_pretty(self).unwrap_or_default() + "\n"
    }
}

fn shown(hash: u64) -> String {
    format!("{hash:016x}")
}

/// What of a baseline was not met yet.
#[derive(Debug, Default)]
pub struct Known {
    /// By fingerprint.
    left: BTreeMap<String, Entry>,
    /// File, offset, rule and message of what was met: several Dockerfiles may share a finding.
    met: BTreeSet<(Utf8PathBuf, u32, String, String)>,
}

impl Known {
    /// All of a baseline.
    pub fn new(baseline: Baseline) -> Self {
        let left = baseline.findings.into_iter().map(|entry| (entry.fingerprint.clone(), entry));
        Self { left: left.collect(), met: BTreeSet::new() }
    }

    /// Whether the finding, whose path is seen from the folder of the baseline, is known; each is known as often as
    /// it was recorded.
    pub fn knows(&mut self, finding: &Finding<'_>, file: &Utf8Path) -> bool {
        let diagnostic = finding.diagnostic;
        let place =
            (file.to_owned(), diagnostic.at.span.start, diagnostic.rule.clone(), diagnostic.message.clone());
        if self.met.contains(&place) {
            return true;
        }
        let Some(entry) = self.left.get_mut(&shown(hash_of(finding, file))) else { return false };
        if entry.count == 0 {
            return false;
        }
        entry.count -= 1;
        self.met.insert(place);
        true
    }

    /// What was recorded for these files and is there no more.
    pub fn gone<'a>(&'a self, files: &'a BTreeSet<Utf8PathBuf>) -> impl Iterator<Item = &'a Entry> {
        let left = self.left.values();
        left.filter(|entry| entry.count > 0 && files.contains(&entry.file))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::{Category, Checked, Diagnostic, Severity};
    use crate::report::findings_of;
    use crate::source::{Location, SourceFile, Sources, Span};

    /// A file with a finding at each `x`.
    fn checked(text: &str) -> Checked {
        let mut sources = Sources::default();
        let file = sources.add(SourceFile::new("./a/Dockerfile", text));
        let finding = |(offset, _): (usize, &str)| Diagnostic {
            rule: "t/x".to_owned(),
            aliases: Vec::new(),
            category: Category::Style,
            severity: Severity::Info,
            message: "x".to_owned(),
            note: None,
            at: Location { file, span: Span::new(offset as u32, offset as u32 + 1) },
            related: Vec::new(),
            fixes: Vec::new(),
        };
        let diagnostics = text.match_indices('x').map(finding).collect();
        Checked { sources, diagnostics }
    }

    fn record(text: &str) -> Baseline {
        let checked = checked(text);
        Baseline::record(findings_of(&checked).map(|finding| (finding, "a/Dockerfile".into())))
    }

    fn new_ones(known: &mut Known, text: &str) -> usize {
        let checked = checked(text);
        findings_of(&checked).filter(|finding| !known.knows(finding, "a/Dockerfile".into())).count()
    }

    #[test]
    fn what_is_recorded_is_known_wherever_it_stands() {
        let baseline = record("a x\nb x x\n");
        assert_eq!(baseline.findings.iter().map(|entry| entry.count).collect::<Vec<_>>(), [1, 2]);
        assert_eq!(Baseline::parse(&baseline.render()), Ok(baseline.clone()));
        let mut known = Known::new(baseline.clone());
        assert_eq!(new_ones(&mut known, "new\n\nb x x\n  a x\n"), 0);
        assert_eq!(new_ones(&mut known, "new\n\nb x x\n  a x\n"), 0, "met from another Dockerfile");
        let mut known = Known::new(baseline);
        assert_eq!(new_ones(&mut known, "b x x\nb x x\n"), 2, "as many as were recorded");
        let files = BTreeSet::from(["a/Dockerfile".into()]);
        let gone: Vec<&str> = known.gone(&files).map(|entry| entry.line.as_str()).collect();
        assert_eq!(gone, ["a x"]);
        assert_eq!(known.gone(&BTreeSet::new()).count(), 0, "the file was not looked at");
    }

    #[test]
    fn other_versions_are_refused() {
        let found = Baseline::parse("{\"version\": 2, \"findings\": []}");
        assert_eq!(found, Err("version 2 is not known".to_owned()));
        assert!(Baseline::parse("[]").is_err());
    }
}
