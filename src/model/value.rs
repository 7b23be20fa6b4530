//! A text that a Dockerfile or one of its files says, and where each piece of it was written.

use std::ops::{Deref, Range};

use compact_str::CompactString;

use crate::source::{FileId, Location, Mapped, Span};

/// A text of which short ones, as most words are, need no memory of their own.
pub type Text = CompactString;

/// A text with its origin: what a rule compares, and what a fix may rewrite.
///
/// `nvidia/cuda:${CUDA_VERSION}-devel` reads `nvidia/cuda:12.1.1-devel`; the piece `12.1.1` stands in the default
/// of the `ARG`, so that is where a new CUDA version is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Value {
    /// The text with every variable replaced by its value; one whose value is not known stands there as it was
    /// written.
    pub text: Text,
    /// The bytes that were written in the place of use, quotes and references included.
    pub written: Location,
    /// Where the pieces come from, in order, covering the text; none where the whole text is one that stands as it is
    /// where it was written, as most do.
    listed: Option<Vec<Piece>>,
    /// Whether it was cut out of what one reference to a variable stands for, or goes on across a quotation mark, so
    /// that no bytes in the place of use are this text alone.
    pub divided: bool,
}

/// A stretch of a [`Value`]'s text and where it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Piece {
    /// Bytes of the text: the first, and the one after the last.
    start: u32,
    end: u32,
    /// The bytes of a file that are this stretch, one for one; `None` where no file says it (a build argument).
    pub at: Option<Location>,
    /// Whether a variable brought it.
    pub brought: bool,
    /// The bytes in the place of use for which the stretch stands: the reference to the variable. The pieces of one
    /// variable share it. `None` where it is the stretch itself.
    pub reference: Option<Location>,
    /// Whether the stretch is a reference as it was written, because nobody can say what it becomes.
    pub unknown: bool,
}

impl Default for Value {
    fn default() -> Self {
        Self::empty(Location::default())
    }
}

impl Piece {
    /// Stands for bytes of the text that are written at a place, or nowhere.
    fn new(range: Range<usize>, at: Option<Location>) -> Self {
        let (start, end) = (range.start as u32, range.end as u32);
        Self { start, end, at, brought: false, reference: None, unknown: false }
    }

    /// The bytes of the text.
    pub fn range(self) -> Range<usize> {
        self.start as usize..self.end as usize
    }

    /// The part of it in that range of the text, in a text that begins at `base`.
    fn part(self, range: Range<usize>, base: usize) -> Self {
        let at = self.at.map(|at| {
            let from = at.span.start + (range.start as u32 - self.start);
            Location { file: at.file, span: Span::new(from, from + range.len() as u32) }
        });
        Self { at, ..self }.moved(range.start - base..range.end - base)
    }

    /// The same for other bytes of a text.
    fn moved(self, range: Range<usize>) -> Self {
        Self { start: range.start as u32, end: range.end as u32, ..self }
    }
}

impl Value {
    /// A text that is written as it reads.
    pub fn literal(text: impl Into<Text>, at: Location) -> Self {
        Self::of_one(text.into(), at, Some(at), false)
    }

    /// A text that no file says: a build argument, or what packs know of an image. `written` is the place of use.
    pub fn given(text: impl Into<Text>, written: Location) -> Self {
        Self::of_one(text.into(), written, None, false)
    }

    /// A text that nobody knows, which stands as it was written.
    pub fn unknown(text: impl Into<Text>, written: Location) -> Self {
        Self::of_one(text.into(), written, None, true)
    }

    fn of_one(text: Text, written: Location, at: Option<Location>, unknown: bool) -> Self {
        let piece = Piece { unknown, ..Piece::new(0..text.len(), at) };
        let listed = (unknown || at != Some(written)).then(|| vec![piece]);
        Self { text, written, listed, divided: false }
    }

    /// A text of which nobody knows where it stands.
    pub fn nowhere(text: impl Into<Text>) -> Self {
        Self { text: text.into(), ..Self::default() }
    }

