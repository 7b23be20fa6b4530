//! A place in a mapped text, moved forward by what is read.

use std::ops::Range;

use super::{RequirementFault, RequirementFaultKind, Text};
use crate::source::{Mapped, Span};

/// Reads a text from left to right.
#[derive(Clone, Debug)]
pub(super) struct Scanner<'a> {
    source: &'a Mapped,
    /// Where the next character stands; on a character boundary.
    pub(super) at: usize,
    /// Where reading ends; on a character boundary.
    pub(super) end: usize,
}

impl<'a> Scanner<'a> {
    pub(super) fn new(source: &'a Mapped) -> Self {
        Self { source, at: 0, end: source.as_str().len() }
    }

    /// A scanner of the same text that reads only `range`.
    pub(super) fn within(&self, range: Range<usize>) -> Self {
        Self { source: self.source, at: range.start, end: range.end }
    }

    /// Leaves out white space at both ends.
    pub(super) fn trimmed(mut self) -> Self {
        self.skip_space();
        self.end = self.at + self.rest().trim_end().len();
        self
    }

    pub(super) fn rest(&self) -> &'a str {
        self.text(self.at..self.end)
    }

    pub(super) fn text(&self, range: Range<usize>) -> &'a str {
        self.source.as_str().get(range).unwrap_or_default()
    }

    pub(super) fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    pub(super) fn is_done(&self) -> bool {
        self.at >= self.end
    }

    pub(super) fn skip_space(&mut self) {
        self.take_while(char::is_whitespace);
    }

    /// Moves over `wanted`, if it is next.
    pub(super) fn eat(&mut self, wanted: char) -> bool {
        let found = self.peek() == Some(wanted);
        self.at += if found { wanted.len_utf8() } else { 0 };
        found
    }

    /// Moves over the characters that `belongs` accepts.
    pub(super) fn take_while(&mut self, belongs: impl Fn(char) -> bool) -> Range<usize> {
        let rest = self.rest();
        let length = rest.find(|next| !belongs(next)).unwrap_or(rest.len());
        let start = self.at;
        self.at += length;
        start..self.at
    }

    /// A name as pip reads it: a letter or digit, then also `-`, `_` and `.`, but no `-` or `.` at the end.
    pub(super) fn name(&mut self) -> Option<Range<usize>> {
        let belongs = |next: char| next.is_ascii_alphanumeric() || matches!(next, '-' | '_' | '.');
        if !self.peek().is_some_and(|next| next.is_ascii_alphanumeric()) {
            return None;
        }
        let range = self.take_while(belongs);
        let name = self.text(range.clone()).trim_end_matches(['-', '.']);
        self.at = range.start + name.len();
        Some(range.start..self.at)
    }

    pub(super) fn mapped(&self, range: Range<usize>) -> Mapped {
        self.source.slice(range)
    }

    pub(super) fn span(&self, range: Range<usize>) -> Span {
        self.source.span(range)
    }

    pub(super) fn spanned(&self, range: Range<usize>) -> Text {
        Text { text: self.text(range.clone()).to_owned(), span: self.span(range) }
    }

    pub(super) fn fault(&self, range: Range<usize>, kind: RequirementFaultKind) -> RequirementFault {
        RequirementFault { span: self.span(range), kind }
    }

    /// The fault that what comes next, up to white space, is not `expected`.
    pub(super) fn unexpected(&self, expected: &'static str) -> RequirementFault {
        let rest = self.rest();
        let length = rest.find(char::is_whitespace).unwrap_or(rest.len());
        let found = if length == 0 {
            "end of line".to_owned()
        } else {
            self.text(self.at..self.at + length).to_owned()
        };
        self.fault(self.at..self.at + length, RequirementFaultKind::Unexpected { found, expected })
    }
}
