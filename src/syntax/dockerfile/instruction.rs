//! One logical line to one [`Instruction`].

use std::ops::Range;

use super::grammar::{self, FlagParts, Head};
use super::json;
use super::lines::Logical;
use super::tree::{Args, Escape, Fault, Flag, Instruction, InstructionKind, Level, Pair, Word};
use crate::source::{BAD_BYTE, Mapped, SourceFile, Span};

/// How deep `ONBUILD ONBUILD …` is followed. Docker refuses the second already.
const MAX_ONBUILD: u32 = 16;

/// An instruction, and what is wrong with its text.
pub(super) struct Lowered {
    /// The instruction; its heredocs are still missing.
    pub(super) instruction: Instruction,
    /// The fault that ends the reading for BuildKit.
    pub(super) fault: Option<Fault>,
}

/// Reads the instruction in a logical line.
pub(super) fn lower(file: &SourceFile, escape: Escape, logical: &Logical, comments: Range<usize>) -> Lowered {
    let text = logical.text.as_str();
    let end = text.trim_end().len();
    let start = text.len() - text.trim_start().len();
    let lowering = Lowering { file, escape, line: &logical.text, lines: logical.lines };
    let mut lowered = lowering.instruction(start.min(end)..end, 0);
    let span_start = if start < end { lowered.instruction.keyword.span.start } else { logical.span.start };
    lowered.instruction.span = Span::new(span_start, logical.span.end);
    lowered.instruction.comments = comments;
    lowered.instruction.blank_lines.clone_from(&logical.blank_lines);
    lowered
}

/// What all instructions of a line have in common.
struct Lowering<'a> {
    file: &'a SourceFile,
    escape: Escape,
    line: &'a Mapped,
    lines: (u32, u32),
}

/// The arguments of an instruction under way.
#[derive(Default)]
struct Arguments {
    check_type: Option<Word>,
    args: Args,
    body: Range<usize>,
    onbuild: Option<Box<Instruction>>,
    fault: Option<Fault>,
}