    /// No text yet, in a place where something is written.
    pub fn empty(written: Location) -> Self {
        Self { text: Text::default(), written, listed: Some(Vec::new()), divided: false }
    }

    /// Appends a stretch of text that is written here.
    pub(super) fn push(&mut self, text: &str, at: Option<Location>) {
        // A text that is not byte for byte what the file has (an escape, a byte that is not UTF-8) has no place of
        // its own.
        let is_exact = |at: &Location| {
            at.span.len() as usize == text.len() && !text.contains(char::REPLACEMENT_CHARACTER)
        };
        let place = at.filter(is_exact);
        self.push_piece(text, |range| Piece {
            reference: at.filter(|_| place.is_none()),
            ..Piece::new(range, place)
        });
    }

    /// Appends what a reference to a variable stands for, changed on the way or not known.
    pub(super) fn push_reference(&mut self, text: &str, reference: Location, unknown: bool) {
        self.push_piece(text, |range| Piece {
            brought: true,
            reference: Some(reference),
            unknown,
            ..Piece::new(range, None)
        });
    }

    /// Appends a stretch of text as it was written, as nobody knows what it stands for.
    pub(super) fn push_unknown(&mut self, text: &str) {
        self.push_piece(text, |range| Piece { unknown: true, ..Piece::new(range, None) });
    }

    fn push_piece(&mut self, text: &str, piece: impl FnOnce(Range<usize>) -> Piece) {
        if text.is_empty() {
            return;
        }
        let start = self.text.len();
        self.text.push_str(text);
        let piece = piece(start..self.text.len());
        self.listed(start).push(piece);
    }

    /// Appends another text.
    pub(super) fn append(&mut self, other: &Self) {
        let start = self.text.len();
        self.text.push_str(&other.text);
        self.listed(start).extend(other.pieces().iter().map(|piece| {
            let range = piece.range();
            piece.moved(range.start + start..range.end + start)
        }));
    }

    /// Appends the value of a variable.
    pub(super) fn append_variable(&mut self, value: &Self, reference: Location) {
        let first = self.pieces().len();
        self.append(value);
        for piece in self.listed.iter_mut().flatten().skip(first) {
            piece.brought = true;
            piece.reference = Some(reference);
        }
    }

    /// The text with every byte that is not known replaced by `mask`, which is ASCII: as long as the text, so that
    /// what is found in it has the same place there.
    pub(super) fn masked(&self, mask: char) -> String {
        let mut masked = String::with_capacity(self.text.len());
        for piece in self.pieces().iter() {
            if piece.unknown {
                masked.extend(std::iter::repeat_n(mask, piece.range().len()));
            } else {
                masked.push_str(self.text.get(piece.range()).unwrap_or_default());
            }
        }
        masked
    }

    /// A text cut out of a file, with whatever was cut away inside it.
    pub fn mapped(text: &Mapped, file: FileId) -> Self {
        let written = Location { file, span: text.full_span() };
        let mut pieces = Vec::new();
        for (range, offset) in text.runs() {
            let run = text.as_str().get(range.clone()).unwrap_or_default();
            let mut start = range.start;
            // It stands for a byte that is not UTF-8, which it is longer than.
            for part in run.split_inclusive(char::REPLACEMENT_CHARACTER) {
                let exact = part.trim_end_matches(char::REPLACEMENT_CHARACTER).len();
                let from = offset + (start - range.start) as u32;
                let span = Span::new(from, from + exact as u32);
                push_exact(&mut pieces, start..start + exact, Location { file, span });
                if exact < part.len() {
                    pieces.push(Piece::new(start + exact..start + part.len(), None));
                }
                start += part.len();
            }
        }
        Self::of_pieces(text.as_str().into(), written, pieces, false)
    }

    /// A text made of these pieces.
    fn of_pieces(text: Text, written: Location, pieces: Vec<Piece>, divided: bool) -> Self {
        let whole = pieces.as_slice() == [Piece::new(0..text.len(), Some(written))];
        Self { text, written, listed: (!whole).then_some(pieces), divided }
    }

