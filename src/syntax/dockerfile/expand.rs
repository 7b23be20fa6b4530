//! Variables in a word: `${TAG:-latest}` and the rest of what BuildKit's lexer knows.
//!
//! [`Lexer::expand`] takes a word and the values of variables, and gives the text the word stands for,
//! where each piece of that text comes from, and which variables it asked for. Where variables are looked
//! up, and in which instructions, is for the model to say.

use std::ops::Range;

use super::pattern;
use super::tree::{Escape, Word};
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
        self.expand_at(&word.text, &|at| word.offset(at), lookup)
    }

    /// Expands a text that knows its place.
    pub fn expand_mapped(self, text: &Mapped, lookup: &Lookup) -> Result<Expanded, ExpandError> {
        self.expand_at(text.as_str(), &|at| text.offset(at), lookup)
    }

    /// Expands `text`; `offset` says where in the file a byte of it stands.
    fn expand_at(
        self,
        text: &str,
        offset: &dyn Fn(usize) -> u32,
        lookup: &Lookup,
    ) -> Result<Expanded, ExpandError> {
        // The scanner of BuildKit drops a byte order mark.
        let start = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
        let mut run = Run {
            lexer: self,
            text,
            at: start,
            offset,
            lookup,
            raw_escapes: self.raw_escapes,
            depth: 0,
            references: Vec::new(),
            words: Words::default(),
        };
        match run.until(None, self.raw_escapes) {
            Ok(output) => Ok(Expanded {
                words: run.words.finish(),
                text: output.text,
                pieces: output.pieces,
                references: run.references,
            }),
            Err(fault) => {
                Err(ExpandError { word: text.to_owned(), reason: fault.reason, span: run.span(fault.start) })
            }
        }
    }
}

/// What went wrong, and where the construct began in which it did.
struct Failure {
    reason: String,
    start: usize,
}

type Step<T> = Result<T, Failure>;

/// Text with the origin of its pieces.
#[derive(Default)]
struct Output {
    text: String,
    pieces: Vec<Piece>,
}

impl Output {
    fn push(&mut self, text: &str, origin: Origin) {
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

    fn append(&mut self, other: Self) {
        for piece in other.pieces {
            self.push(other.text.get(piece.range).unwrap_or_default(), piece.origin);
        }
    }

    /// Marks what stands literally in it as the default of a variable.
    fn into_default(mut self, variable: &str) -> Self {
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
struct Words {
    done: Vec<Range<usize>>,
    open: Option<Range<usize>>,
}

impl Words {
    fn plain(&mut self, range: Range<usize>, blank: bool) {
        if !blank {
            self.raw(range);
        } else if let Some(word) = self.open.take() {
            self.done.push(word);
        }
    }

    fn raw(&mut self, range: Range<usize>) {
        if range.is_empty() {
            return;
        }
        let start = self.open.as_ref().map_or(range.start, |word| word.start);
        self.open = Some(start..range.end);
    }

    fn text(&mut self, text: &str, start: usize) {
        for (at, character) in text.char_indices() {
            self.plain(start + at..start + at + character.len_utf8(), character.is_whitespace());
        }
    }

    fn finish(&mut self) -> Vec<Range<usize>> {
        self.done.extend(self.open.take());
        std::mem::take(&mut self.done)
    }
}

/// One expansion under way.
struct Run<'a> {
    lexer: Lexer,
    text: &'a str,
    at: usize,
    offset: &'a dyn Fn(usize) -> u32,
    lookup: &'a Lookup<'a>,
    raw_escapes: bool,
    depth: usize,
    references: Vec<Reference>,
    words: Words,
}

impl Run<'_> {
    fn rest(&self) -> &str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn next(&mut self) -> Option<char> {
        let character = self.peek()?;
        self.at += character.len_utf8();
        Some(character)
    }

    /// What stands in the file from byte `start` of the text to where the run has come.
    fn span(&self, start: usize) -> Span {
        if self.at <= start {
            return Span::at((self.offset)(start));
        }
        Span::new((self.offset)(start), (self.offset)(self.at - 1) + 1)
    }

    /// Appends what was read since `start`.
    fn keep(&self, output: &mut Output, start: usize) {
        self.keep_range(output, start..self.at);
    }

    /// Appends a part of the text as it stands there.
    fn keep_range(&self, output: &mut Output, range: Range<usize>) {
        let text = self.text.get(range.clone()).unwrap_or_default();
        let mut at = range.start;
        // A continuation may break the text, so its pieces are found character by character.
        for character in text.chars() {
            let end = at + character.len_utf8();
            let span = Span::new((self.offset)(at), (self.offset)(end - 1) + 1);
            output.push(character.encode_utf8(&mut [0; 4]), Origin::Literal(span));
            at = end;
        }
    }

    /// Reads up to `stop`, which is taken but not given back, or to the end of the text.
    ///
    /// Escape characters are kept or not as `raw_escapes` says; quotes and `$` inside follow suit.
    fn until(&mut self, stop: Option<char>, raw_escapes: bool) -> Step<Output> {
        let start = self.at;
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return fail(start, format!("nested more than {MAX_DEPTH} deep"));
        }
        let outer = std::mem::replace(&mut self.raw_escapes, raw_escapes);
        let output = self.until_inner(stop);
        self.raw_escapes = outer;
        self.depth -= 1;
        output
    }

