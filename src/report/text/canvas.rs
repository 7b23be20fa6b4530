//! The text that findings are drawn in: parts of one or several files, as miette asks for them.
//!
//! miette knows one source per drawing. Here every file of a finding gets its own stretch of offsets, far from the
//! others, so that labels in several files can be drawn together. Only the lines around a label are ever looked at,
//! and of a long line only what is near it: miette's own sources are read from their start for every label.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::Arc;

use miette::{LabeledSpan, MietteError, MietteSpanContents, SourceCode, SourceSpan, SpanContents};

use super::printable;
use crate::source::{FileId, SourceFile, Sources, Span};

/// The offsets of two files never meet: a file is smaller than this.
const STRIDE: usize = 1 << 33;

/// Bytes shown before and after a label on a very long line.
const REACH: u32 = 200;

/// The printable texts of the files of a report, each made once.
#[derive(Default)]
pub(super) struct Texts {
    by_address: RefCell<BTreeMap<usize, Option<Arc<str>>>>,
}

impl Texts {
    /// The sheet of a file. Files are told apart by their addresses, so they must stay where they are.
    pub(super) fn sheet<'a>(&self, file: &'a SourceFile) -> Sheet<'a> {
        let mut texts = self.by_address.borrow_mut();
        let clean = texts.entry(std::ptr::from_ref(file).addr()).or_insert_with(|| cleaned(file.text()));
        Sheet { file, clean: clean.clone() }
    }
}

/// The text with what must not reach a terminal replaced, byte for byte as long; `None` where nothing is.
fn cleaned(text: &str) -> Option<Arc<str>> {
    let is_foul = |character: char| match character {
        '\n' | '\t' => false,
        // Overrides of the writing direction make a line read other than it is.
        '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => true,
        _ => character.is_control(),
    };
    if !text.replace("\r\n", "\n").contains(is_foul) {
        return None;
    }
    let mut characters = text.chars().peekable();
    let mut clean = String::with_capacity(text.len());
    while let Some(character) = characters.next() {
        let ends_line = character == '\r' && characters.peek() == Some(&'\n');
        clean.push(match character.len_utf8() {
            _ if ends_line || !is_foul(character) => character,
            1 => '?',
            2 => '¿',
            _ => '\u{fffd}',
        });
    }
    Some(clean.into())
}

/// One file as it may be shown.
#[derive(Debug)]
pub(super) struct Sheet<'a> {
    file: &'a SourceFile,
    clean: Option<Arc<str>>,
}

impl Sheet<'_> {
    fn text(&self) -> &str {
        self.clean.as_deref().unwrap_or_else(|| self.file.text())
    }

    /// The span as far as its first line goes: the head of a long instruction is enough to find it.
    fn first_line_of(&self, span: Span) -> Span {
        let line = self.file.line_span(self.file.position(span.start).line).unwrap_or(span);
        let text = self.file.slice(line);
        let end = line.start + text.trim_end_matches(['\r', '\n']).len() as u32;
        Span::new(span.start, span.end.min(end))
    }

    fn read(&self, span: Span, before: u32, after: u32) -> Option<MietteSpanContents<'_>> {
        let start = self.file.position(span.start);
        let last_byte = if span.is_empty() { span.end } else { span.end - 1 };
        let last_line = self.file.position(last_byte).line;
        let mut from = span.start;
        let mut to = span.end;
        let mut first_line = start.line;
        if before + after > 0 {
            first_line = start.line.saturating_sub(before).max(1);
            from = self.file.line_span(first_line)?.start;
            let end_line = last_line.saturating_add(after).min(self.file.line_count().max(last_line));
            to = self.file.line_span(end_line)?.end;
            if self.file.line_span(start.line)?.start + REACH < span.start {
                first_line = start.line;
                from = self.boundary(span.start - REACH);
            }
            if self.file.line_span(last_line)?.end > span.end + REACH {
                to = self.boundary(span.end + REACH);
            }
        }
        let data = self.text().get(from as usize..to as usize)?.as_bytes();
        let column = if from == span.start { start.column as usize - 1 } else { 0 };
        let line_count = (last_line.saturating_sub(first_line) + 1 + after) as usize;
        let name = printable(self.file.path().as_str());
        let covered = (from as usize, data.len()).into();
        Some(MietteSpanContents::new_named(name, data, covered, first_line as usize - 1, column, line_count))
    }

    /// The nearest place at or before `offset` where a character begins.
    fn boundary(&self, offset: u32) -> u32 {
        let text = self.text();
        (0..=offset).rev().find(|offset| text.is_char_boundary(*offset as usize)).unwrap_or(0)
    }
}