impl Lowering<'_> {
    fn text(&self, range: Range<usize>) -> &str {
        self.line.as_str().get(range).unwrap_or_default()
    }

    fn word(&self, range: Range<usize>) -> Word {
        Word::cut(self.file, self.line, range)
    }

    /// The words whose ranges count from `start`.
    fn words(&self, start: usize, ranges: Vec<Range<usize>>) -> Vec<Word> {
        ranges.into_iter().map(|range| self.word(start + range.start..start + range.end)).collect()
    }

    fn fault(&self, span: Span, message: String, help: Option<&str>) -> Fault {
        let help = help.map(str::to_owned);
        Fault { span, message, help, line: Some(self.lines.0), level: Level::Text }
    }

    /// Reads the instruction in `range`, which has no blanks at its ends.
    fn instruction(&self, range: Range<usize>, depth: u32) -> Lowered {
        let text = self.text(range.clone());
        let head = grammar::head(text, self.escape);
        let keyword = self.word(range.start + head.keyword.start..range.start + head.keyword.end);
        let kind = InstructionKind::from_name(&keyword.text);
        let (flags, end) = self.flags(range.start, &head, text);
        let rest = self.text(range.start + end..range.end);
        let start = range.end - rest.trim_start().len();
        let arguments = self.arguments(kind, start..range.end, depth);
        Lowered {
            instruction: Instruction {
                span: self.line.span(range),
                lines: self.lines,
                keyword,
                kind,
                flags,
                check_type: arguments.check_type,
                args: arguments.args,
                body: self.line.slice(arguments.body),
                heredocs: Vec::new(),
                onbuild: arguments.onbuild,
                comments: 0..0,
                blank_lines: Vec::new(),
            },
            fault: arguments.fault,
        }
    }

    /// The flags of an instruction that begins at `start`, and where in `text` they end.
    fn flags(&self, start: usize, head: &Head, text: &str) -> (Vec<Flag>, usize) {
        let Some(first) = head.flags.first() else { return (Vec::new(), head.end) };
        let from = first.whole.start;
        let written = text.get(from..head.end).unwrap_or_default();
        let bad = self.file.first_bad_byte().is_some() && written.contains(BAD_BYTE);
        if written.is_ascii() && !bad {
            let flags = head.flags.iter().filter_map(|parts| self.flag(start, parts));
            return (flags.collect(), head.end);
        }
        self.latin_flags(start, from, text)
    }

    /// Flags with characters beyond ASCII in them. BuildKit reads flags byte by byte, which turns UTF-8 into
    /// Latin-1 and finds two more blanks.
    fn latin_flags(&self, start: usize, from: usize, text: &str) -> (Vec<Flag>, usize) {
        let mut latin = Mapped::default();
        let mut places = Vec::new();
        for (at, byte) in text.bytes().enumerate().skip(from) {
            let place = self.line.offset(start + boundary_before(text, at));
            let bad = if byte == BAD_BYTE as u8 { self.file.bytes().get(place as usize) } else { None };
            let character = char::from(*bad.unwrap_or(&byte));
            latin.push(character.encode_utf8(&mut [0; 4]), place);
            places.extend(std::iter::repeat_n(at, character.len_utf8()));
        }
        let place = |at: usize| boundary_after(text, places.get(at).copied().unwrap_or(text.len()));
        let (parts, end) = grammar::flags(latin.as_str(), self.escape);
        let flags = parts.iter().filter_map(|parts| {
            let whole = start + place(parts.whole.start)..start + place(parts.whole.end);
            flag_of(self.file, &join(&latin, 0, &parts.parts), self.line.span(whole))
        });
        (flags.collect(), place(end))
    }

    /// A flag of an instruction that begins at `start`; `None` for a `--` made up of quotes and escapes.
    fn flag(&self, start: usize, parts: &FlagParts) -> Option<Flag> {
        let whole = self.line.span(start + parts.whole.start..start + parts.whole.end);
        if let [part] = parts.parts.as_slice()
            && *part == parts.whole
        {
            return plain_flag(&self.word(start + part.start..start + part.end));
        }
        flag_of(self.file, &join(self.line, start, &parts.parts), whole)
    }

    fn arguments(&self, kind: Option<InstructionKind>, range: Range<usize>, depth: u32) -> Arguments {
        use InstructionKind as Kind;
        let mut arguments = Arguments { body: range.clone(), ..Arguments::default() };
        let Some(kind) = kind else { return arguments };
        if range.is_empty() {
            return arguments;
        }
        match kind {
            Kind::Run | Kind::Cmd | Kind::Entrypoint | Kind::Shell => {
                self.exec_or(&mut arguments, |_| Args::Shell);
            }
            Kind::Healthcheck => self.healthcheck(&mut arguments),
            Kind::Add | Kind::Copy | Kind::Volume => {
                self.exec_or(&mut arguments, |range| self.list(range));
            }
            Kind::From | Kind::Expose => arguments.args = self.list(range),
            Kind::User | Kind::Workdir | Kind::Stopsignal | Kind::Maintainer => {
                arguments.args = Args::Text(self.word(range));
            }
            Kind::Env | Kind::Label => self.pairs(&mut arguments, kind),
            Kind::Arg => {
                let words = self.words(range.start, grammar::pairs(self.text(range.clone()), self.escape));
                arguments.args = Args::Pairs(words.into_iter().map(split_pair).collect());
            }
            Kind::Onbuild if depth < MAX_ONBUILD => {
                let lowered = self.instruction(range, depth + 1);
                arguments.onbuild = Some(Box::new(lowered.instruction));
                arguments.fault = lowered.fault;
            }
            Kind::Onbuild => {}
        }
        arguments
    }

    /// The exec form, or what `form` makes of the text where it is not JSON.
    fn exec_or(&self, arguments: &mut Arguments, form: impl FnOnce(Range<usize>) -> Args) {
        let range = arguments.body.clone();
        let text = self.text(range.clone());
        arguments.args = match self.exec(range.start, text) {
            Some(words) => Args::Json(words),
            None => form(range.clone()),
        };
        if text.starts_with('[')
            && !matches!(arguments.args, Args::Json(_))
            && json::is_array(&self.word(range.clone()).text)
        {
            arguments.fault = Some(self.fault(
                self.line.span(range),
                "when using JSON array syntax, arrays must be comprised of strings only".to_owned(),
                Some("put every element in double quotes"),
            ));
        }
    }

    /// The elements of a JSON array of strings.
    fn exec(&self, start: usize, text: &str) -> Option<Vec<Word>> {
        let ranges = grammar::exec(text)?;
        // The grammar takes a control-Z for a byte that is not UTF-8. A real one has no place in JSON.
        let real = |at: usize| self.file.bytes().get(self.line.offset(start + at) as usize) == Some(&0x1a);
        if text.contains(BAD_BYTE) && text.match_indices(BAD_BYTE).any(|(at, _)| real(at)) {
            return None;
        }
        let words = ranges.into_iter().map(|range| {
            let range = start + range.start..start + range.end;
            if !self.text(range.clone()).contains('\\') {
                return self.word(range);
            }
            let decoded = json::decode(self.text(range.clone()), &|at| self.line.offset(range.start + at));
            Word::mapped_from(self.file, &decoded, self.line.span(range))
        });
        Some(words.collect())
    }

    fn list(&self, range: Range<usize>) -> Args {
        Args::Words(self.words(range.start, grammar::list(self.text(range.clone()))))
    }

    /// The check's type, and then its command.
    fn healthcheck(&self, arguments: &mut Arguments) {
        let range = arguments.body.clone();
        let text = self.text(range.clone());
        // Bytes again: in UTF-8 these two are never the whole of a character.
        let is_space = |byte: u8| matches!(byte, b'\t'..=b'\r' | b' ' | 0x85 | 0xa0);
        let length = text.bytes().position(is_space).unwrap_or(text.len());
        let after = text.bytes().skip(length).position(|byte| !is_space(byte));
        let next = boundary_after(text, after.map_or(text.len(), |blanks| length + blanks));
        let mut kind = self.word(range.start..range.start + boundary_before(text, length));
        if !text.is_char_boundary(length) {
            kind.text.push('\u{fffd}');
        }
        arguments.check_type = Some(kind);
        arguments.body = range.start + next..range.end;
        if !arguments.body.is_empty() {
            self.exec_or(arguments, |_| Args::Shell);
        }
    }

    /// The pairs of ENV and LABEL.
    fn pairs(&self, arguments: &mut Arguments, kind: InstructionKind) {
        let range = arguments.body.clone();
        let text = self.text(range.clone());
        let words = self.words(range.start, grammar::pairs(text, self.escape));
        let Some(first) = words.first() else { return };
        if !first.text.contains('=') {
            let Some((key, value)) = grammar::legacy(text) else {
                arguments.fault = Some(self.fault(
                    self.line.span(range.clone()),
                    format!("{} must have two arguments", kind.name()),
                    Some("write `key=value`"),
                ));
                arguments.args = Args::Pairs(vec![split_pair(self.word(range))]);
                return;
            };
            let key = self.word(range.start + key.start..range.start + key.end);
            let value = Some(self.word(range.start + value.start..range.start + value.end));
            arguments.args = Args::Pairs(vec![Pair { key, value, legacy: true }]);
            return;
        }
        if let Some(bare) = words.iter().find(|word| !word.text.contains('=')) {
            let message =
                format!("Syntax error - can't find = in {:?}. Must be of the form: name=value", bare.text);
            let help = "put quotes around a value that has blanks in it";
            arguments.fault = Some(self.fault(bare.span, message, Some(help)));
        }
        arguments.args = Args::Pairs(words.into_iter().map(split_pair).collect());
    }
}