    fn until_inner(&mut self, stop: Option<char>) -> Step<Output> {
        let opened = self.at;
        let escape = self.lexer.escape.char();
        let top = stop.is_none();
        let mut output = Output::default();
        while let Some(character) = self.peek() {
            let start = self.at;
            let grown = output.text.len();
            if Some(character) == stop {
                self.next();
                return Ok(output);
            }
            match character {
                '$' => {
                    output.append(self.dollar()?);
                    if top {
                        self.words.text(output.text.get(grown..).unwrap_or_default(), grown);
                    }
                    continue;
                }
                '\'' if !self.lexer.skip_quotes => output.append(self.single_quoted()?),
                '"' if !self.lexer.skip_quotes => output.append(self.double_quoted()?),
                '<' => self.angle(&mut output),
                _ if character == escape => self.escaped(&mut output),
                _ => {
                    self.next();
                    self.keep(&mut output, start);
                    if top {
                        self.words.plain(grown..output.text.len(), character.is_whitespace());
                    }
                    continue;
                }
            }
            if top {
                self.words.raw(grown..output.text.len());
            }
        }
        match stop {
            Some(stop) => {
                fail(opened, format!("unexpected end of statement while looking for matching {stop}"))
            }
            None => Ok(output),
        }
    }

    /// `<`, or `<<` with the blanks behind it, which belong to the word of a heredoc.
    fn angle(&mut self, output: &mut Output) {
        let start = self.at;
        self.next();
        if self.peek() == Some('<') {
            self.next();
            while matches!(self.peek(), Some(' ' | '\t' | '\r')) {
                self.next();
            }
        }
        self.keep(output, start);
    }

    fn escaped(&mut self, output: &mut Output) {
        let start = self.at;
        self.next();
        if self.raw_escapes {
            self.keep(output, start);
        }
        let start = self.at;
        self.next();
        self.keep(output, start);
    }

    fn single_quoted(&mut self) -> Step<Output> {
        let opened = self.at;
        let mut output = Output::default();
        self.next();
        let Some(length) = self.rest().find('\'') else {
            self.at = self.text.len();
            return fail(opened, "unexpected end of statement while looking for matching single-quote");
        };
        let inner = self.at;
        self.at += length + 1;
        let range = if self.lexer.raw_quotes { opened..self.at } else { inner..self.at - 1 };
        self.keep_range(&mut output, range);
        Ok(output)
    }

