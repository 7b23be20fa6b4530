//! The format `text`: findings as people read them, with the source line, what belongs to it, and the way out.

mod canvas;
pub mod diagnoses;

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::io::{self, Write};

use anstyle::{AnsiColor, Style};
use miette::{GraphicalReportHandler, GraphicalTheme, LabeledSpan};

use canvas::{Canvas, Texts};

use super::{Finding, Report, Summary, counted, opening};
use crate::diagnostic::{Diagnostic, Fix, Safety, Severity};
use crate::fix::{Attempt, Outcome};
use crate::source::{FileId, SourceFile, Span};

/// How text is laid out.
#[derive(Clone, Copy, Debug)]
pub struct Layout {
    /// Whether to use colours.
    pub color: bool,
    /// The columns of the terminal.
    pub width: usize,
}

/// Writes all findings.
pub fn render(report: &Report<'_>, layout: Layout, out: &mut impl Write) -> io::Result<()> {
    let handler = handler(layout);
    let texts = Texts::default();
    // What a rule has to say in general is said once.
    let mut noted = BTreeSet::new();
    for finding in &report.findings {
        let Diagnostic { rule, note, fixes, .. } = finding.diagnostic;
        let mut text = render_finding(finding, &texts, &handler);
        if let Some(note) = note.as_deref().filter(|note| noted.insert((rule, *note))) {
            let (paragraph, quote) = opening(note);
            push_paragraph(&mut text, "note", &printable(&paragraph), layout);
            text.extend(quote.iter().map(|line| printable(&format!("      {line}\n"))));
        }
        let mut titles = BTreeSet::new();
        for fix in fixes.iter().filter(|fix| titles.insert(&fix.title)) {
            push_paragraph(&mut text, "help", &advice(fix), layout);
        }
        writeln!(out, "{text}")?;
    }
    Ok(())
}

/// Writes how much was found and what can be done, in one line.
pub fn render_summary(summary: &Summary, out: &mut impl Write) -> io::Result<()> {
    let files = counted(summary.files, "file");
    if summary.total() == 0 {
        return writeln!(out, "No findings in {files}");
    }
    let counts = [
        (summary.errors, "error"),
        (summary.warnings, "warning"),
        (summary.infos, "info"),
        (summary.styles, "style finding"),
    ];
    let counts: Vec<String> = counts
        .iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, noun)| if *noun == "info" { format!("{count} info") } else { counted(*count, noun) })
        .collect();
    write!(out, "{} in {files}", counts.join(", "))?;
    match (summary.fixable, summary.fixable_unsafe) {
        (0, 0) => writeln!(out),
        (0, hidden) => writeln!(out, "; `dlint fix --unsafe` mends {hidden}"),
        (safe, 0) => writeln!(out, "; `dlint fix` mends {safe}"),
        (safe, hidden) => writeln!(out, "; `dlint fix` mends {safe}, `dlint fix --unsafe` {hidden} more"),
    }
}

/// Writes what became of the fixes: what was made, and what was taken back or given up, which are defects of rules.
pub fn render_attempts(attempts: &[Attempt], done: &str, out: &mut impl Write) -> io::Result<()> {
    for attempt in attempts {
        let Attempt { rule, title, path, position, outcome, .. } = attempt;
        let (path, title) = (printable(path.as_str()), printable(title));
        let place = format!("{path}:{}:{}", position.line, position.column);
        match outcome {
            Outcome::Applied => writeln!(out, "{done} {place}: {title} ({rule})")?,
            Outcome::RolledBack(regression) => {
                let reason = printable(&regression.to_string());
                writeln!(out, "took back {place}: {title}: {reason} (a defect of {rule})")?;
            }
            Outcome::Skipped => writeln!(out, "gave up {place}: {title} ({rule})")?,
            Outcome::Held { .. } => {}
        }
    }
    Ok(())
}

/// A label on a place of one text, for faults of configuration and packs.
#[derive(Clone, Debug)]
pub struct Fault<'a> {
    /// The text and its path.
    pub file: &'a SourceFile,
    /// The bytes at fault.
    pub span: Span,
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub help: Option<String>,
}

/// The fault drawn in its text.
pub fn render_fault(fault: &Fault<'_>, layout: Layout) -> String {
    let canvas = Canvas::of_file(fault.file);
    let drawing = Drawing {
        message: printable(&fault.message),
        code: None,
        severity: Severity::Error,
        labels: canvas.label(FileId(0), fault.span, None).into_iter().collect(),
        canvas,
    };
    let mut text = draw(&drawing, &handler(layout));
    if let Some(help) = &fault.help {
        push_paragraph(&mut text, "help", &printable(help), layout);
    }
    text
}

/// Something that is wrong where no text can be shown, and what to do about it.
pub fn render_trouble(message: &str, help: Option<&str>, layout: Layout) -> String {
    let trouble = Trouble { message: printable(message), help: help.map(printable) };
    let mut text = String::new();
    if handler(layout).render_report(&mut text, &trouble).is_err() {
        let _ = writeln!(text, "{}", trouble.message);
    }
    text.trim_start_matches('\n').to_owned()
}

/// An error without a place.
#[derive(Debug)]
struct Trouble {
    message: String,
    help: Option<String>,
}

impl std::fmt::Display for Trouble {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(&self.message)
    }
}

impl std::error::Error for Trouble {}

