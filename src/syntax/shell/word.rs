//! What a word says without running anything: its literal value, and its text without quotes.

use std::borrow::Cow;
use std::ops::Range;

use super::tree::{Expansion, Part, QuoteStyle, Script, ShellWord, Text};
use crate::source::{Mapped, Span};

/// The text of a word without its quotes, of which every byte knows its place in the file.
///
/// Made to be parsed again: the script in `bash -c '…'`, the requirement in `'torch>=2'`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Unquoted {
    /// The text. Expansions stand in it as they are written (`$NAME`, `$(…)`).
    pub text: Mapped,
    /// Where in the text the expansions stand: what the shell puts there is not known.
    pub expansions: Vec<Range<usize>>,
}

impl ShellWord {
    /// The text that the shell passes on, if that is the same whatever the environment; `None` if it
    /// depends on an expansion or on `~`. Globs and braces count as the text they are.
    pub fn literal(&self) -> Option<Cow<'_, str>> {
        if let [Part::Literal(text)] = self.parts.as_slice() {
            return Some(Cow::Borrowed(&text.value));
        }
        let mut value = String::new();
        self.parts.iter().all(|part| push_literal(part, &mut value)).then_some(Cow::Owned(value))
    }

    /// Whether [`ShellWord::literal`] is exactly `text`.
    pub fn is(&self, text: &str) -> bool {
        self.literal().is_some_and(|literal| literal == text)
    }

    /// The literal text with which the word begins, up to the first expansion: `--prefix=` of
    /// `--prefix=$HOME`.
    pub fn literal_prefix(&self) -> String {
        let mut value = String::new();
        for part in &self.parts {
            if !push_literal(part, &mut value) {
                break;
            }
        }
        value
    }

    /// The text without quotes and with its places; expansions stay as they are written.
    pub fn unquoted(&self) -> Unquoted {
        let mut unquoted = Unquoted::default();
        self.parts.iter().for_each(|part| push_unquoted(part, &mut unquoted));
        unquoted
    }

    /// Whether any part of the word is quoted or escaped.
    pub fn is_quoted(&self) -> bool {
        self.parts.iter().any(|part| matches!(part, Part::Quoted(_) | Part::Escaped(_)))
    }

    /// The expansions in the word, those within quotes included, in source order. Those inside another
    /// expansion are not among them.
    pub fn expansions(&self) -> impl Iterator<Item = &Expansion> {
        self.parts
            .iter()
            .flat_map(|part| match part {
                Part::Quoted(quoted) => quoted.parts.as_slice(),
                other => std::slice::from_ref(other),
            })
            .filter_map(|part| match part {
                Part::Expansion(expansion) => Some(expansion),
                _ => None,
            })
    }
}

impl Text {
    /// The place of a part of the value. Within an escape, which is not written as it reads, that is the
    /// whole of it.
    pub fn span_of(&self, range: Range<usize>) -> Span {
        if self.value.len() == self.span.len() as usize {
            let end = range.end.min(self.value.len()) as u32;
            Span::new(self.span.start + (range.start as u32).min(end), self.span.start + end)
        } else {
            self.span
        }
    }
}

impl Script {
    /// Whether nothing is run.
    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }
}

/// Appends what a part stands for; false, with the text before it appended, if that is not known.
fn push_literal(part: &Part, value: &mut String) -> bool {
    match part {
        Part::Literal(text) | Part::Escaped(text) => value.push_str(&text.value),
        Part::Quoted(quoted) if quoted.style == QuoteStyle::Localized => return false,
        Part::Quoted(quoted) => return quoted.parts.iter().all(|part| push_literal(part, value)),
        Part::Tilde(_) | Part::Expansion(_) | Part::Array { .. } => return false,
    }
    true
}