    fn double_quoted(&mut self) -> Step<Output> {
        let opened = self.at;
        let escape = self.lexer.escape.char();
        let mut output = Output::default();
        self.next();
        if self.lexer.raw_quotes {
            self.keep(&mut output, opened);
        }
        loop {
            let start = self.at;
            match self.peek() {
                None => {
                    return fail(
                        opened,
                        "unexpected end of statement while looking for matching double-quote",
                    );
                }
                Some('"') => {
                    self.next();
                    if self.lexer.raw_quotes {
                        self.keep(&mut output, start);
                    }
                    return Ok(output);
                }
                Some('$') => output.append(self.dollar()?),
                Some(character) if character == escape => {
                    self.next();
                    if self.raw_escapes {
                        self.keep(&mut output, start);
                    }
                    match self.peek() {
                        // Falls away at the end of the text.
                        None => {}
                        Some(protected) if protected == '"' || protected == '$' || protected == escape => {
                            let start = self.at;
                            self.next();
                            self.keep(&mut output, start);
                        }
                        // Protects nothing else, and so stands for itself.
                        Some(_) => self.keep(&mut output, start),
                    }
                }
                Some(_) => {
                    self.next();
                    self.keep(&mut output, start);
                }
            }
        }
    }

    /// `$NAME`, `${NAME…}`, or a `$` that stands for itself.
    fn dollar(&mut self) -> Step<Output> {
        let start = self.at;
        self.next();
        if self.peek() == Some('{') {
            return self.braced(start);
        }
        let name = self.name();
        let mut output = Output::default();
        if name.is_empty() {
            self.keep(&mut output, start);
            return Ok(output);
        }
        let span = self.span(start);
        match self.value(&name, span) {
            None if self.lexer.skip_unset => output.push(&format!("${name}"), Origin::Kept { name, span }),
            None => {}
            Some(value) => output.push(&value, Origin::Variable { name, span }),
        }
        Ok(output)
    }

    /// The value of a variable. That it was asked for is noted.
    fn value(&mut self, name: &str, span: Span) -> Option<String> {
        let value = (self.lookup)(name);
        self.references.push(Reference { name: name.to_owned(), span, set: value.is_some() });
        value
    }

    fn name(&mut self) -> String {
        let start = self.at;
        match self.peek() {
            Some(digit) if is_digit(digit) => {
                while self.peek().is_some_and(is_digit) {
                    self.next();
                }
            }
            Some('@' | '*' | '#' | '?' | '-' | '$' | '!') => {
                self.next();
            }
            _ => {
                while self
                    .peek()
                    .is_some_and(|letter| letter == '_' || letter.is_alphabetic() || is_digit(letter))
                {
                    self.next();
                }
            }
        }
        self.text.get(start..self.at).unwrap_or_default().to_owned()
    }

    fn braced(&mut self, start: usize) -> Step<Output> {
        self.next();
        match self.peek() {
            None => return fail(start, "syntax error: missing '}'"),
            Some('{' | '}' | ':') => return fail(start, "syntax error: bad substitution"),
            Some(_) => {}
        }
        let name = self.name();
        let Some(operator) = self.next() else {
            return fail(start, "unsupported modifier (\u{fffd}) in substitution");
        };
        match operator {
            '}' => {
                let span = self.span(start);
                let mut output = Output::default();
                match self.value(&name, span) {
                    None if self.lexer.skip_unset => {
                        output.push(&format!("${{{name}}}"), Origin::Kept { name, span });
                    }
                    None => {}
                    Some(value) => output.push(&value, Origin::Variable { name, span }),
                }
                Ok(output)
            }
            ':' => {
                let Some(operator) = self.next() else {
                    return fail(start, "syntax error: missing '}'");
                };
                if matches!(operator, '#' | '%') {
                    return fail(start, format!("unsupported modifier (:{operator}) in substitution"));
                }
                self.modified(start, name, operator, true)
            }
            '+' | '-' | '?' | '#' | '%' => self.modified(start, name, operator, false),
            '/' => self.replaced(start, name),
            _ => fail(start, format!("unsupported modifier ({operator}) in substitution")),
        }
    }

