//! Physical lines to logical lines: comments, blank lines, continuations, and the bodies of heredocs.
//!
//! [`Lines`] walks through a file from top to bottom and gives one [`Line`] at a time. Which heredocs an
//! instruction opens is known only once it is parsed, so the bodies are asked for ([`Lines::heredoc`])
//! before the walk goes on.

use std::ops::Range;

use super::tree::{Comment, Escape, Fault, Level};
use crate::source::{Mapped, SourceFile, Span};

/// The longest physical line that BuildKit reads, its line ending included.
const LONGEST_LINE: u32 = 65_535;

/// What stands at the top level of a file.
pub(super) enum Line {
    /// A line of nothing but blanks.
    Blank,
    /// A comment. The flag says whether blanks stand before its `#`.
    Comment(Comment, bool),
    /// An instruction without its heredocs.
    Logical(Logical),
}

/// The text of one instruction.
pub(super) struct Logical {
    /// The text, continuations joined, blanks at its front removed.
    pub(super) text: Mapped,
    /// Its first and last line, counted from 1.
    pub(super) lines: (u32, u32),
    /// Where it begins and, its line ending left out, ends.
    pub(super) span: Span,
    /// The comments between its lines.
    pub(super) comments: Vec<Comment>,
    /// The blank lines between its lines.
    pub(super) blank_lines: Vec<Span>,
}

/// The lines that belong to a heredoc.
pub(super) struct Body {
    /// The lines before the terminator.
    pub(super) lines: Span,
    /// The terminator without leading tabs and line ending, or nothing at the end of the file.
    pub(super) terminator: Span,
    /// Whether there is a terminator.
    pub(super) closed: bool,
    /// The last line, counted from 1.
    pub(super) last_line: u32,
}

/// A walk through the lines of a file.
pub(super) struct Lines<'a> {
    file: &'a SourceFile,
    text: &'a str,
    escape: Escape,
    /// The number of lines already read.
    read: u32,
    count: u32,
    /// What is wrong with physical lines, until somebody asks.
    faults: Vec<Fault>,
}

/// A physical line.
#[derive(Clone)]
pub(super) struct Physical {
    /// Its number, counted from 1.
    pub(super) number: u32,
    /// Its bytes, without a byte order mark and without the line ending.
    pub(super) range: Range<usize>,
}

impl<'a> Lines<'a> {
    /// The lines of a file whose directives are settled; `skip` is how many lines they take.
    pub(super) fn new(file: &'a SourceFile, escape: Escape, skip: u32) -> Self {
        let count = file.line_count();
        Self { file, text: file.text(), escape, read: skip, count, faults: Vec::new() }
    }

    /// The number of lines already read.
    pub(super) fn read(&self) -> u32 {
        self.read
    }

    /// What was wrong with the physical lines since the last call.
    pub(super) fn take_faults(&mut self) -> Vec<Fault> {
        std::mem::take(&mut self.faults)
    }

    /// The next thing at the top level.
    pub(super) fn next(&mut self) -> Option<Line> {
        let first = self.physical()?;
        let text = self.slice(&first.range);
        let trimmed = text.trim_start();
        let start = first.range.end - trimmed.len();
        if trimmed.starts_with('#') {
            let indented = start != first.range.start;
            return Some(Line::Comment(comment(self.text, &first, start, false), indented));
        }
        if trimmed.is_empty() {
            return Some(Line::Blank);
        }
        Some(Line::Logical(self.logical(first.number, start..first.range.end)))
    }

    /// Reads on from the first line of an instruction, which stands in `range`.
    fn logical(&mut self, number: u32, range: Range<usize>) -> Logical {
        let text = self.text;
        let mut logical = Logical {
            text: Mapped::default(),
            lines: (number, number),
            span: Span::from(range.clone()),
            comments: Vec::new(),
            blank_lines: Vec::new(),
        };
        let (end, mut open) = self.continuation(&range);
        logical.text.push(text.get(range.start..end).unwrap_or_default(), range.start as u32);
        while open {
            let Some(line) = self.physical() else { break };
            logical.lines.1 = line.number;
            logical.span.end = line.range.end as u32;
            let trimmed = self.slice(&line.range).trim_start();
            if trimmed.starts_with('#') {
                logical.comments.push(comment(text, &line, line.range.end - trimmed.len(), true));
            } else if trimmed.is_empty() {
                logical.blank_lines.extend(self.file.line_span(line.number));
            } else {
                let end;
                (end, open) = self.continuation(&line.range);
                let part = text.get(line.range.start..end).unwrap_or_default();
                logical.text.push(part, line.range.start as u32);
            }
        }
        logical
    }

