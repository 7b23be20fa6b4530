//! The format `checkstyle`, which most build servers read.

use std::io::{self, Write};

use super::xml::escape;
use super::{Finding, Report};
use crate::diagnostic::Severity;

/// Writes one XML document.
pub fn render(report: &Report<'_>, out: &mut impl Write) -> io::Result<()> {
    writeln!(out, r#"<?xml version="1.0" encoding="UTF-8"?>"#)?;
    writeln!(out, r#"<checkstyle version="4.3">"#)?;
    for findings in report.findings.chunk_by(|a, b| a.file().path() == b.file().path()) {
        let path = findings.first().map_or("", |finding| finding.file().path().as_str());
        writeln!(out, r#"  <file name="{}">"#, escape(path))?;
        findings.iter().try_for_each(|finding| render_error(finding, out))?;
        writeln!(out, "  </file>")?;
    }
    writeln!(out, "</checkstyle>")
}

fn render_error(finding: &Finding<'_>, out: &mut impl Write) -> io::Result<()> {
    let diagnostic = finding.diagnostic;
    let severity = match diagnostic.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info | Severity::Style => "info",
    };
    let position = finding.file().position(diagnostic.at.span.start);
    writeln!(
        out,
        r#"    <error line="{}" column="{}" severity="{severity}" message="{}" source="dlint.{}"/>"#,
        position.line,
        position.column,
        escape(&diagnostic.message),
        escape(&diagnostic.rule),
    )
}

#[cfg(test)]
mod tests {
    use super::super::fixtures::rendered;
    use super::*;

    #[test]
    fn findings_are_grouped_by_file() {
        insta::assert_snapshot!(rendered(render), @r#"
        <?xml version="1.0" encoding="UTF-8"?>
        <checkstyle version="4.3">
          <file name="svc/Dockerfile">
            <error line="6" column="5" severity="warning" message="pip keeps its download cache in the image" source="dlint.pip/no-cache-dir"/>
          </file>
          <file name="svc/requirements.txt">
            <error line="2" column="1" severity="error" message="torchvision 0.17.0 needs torch 2.2.0, but torch is pinned to 2.1.2" source="dlint.stack/pairing"/>
          </file>
        </checkstyle>
        "#);
    }
}