    /// Reads a part of `${…}` up to `stop`.
    fn part(&mut self, start: usize, stop: char, raw_escapes: bool, missing: &str) -> Step<Output> {
        match self.until(Some(stop), raw_escapes) {
            Err(_) if self.at >= self.text.len() => fail(start, missing),
            result => result,
        }
    }

    /// `${NAME:-word}` and its kin; a colon makes an empty value count as unset.
    fn modified(&mut self, start: usize, name: String, operator: char, colon: bool) -> Step<Output> {
        let trims = matches!(operator, '#' | '%');
        let word = self.part(start, '}', trims, "syntax error: missing '}'")?;
        let span = self.span(start);
        let value = self.value(&name, span);
        let colon_text = if colon { ":" } else { "" };
        let mut output = Output::default();
        if self.lexer.skip_unset && value.is_none() {
            let kept = format!("${{{name}{colon_text}{operator}{}}}", word.text);
            output.push(&kept, Origin::Kept { name, span });
            return Ok(output);
        }
        let value =
            value.filter(|value| !(colon && value.is_empty())).ok_or_else(|| match word.text.as_str() {
                "" if colon && self.references.last().is_some_and(|reference| reference.set) => {
                    "is not allowed to be empty"
                }
                "" => "is not allowed to be unset",
                message => message,
            });
        match (operator, value) {
            ('-', Err(_)) | ('+', Ok(_)) => return Ok(word.into_default(&name)),
            ('+', Err(_)) => {}
            ('-' | '?', Ok(value)) => output.push(&value, Origin::Variable { name, span }),
            ('?', Err(message)) => return fail(start, format!("{name}: {message}")),
            ('#' | '%', value) => {
                let value = value.unwrap_or_default();
                let trimmed = pattern::trim(&word.text, &value, operator);
                match trimmed {
                    Ok(trimmed) => output.push(&trimmed, derived(&value, &trimmed, name, span)),
                    Err(reason) => return fail(start, reason),
                }
            }
            _ => {
                return fail(start, format!("unsupported modifier ({colon_text}{operator}) in substitution"));
            }
        }
        Ok(output)
    }

    /// `${NAME/pattern/text}`, or with `//` for all matches.
    fn replaced(&mut self, start: usize, name: String) -> Step<Output> {
        let all = self.peek() == Some('/');
        if all {
            self.next();
        }
        let pattern = self.part(start, '/', true, "syntax error: missing '/' in ${}")?.text;
        let replacement = self.part(start, '}', true, "syntax error: missing '}'")?.text;
        let span = self.span(start);
        let value = self.value(&name, span);
        let mut output = Output::default();
        if self.lexer.skip_unset && value.is_none() {
            let kept = format!("${{{name}/{pattern}/{replacement}}}");
            output.push(&kept, Origin::Kept { name, span });
            return Ok(output);
        }
        let value = value.unwrap_or_default();
        match pattern::replace(&pattern, &value, &replacement, all) {
            Ok(replaced) => output.push(&replaced, derived(&value, &replaced, name, span)),
            Err(reason) => return fail(start, reason),
        }
        Ok(output)
    }
}

fn derived(value: &str, result: &str, name: String, span: Span) -> Origin {
    if value == result { Origin::Variable { name, span } } else { Origin::Derived { name, span } }
}

fn fail<T>(start: usize, reason: impl Into<String>) -> Step<T> {
    Err(Failure { reason: reason.into(), start })
}

/// Decimal digits. Unicode has more of them, which nobody uses in a variable's name.
fn is_digit(character: char) -> bool {
    character.is_ascii_digit()
}
