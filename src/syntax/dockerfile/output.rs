//! What the lexer puts out: text with the origin of its pieces, and the words in it.

use std::ops::Range;

use super::expand::{Origin, Piece};

/// Text with the origin of its pieces.
#[derive(Default)]
pub(super) struct Output {
    pub(super) text: String,
    pub(super) pieces: Vec<Piece>,
}

impl Output {
    /// Appends a text; one that goes on where the last one ends becomes part of it.
    pub(super) fn push(&mut self, text: &str, origin: Origin) {
        let start = self.text.len();
        self.text.push_str(text);
        if text.is_empty() {
            return;
        }
        if let (Some(Piece { range, origin: Origin::Literal(last) }), Origin::Literal(next)) =
            (self.pieces.last_mut(), &origin)
            && last.end == next.start
        {
            last.end = next.end;
            range.end = self.text.len();
            return;
        }
        self.pieces.push(Piece { range: start..self.text.len(), origin });
    }

    /// Appends another output.
    pub(super) fn append(&mut self, other: Self) {
        for piece in other.pieces {
            self.push(other.text.get(piece.range).unwrap_or_default(), piece.origin);
        }
    }

    /// Marks what stands literally in it as the default of a variable.
    pub(super) fn into_default(mut self, variable: &str) -> Self {
        for piece in &mut self.pieces {
            if let Origin::Literal(span) = piece.origin {
                piece.origin = Origin::Default { name: variable.to_owned(), span };
            }
        }
        self
    }
}

/// Finds the words in a text as it grows. A blank ends a word unless a quote or an escape brought it.
#[derive(Default)]
pub(super) struct Words {
    done: Vec<Range<usize>>,
    open: Option<Range<usize>>,
}

impl Words {
    /// A character that stands outside quotes.
    pub(super) fn plain(&mut self, range: Range<usize>, blank: bool) {
        if !blank {
            self.raw(range);
        } else if let Some(word) = self.open.take() {
            self.done.push(word);
        }
    }

    /// Text that belongs to a word whatever it holds.
    pub(super) fn raw(&mut self, range: Range<usize>) {
        if range.is_empty() {
            return;
        }
        let start = self.open.as_ref().map_or(range.start, |word| word.start);
        self.open = Some(start..range.end);
    }

    /// Text that a variable brought.
    pub(super) fn text(&mut self, text: &str, start: usize) {
        for (at, character) in text.char_indices() {
            self.plain(start + at..start + at + character.len_utf8(), character.is_whitespace());
        }
    }

    /// The words, once all is read.
    pub(super) fn finish(&mut self) -> Vec<Range<usize>> {
        self.done.extend(self.open.take());
        std::mem::take(&mut self.done)
    }
}
