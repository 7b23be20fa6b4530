//! The format `junit`: every file is a test case, which fails by its findings.

use std::collections::BTreeMap;
use std::io::{self, Write};

use super::xml::escape;
use super::{Finding, Report};

/// Writes one XML document. Files without findings are test cases that pass.
pub fn render(report: &Report<'_>, out: &mut impl Write) -> io::Result<()> {
    let mut cases: BTreeMap<_, Vec<&Finding<'_>>> =
        report.files.iter().map(|path| (*path, Vec::new())).collect();
    for finding in &report.findings {
        cases.entry(finding.file().path()).or_default().push(finding);
    }
    let failures = cases.values().filter(|findings| !findings.is_empty()).count();
    writeln!(out, r#"<?xml version="1.0" encoding="UTF-8"?>"#)?;
    writeln!(out, r#"<testsuites name="dlint">"#)?;
    writeln!(out, r#"  <testsuite name="dlint" tests="{}" failures="{failures}">"#, cases.len())?;
    for (path, findings) in cases {
        render_case(path.as_str(), &findings, out)?;
    }
    writeln!(out, "  </testsuite>")?;
    writeln!(out, "</testsuites>")
}

fn render_case(path: &str, findings: &[&Finding<'_>], out: &mut impl Write) -> io::Result<()> {
    let name = escape(path);
    let [first, ..] = findings else {
        return writeln!(out, r#"    <testcase name="{name}" classname="dlint"/>"#);
    };
    let lines: Vec<String> = findings.iter().map(|finding| one_line(finding)).collect();
    let message = match lines.as_slice() {
        [line] => line.clone(),
        lines => format!("{} findings", lines.len()),
    };
    writeln!(out, r#"    <testcase name="{name}" classname="dlint">"#)?;
    writeln!(
        out,
        r#"      <failure message="{}" type="{}">{}</failure>"#,
        escape(&message),
        escape(&first.diagnostic.rule),
        escape(&lines.join("\n"))
    )?;
    writeln!(out, "    </testcase>")
}

fn one_line(finding: &Finding<'_>) -> String {
    let diagnostic = finding.diagnostic;
    let position = finding.file().position(diagnostic.at.span.start);
    let severity = diagnostic.severity.name();
    format!("{}:{}: {severity}: {} ({})", position.line, position.column, diagnostic.message, diagnostic.rule)
}

#[cfg(test)]
mod tests {
    use super::super::fixtures::rendered;
    use super::*;

    #[test]
    fn files_are_cases() {
        insta::assert_snapshot!(rendered(render), @r#"
        <?xml version="1.0" encoding="UTF-8"?>
        <testsuites name="dlint">
          <testsuite name="dlint" tests="2" failures="2">
            <testcase name="svc/Dockerfile" classname="dlint">
              <failure message="6:5: warning: pip keeps its download cache in the image (pip/no-cache-dir)" type="pip/no-cache-dir">6:5: warning: pip keeps its download cache in the image (pip/no-cache-dir)</failure>
            </testcase>
            <testcase name="svc/requirements.txt" classname="dlint">
              <failure message="2:1: error: torchvision 0.17.0 needs torch 2.2.0, but torch is pinned to 2.1.2 (stack/pairing)" type="stack/pairing">2:1: error: torchvision 0.17.0 needs torch 2.2.0, but torch is pinned to 2.1.2 (stack/pairing)</failure>
            </testcase>
          </testsuite>
        </testsuites>
        "#);
    }
}
