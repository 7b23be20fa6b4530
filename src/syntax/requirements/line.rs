//! From the lines of a file to its entries.

use super::{Entry, EntryKind, OptionKind, RequirementFault, RequirementsFile, option, requirement};
use crate::source::{Mapped, SourceFile, Span};

const BYTE_ORDER_MARK: char = '\u{feff}';

/// Reads all lines.
pub(super) fn parse(file: &SourceFile) -> RequirementsFile {
    let text = file.text();
    let top = if text.starts_with(BYTE_ORDER_MARK) { BYTE_ORDER_MARK.len_utf8() } else { 0 };
    let first_line = text.split_inclusive('\n').next().unwrap_or_default();
    let line_ending = if first_line.ends_with("\r\n") { "\r\n" } else { "\n" };
    let mut result = RequirementsFile { top: top as u32, line_ending, ..RequirementsFile::default() };
    for line in logical_lines(text, top) {
        if let Err(fault) = parse_line(&line, &mut result.entries) {
            result.faults.push(fault);
        }
    }
    result
}

/// Reads a line that is there by itself.
pub(super) fn parse_one(text: &Mapped) -> Result<Vec<Entry>, RequirementFault> {
    let mut entries = Vec::new();
    parse_line(&LogicalLine { text: text.clone(), lines: text.full_span() }, &mut entries)?;
    Ok(entries)
}

/// Lines joined where one ends in a backslash.
struct LogicalLine {
    text: Mapped,
    /// All its bytes in the file, line endings included.
    lines: Span,
}

fn logical_lines(text: &str, top: usize) -> Vec<LogicalLine> {
    let mut logical = Vec::new();
    let mut start = top;
    let mut joined = Mapped::default();
    let mut first = top;
    while let Some(rest) = text.get(start..).filter(|rest| !rest.is_empty()) {
        let length = rest.find(['\n', '\r']).unwrap_or(rest.len());
        let line = rest.get(..length).unwrap_or_default();
        let after = rest.get(length..).unwrap_or_default();
        let ending = if after.starts_with("\r\n") { 2 } else { after.len().min(1) };
        let end = start + length + ending;
        let is_comment = line.trim_start().starts_with('#');
        if is_comment && !joined.is_empty() {
            // A comment ends the continuation that it stands in, and must not stick to the word before it.
            joined.push(" ", start as u32);
        }
        if line.ends_with('\\') && !is_comment {
            joined.push(line.trim_end_matches('\\'), start as u32);
        } else {
            joined.push(line, start as u32);
            let lines = Span::from(first..end);
            logical.push(LogicalLine { text: std::mem::take(&mut joined), lines });
            first = end;
        }
        start = end;
    }
    if first < start {
        logical.push(LogicalLine { text: joined, lines: Span::from(first..start) });
    }
    logical
}

/// Reads one line into the entries that it makes: none if it is blank, several if it has several options.
fn parse_line(line: &LogicalLine, entries: &mut Vec<Entry>) -> Result<(), RequirementFault> {
    let text = line.text.as_str();
    let comment_at = comment(text);
    let end = text.get(..comment_at).unwrap_or_default().trim_end().len();
    let start = text.len() - text.trim_start().len();
    if start >= end {
        return Ok(());
    }
    let comment = (comment_at < text.len()).then(|| line.text.span(comment_at..text.len()));
    let entry = |kind, span| Entry { kind, span, lines: line.lines, comment };
    let options_at = options(text.get(..end).unwrap_or_default());
    let options = option::parse(&line.text.slice(options_at..end))?;
    if start < options_at {
        let mut requirement = requirement::parse(&line.text.slice(start..options_at))?;
        requirement.options = options;
        entries.push(entry(EntryKind::Requirement(Box::new(requirement)), line.text.span(start..end)));
        return Ok(());
    }
    for option in options {
        let span = option.span;
        let kind = match (option.kind, &option.unquoted) {
            (OptionKind::Editable, Some(text)) => {
                EntryKind::Requirement(Box::new(requirement::parse_editable(text)?))
            }
            _ => EntryKind::Option(option),
        };
        entries.push(entry(kind, span));
    }
    Ok(())
}

/// Where the comment begins: at a `#` with nothing or white space before it.
fn comment(text: &str) -> usize {
    let mut after_space = true;
    for (at, next) in text.char_indices() {
        if next == '#' && after_space {
            return at;
        }
        after_space = next.is_whitespace();
    }
    text.len()
}

/// Where the options begin: at the first word that begins with `-`.
fn options(text: &str) -> usize {
    let mut after_space = true;
    for (at, next) in text.char_indices() {
        if next == '-' && after_space {
            return at;
        }
        after_space = next.is_whitespace();
    }
    text.len()
}
