//! Files, spans, and text that remembers where it came from.
//!
//! Every position in dlint is a byte offset into a file as it is on disk. Lines and columns are computed
//! only when somebody is told about them ([`SourceFile::position`]).

use std::ops::Range;

use camino::{Utf8Path, Utf8PathBuf};
use serde::{Deserialize, Serialize};

/// A half-open byte range in one source file, as the file is on disk.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Span {
    /// Offset of the first byte.
    pub start: u32,
    /// Offset one past the last byte.
    pub end: u32,
}

impl Span {
    /// The span from `start` up to `end`; an `end` before `start` gives the empty span at `start`.
    pub fn new(start: u32, end: u32) -> Self {
        Self { start, end: end.max(start) }
    }

    /// The empty span at `offset`: where an insertion goes.
    pub fn at(offset: u32) -> Self {
        Self { start: offset, end: offset }
    }

    /// The number of bytes covered.
    pub fn len(self) -> u32 {
        self.end - self.start
    }

    /// Whether the span covers no byte.
    pub fn is_empty(self) -> bool {
        self.start == self.end
    }

    /// The smallest span that covers both.
    #[must_use]
    pub fn to(self, other: Self) -> Self {
        Self { start: self.start.min(other.start), end: self.end.max(other.end) }
    }

    /// Whether `other` lies wholly inside this span.
    pub fn contains(self, other: Self) -> bool {
        self.start <= other.start && other.end <= self.end
    }

    /// The span as a range for slicing.
    pub fn range(self) -> Range<usize> {
        self.start as usize..self.end as usize
    }
}

impl From<Range<usize>> for Span {
    fn from(range: Range<usize>) -> Self {
        Self::new(range.start as u32, range.end as u32)
    }
}

/// Names one file of a [`Sources`] collection.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileId(pub u32);

/// A span in a particular file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Location {
    /// The file.
    pub file: FileId,
    /// The bytes in it.
    pub span: Span,
}

/// A place as a person reads it. Both numbers count from 1, columns in Unicode characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// Line number.
    pub line: u32,
    /// Column number.
    pub column: u32,
}

/// Stands for one byte that is not UTF-8, so that offsets in the text are offsets in the bytes.
///
/// Docker accepts such files (its parser reads each bad byte as U+FFFD), so dlint reads them too.
pub const BAD_BYTE: char = '\u{1a}';

/// One file as it was read: its bytes, its text, and where its lines begin.
#[derive(Clone, Debug)]
pub struct SourceFile {
    path: Utf8PathBuf,
    text: String,
    /// The bytes as read, where they are not UTF-8 and hence not those of the text.
    raw: Option<Vec<u8>>,
    first_bad_byte: Option<u32>,
    /// Whether every character is one byte, so that columns need no counting.
    ascii: bool,
    line_starts: Vec<u32>,
}

impl SourceFile {
    /// Takes a file's bytes. `path` is what the user is shown.
    pub fn new(path: impl Into<Utf8PathBuf>, bytes: impl Into<Vec<u8>>) -> Self {
        let (text, raw, first_bad_byte) = match String::from_utf8(bytes.into()) {
            Ok(text) => (text, None, None),
            Err(error) => {
                let first = error.utf8_error().valid_up_to() as u32;
                let bytes = error.into_bytes();
                (patch(&bytes), Some(bytes), Some(first))
            }
        };
        let mut line_starts = vec![0];
        line_starts.extend(text.match_indices('\n').map(|(index, _)| index as u32 + 1));
        Self { path: path.into(), ascii: text.is_ascii(), text, raw, first_bad_byte, line_starts }
    }

    /// The path as the user gave it, or as it was reached from what the user gave.
    pub fn path(&self) -> &Utf8Path {
        &self.path
    }

    /// The bytes as they were read.
    pub fn bytes(&self) -> &[u8] {
        self.raw.as_deref().unwrap_or(self.text.as_bytes())
    }

    /// The text, byte for byte as long as the file; a byte that is not UTF-8 reads as [`BAD_BYTE`].
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The text under `span`, or the empty string where the span does not lie on character boundaries.
    pub fn slice(&self, span: Span) -> &str {
        self.text().get(span.range()).unwrap_or_default()
    }

