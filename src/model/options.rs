//! The options and operands of a command line, read by what packs know of the program.

use compact_str::format_compact;

use super::facts::Flag;
use super::value::Value;
use super::words::Word;
use crate::knowledge::{Program, Wrapping};
use crate::source::{Location, Span};

/// A command line taken apart.
#[derive(Clone, Debug, Default)]
pub(super) struct CommandLine {
    /// The options in order.
    pub(super) flags: Vec<Flag>,
    /// Which words, by index, are operands.
    pub(super) operands: Vec<usize>,
    /// Which word is the value of which flag.
    pub(super) values: Vec<(usize, usize)>,
}

/// Reads the words after a program's name. With `until_operand` the first operand ends the reading.
pub(super) fn read(program: Option<&Program>, words: &[Word], until_operand: bool) -> CommandLine {
    let mut reader = Reader { program, words, at: 0, line: CommandLine::default() };
    while let Some(word) = words.get(reader.at) {
        let text = word.value.text.as_str();
        if text == "--" && word.value.is_known() {
            reader.line.operands.extend(reader.at + 1..words.len());
            break;
        }
        if text.len() > 1 && text.starts_with('-') && word.value.is_known_at(0) {
            reader.option(&word.value);
        } else {
            reader.line.operands.push(reader.at);
            if until_operand {
                break;
            }
        }
        reader.at += 1;
    }
    reader.line
}

struct Reader<'a> {
    program: Option<&'a Program>,
    words: &'a [Word],
    at: usize,
    line: CommandLine,
}

impl Reader<'_> {
    fn option(&mut self, word: &Value) {
        let text = word.text.as_str();
        let equals = text.find('=');
        let name = text.get(..equals.unwrap_or(text.len())).unwrap_or_default();
        if let Some(equals) = equals
            && (text.starts_with("--") || self.is_listed(name))
        {
            let value = word.slice(equals + 1..text.len());
            self.push(name, Some(value), word.written, None);
        } else if text.starts_with("--") || self.program.is_none() || self.is_listed(text) || text.len() == 2
        {
            self.named(word.text.as_str(), word.written);
        } else {
            self.bundle(word);
        }
    }

    /// An option that is a word of its own, with the next word for a value if it takes one.
    fn named(&mut self, name: &str, at: Location) {
        let next = if self.takes_value(name) { self.words.get(self.at + 1) } else { None };
        let Some(next) = next else {
            self.push(name, None, at, None);
            return;
        };
        self.at += 1;
        let value = next.value.clone();
        let place = together(at, value.written);
        self.push(name, Some(value), place, Some(self.at));
    }

    /// `-xzf file`: options of one letter each, of which the last may have a value, glued to it or not.
    fn bundle(&mut self, word: &Value) {
        for (index, letter) in word.text.char_indices().skip(1) {
            let name = format_compact!("-{letter}");
            let end = index + letter.len_utf8();
            let part = word.slice(index..end);
            let rest = word.slice(end..word.text.len());
            if !self.takes_value(&name) {
                self.push(&name, None, part.written, None);
            } else if rest.text.is_empty() {
                self.named(&name, part.written);
                return;
            } else {
                let place = together(part.written, rest.written);
                self.push(&name, Some(rest), place, None);
                return;
            }
        }
    }

    fn push(&mut self, spelling: &str, value: Option<Value>, at: Location, word: Option<usize>) {
        if let Some(word) = word {
            self.line.values.push((word, self.line.flags.len()));
        }
        let name = self.canonical(spelling).into();
        self.line.flags.push(Flag { name, spelling: spelling.into(), value, at });
    }

    fn canonical<'n>(&'n self, spelling: &'n str) -> &'n str {
        let aliases = self.program.map_or(&[][..], |program| &program.aliases);
        aliases.iter().find(|(alias, _)| alias == spelling).map_or(spelling, |(_, name)| name)
    }

    fn takes_value(&self, spelling: &str) -> bool {
        let Some(program) = self.program else { return false };
        let name = self.canonical(spelling);
        let wraps = match &program.wraps {
            Some(Wrapping::Script(option) | Wrapping::Module(option)) => option == spelling || option == name,
            _ => false,
        };
        wraps || program.valued.iter().any(|valued| valued == spelling || valued == name)
    }

    /// Whether packs name the option as it is spelt.
    fn is_listed(&self, spelling: &str) -> bool {
        self.takes_value(spelling) || self.canonical(spelling) != spelling
    }
}

/// From the first byte of one place to the last of the other, if they are in one file.
pub(super) fn together(a: Location, b: Location) -> Location {
    if a.file == b.file { Location { file: a.file, span: a.span.to(b.span) } } else { a }
}

/// From the first to the last word.
pub(super) fn extent(words: &[Word]) -> Location {
    let mut places = words.iter().map(|word| word.value.written);
    let first = places.next().unwrap_or(Location { span: Span::default(), ..Location::default() });
    places.fold(first, together)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<Word> {
        let mut words = Vec::new();
        let mut offset = 0;
        for word in text.split(' ') {
            let at = Location { span: Span::new(offset, offset + word.len() as u32), ..Location::default() };
            words.push(Word { value: Value::literal(word, at), written: None });
            offset += word.len() as u32 + 1;
        }
        words
    }

    fn tool() -> Program {
        Program {
            valued: vec!["--file".to_owned(), "-n".to_owned(), "-name".to_owned()],
            aliases: vec![("-f".to_owned(), "--file".to_owned())],
            ..Program::default()
        }
    }

    fn check(line: &str, expected: &str) {
        let words = words(line);
        let program = tool();
        let line = read(Some(&program), &words, false);
        let flags = line.flags.iter().map(|flag| match &flag.value {
            Some(value) => format!("{}={}", flag.name, value.text),
            None => flag.name.to_string(),
        });
        let operands = line.operands.iter().map(|index| words[*index].value.text.to_string());
        assert_eq!(flags.chain(operands).collect::<Vec<_>>().join(" "), expected);
    }

    #[test]
    fn options_have_canonical_names_and_values() {
        check("a -f x --file y --file=z b", "--file=x --file=y --file=z a b");
        check("-fx -vq -vn3", "--file=x -v -q -v -n=3");
        check("-name x -n=3", "-name=x -n=3");
        check("--other a -- -f b", "--other a -f b");
        check("- -v", "-v -");
        check("a -f", "--file a");
    }

    #[test]
    fn an_option_stands_where_it_is_written() {
        let words = words("-vf x");
        let line = read(Some(&tool()), &words, false);
        let places: Vec<_> = line.flags.iter().map(|flag| flag.at.span).collect();
        assert_eq!(places, [Span::new(1, 2), Span::new(2, 5)]);
        assert_eq!(line.values, [(1, 1)]);
    }
}