impl miette::Diagnostic for Trouble {
    fn help(&self) -> Option<Box<dyn std::fmt::Display + '_>> {
        self.help.as_ref().map(|help| Box::new(help) as Box<dyn std::fmt::Display>)
    }
}

fn handler(layout: Layout) -> GraphicalReportHandler {
    let theme = if layout.color { GraphicalTheme::unicode() } else { GraphicalTheme::unicode_nocolor() };
    GraphicalReportHandler::new_themed(theme)
        .with_links(false)
        .with_width(layout.width)
        .with_context_lines(1)
        .without_syntax_highlighting()
}

/// The finding in its files.
fn render_finding(finding: &Finding<'_>, texts: &Texts, handler: &GraphicalReportHandler) -> String {
    let Diagnostic { rule, aliases, severity, message, at, related, .. } = finding.diagnostic;
    let files = std::iter::once(at.file).chain(related.iter().map(|related| related.at.file));
    let canvas = Canvas::new(finding.sources, files, texts);
    let mut labels: Vec<_> = canvas.label(at.file, at.span, None).into_iter().collect();
    labels.extend(related.iter().filter_map(|related| {
        canvas.label(related.at.file, related.at.span, Some(printable(&related.message)))
    }));
    let names: Vec<&str> = aliases.iter().map(String::as_str).collect();
    let names = if names.is_empty() { String::new() } else { format!(" ({})", names.join(", ")) };
    let drawing = Drawing {
        message: printable(message),
        code: Some(format!("{}: {rule}{names}", severity.name())),
        severity: *severity,
        labels,
        canvas,
    };
    draw(&drawing, handler)
}

/// The fix and how to have it made.
fn advice(fix: &Fix) -> String {
    let title = printable(&fix.title);
    match fix.safety {
        Safety::Safe => format!("{title} (`dlint fix`)"),
        Safety::Unsafe => format!("{title} (`dlint fix --unsafe`)"),
        Safety::Display => title,
    }
}

fn push_paragraph(text: &mut String, word: &str, paragraph: &str, layout: Layout) {
    let style = if layout.color { AnsiColor::Cyan.on_default() } else { Style::new() };
    let first = format!("  {style}{word}:{style:#} ");
    let rest = " ".repeat(word.len() + 4);
    let options = textwrap::Options::new(layout.width.saturating_sub(2))
        .initial_indent(&first)
        .subsequent_indent(&rest)
        .break_words(false);
    let _ = writeln!(text, "{}", textwrap::fill(paragraph, options));
}

fn draw(drawing: &Drawing<'_>, handler: &GraphicalReportHandler) -> String {
    let mut text = String::new();
    if handler.render_report(&mut text, drawing).is_err() {
        // The place cannot be drawn; what is wrong can still be said.
        let _ = writeln!(text, "{}", drawing.message);
    }
    text
}

/// The text without control characters: a Dockerfile must not be able to steer the terminal.
pub(super) fn printable(text: &str) -> String {
    text.chars().map(|c| if c.is_control() && c != '\n' { '?' } else { c }).collect()
}

/// What miette draws.
#[derive(Debug)]
struct Drawing<'a> {
    message: String,
    code: Option<String>,
    severity: Severity,
    labels: Vec<LabeledSpan>,
    canvas: Canvas<'a>,
}

impl std::fmt::Display for Drawing<'_> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(&self.message)
    }
}

impl std::error::Error for Drawing<'_> {}

impl miette::Diagnostic for Drawing<'_> {
    fn code<'b>(&'b self) -> Option<Box<dyn std::fmt::Display + 'b>> {
        self.code.as_ref().map(|code| Box::new(code) as Box<dyn std::fmt::Display>)
    }

    fn severity(&self) -> Option<miette::Severity> {
        Some(match self.severity {
            Severity::Error => miette::Severity::Error,
            Severity::Warning => miette::Severity::Warning,
            Severity::Info | Severity::Style => miette::Severity::Advice,
        })
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        Some(Box::new(self.labels.iter().cloned()))
    }

    fn source_code(&self) -> Option<&dyn miette::SourceCode> {
        Some(&self.canvas)
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixtures::{assert_snapshot, rendered};
    use super::*;

    const PLAIN: Layout = Layout { color: false, width: 100 };

    fn summary(summary: &Summary) -> String {
        let mut bytes = Vec::new();
        render_summary(summary, &mut bytes).unwrap();
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn findings_show_their_places_in_all_files() {
        assert_snapshot("text", &rendered(|report, out| render(report, PLAIN, out)));
    }

    #[test]
    fn the_summary_says_what_can_be_done() {
        assert_eq!(summary(&Summary { files: 2, ..Summary::default() }), "No findings in 2 files\n");
        let found =
            Summary { files: 1, errors: 1, infos: 2, fixable: 1, fixable_unsafe: 2, ..Summary::default() };
        assert_eq!(
            summary(&found),
            "1 error, 2 info in 1 file; `dlint fix` mends 1, `dlint fix --unsafe` 2 more\n"
        );
    }

    #[test]
    fn control_characters_do_not_reach_the_terminal() {
        let file = SourceFile::new("f", b"\x1b[31mRUN \xff\t\xc2\x9bx\n".as_slice());
        let span = Span::new(5, 8);
        let fault = Fault { file: &file, span, message: "\u{7}bad".to_owned(), help: None };
        let text = render_fault(&fault, PLAIN);
        assert!(text.chars().all(|c| c == '\n' || !c.is_control()), "{text:?}");
        assert!(text.contains("?[31mRUN ?"), "{text}");
    }
}
