//! Variables in a word: `${TAG:-latest}` and the rest of what BuildKit's lexer knows.
//!
//! [`Lexer::expand`] takes a word and the values of variables, and gives the text the word stands for,
//! where each piece of that text comes from, and which variables it asked for. Where variables are looked
//! up, and in which instructions, is for the model to say.

use std::ops::Range;

use super::lexing;
use super::tree::Escape;
use super::word::Word;
use crate::source::{Mapped, Span};

/// How deep quotes and `${…}` may nest. BuildKit has no limit; nobody writes more than two or three.
pub const MAX_DEPTH: usize = 100;

/// Gives the value of a variable, or `None` where it is not set.
pub type Lookup<'a> = dyn Fn(&str) -> Option<String> + 'a;

/// How a word is read. The default, with the file's escape character, is how Docker reads arguments.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own, as in BuildKit's lexer")]
pub struct Lexer {
    /// The escape character.
    pub escape: Escape,
    /// Keep quotes in the result.
    pub raw_quotes: bool,
    /// Keep escape characters in the result.
    pub raw_escapes: bool,
    /// Read quotes as ordinary characters: how the bodies of heredocs are read.
    pub skip_quotes: bool,
    /// Leave references to unset variables as they are instead of reading them as nothing.
    pub skip_unset: bool,
}

/// What a word stands for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Expanded {
    /// The text.
    pub text: String,
    /// Where each piece of the text comes from, in order and without gaps.
    pub pieces: Vec<Piece>,
    /// Every variable that was asked for, in order of reading, as often as it was.
    pub references: Vec<Reference>,
    /// The words that the text falls into at blanks outside quotes, as ranges of the text.
    pub words: Vec<Range<usize>>,
}

impl Expanded {
    /// The names of the variables that are not set, each once.
    pub fn unset(&self) -> Vec<&str> {
        self.names(false)
    }

    /// The names of the variables that are set, each once.
    pub fn used(&self) -> Vec<&str> {
        self.names(true)
    }

    fn names(&self, set: bool) -> Vec<&str> {
        let mut names: Vec<&str> = self
            .references
            .iter()
            .filter(|reference| reference.set == set)
            .map(|reference| reference.name.as_str())
            .collect();
        names.sort_unstable();
        names.dedup();
        names
    }

    /// What stands in the file for `range` of the text: a reference as a whole, even where only a part of
    /// its value is asked for.
    pub fn span_of(&self, range: Range<usize>) -> Option<Span> {
        let first = self.pieces.partition_point(|piece| piece.range.end <= range.start);
        let end = range.end.max(range.start + 1);
        let touched = self.pieces.iter().skip(first).take_while(|piece| piece.range.start < end);
        touched.map(|piece| piece.span_of(&range)).reduce(Span::to)
    }
}

/// A piece of an expanded text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    /// Its bytes in [`Expanded::text`].
    pub range: Range<usize>,
    /// Where they come from.
    pub origin: Origin,
}

impl Piece {
    /// What stands in the file for the part of the piece that lies in `range` of the text.
    fn span_of(&self, range: &Range<usize>) -> Span {
        match &self.origin {
            Origin::Literal(span) => {
                let cut_front = range.start.saturating_sub(self.range.start) as u32;
                let cut_back = self.range.end.saturating_sub(range.end) as u32;
                Span::new(span.start + cut_front, span.end - cut_back)
            }
            Origin::Default { span, .. }
            | Origin::Variable { span, .. }
            | Origin::Derived { span, .. }
            | Origin::Kept { span, .. } => *span,
        }
    }
}

/// Where a piece of an expanded text comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// It stands in the word, byte for byte.
    Literal(Span),
    /// It is the value of a variable as it is.
    Variable {
        /// The variable.
        name: String,
        /// The reference to it, `$` and braces included.
        span: Span,
    },
    /// It is the value of a variable after `#`, `%` or `/` worked on it.
    Derived {
        /// The variable.
        name: String,
        /// The reference to it, `$` and braces included.
        span: Span,
    },
    /// It stands in the word behind `:-`, `-`, `:+` or `+`, byte for byte.
    Default {
        /// The variable that was not set, or was set.
        name: String,
        /// The piece itself.
        span: Span,
    },
    /// It is a reference to an unset variable that was left as it is.
    Kept {
        /// The variable.
        name: String,
        /// The reference to it, `$` and braces included.
        span: Span,
    },
}

/// A variable that a word asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reference {
    /// The variable.
    pub name: String,
    /// The reference, `$` and braces included.
    pub span: Span,
    /// Whether the variable is set.
    pub set: bool,
}

/// Why a word cannot be expanded.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("failed to process {word:?}: {reason}")]
pub struct ExpandError {
    /// The whole word.
    pub word: String,
    /// What is wrong with it.
    pub reason: String,
    /// The reference or quote that is at fault.
    pub span: Span,
}

impl Lexer {
    /// The lexer for arguments in a file with that escape character.
    pub fn new(escape: Escape) -> Self {
        Self { escape, ..Self::default() }
    }

    /// Expands a word.
    pub fn expand(self, word: &Word, lookup: &Lookup) -> Result<Expanded, ExpandError> {
        lexing::lex(self, &word.text, &|at| word.offset(at), lookup)
    }

    /// Expands a text that knows its place.
    pub fn expand_mapped(self, text: &Mapped, lookup: &Lookup) -> Result<Expanded, ExpandError> {
        lexing::lex(self, text.as_str(), &|at| text.offset(at), lookup)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_say_where_they_come_from() {
        let word = Word::verbatim("a$x-${y:-b}${x#1}", 100);
        let lookup = |name: &str| (name == "x").then(|| "12".to_owned());
        let expanded = Lexer::default().expand(&word, &lookup).unwrap();
        assert_eq!(expanded.text, "a12-b2");
        let origins: Vec<Origin> = expanded.pieces.iter().map(|piece| piece.origin.clone()).collect();
        let x = || "x".to_owned();
        assert_eq!(
            origins,
            [
                Origin::Literal(Span::new(100, 101)),
                Origin::Variable { name: x(), span: Span::new(101, 103) },
                Origin::Literal(Span::new(103, 104)),
                Origin::Default { name: "y".to_owned(), span: Span::new(109, 110) },
                Origin::Derived { name: x(), span: Span::new(111, 117) },
            ]
        );
        assert_eq!((expanded.used(), expanded.unset()), (vec!["x"], vec!["y"]));
        assert_eq!(expanded.span_of(1..2), Some(Span::new(101, 103)));
        assert_eq!(expanded.span_of(0..1), Some(Span::new(100, 101)));
    }

    #[test]
    fn quotes_fall_away_and_places_stay() {
        let word = Word::verbatim("'a b'\"c\\\"\"\\ d", 0);
        let expanded = Lexer::default().expand(&word, &|_| None).unwrap();
        assert_eq!(expanded.text, "a bc\" d");
        assert_eq!(expanded.words.first(), Some(&(0..7)));
        assert_eq!(expanded.span_of(3..4), Some(Span::new(6, 7)));
    }

    #[test]
    fn an_error_names_the_reference() {
        let error = Lexer::default().expand(&Word::verbatim("ab${x^^}", 10), &|_| None).unwrap_err();
        assert_eq!(
            error.to_string(),
            "failed to process \"ab${x^^}\": unsupported modifier (^) in substitution"
        );
        assert_eq!(error.span, Span::new(12, 16));
    }
}
