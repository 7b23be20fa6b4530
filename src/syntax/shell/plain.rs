//! The plain beginning of a script: commands of bare words alone, read in one pass.
//!
//! Most scripts are plain to their end, and most others begin so. The grammar would read the same (`program`,
//! `bare_word`) at many times the cost; it goes on where something else stands.

use std::ops::Range;

use super::lower_word::literal_parts;
use super::tree::{Command, Connector, Item, Pipeline, Script, ShellWord, SimpleCommand};
use crate::source::{Mapped, Span};

/// Words that begin something else than a plain command: the grammar's `reserved`, and a prefix.
const RESERVED: [&str; 16] = [
    "if", "then", "elif", "else", "fi", "for", "done", "do", "while", "until", "case", "esac", "select",
    "function", "coproc", "time",
];

/// What joins the next item, and the bytes that do.
pub(super) type Joined = (Connector, Option<Span>);

/// Adds the plain items with which the text begins. Gives where the grammar goes on, and what joins that.
pub(super) fn read(text: &Mapped, script: &mut Script) -> (usize, Joined) {
    let mut reader = Reader { text: text.as_str(), at: 0 };
    let mut joined = (Connector::First, None);
    let mut done = 0;
    while let Some(Plain { words, connector }) = reader.item() {
        script.items.push(item(text, &words, joined));
        done = reader.at;
        let Some((connector, range)) = connector else { break };
        joined = (connector, Some(text.span(range)));
    }
    if let (Some(first), Some(last)) = (script.items.first(), script.items.last()) {
        script.span = first.span.to(last.span);
    }
    (done, joined)
}

/// The words of a command as an item of a list.
fn item(text: &Mapped, words: &[Range<usize>], (connector, joined): Joined) -> Item {
    let start = words.first().map_or(0, |word| word.start);
    let span = text.span(start..words.last().map_or(start, |word| word.end));
    let word = |range: &Range<usize>| ShellWord {
        parts: literal_parts(text, range.clone()),
        span: text.span(range.clone()),
    };
    let simple = SimpleCommand { words: words.iter().map(word).collect(), span, ..SimpleCommand::default() };
    let commands = vec![Command::Simple(simple)];
    let pipeline = Pipeline { negated: None, timed: None, commands, pipes: Vec::new(), span };
    let connector_span = joined.unwrap_or(Span::at(span.start));
    Item { connector, connector_span, pipeline, background: false, span }
}

/// A command of bare words.
struct Plain {
    words: Vec<Range<usize>>,
    /// What follows it, and where that stands.
    connector: Option<(Connector, Range<usize>)>,
}

struct Reader<'t> {
    text: &'t str,
    at: usize,
}

impl Reader<'_> {
    /// The next command and what follows it, if it is plain; nothing is read otherwise.
    fn item(&mut self) -> Option<Plain> {
        let start = self.skip(self.at, |byte| matches!(byte, b' ' | b'\t' | b'\n'));
        let first = self.word(start, is_program)?;
        if RESERVED.contains(&self.text.get(first.clone())?) {
            return None;
        }
        let mut words = vec![first];
        loop {
            let end = words.last().map_or(start, |word| word.end);
            let next = self.skip(end, |byte| matches!(byte, b' ' | b'\t'));
            let rest = self.text.get(next..)?;
            let (connector, length) = match rest.as_bytes() {
                [] => {
                    self.at = next;
                    return Some(Plain { words, connector: None });
                }
                [b'&', b'&', ..] => (Connector::And, 2),
                [b'|', b'|', ..] => (Connector::Or, 2),
                [b';', b';' | b'&', ..] => return None,
                // To the grammar, `&&` joins what follows even here.
                [b';' | b'\n', after @ ..] if !joins(after) => (Connector::Sequence, 1),
                [b';' | b'\n', ..] => return None,
                _ => {
                    words.push(self.word(next, is_plain)?);
                    continue;
                }
            };
            self.at = next + length;
            return Some(Plain { words, connector: Some((connector, next..next + length)) });
        }
    }

    /// The word of such bytes at a place, if it ends with what ends a bare word of the grammar.
    fn word(&self, start: usize, is_part: fn(u8) -> bool) -> Option<Range<usize>> {
        let end = self.skip(start, is_part);
        let ends = matches!(self.text.as_bytes().get(end), None | Some(b' ' | b';' | b'\n'));
        (start < end && ends).then_some(start..end)
    }

    fn skip(&self, from: usize, is_part: impl Fn(u8) -> bool) -> usize {
        let rest = self.text.as_bytes().get(from..).unwrap_or_default();
        from + rest.iter().take_while(|byte| is_part(**byte)).count()
    }
}

/// Whether, behind blanks, stands what joins two commands, or a blank of two lines.
fn joins(text: &[u8]) -> bool {
    matches!(text.trim_ascii_start(), [b'&', b'&', ..] | [b'|', b'|', ..] | [b'\\', ..])
}

/// The grammar's `program_char`.
fn is_program(byte: u8) -> bool {
    matches!(byte, b'a'..=b'z' | b','..=b':' | b'?'..=b'Z' | b']'..=b'_' | b'%')
}

/// The grammar's `plain_char`.
fn is_plain(byte: u8) -> bool {
    matches!(byte, b'a'..=b'z' | b'*'..=b':' | b'?'..=b'[' | b']'..=b'_' | b'=' | b'%')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::parse;
    use super::*;

    /// Behind something that is not plain, the grammar reads all.
    fn by_grammar(text: &str) -> Vec<Item> {
        let mut items = parse(&Mapped::verbatim(format!("$x;\n{text}"), 0)).items;
        items.drain(..1);
        items
    }

    fn check(text: &str) {
        let mut items = parse(&Mapped::verbatim(text, 4)).items;
        if let Some(first) = items.first_mut() {
            (first.connector, first.connector_span) = (Connector::Sequence, Span::new(2, 3));
        }
        assert_eq!(items, by_grammar(text), "{text:?}");
    }

    #[test]
    fn only_the_plain_beginning_is_read() {
        let read = |text: &str| {
            let mut script = Script::default();
            let (at, _) = super::read(&Mapped::verbatim(text, 0), &mut script);
            (script.items.len(), text.get(at..).unwrap_or_default().to_owned())
        };
        assert_eq!(read("a -b c=d && e;\n f\n"), (3, String::new()));
        assert_eq!(read("a && b || c $x"), (2, " c $x".to_owned()));
        assert_eq!(read("a; if b; then c; fi"), (1, " if b; then c; fi".to_owned()));
        assert_eq!(read("A=1 b"), (0, "A=1 b".to_owned()));
        assert_eq!(read("a & b"), (0, "a & b".to_owned()));
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn the_grammar_reads_the_same(
            tokens in prop::collection::vec(
                prop::sample::select(vec![
                    "a", "apt-get", "b=c", "if", "fi", "do", "time", "timeout", "2", "2>f", "[", "!", " ", " ", " ",
                    "\t", "\n", " \\\n", "\r\n", "&&", " && ", "||", ";", ";;", "&", "|", "$x", "'q r'", "\"$y\"",
                    "#c", "(", ")", "{", "}", "$(d)", "é", "~", "*.h", "x[0]", "<<E",
                ]),
                0..14,
            )
        ) {
            check(&tokens.concat());
        }
    }
}
