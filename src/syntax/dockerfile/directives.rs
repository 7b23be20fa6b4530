//! Parser directives: `# syntax=…`, `# escape=…` and `# check=…` at the top of a file.
//!
//! They are the unbroken run of directive lines at the very top. Any other line ends the run, and what
//! looks like a directive below it is a comment.

use super::lines::{Physical, physical};
use super::tree::{Directive, DirectiveKind, Escape, Fault, Level};
use super::word::Word;
use crate::source::{Mapped, SourceFile, Span};

/// What the top of a file says.
#[derive(Default)]
pub(super) struct Directives {
    /// The directives in order.
    pub(super) list: Vec<Directive>,
    /// The escape character of the file.
    pub(super) escape: Escape,
    /// What is wrong with them.
    pub(super) faults: Vec<Fault>,
    /// How many lines they take.
    pub(super) lines: u32,
}

/// Reads the directives of a file.
pub(super) fn read(file: &SourceFile) -> Directives {
    let mut directives = Directives::default();
    let mut visible = true;
    while let Some(line) = physical(file, directives.lines + 1) {
        let Some(mut directive) = directive(file, &line) else { break };
        directives.lines = line.number;
        let repeated = directives.list.iter().any(|earlier| earlier.kind == directive.kind);
        // The scans for `syntax` and `check` do not trim lines, and stop at the first that is not theirs.
        visible &= !directive.indented && !repeated;
        directive.effective = visible;
        if repeated {
            directives.faults.push(repetition(&directive));
        } else if directive.kind == DirectiveKind::Escape {
            directive.effective = true;
            match directive.value.as_str() {
                "\\" => directives.escape = Escape::Backslash,
                "`" => directives.escape = Escape::Backtick,
                _ => {
                    directive.effective = false;
                    directives.faults.push(bad_escape(&directive));
                }
            }
        }
        directives.list.push(directive);
    }
    directives
}

/// The directive in a line.
fn directive(file: &SourceFile, line: &Physical) -> Option<Directive> {
    let text = file.text().get(line.range.clone())?;
    let trimmed = text.trim_start();
    let from_name = trimmed.strip_prefix('#')?.trim_start();
    let length = from_name.find(|letter: char| !letter.is_ascii_alphanumeric()).unwrap_or(from_name.len());
    let (name, after_name) = from_name.split_at_checked(length)?;
    let kind = match name.to_ascii_lowercase().as_str() {
        "syntax" => DirectiveKind::Syntax,
        "escape" => DirectiveKind::Escape,
        "check" => DirectiveKind::Check,
        _ => return None,
    };
    let after_equals = after_name.trim_start_matches(BLANK).strip_prefix('=')?;
    let mut value = after_equals.trim_matches(BLANK);
    let mut value_start = text.len() - after_equals.trim_start_matches(BLANK).len();
    if value.is_empty() {
        // A value there must be, so the last of the blanks is one.
        let last = after_equals.chars().next_back()?;
        value_start = text.len() - last.len_utf8();
        value = after_equals.get(after_equals.len() - last.len_utf8()..)?;
    }
    let name_start = text.len() - from_name.len();
    let mapped = Mapped::verbatim(text, line.range.start as u32);
    let start = line.range.end - trimmed.len();
    Some(Directive {
        kind,
        name: Word::cut(file, &mapped, name_start..name_start + length),
        value: Word::cut(file, &mapped, value_start..value_start + value.len()),
        span: Span::from(start..line.range.end),
        line: line.number,
        indented: start != line.range.start,
        effective: true,
    })
}

/// What `\s` means to BuildKit.
const BLANK: [char; 5] = ['\t', '\n', '\u{c}', '\r', ' '];

fn repetition(directive: &Directive) -> Fault {
    let name = directive.name.text.to_ascii_lowercase();
    Fault {
        span: directive.span,
        message: format!("only one {name} parser directive can be used"),
        help: Some("remove this line".to_owned()),
        // BuildKit counts from zero here.
        line: Some(directive.line - 1),
        level: Level::Text,
    }
}

fn bad_escape(directive: &Directive) -> Fault {
    Fault {
        span: directive.value.span,
        message: format!("invalid escape token '{}' does not match ` or \\", directive.value.text),
        help: Some("write ` or \\ and nothing else".to_owned()),
        line: None,
        level: Level::Text,
    }
}
