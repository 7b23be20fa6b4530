//! Here-documents: cuts their bodies out of a script, so that what is left can be parsed on its own.
//!
//! A body begins on the line after its operator, wherever in the middle of things that is, which no
//! context-free grammar can say. This is one pass over the bytes that knows just enough of quotes and
//! brackets to tell an operator from text that looks like one.

use std::borrow::Cow;
use std::ops::Range;

use crate::source::Mapped;

/// A here-document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Body {
    /// Where its operator stands in the text that is left.
    pub(super) operator: usize,
    /// Whether the delimiter is quoted, so that the body is literal.
    pub(super) quoted: bool,
    /// Where its lines stand in the original text, without the line of the delimiter.
    pub(super) range: Range<usize>,
}

/// What a text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A script.
    Script,
    /// The body of a here-document, which may hold scripts in `$(…)`.
    Body,
}

/// Gives the text without the bodies of its here-documents, and where those are, in source order.
pub(super) fn take_bodies(script: &Mapped, kind: Kind) -> (Cow<'_, Mapped>, Vec<Body>) {
    let text = script.as_str();
    if !text.contains("<<") || !text.contains('\n') {
        return (Cow::Borrowed(script), Vec::new());
    }
    let open = if kind == Kind::Body { vec![Open::Body] } else { Vec::new() };
    let mut scanner = Scanner { text, at: 0, removed: 0, open, pending: Vec::new(), cuts: Vec::new() };
    let bodies = scanner.run();
    if bodies.is_empty() {
        return (Cow::Borrowed(script), bodies);
    }
    let mut rest = Mapped::default();
    let mut from = 0;
    for cut in &scanner.cuts {
        rest.append(&script.slice(from..cut.start));
        from = cut.end;
    }
    rest.append(&script.slice(from..text.len()));
    (Cow::Owned(rest), bodies)
}

/// What the scanner is inside of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Open {
    /// The body of a here-document.
    Body,
    /// `(`, `$(`, `<(`
    Paren,
    /// `((` and the brackets inside it, where `<<` shifts.
    Arithmetic,
    /// `"`
    Double,
    /// `${`
    Brace,
    /// A backtick.
    Backtick,
}

/// An operator whose body has not come yet.
struct Pending {
    operator: usize,
    delimiter: String,
    quoted: bool,
    tabs: bool,
}

struct Scanner<'a> {
    text: &'a str,
    at: usize,
    /// How many bytes have been cut out so far.
    removed: usize,
    open: Vec<Open>,
    pending: Vec<Pending>,
    cuts: Vec<Range<usize>>,
}