    /// Where the first byte that is not UTF-8 stands, if there is one.
    pub fn first_bad_byte(&self) -> Option<u32> {
        self.first_bad_byte
    }

    /// The line and column of a byte offset; an offset past the end reads as the end.
    pub fn position(&self, offset: u32) -> Position {
        let offset = offset.min(self.text.len() as u32);
        let line = self.line_starts.partition_point(|start| *start <= offset);
        let start = self.line_starts.get(line.saturating_sub(1)).copied().unwrap_or(0);
        if self.ascii {
            return Position { line: line as u32, column: offset - start + 1 };
        }
        let before = self.text().as_bytes().get(start as usize..offset as usize).unwrap_or_default();
        // Counting the bytes that begin a character counts the characters.
        let column = before.iter().filter(|byte| byte.cast_signed() >= -0x40).count();
        Position { line: line as u32, column: column as u32 + 1 }
    }

    /// How its lines end: as the first one does.
    pub fn line_ending(&self) -> &'static str {
        let crlf = self.line_span(1).is_some_and(|line| self.slice(line).ends_with("\r\n"));
        if crlf { "\r\n" } else { "\n" }
    }

    /// The number of lines; a file that ends in a newline has no further, empty line.
    pub fn line_count(&self) -> u32 {
        let open = u32::from(self.line_starts.last().is_some_and(|start| *start < self.text.len() as u32));
        self.line_starts.len() as u32 - 1 + open
    }

    /// The bytes of a line counted from 1, its line ending included.
    pub fn line_span(&self, line: u32) -> Option<Span> {
        let start = *self.line_starts.get(line.checked_sub(1)? as usize)?;
        let end = self.line_starts.get(line as usize).copied().unwrap_or(self.text.len() as u32);
        Some(Span::new(start, end))
    }
}

/// Replaces every byte that is not part of UTF-8 by one [`BAD_BYTE`].
fn patch(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        text.extend(std::iter::repeat_n(BAD_BYTE, chunk.invalid().len()));
    }
    text
}

/// The files that one check has read, in the order in which they were met.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    files: Vec<SourceFile>,
}

impl Sources {
    /// Adds a file and names it.
    pub fn add(&mut self, file: SourceFile) -> FileId {
        self.files.push(file);
        FileId(self.files.len() as u32 - 1)
    }

    /// The file of that name. Ids come from [`Sources::add`] alone, so there always is one.
    pub fn get(&self, id: FileId) -> &SourceFile {
        &self.files[id.0 as usize]
    }

    /// All files with their names.
    pub fn iter(&self) -> impl Iterator<Item = (FileId, &SourceFile)> {
        self.files.iter().enumerate().map(|(index, file)| (FileId(index as u32), file))
    }

    /// The text under a location.
    pub fn slice(&self, location: Location) -> &str {
        self.get(location.file).slice(location.span)
    }
}

/// Text made out of a source file by joining, cutting and unquoting, that still knows where each of its
/// bytes stands in the file.
///
/// The logical line of an instruction is one (continuations and the comments between them are gone), and
/// so is the script inside `bash -c '…'`. Pieces of it can be cut out ([`Mapped::slice`]) and joined, and
/// the pieces know their places as well.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mapped {
    text: String,
    /// Sorted by `at`. Between one segment and the next, text and source run in step.
    segments: Vec<Segment>,
}

/// From byte `at` of the text on, the source continues at byte `source`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Segment {
    at: u32,
    source: u32,
}

