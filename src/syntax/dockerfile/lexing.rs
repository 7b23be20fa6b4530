//! The lexer behind [`Lexer::expand`]: BuildKit's, step by step, with places.
//!
//! It goes through the text once from left to right. Quotes and `${…}` nest, and are followed no deeper than
//! [`MAX_DEPTH`].

use std::ops::Range;

use super::expand::{ExpandError, Expanded, Lexer, Lookup, MAX_DEPTH, Origin, Reference};
use super::output::{Output, Words};
use super::pattern;
use crate::source::Span;

/// Expands `text`; `offset` says where in the file a byte of it stands.
pub(super) fn lex(
    lexer: Lexer,
    text: &str,
    offset: &dyn Fn(usize) -> u32,
    lookup: &Lookup,
) -> Result<Expanded, ExpandError> {
    // The scanner of BuildKit drops a byte order mark.
    let start = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    let mut run = Run {
        lexer,
        text,
        at: start,
        offset,
        lookup,
        raw_escapes: lexer.raw_escapes,
        depth: 0,
        references: Vec::new(),
        words: Words::default(),
    };
    match run.until(None, lexer.raw_escapes) {
        Ok(output) => Ok(Expanded {
            words: run.words.finish(),
            text: output.text,
            pieces: output.pieces,
            references: run.references,
        }),
        Err(failure) => {
            Err(ExpandError { word: text.to_owned(), reason: failure.reason, span: run.span(failure.start) })
        }
    }
}

/// What went wrong, and where the construct began in which it did.
struct Failure {
    reason: String,
    start: usize,
}

type Step<T> = Result<T, Failure>;

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