impl Scanner<'_> {
    fn run(&mut self) -> Vec<Body> {
        let mut bodies = Vec::new();
        let mut word_start = true;
        while let Some(byte) = self.peek(0) {
            let inside = self.open.last().copied();
            let command = matches!(inside, None | Some(Open::Paren | Open::Backtick));
            let starts_word = std::mem::replace(&mut word_start, b" \t\n;&|()<>`".contains(&byte));
            match byte {
                b'\\' => {
                    // A continuation is as if it were not there.
                    word_start = starts_word && self.peek(1) == Some(b'\n');
                    self.at += 2;
                }
                b'\'' if !matches!(inside, Some(Open::Double | Open::Body)) => self.skip_single(),
                b'#' if command && starts_word => self.skip_line(),
                b'<' if command && self.starts_with("<<<") => self.at += 3,
                b'<' if command && self.starts_with("<<") => self.operator(),
                b'\n' if command && !self.pending.is_empty() => {
                    self.at += 1;
                    self.bodies(&mut bodies);
                }
                _ => self.step(byte, inside),
            }
        }
        bodies
    }

    /// Goes over one byte or opening, keeping count of what is open.
    fn step(&mut self, byte: u8, inside: Option<Open>) {
        let quoted = matches!(inside, Some(Open::Double | Open::Body));
        match byte {
            b'$' if self.starts_with("$((") => self.enter_arithmetic(3),
            b'$' if self.starts_with("$(") => self.enter(Open::Paren, 2),
            b'$' if self.starts_with("${") => self.enter(Open::Brace, 2),
            b'"' if inside == Some(Open::Double) => self.leave(),
            b'"' if inside == Some(Open::Body) => self.at += 1,
            b'"' => self.enter(Open::Double, 1),
            b'`' if self.open.contains(&Open::Backtick) => {
                while self.open.pop().is_some_and(|open| open != Open::Backtick) {}
                self.at += 1;
            }
            b'`' => self.enter(Open::Backtick, 1),
            b'(' if inside == Some(Open::Arithmetic) => self.enter(Open::Arithmetic, 1),
            b'(' if !quoted && self.starts_with("((") => self.enter_arithmetic(2),
            b'(' if !quoted => self.enter(Open::Paren, 1),
            b')' if matches!(inside, Some(Open::Arithmetic | Open::Paren)) => self.leave(),
            b'}' if inside == Some(Open::Brace) => self.leave(),
            _ => self.at += 1,
        }
    }

    fn peek(&self, ahead: usize) -> Option<u8> {
        self.text.as_bytes().get(self.at + ahead).copied()
    }

    fn starts_with(&self, prefix: &str) -> bool {
        self.text.as_bytes().get(self.at..).is_some_and(|rest| rest.starts_with(prefix.as_bytes()))
    }

    fn enter(&mut self, open: Open, length: usize) {
        self.open.push(open);
        self.at += length;
    }

    /// Each of the two brackets is closed by one of its own.
    fn enter_arithmetic(&mut self, length: usize) {
        self.open.push(Open::Arithmetic);
        self.enter(Open::Arithmetic, length);
    }

    fn leave(&mut self) {
        self.open.pop();
        self.at += 1;
    }

    fn skip_single(&mut self) {
        self.at += 1;
        while self.peek(0).is_some_and(|byte| byte != b'\'') {
            self.at += 1;
        }
        self.at += 1;
    }

    fn skip_line(&mut self) {
        while self.peek(0).is_some_and(|byte| byte != b'\n') {
            self.at += 1;
        }
    }

    /// Reads `<<` or `<<-` and the delimiter behind it.
    fn operator(&mut self) {
        let operator = self.at - self.removed;
        self.at += 2;
        let tabs = self.peek(0) == Some(b'-');
        self.at += usize::from(tabs);
        while matches!(self.peek(0), Some(b' ' | b'\t')) {
            self.at += 1;
        }
        let start = self.at;
        let mut quote = None;
        while let Some(byte) = self.peek(0) {
            match (byte, quote) {
                (b'\n', _)
                | (b' ' | b'\t' | b'\r' | b';' | b'&' | b'|' | b'(' | b')' | b'<' | b'>' | b'`', None) => {
                    break;
                }
                (b'\'' | b'"', None) => quote = Some(byte),
                (_, Some(open)) if open == byte => quote = None,
                _ => {}
            }
            self.at += 1;
        }
        let written = self.text.get(start..self.at).unwrap_or_default();
        if !written.is_empty() {
            let delimiter: String = written.chars().filter(|c| !matches!(c, '\'' | '"' | '\\')).collect();
            let quoted = delimiter.len() != written.len();
            self.pending.push(Pending { operator, delimiter, quoted, tabs });
        }
    }

    /// Takes the bodies of all pending operators, which begin here.
    fn bodies(&mut self, bodies: &mut Vec<Body>) {
        let start = self.at;
        for Pending { operator, delimiter, quoted, tabs } in std::mem::take(&mut self.pending) {
            let from = self.at;
            let mut to = self.text.len();
            // Without its delimiter a body goes on to the end, as in the shell.
            while self.at < self.text.len() {
                let line_start = self.at;
                let rest = self.text.get(line_start..).unwrap_or_default();
                let length = rest.find('\n').map_or(rest.len(), |newline| newline + 1);
                self.at += length;
                let line = rest.get(..length).unwrap_or_default().trim_end_matches(['\n', '\r']);
                let line = if tabs { line.trim_start_matches('\t') } else { line };
                if line == delimiter {
                    to = line_start;
                    break;
                }
            }
            bodies.push(Body { operator, quoted, range: from..to });
        }
        self.removed += self.at - start;
        self.cuts.push(start..self.at);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The script without bodies, and the bodies.
    fn check(text: &str, rest: &str, expected: &[&str]) {
        let script = Mapped::verbatim(text, 0);
        let (left, bodies) = take_bodies(&script, Kind::Script);
        assert_eq!(left.as_str(), rest);
        let bodies: Vec<&str> = bodies.iter().map(|body| &text[body.range.clone()]).collect();
        assert_eq!(bodies, expected);
    }

    #[test]
    fn bodies_are_cut_out() {
        check("cat <<A && b\nx\nA\nc\n", "cat <<A && b\nc\n", &["x\n"]);
        check("a <<A <<-'B'\n1\nA\n\t2\n\tB\nc", "a <<A <<-'B'\nc", &["1\n", "\t2\n"]);
        check("a \"$(cat <<A\n\"'\nA\n)\" b", "a \"$(cat <<A\n)\" b", &["\"'\n"]);
    }

    #[test]
    fn what_looks_like_one_stays() {
        for text in ["a '<<A'\nb", "a \"<<A\"\nb", "a $((1<<2))\nb", "((x<<2))\nb", "a # <<A\nb", "a <<<A\nb"]
        {
            check(text, text, &[]);
        }
        check("a $(((1<<2)))\ncat <<A\nx\nA", "a $(((1<<2)))\ncat <<A\n", &["x\n"]);
    }

    #[test]
    fn a_body_without_end_goes_on() {
        check("a <<A\nb\nc", "a <<A\n", &["b\nc"]);
    }
}
