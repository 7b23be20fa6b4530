//! The words of a Python program, as far as `setup.py` is concerned.

use std::collections::BTreeSet;
use std::iter::Peekable;

use crate::source::{Mapped, SourceFile};
use crate::syntax::pyproject::{Group, Project};

/// A token of a program. White space, comments and numbers are left out.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Token<'a> {
    /// An identifier or keyword.
    Name(&'a str),
    /// A string: what is between its quotes, where that begins, and whether it says just what it reads.
    Text { inner: &'a str, start: usize, literal: bool },
    /// Any other character.
    Sign(char),
}

/// The names that a program uses.
pub(super) fn identifiers(program: &str) -> BTreeSet<&str> {
    let names = Tokens { text: program, at: 0 }.filter_map(|token| match token {
        Token::Name(name) => Some(name),
        _ => None,
    });
    names.collect()
}

/// Finds the arguments that matter and reads them, where they are literals.
pub(super) fn parse(file: &SourceFile) -> Project {
    let mut project = Project::default();
    let mut tokens = Tokens { text: file.text(), at: 0 }.peekable();
    while let Some(token) = tokens.next() {
        let Token::Name(name) = token else { continue };
        let group = match name {
            "install_requires" => Some(Group::Main),
            "setup_requires" => Some(Group::Build),
            "python_requires" => None,
            _ => continue,
        };
        if tokens.next_if_eq(&Token::Sign('=')).is_none() {
            continue;
        }
        match group {
            Some(group) if tokens.next_if_eq(&Token::Sign('[')).is_some() => {
                for text in texts(&mut tokens) {
                    project.add(group.clone(), &text);
                }
            }
            None => {
                if let Some(Token::Text { inner, start, literal: true }) = tokens.peek() {
                    project.set_python(&Mapped::verbatim(*inner, *start as u32));
                }
            }
            Some(_) => {}
        }
    }
    project
}

/// The strings of a list up to its end. An item that is more than one string is passed over.
fn texts(tokens: &mut Peekable<Tokens<'_>>) -> Vec<Mapped> {
    let mut texts = Vec::new();
    let mut item = Vec::new();
    let mut depth = 0_usize;
    for token in tokens.by_ref() {
        match token {
            Token::Sign(']') if depth == 0 => break,
            Token::Sign(',') if depth == 0 => texts.extend(only_text(&std::mem::take(&mut item))),
            Token::Sign('[' | '(' | '{') => depth += 1,
            Token::Sign(']' | ')' | '}') => depth = depth.saturating_sub(1),
            _ => {}
        }
        if !matches!(token, Token::Sign(',')) {
            item.push(token);
        }
    }
    texts.extend(only_text(&item));
    texts
}

fn only_text(item: &[Token<'_>]) -> Option<Mapped> {
    match item {
        [Token::Text { inner, start, literal: true }] => Some(Mapped::verbatim(*inner, *start as u32)),
        _ => None,
    }
}

/// Reads a program from left to right.
struct Tokens<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Iterator for Tokens<'a> {
    type Item = Token<'a>;

    fn next(&mut self) -> Option<Token<'a>> {
        loop {
            let rest = self.text.get(self.at..)?;
            let first = rest.chars().next()?;
            if first == '#' {
                self.at += rest.find('\n').unwrap_or(rest.len());
            } else if matches!(first, '\'' | '"') {
                return Some(self.string(""));
            } else if first == '_' || first.is_alphabetic() {
                let belongs = |next: char| next == '_' || next.is_alphanumeric();
                let length = rest.find(|next| !belongs(next)).unwrap_or(rest.len());
                let (name, after) = rest.split_at(length);
                self.at += length;
                if is_prefix(name) && after.starts_with(['\'', '"']) {
                    return Some(self.string(name));
                }
                return Some(Token::Name(name));
            } else if first.is_ascii_digit() {
                let length =
                    rest.find(|next: char| !next.is_ascii_alphanumeric() && next != '_' && next != '.');
                self.at += length.unwrap_or(rest.len());
            } else {
                self.at += first.len_utf8();
                if !first.is_whitespace() {
                    return Some(Token::Sign(first));
                }
            }
        }
    }
}

impl<'a> Tokens<'a> {
    /// The string whose quotes are next. One that nothing closes ends with its line or, with three quotes,
    /// with the program.
    fn string(&mut self, prefix: &str) -> Token<'a> {
        let rest = self.text.get(self.at..).unwrap_or_default();
        let quotes = ["\"\"\"", "'''", "\"", "'"].into_iter().find(|quotes| rest.starts_with(quotes));
        let quotes = quotes.unwrap_or_default();
        let start = self.at + quotes.len();
        let body = self.text.get(start..).unwrap_or_default();
        let mut escaped = false;
        let mut end = body.len();
        let mut closed = 0;
        for (at, next) in body.char_indices() {
            if escaped {
                escaped = false;
            } else if next == '\\' {
                escaped = true;
            } else if body.get(at..).is_some_and(|rest| rest.starts_with(quotes)) {
                (end, closed) = (at, quotes.len());
                break;
            } else if next == '\n' && quotes.len() == 1 {
                end = at;
                break;
            }
        }
        let inner = body.get(..end).unwrap_or_default();
        self.at = start + end + closed;
        let formatted = prefix.contains(['f', 'F', 'b', 'B', 't', 'T']);
        Token::Text { inner, start, literal: !formatted && !inner.contains('\\') && closed > 0 }
    }
}

/// Whether `name` is one of the letters that may stand before a string.
fn is_prefix(name: &str) -> bool {
    name.len() <= 2 && name.bytes().all(|byte| b"rRbBuUfFtT".contains(&byte))
}