    /// Where the pieces come from, in order, covering the text.
    pub fn pieces(&self) -> Pieces<'_> {
        match &self.listed {
            Some(pieces) => Pieces::Listed(pieces),
            None => Pieces::Whole([Piece::new(0..self.text.len(), Some(self.written))]),
        }
    }

    /// The list of the pieces of the first bytes of the text, to add others to it.
    fn listed(&mut self, length: usize) -> &mut Vec<Piece> {
        let whole = Piece::new(0..length, Some(self.written));
        self.listed.get_or_insert_with(|| vec![whole])
    }

    /// The same text, whose pieces no file says.
    #[must_use]
    pub(super) fn without_places(mut self) -> Self {
        for piece in self.listed(self.text.len()) {
            piece.at = None;
        }
        self
    }

    /// The text, if all of it is known.
    pub fn known(&self) -> Option<&str> {
        self.is_known().then_some(self.text.as_str())
    }

    /// Whether the byte of the text at that place is known.
    pub(super) fn is_known_at(&self, at: usize) -> bool {
        let pieces = self.pieces();
        let index = pieces.partition_point(|piece| piece.range().end <= at);
        pieces.get(index).is_some_and(|piece| !piece.unknown)
    }

    /// Whether all of the text is known.
    pub fn is_known(&self) -> bool {
        self.listed.iter().flatten().all(|piece| !piece.unknown)
    }

    /// The part of the text in `range`. Where it was written is narrowed as far as the pieces allow.
    #[must_use]
    pub fn slice(&self, range: Range<usize>) -> Self {
        let own = self.pieces();
        let first = own.partition_point(|piece| piece.range().end <= range.start);
        let touched = own.iter().skip(first).map(|piece| (piece, piece.range()));
        let pieces: Vec<Piece> = touched
            .take_while(|(_, own)| own.start < range.end)
            .map(|(piece, own)| (piece, own.start.max(range.start)..own.end.min(range.end)))
            .filter(|(_, part)| !part.is_empty())
            .map(|(piece, part)| piece.part(part, range.start))
            .collect();
        let span = match pieces.as_slice() {
            [] => self.insertion_point(range.start),
            pieces => pieces.iter().map(|piece| self.use_of(piece)).reduce(|a, b| Some(a?.to(b?))).flatten(),
        };
        let written = Location { file: self.written.file, span: span.unwrap_or(self.written.span) };
        let divided = self.divided
            || self.divides(range.start)
            || self.divides(range.end)
            || (range != (0..self.text.len()) && !self.in_step(&pieces));
        Self::of_pieces(self.text.get(range).unwrap_or_default().into(), written, pieces, divided)
    }

    /// The bytes in the place of use for which a piece stands.
    fn use_of(&self, piece: &Piece) -> Option<Span> {
        piece.reference.or(piece.at).filter(|place| place.file == self.written.file).map(|place| place.span)
    }

    /// Whether the pieces stand side by side in the place of use, without quotes between them.
    fn in_step(&self, pieces: &[Piece]) -> bool {
        pieces.windows(2).all(|pair| match pair {
            [a, b] if a.reference.is_some() && a.reference == b.reference => true,
            [a, b] => match (self.use_of(a), self.use_of(b)) {
                (Some(a), Some(b)) => a.end == b.start,
                _ => false,
            },
            _ => true,
        })
    }

    /// Whether a cut at a byte of the text would go through what one reference to a variable stands for.
    fn divides(&self, at: usize) -> bool {
        let pieces = self.pieces();
        let index = pieces.partition_point(|piece| piece.range().end <= at);
        let Some(piece) = pieces.get(index) else { return false };
        let before = index.checked_sub(1).and_then(|before| pieces.get(before));
        let goes_on = before.is_some_and(|before| before.reference == piece.reference);
        piece.reference.is_some() && (piece.range().start < at || goes_on)
    }

    /// The empty span at a byte of the text that was written in the place of use.
    fn insertion_point(&self, at: usize) -> Option<Span> {
        let pieces = self.pieces();
        let index = pieces.partition_point(|piece| piece.range().end < at);
        let piece = pieces.get(index)?;
        let place = piece.at.filter(|place| place.file == self.written.file && !piece.brought)?;
        Some(Span::at(place.span.start + at.saturating_sub(piece.range().start) as u32))
    }

    /// The replacements that make the text read `new`, each in the place that says the changed part; `None` when
    /// no file says it.
    ///
    /// The text is compared token by token, so that a change of one version inside a tag touches only the
    /// variable or the letters that carry it.
    pub fn rewrite(&self, new: &str) -> Option<Vec<(Location, String)>> {
        let mut edits = Vec::new();
        for (old_range, text) in changed_tokens(&self.text, new) {
            let Some(location) = self.place(old_range) else {
                return self.whole().map(|place| vec![(place, new.to_owned())]);
            };
            edits.push((location, text));
        }
        Some(edits)
    }

    /// The bytes in the place of use that are this text and nothing else: what is between the quotes, or else all
    /// that was written.
    fn whole(&self) -> Option<Location> {
        let pieces = self.pieces();
        if pieces.is_empty() {
            return self.written.span.is_empty().then_some(self.written);
        }
        if self.divided || pieces.iter().any(|piece| piece.at.is_none()) {
            return None;
        }
        let used = pieces.iter().map(|piece| self.use_of(piece)).reduce(|a, b| Some(a?.to(b?))).flatten();
        let span = used.filter(|_| self.in_step(&pieces)).unwrap_or(self.written.span);
        Some(Location { file: self.written.file, span })
    }

    /// Where `range` of the text stands, if it lies inside one piece that a file says.
    fn place(&self, range: Range<usize>) -> Option<Location> {
        let pieces = self.pieces();
        let piece = pieces.iter().find(|piece| {
            piece.range().start <= range.start
                && range.end <= piece.range().end
                && (!range.is_empty() || piece.at.is_some())
        })?;
        let at = piece.at?;
        let start = at.span.start + (range.start - piece.range().start) as u32;
        Some(Location { file: at.file, span: Span::new(start, start + range.len() as u32) })
    }
}