impl Mapped {
    /// Text that stands in the file as it is, beginning at `offset`.
    pub fn verbatim(text: impl Into<String>, offset: u32) -> Self {
        Self { text: text.into(), segments: vec![Segment { at: 0, source: offset }] }
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether there is no text.
    pub fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// Appends text that stands in the file as it is, beginning at `offset`.
    pub fn push(&mut self, text: &str, offset: u32) {
        let at = self.text.len() as u32;
        let in_step = self.segments.last().is_some_and(|last| last.source + (at - last.at) == offset);
        if !in_step {
            self.segments.push(Segment { at, source: offset });
        }
        self.text.push_str(text);
    }

    /// Appends another mapped text.
    pub fn append(&mut self, other: &Self) {
        for (range, offset) in other.runs() {
            self.push(other.text.get(range).unwrap_or_default(), offset);
        }
    }

    /// The stretches of the text that stand in the file as they are, each with its offset there.
    pub fn runs(&self) -> impl Iterator<Item = (Range<usize>, u32)> {
        self.segments.iter().enumerate().map(|(index, segment)| {
            let end = self.segments.get(index + 1).map_or(self.text.len(), |next| next.at as usize);
            (segment.at as usize..end, segment.source)
        })
    }

    /// The part of the text in `range`, still knowing its place.
    #[must_use]
    pub fn slice(&self, range: Range<usize>) -> Self {
        let mut part = Self::default();
        let first =
            self.segments.partition_point(|segment| segment.at as usize <= range.start).saturating_sub(1);
        for (index, segment) in self.segments.iter().enumerate().skip(first) {
            let end = self.segments.get(index + 1).map_or(self.text.len(), |next| next.at as usize);
            let from = range.start.max(segment.at as usize);
            let to = range.end.min(end);
            if segment.at as usize >= range.end && index > first {
                break;
            }
            let offset = segment.source + (from as u32 - segment.at);
            part.push(self.text.get(from..to).unwrap_or_default(), offset);
        }
        part
    }

    /// Where byte `at` of the text stands in the file. At a seam this is the place of what follows it.
    pub fn offset(&self, at: usize) -> u32 {
        self.offset_in(self.segment_at(at), at)
    }

    /// Which segment byte `at` of the text belongs to.
    fn segment_at(&self, at: usize) -> usize {
        self.segments.partition_point(|segment| segment.at as usize <= at).saturating_sub(1)
    }

    fn offset_in(&self, index: usize, at: usize) -> u32 {
        self.segments.get(index).map_or(0, |segment| segment.source + (at as u32 - segment.at))
    }

    /// The bytes of the file from the first to the last byte of `range`, and so whatever was cut out
    /// between them.
    pub fn span(&self, range: Range<usize>) -> Span {
        let index = self.segment_at(range.start);
        let start = self.offset_in(index, range.start);
        if range.end <= range.start {
            return Span::at(start);
        }
        // Most ranges lie within one segment, and need no second search.
        if self.segments.get(index + 1).is_none_or(|next| range.end <= next.at as usize) {
            return Span::new(start, start + (range.end - range.start) as u32);
        }
        Span::new(start, self.offset(range.end - 1) + 1)
    }

    /// The bytes of the file from the first to the last byte of the whole text.
    pub fn full_span(&self) -> Span {
        self.span(0..self.text.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_count_characters() {
        let file = SourceFile::new("Dockerfile", "é a\n\u{1F40B}b\n".as_bytes());
        assert_eq!(file.position(0), Position { line: 1, column: 1 });
        assert_eq!(file.position(3), Position { line: 1, column: 3 });
        assert_eq!(file.position(9), Position { line: 2, column: 2 });
        assert_eq!(file.position(99), Position { line: 3, column: 1 });
        assert_eq!(file.line_count(), 2);
    }

    #[test]
    fn bad_bytes_keep_offsets() {
        let file = SourceFile::new("Dockerfile", b"# caf\xe9\nFROM a\n".as_slice());
        assert_eq!(file.first_bad_byte(), Some(5));
        assert_eq!(file.text().len(), file.bytes().len());
        assert_eq!(file.slice(Span::new(7, 13)), "FROM a");
    }

    #[test]
    fn mapped_text_knows_its_place() {
        // RUN a \⏎ b
        let mut text = Mapped::verbatim("a ", 4);
        text.push(" b", 8);
        assert_eq!(text.as_str(), "a  b");
        assert_eq!(text.span(0..4), Span::new(4, 10));
        assert_eq!(text.slice(3..4).full_span(), Span::new(9, 10));
        assert_eq!(text.slice(1..4).as_str(), "  b");
        assert_eq!(text.slice(1..4).span(0..2), Span::new(5, 9));
        let mut twice = text.slice(3..4);
        twice.append(&text.slice(0..1));
        assert_eq!(twice.as_str(), "ba");
        assert_eq!(twice.offset(1), 4);
    }
}