/// Splits `key=value` at the first `=`; quotes do not matter.
fn split_pair(word: Word) -> Pair {
    match word.text.find('=') {
        Some(at) => {
            Pair { key: word.slice(0..at), value: Some(word.slice(at + 1..word.text.len())), legacy: false }
        }
        None => Pair { key: word, value: None, legacy: false },
    }
}

/// The parts of a line that are given by ranges counted from `start`.
fn join(line: &Mapped, start: usize, parts: &[Range<usize>]) -> Mapped {
    let mut joined = Mapped::default();
    for part in parts {
        joined.append(&line.slice(start + part.start..start + part.end));
    }
    joined
}

/// The last boundary between characters that is not behind `at`.
fn boundary_before(text: &str, mut at: usize) -> usize {
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

/// The first boundary between characters that is not before `at`.
fn boundary_after(text: &str, mut at: usize) -> usize {
    while at < text.len() && !text.is_char_boundary(at) {
        at += 1;
    }
    at
}

/// A flag without quotes and escapes.
fn plain_flag(word: &Word) -> Option<Flag> {
    if word.text == "--" {
        return None;
    }
    let end = word.text.len();
    let equals = word.text.find('=');
    Some(Flag {
        span: word.span,
        name: word.slice(2..equals.unwrap_or(end)),
        value: equals.map(|equals| word.slice(equals + 1..end)),
    })
}

/// The flag whose text is `text`; `None` where nothing but `--` is left of it.
fn flag_of(file: &SourceFile, text: &Mapped, span: Span) -> Option<Flag> {
    let written = text.as_str();
    if written == "--" {
        return None;
    }
    let equals = written.find('=');
    let name = text.slice(2..equals.unwrap_or(written.len()));
    let name_end = equals.map_or(span.end, |equals| text.offset(equals));
    let name = Word::mapped_from(file, &name, Span::new(text.offset(2), name_end));
    let value = equals.map(|equals| {
        let value = text.slice(equals + 1..written.len());
        // Quotes around the value belong to it in the file.
        let start = text.offset(equals) + 1;
        Word::mapped_from(file, &value, Span::new(start, span.end))
    });
    Some(Flag { span, name, value })
}