/// The pieces of a text.
#[derive(Clone, Debug)]
pub enum Pieces<'v> {
    /// They are listed.
    Listed(&'v [Piece]),
    /// It is one that stands where the text was written.
    Whole([Piece; 1]),
}

impl Deref for Pieces<'_> {
    type Target = [Piece];

    fn deref(&self) -> &[Piece] {
        match self {
            Self::Listed(pieces) => pieces,
            Self::Whole(piece) => piece,
        }
    }
}

/// Says where bytes of a text are written, together with those before them if they go on there.
fn push_exact(pieces: &mut Vec<Piece>, range: Range<usize>, at: Location) {
    if range.is_empty() {
        return;
    }
    if let Some(Piece { end, at: Some(last), .. }) = pieces.last_mut()
        && last.span.end == at.span.start
    {
        *end = range.end as u32;
        last.span.end = at.span.end;
    } else {
        pieces.push(Piece::new(range, Some(at)));
    }
}

/// The tokens of `old` that must change, with their new text, for it to read `new`.
///
/// Tokens are cut at the separators of image references and versions. Where the token counts differ, everything
/// between the common ends is one change.
fn changed_tokens(old: &str, new: &str) -> Vec<(Range<usize>, String)> {
    let old_tokens = tokens(old);
    let new_tokens = tokens(new);
    if old_tokens.len() == new_tokens.len() {
        return old_tokens
            .into_iter()
            .zip(new_tokens)
            .filter(|(a, b)| old[a.clone()] != new[b.clone()])
            .map(|(a, b)| (a, new[b].to_owned()))
            .collect();
    }
    let same = |(a, b): &(&Range<usize>, &Range<usize>)| old[(*a).clone()] == new[(*b).clone()];
    let front = old_tokens.iter().zip(&new_tokens).take_while(same).count();
    let shorter = old_tokens.len().min(new_tokens.len());
    let back =
        old_tokens.iter().rev().zip(new_tokens.iter().rev()).take_while(same).count().min(shorter - front);
    let cut = |tokens: &[Range<usize>], text: &str| {
        let start = if front == 0 { 0 } else { tokens[front - 1].end };
        let end = if back == 0 { text.len() } else { tokens[tokens.len() - back].start };
        start..end
    };
    vec![(cut(&old_tokens, old), new[cut(&new_tokens, new)].to_owned())]
}