/// Files drawn together.
#[derive(Debug)]
pub(super) struct Canvas<'a> {
    sheets: Vec<(FileId, Sheet<'a>)>,
}

impl<'a> Canvas<'a> {
    /// The files of these places, in the order in which they first appear.
    pub(super) fn new(sources: &'a Sources, files: impl Iterator<Item = FileId>, texts: &Texts) -> Self {
        let mut sheets: Vec<(FileId, Sheet<'a>)> = Vec::new();
        for id in files {
            if sheets.iter().all(|(known, _)| *known != id) {
                sheets.push((id, texts.sheet(sources.get(id))));
            }
        }
        Self { sheets }
    }

    /// One file.
    pub(super) fn of_file(file: &'a SourceFile) -> Self {
        Self { sheets: vec![(FileId(0), Texts::default().sheet(file))] }
    }

    /// A label on a place of a file of the canvas; the primary one has no text of its own.
    pub(super) fn label(&self, file: FileId, span: Span, text: Option<String>) -> Option<LabeledSpan> {
        let (index, (_, sheet)) = self.sheets.iter().enumerate().find(|(_, (id, _))| *id == file)?;
        let span = sheet.first_line_of(span);
        let place = (index * STRIDE + span.start as usize, span.len() as usize);
        Some(match text {
            Some(_) => LabeledSpan::new_with_span(text, place),
            None => LabeledSpan::new_primary_with_span(None, place),
        })
    }
}

impl SourceCode for Canvas<'_> {
    fn read_span<'b>(
        &'b self,
        span: &SourceSpan,
        before: usize,
        after: usize,
    ) -> Result<Box<dyn SpanContents<'b> + 'b>, MietteError> {
        let sheet_start = span.offset() / STRIDE * STRIDE;
        let (_, sheet) = self.sheets.get(span.offset() / STRIDE).ok_or(MietteError::OutOfBounds)?;
        let start = span.offset() - sheet_start;
        let end = u32::try_from(start + span.len()).map_err(|_| MietteError::OutOfBounds)?;
        let contents = sheet
            .read(Span::new(start as u32, end), before as u32, after as u32)
            .ok_or(MietteError::OutOfBounds)?;
        let covered = (contents.span().offset() + sheet_start, contents.span().len()).into();
        Ok(Box::new(MietteSpanContents::new_named(
            contents.name().unwrap_or_default().to_owned(),
            contents.data(),
            covered,
            contents.line(),
            contents.column(),
            contents.line_count(),
        )))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cleaning_keeps_offsets() {
        assert_eq!(cleaned("a\r\n\tb"), None);
        assert_eq!(cleaned("\u{1b}[0m\r\n\rx\u{9b}\u{202e}").as_deref(), Some("?[0m\r\n?x¿\u{fffd}"));
    }

    #[test]
    fn of_a_long_line_only_what_is_near_is_read() {
        let text = format!("{}é{}\n", "a".repeat(1000), "b".repeat(1000));
        let file = SourceFile::new("f", text.as_bytes());
        let canvas = Canvas::of_file(&file);
        let contents = canvas.read_span(&(1000, 2).into(), 1, 1).unwrap();
        assert_eq!(contents.data().len(), 402);
        assert_eq!((contents.line(), contents.span().offset()), (0, 800));
    }

    #[test]
    fn files_are_apart() {
        let mut sources = Sources::default();
        let first = sources.add(SourceFile::new("one", b"1\n".as_slice()));
        let second = sources.add(SourceFile::new("two", b"2\n3\n".as_slice()));
        let canvas = Canvas::new(&sources, [second, first, second].into_iter(), &Texts::default());
        let label = canvas.label(first, Span::new(0, 1), Some("here".to_owned())).unwrap();
        let contents = canvas.read_span(label.inner(), 1, 1).unwrap();
        assert_eq!((contents.data(), contents.name()), (b"1\n".as_slice(), Some("one")));
        assert!(canvas.read_span(&(0, STRIDE + 1).into(), 1, 1).is_err());
    }
}
