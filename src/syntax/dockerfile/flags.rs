//! The flags of an instruction: text without the quotes and escapes that it was written with.

use std::ops::Range;

use super::grammar::{self, FlagParts};
use super::tree::{Escape, Flag};
use super::word::Word;
use crate::source::{BAD_BYTE, Mapped, SourceFile, Span};

/// The instruction whose flags are read: `text` begins at byte `start` of the logical line.
pub(super) struct FlagReader<'a> {
    pub(super) file: &'a SourceFile,
    pub(super) line: &'a Mapped,
    pub(super) start: usize,
    pub(super) text: &'a str,
}

impl FlagReader<'_> {
    /// The flags that the grammar found, and where the last of them ends; `None` stands for where it says.
    pub(super) fn flags(&self, found: &[FlagParts], escape: Escape) -> (Vec<Flag>, Option<usize>) {
        let (Some(first), Some(last)) = (found.first(), found.last()) else { return (Vec::new(), None) };
        let written = self.text.get(first.whole.start..last.whole.end).unwrap_or_default();
        let bad = self.file.first_bad_byte().is_some() && written.contains(BAD_BYTE);
        if !written.is_ascii() || bad {
            let (flags, end) = self.latin_flags(first.whole.start, escape);
            return (flags, Some(end));
        }
        (found.iter().filter_map(|parts| self.flag(parts)).collect(), None)
    }

    /// A flag; `None` for a `--` made up of quotes and escapes.
    fn flag(&self, parts: &FlagParts) -> Option<Flag> {
        let whole = self.start + parts.whole.start..self.start + parts.whole.end;
        if let [part] = parts.parts.as_slice()
            && *part == parts.whole
        {
            return plain_flag(&Word::cut(self.file, self.line, whole));
        }
        let text = join(self.line, self.start, &parts.parts);
        quoted_flag(self.file, &text, self.line.span(whole))
    }

    /// Flags with more than ASCII in them, which begin at byte `from` of the text. BuildKit reads flags byte
    /// by byte, which turns UTF-8 into Latin-1 and finds two more blanks.
    fn latin_flags(&self, from: usize, escape: Escape) -> (Vec<Flag>, usize) {
        let mut latin = Mapped::default();
        let mut places = Vec::new();
        for (at, byte) in self.text.bytes().enumerate().skip(from) {
            let place = self.line.offset(self.start + boundary_before(self.text, at));
            let bad = if byte == BAD_BYTE as u8 { self.file.bytes().get(place as usize) } else { None };
            let character = char::from(*bad.unwrap_or(&byte));
            latin.push(character.encode_utf8(&mut [0; 4]), place);
            places.extend(std::iter::repeat_n(at, character.len_utf8()));
        }
        let place = |at: usize| boundary_after(self.text, places.get(at).copied().unwrap_or(self.text.len()));
        let (found, end) = grammar::flags(latin.as_str(), escape);
        let flags = found.iter().filter_map(|parts| {
            let whole = self.start + place(parts.whole.start)..self.start + place(parts.whole.end);
            quoted_flag(self.file, &join(&latin, 0, &parts.parts), self.line.span(whole))
        });
        (flags.collect(), place(end))
    }
}

/// A flag that stands in the file as it is.
fn plain_flag(word: &Word) -> Option<Flag> {
    if word.text == "--" {
        return None;
    }
    let end = word.text.len();
    let equals = word.text.find('=');
    Some(Flag {
        span: word.span,
        name: word.slice(2..equals.unwrap_or(end)),
        value: equals.map(|equals| word.slice(equals + 1..end)),
    })
}

/// The flag whose text is `text` and which stands in `span`.
fn quoted_flag(file: &SourceFile, text: &Mapped, span: Span) -> Option<Flag> {
    let written = text.as_str();
    if written == "--" {
        return None;
    }
    let equals = written.find('=');
    let name = text.slice(2..equals.unwrap_or(written.len()));
    let name_end = equals.map_or(span.end, |equals| text.offset(equals));
    let name = Word::mapped_from(file, &name, Span::new(text.offset(2), name_end));
    let value = equals.map(|equals| {
        let value = text.slice(equals + 1..written.len());
        // Quotes around the value belong to it in the file.
        let start = text.offset(equals) + 1;
        Word::mapped_from(file, &value, Span::new(start, span.end))
    });
    Some(Flag { span, name, value })
}

/// The parts of a line that are given by ranges counted from `start`.
fn join(line: &Mapped, start: usize, parts: &[Range<usize>]) -> Mapped {
    let mut joined = Mapped::default();
    for part in parts {
        joined.append(&line.slice(start + part.start..start + part.end));
    }
    joined
}

/// The last boundary between characters that is not behind `at`.
pub(super) fn boundary_before(text: &str, mut at: usize) -> usize {
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

/// The first boundary between characters that is not before `at`.
pub(super) fn boundary_after(text: &str, mut at: usize) -> usize {
    while at < text.len() && !text.is_char_boundary(at) {
        at += 1;
    }
    at
}