fn push_unquoted(part: &Part, unquoted: &mut Unquoted) {
    match part {
        Part::Literal(text) => unquoted.text.push(&text.value, text.span.start),
        // What is escaped stands behind its backslash. A decoded `\n` has no byte of its own, and points
        // at the last one of the escape.
        Part::Escaped(text) => {
            let length = text.value.len() as u32;
            let offset = text.span.end.saturating_sub(length).max(text.span.start);
            unquoted.text.push(&text.value, offset);
        }
        Part::Quoted(quoted) => quoted.parts.iter().for_each(|part| push_unquoted(part, unquoted)),
        Part::Tilde(text) => {
            let start = unquoted.text.as_str().len();
            unquoted.text.push(&text.value, text.span.start);
            unquoted.expansions.push(start..unquoted.text.as_str().len());
        }
        Part::Expansion(expansion) => {
            let start = unquoted.text.as_str().len();
            unquoted.text.append(&expansion.source);
            unquoted.expansions.push(start..unquoted.text.as_str().len());
        }
        Part::Array { elements, .. } => {
            for element in elements {
                let start = unquoted.text.as_str().len();
                element.parts.iter().for_each(|part| push_unquoted(part, unquoted));
                unquoted.expansions.push(start..unquoted.text.as_str().len());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{SimpleCommand, parse};
    use super::*;

    fn first_command(text: &Mapped) -> SimpleCommand {
        parse(text).commands().next().map(|found| found.command.clone()).unwrap()
    }

    fn words(text: &str) -> Vec<ShellWord> {
        first_command(&Mapped::verbatim(text, 10)).words
    }

    #[test]
    fn literals_are_what_the_shell_passes() {
        let check = |text: &str, expected: Option<&str>| {
            let words = words(&format!("a {text}"));
            assert_eq!(words[1].literal().as_deref(), expected, "in {text}");
        };
        check("torch==2.*", Some("torch==2.*"));
        check("'a b'\"c \\\" \\d\"e\\ f", Some("a bc \" \\de f"));
        check("$'a\\tb\\x41\\u00e9\\q'", Some("a\tbAé\\q"));
        check("a\\\nb", Some("ab"));
        check("''", Some(""));
        check("a$", Some("a$"));
        for unknown in ["a$b", "\"$(c)\"", "~/x", "~", "`a`", "$((1))", "$\"a\""] {
            check(unknown, None);
        }
        assert_eq!(words("a --prefix=\"/a $x\"")[1].literal_prefix(), "--prefix=/a ");
    }

    #[test]
    fn unquoted_text_knows_its_place() {
        let word = &words("x'a'\"b$(c)\\\"\"")[0];
        let unquoted = word.unquoted();
        assert_eq!(unquoted.text.as_str(), "xab$(c)\"");
        assert_eq!(unquoted.expansions, vec![Range { start: 3, end: 7 }]);
        let places: Vec<u32> = (0..8).map(|at| unquoted.text.offset(at)).collect();
        assert_eq!(places, [10, 12, 15, 16, 17, 18, 19, 21]);
    }

    #[test]
    fn scripts_in_quotes_are_parsed_in_place() {
        // RUN bash -c 'a && \⏎ b', with the continuation cut out.
        let mut text = Mapped::verbatim("bash -c 'a && ", 4);
        text.push(" b'", 20);
        let inner = first_command(&text).words[2].unquoted().text;
        assert_eq!(inner.as_str(), "a &&  b");
        let places: Vec<Span> = parse(&inner).commands().map(|found| found.command.span).collect();
        assert_eq!(places, [Span::new(13, 14), Span::new(21, 22)]);
    }

    #[test]
    fn backticks_lose_their_backslashes_and_keep_their_places() {
        let text = Mapped::verbatim("a \"`b \\\"c\\\" \\`d\\``\"", 0);
        let found: Vec<(Vec<String>, Span)> = parse(&text)
            .commands()
            .map(|found| {
                let words = found.command.words.iter().map(ShellWord::literal_prefix).collect();
                (words, found.command.span)
            })
            .collect();
        assert_eq!(found[1], (vec!["b".into(), "c".into(), String::new()], Span::new(4, 17)));
        assert_eq!(found[2], (vec!["d".into()], Span::new(14, 15)));
    }
}