/// Words and the single separators between them.
fn tokens(text: &str) -> Vec<Range<usize>> {
    let mut tokens = Vec::new();
    let mut start = 0;
    for (index, character) in text.char_indices() {
        if matches!(character, '-' | ':' | '/' | '@' | '+' | '_' | '=' | '<' | '>' | '!' | '~' | ',' | ' ') {
            if start < index {
                tokens.push(start..index);
            }
            tokens.push(index..index + 1);
            start = index + 1;
        }
    }
    if start < text.len() {
        tokens.push(start..text.len());
    }
    tokens
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(start: u32, end: u32) -> Location {
        Location { file: FileId(0), span: Span::new(start, end) }
    }

    /// `n:${CUDA}-devel`, with the value of the variable at 9.
    fn tag() -> Value {
        let mut value = Value::empty(at(20, 35));
        value.push("n:", Some(at(20, 22)));
        value.append_variable(&Value::literal("12.1.1", at(9, 15)), at(22, 29));
        value.push("-devel", Some(at(29, 35)));
        value
    }

    #[test]
    fn a_version_is_rewritten_where_its_variable_is_set() {
        assert_eq!(tag().rewrite("n:12.8.1-devel"), Some(vec![(at(9, 15), "12.8.1".to_owned())]));
    }

    #[test]
    fn each_changed_token_is_its_own_edit() {
        assert_eq!(
            tag().rewrite("n:12.8.1-runtime"),
            Some(vec![(at(9, 15), "12.8.1".to_owned()), (at(30, 35), "runtime".to_owned())])
        );
    }

    #[test]
    fn a_change_across_pieces_replaces_what_was_written() {
        assert_eq!(tag().rewrite("other"), Some(vec![(at(20, 35), "other".to_owned())]));
    }

    #[test]
    fn what_no_file_says_is_not_rewritten() {
        let mut value = tag();
        value.listed(0)[1].at = None;
        assert_eq!(value.rewrite("n:12.8.1-devel"), None);
        assert_eq!(value.rewrite("n:12.1.1-runtime"), Some(vec![(at(30, 35), "runtime".to_owned())]));
    }

    #[test]
    fn a_part_knows_its_place() {
        let part = tag().slice(2..8);
        assert_eq!((part.text.as_str(), part.written), ("12.1.1", at(22, 29)));
        assert_eq!(tag().slice(9..14).written, at(30, 35));
    }

    #[test]
    fn a_part_of_a_variable_is_not_rewritten_as_a_whole() {
        assert_eq!(tag().slice(2..4).rewrite("7-8"), Some(vec![(at(9, 11), "7-8".to_owned())]));
        let mut value = tag();
        value.append_variable(&Value::literal("x", at(16, 17)), at(35, 37));
        assert_eq!(value.slice(4..15).rewrite("other"), None);
    }

    #[test]
    fn a_text_across_a_quotation_mark_is_rewritten_only_as_a_whole() {
        // a"=="$V
        let mut value = Value::empty(at(40, 47));
        value.push("a", Some(at(40, 41)));
        value.push("==", Some(at(42, 44)));
        value.append_variable(&Value::literal("1", at(9, 10)), at(45, 47));
        assert_eq!(value.slice(1..4).rewrite(">2"), None);
        assert_eq!(value.rewrite("b>1"), Some(vec![(at(40, 47), "b>1".to_owned())]));
    }

    #[test]
    fn an_empty_text_is_filled_where_it_stands() {
        let empty = Value::literal("name", at(3, 7)).slice(4..4);
        assert_eq!(empty.rewrite("==1"), Some(vec![(at(7, 7), "==1".to_owned())]));
    }
}
