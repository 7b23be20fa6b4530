//! The format `github`: workflow commands that GitHub shows beside the changed lines.

use std::io::{self, Write};

use super::{Finding, Report, opening};
use crate::diagnostic::Severity;

/// Writes one workflow command a finding.
pub fn render(report: &Report<'_>, out: &mut impl Write) -> io::Result<()> {
    report.findings.iter().try_for_each(|finding| render_command(finding, out))
}

fn render_command(finding: &Finding<'_>, out: &mut impl Write) -> io::Result<()> {
    let diagnostic = finding.diagnostic;
    let command = match diagnostic.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info | Severity::Style => "notice",
    };
    let file = finding.file();
    let start = file.position(diagnostic.at.span.start);
    let end = file.position(diagnostic.at.span.end);
    let path = property(file.path().as_str());
    write!(out, "::{command} file={path},line={},endLine={}", start.line, end.line)?;
    // GitHub drops the columns of a finding that runs over several lines.
    if start.line == end.line {
        write!(out, ",col={},endColumn={}", start.column, end.column)?;
    }
    let mut message = diagnostic.message.clone();
    if let Some(note) = &diagnostic.note {
        let (paragraph, quote) = opening(note);
        message = [vec![message.as_str(), &paragraph], quote].concat().join("\n");
    }
    if let Some(fix) = diagnostic.fixes.first() {
        message = format!("{message}\nfix: {}", fix.title);
    }
    writeln!(out, ",title={}::{}", property(&diagnostic.rule), data(&message))
}

/// Text after `::`, in which percent signs and line ends have a meaning.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// The value of a property, which a comma or a colon would end.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::super::fixtures::rendered;
    use super::*;

    #[test]
    fn findings_are_commands() {
        insta::assert_snapshot!(rendered(render), @r"
        ::warning file=svc/Dockerfile,line=6,endLine=6,col=5,endColumn=16,title=pip/no-cache-dir::pip keeps its download cache in the image%0Afix: Add `--no-cache-dir`
        ::error file=svc/requirements.txt,line=2,endLine=2,col=1,endColumn=20,title=stack/pairing::torchvision 0.17.0 needs torch 2.2.0, but torch is pinned to 2.1.2%0AThe resolver refuses: `Cannot install torch==2.1.2 and torchvision==0.17.0`, 100%25%0Afix: Use torchvision 0.16.2
        ");
    }

    #[test]
    fn what_would_end_a_property_is_escaped() {
        assert_eq!(property("a,b:c%\n"), "a%2Cb%3Ac%25%0A");
    }
}