    /// Reads the body of a heredoc up to the line that is `name`, leading tabs aside where `chomp` is set.
    pub(super) fn heredoc(&mut self, name: &str, chomp: bool) -> Body {
        let file = self.file;
        let start = file.line_span(self.read + 1).map_or(self.text.len() as u32, |span| span.start);
        // A byte that is not UTF-8 can stand in both, so the bytes are compared and not the text.
        while let Some(line) = self.physical() {
            let bytes = file.bytes().get(line.range.clone()).unwrap_or_default();
            let tabs = if chomp { bytes.iter().take_while(|byte| **byte == b'\t').count() } else { 0 };
            if bytes.get(tabs..) == Some(name.as_bytes()) {
                let terminator = Span::from(line.range.start + tabs..line.range.end);
                let body = Span::new(start, file.line_span(line.number).map_or(start, |span| span.start));
                return Body { lines: body, terminator, closed: true, last_line: line.number };
            }
        }
        let end = self.text.len() as u32;
        Body { lines: Span::new(start, end), terminator: Span::at(end), closed: false, last_line: self.count }
    }

    /// The next physical line. One that is too long is read all the same, and is a fault.
    fn physical(&mut self) -> Option<Physical> {
        let line = physical(self.file, self.read + 1)?;
        let whole = self.file.line_span(line.number)?;
        if whole.len() > LONGEST_LINE {
            self.faults.push(Fault {
                span: Span::from(line.range.clone()),
                message: format!("dockerfile line greater than max allowed size of {LONGEST_LINE}"),
                help: Some("break the line with continuations, which have no limit together".to_owned()),
                line: Some(self.read),
                level: Level::Text,
            });
        }
        self.read += 1;
        Some(line)
    }

    fn slice(&self, range: &Range<usize>) -> &'a str {
        self.text.get(range.clone()).unwrap_or_default()
    }

    /// Whether the line in `range` goes on in the next one, and where its own text ends.
    ///
    /// A continuation is one escape character at the end, blanks behind it allowed. Two of them are text,
    /// and so are three: what matters is the one character before.
    fn continuation(&self, range: &Range<usize>) -> (usize, bool) {
        let bytes = self.slice(range).trim_end_matches([' ', '\t']).as_bytes();
        let escape = self.escape.char() as u8;
        let continues = match bytes {
            [.., before, last] => *last == escape && *before != escape,
            [last] => *last == escape,
            [] => false,
        };
        if continues { (range.start + bytes.len() - 1, true) } else { (range.end, false) }
    }
}

/// The physical line of that number, counted from 1.
pub(super) fn physical(file: &SourceFile, number: u32) -> Option<Physical> {
    if number > file.line_count() {
        return None;
    }
    let whole = file.line_span(number)?.range();
    let bytes = file.bytes();
    let mut start = whole.start;
    if number == 1 && bytes.starts_with(b"\xef\xbb\xbf") {
        start = '\u{feff}'.len_utf8();
    }
    let mut end = whole.end;
    while end > start && matches!(bytes.get(end - 1), Some(b'\n' | b'\r')) {
        end -= 1;
    }
    Some(Physical { number, range: start..end })
}

/// The comment in a line whose `#` is at `start`.
fn comment(text: &str, line: &Physical, start: usize, inside: bool) -> Comment {
    let written = text.get(start + 1..line.range.end).unwrap_or_default();
    Comment {
        text: written.trim().to_owned(),
        span: Span::from(start..line.range.end),
        line: line.number,
        inside,
    }
}
