//! A text that a Dockerfile or one of its files says, and where each piece of it was written.

use std::ops::Range;

use crate::source::{FileId, Location, Mapped, Span};

/// A text with its origin: what a rule compares, and what a fix may rewrite.
///
/// `nvidia/cuda:${CUDA_VERSION}-devel` reads `nvidia/cuda:12.1.1-devel`; the piece `12.1.1` stands in the default
/// of the `ARG`, so that is where a new CUDA version is written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Value {
    /// The text with every variable replaced by its value; one whose value is not known stands there as it was
    /// written.
    pub text: String,
    /// The bytes that were written in the place of use, quotes and references included.
    pub written: Location,
    /// Where the pieces come from, in order, covering the text.
    pub pieces: Vec<Piece>,
}

/// A stretch of a [`Value`]'s text and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    /// Bytes of the text.
    pub range: Range<usize>,
    /// The bytes of a file that are this stretch, one for one; `None` where no file says it (a build argument).
    pub at: Option<Location>,
    /// The variable that brought it, if one did.
    pub variable: Option<String>,
    /// Whether the stretch is a reference as it was written, because nobody can say what it becomes.
    pub unknown: bool,
}

impl Value {
    /// A text that is written as it reads.
    pub fn literal(text: impl Into<String>, at: Location) -> Self {
        let text = text.into();
        let pieces = vec![Piece { range: 0..text.len(), at: Some(at), variable: None, unknown: false }];
        Self { text, written: at, pieces }
    }

    /// A text cut out of a file, with whatever was cut away inside it.
    pub fn mapped(text: &Mapped, file: FileId) -> Self {
        let written = Location { file, span: text.full_span() };
        let mut pieces: Vec<Piece> = Vec::new();
        for (index, character) in text.as_str().char_indices() {
            let range = index..index + character.len_utf8();
            let span = text.span(range.clone());
            match pieces.last_mut() {
                Some(Piece { range: last, at: Some(at), .. }) if at.span.end == span.start => {
                    last.end = range.end;
                    at.span.end = span.end;
                }
                _ => pieces.push(Piece {
                    range,
                    at: Some(Location { file, span }),
                    variable: None,
                    unknown: false,
                }),
            }
        }
        Self { text: text.as_str().to_owned(), written, pieces }
    }

    /// The text, if all of it is known.
    pub fn known(&self) -> Option<&str> {
        self.is_known().then_some(self.text.as_str())
    }

    /// Whether all of the text is known.
    pub fn is_known(&self) -> bool {
        self.pieces.iter().all(|piece| !piece.unknown)
    }

    /// The part of the text in `range`. Where it was written is narrowed as far as the pieces allow.
    #[must_use]
    pub fn slice(&self, range: Range<usize>) -> Self {
        let mut pieces = Vec::new();
        let mut written: Option<Span> = None;
        for piece in &self.pieces {
            let start = piece.range.start.max(range.start);
            let end = piece.range.end.min(range.end);
            if start >= end {
                continue;
            }
            let at = piece.at.map(|at| {
                let from = at.span.start + (start - piece.range.start) as u32;
                Location { file: at.file, span: Span::new(from, from + (end - start) as u32) }
            });
            match at {
                Some(at) if piece.variable.is_none() && at.file == self.written.file => {
                    written = Some(written.map_or(at.span, |span| span.to(at.span)));
                }
                _ => written = Some(self.written.span),
            }
            pieces.push(Piece {
                range: start - range.start..end - range.start,
                at,
                variable: piece.variable.clone(),
                unknown: piece.unknown,
            });
        }
        Self {
            text: self.text.get(range).unwrap_or_default().to_owned(),
            written: Location { file: self.written.file, span: written.unwrap_or(self.written.span) },
            pieces,
        }
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
                let whole = self.pieces.iter().all(|piece| piece.at.is_some());
                return whole.then(|| vec![(self.written, new.to_owned())]);
            };
            edits.push((location, text));
        }
        Some(edits)
    }

    /// Where `range` of the text stands, if it lies inside one piece that a file says.
    fn place(&self, range: Range<usize>) -> Option<Location> {
        let piece = self.pieces.iter().find(|piece| {
            piece.range.start <= range.start
                && range.end <= piece.range.end
                && (!range.is_empty() || piece.at.is_some())
        })?;
        let at = piece.at?;
        let start = at.span.start + (range.start - piece.range.start) as u32;
        Some(Location { file: at.file, span: Span::new(start, start + range.len() as u32) })
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
        if matches!(character, '-' | ':' | '/' | '@' | '+' | '_') {
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

    fn tag() -> Value {
        // ARG CUDA=12.1.1⏎FROM n:${CUDA}-devel
        Value {
            text: "n:12.1.1-devel".to_owned(),
            written: at(20, 35),
            pieces: vec![
                Piece { range: 0..2, at: Some(at(20, 22)), variable: None, unknown: false },
                Piece { range: 2..8, at: Some(at(9, 15)), variable: Some("CUDA".to_owned()), unknown: false },
                Piece { range: 8..14, at: Some(at(29, 35)), variable: None, unknown: false },
            ],
        }
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
        value.pieces[1].at = None;
        assert_eq!(value.rewrite("n:12.8.1-devel"), None);
        assert_eq!(value.rewrite("n:12.1.1-runtime"), Some(vec![(at(30, 35), "runtime".to_owned())]));
    }

    #[test]
    fn a_part_knows_its_place() {
        let part = tag().slice(2..8);
        assert_eq!((part.text.as_str(), part.written), ("12.1.1", at(20, 35)));
        assert_eq!(tag().slice(9..14).written, at(30, 35));
    }
}
