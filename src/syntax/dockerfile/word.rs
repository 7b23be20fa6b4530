//! Words: text that knows its place.

use std::ops::Range;

use crate::source::{BAD_BYTE, Mapped, SourceFile, Span};

/// A piece of text and where it stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Word {
    /// The text as BuildKit's parser yields it. A byte that is not UTF-8 reads as U+FFFD.
    pub text: String,
    /// What stands in the file for it: for a flag's value its quotes as well, for an element of a JSON
    /// array what is between its quotes.
    pub span: Span,
    /// The text with its places, where it does not stand in the file byte for byte.
    broken: Option<Box<Mapped>>,
}

impl Word {
    /// A word that stands in the file as it is, beginning at `offset`.
    pub fn verbatim(text: impl Into<String>, offset: u32) -> Self {
        let text = text.into();
        let span = Span::new(offset, offset + text.len() as u32);
        Self { text, span, broken: None }
    }

    /// The part of a logical line in `range`.
    pub fn cut(file: &SourceFile, line: &Mapped, range: Range<usize>) -> Self {
        let text = line.as_str().get(range.clone()).unwrap_or_default();
        let span = line.span(range.clone());
        if span.len() as usize != text.len() || (text.contains(BAD_BYTE) && file.first_bad_byte().is_some()) {
            return Self::mapped_from(file, &line.slice(range), span);
        }
        Self { text: text.to_owned(), span, broken: None }
    }

    /// A word made of pieces, for which `span` stands in the file.
    pub fn mapped_from(file: &SourceFile, pieces: &Mapped, span: Span) -> Self {
        let text = restore_bad_bytes(file, pieces);
        let in_step = pieces.offset(0) == span.start && span.len() as usize == text.as_str().len();
        if in_step && pieces.full_span() == span {
            return Self { text: text.as_str().to_owned(), span, broken: None };
        }
        Self { text: text.as_str().to_owned(), span, broken: Some(Box::new(text)) }
    }

    /// A word made of pieces that hold no byte that is not UTF-8.
    pub(super) fn joined(pieces: Mapped, span: Span) -> Self {
        Self { text: pieces.as_str().to_owned(), span, broken: Some(Box::new(pieces)) }
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Where byte `at` of the text stands in the file.
    pub fn offset(&self, at: usize) -> u32 {
        self.broken.as_ref().map_or(self.span.start + at as u32, |mapped| mapped.offset(at))
    }

    /// What stands in the file for `range` of the text.
    pub fn span_of(&self, range: Range<usize>) -> Span {
        let Some(mapped) = &self.broken else {
            return Span::new(self.span.start + range.start as u32, self.span.start + range.end as u32);
        };
        let start = mapped.offset(range.start);
        let Some((at, last)) = self.text.get(range.clone()).and_then(|text| text.char_indices().next_back())
        else {
            return Span::at(start);
        };
        // A character can be longer than what stands for it: U+FFFD for one bad byte.
        let last_start = mapped.offset(range.start + at);
        let next = if range.end < self.text.len() { mapped.offset(range.end) } else { self.span.end };
        Span::new(start, last_start + (last.len_utf8() as u32).min(next.saturating_sub(last_start)))
    }

    /// The part of the word in `range` of its text.
    #[must_use]
    pub fn slice(&self, range: Range<usize>) -> Self {
        let text = self.text.get(range.clone()).unwrap_or_default().to_owned();
        let broken = self.broken.as_ref().map(|mapped| Box::new(mapped.slice(range.clone())));
        Self { text, span: self.span_of(range), broken }
    }

    /// The text with the place of each of its bytes.
    pub fn mapped(&self) -> Mapped {
        self.broken.as_ref().map_or_else(
            || Mapped::verbatim(self.text.as_str(), self.span.start),
            |mapped| (**mapped).clone(),
        )
    }
}

/// Reads each byte that is not UTF-8 as U+FFFD, as Go does, and leaves a real control-Z alone.
fn restore_bad_bytes(file: &SourceFile, pieces: &Mapped) -> Mapped {
    if file.first_bad_byte().is_none() || !pieces.as_str().contains(BAD_BYTE) {
        return pieces.clone();
    }
    let mut restored = Mapped::default();
    for (at, character) in pieces.as_str().char_indices() {
        let offset = pieces.offset(at);
        let real = file.bytes().get(offset as usize) == Some(&(BAD_BYTE as u8));
        if character == BAD_BYTE && !real {
            restored.push("\u{fffd}", offset);
        } else {
            restored.push(character.encode_utf8(&mut [0; 4]), offset);
        }
    }
    restored
}
