//! One logical line to one [`Instruction`].

use std::ops::Range;

use super::flags::{FlagReader, boundary_after, boundary_before};
use super::grammar::{self, Form, Parts};
use super::json;
use super::kind::InstructionKind;
use super::lines::Logical;
use super::tree::{Args, Escape, Fault, Instruction, Level, Pair};
use super::word::Word;
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

/// What follows the flags of an instruction.
struct Rest {
    /// It, as a range of the line, blanks around it left out.
    range: Range<usize>,
    /// What the grammar made of it, in ranges that count from `start`.
    parts: Parts,
    start: usize,
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
    fn words(&self, start: usize, ranges: &[Range<usize>]) -> Vec<Word> {
        ranges.iter().map(|range| self.word(start + range.start..start + range.end)).collect()
    }

    fn fault(&self, span: Span, message: String, help: Option<&str>) -> Fault {
        let help = help.map(str::to_owned);
        Fault { span, message, help, line: Some(self.lines.0), level: Level::Text }
    }

    /// Reads the instruction in `range`, which has no blanks at its ends.
    fn instruction(&self, range: Range<usize>, depth: u32) -> Lowered {
        let text = self.text(range.clone());
        let keyword_end = text.find(BLANK).unwrap_or(text.len());
        let keyword = self.word(range.start..range.start + keyword_end);
        let kind = InstructionKind::from_name(&keyword.text);
        let form = form(kind);
        let parsed = grammar::instruction(text, form, self.escape);
        let reader = FlagReader { file: self.file, line: self.line, start: range.start, text };
        let (flags, moved) = reader.flags(&parsed.flags, self.escape);
        let rest = range.start + moved.unwrap_or(parsed.head_end)..range.end;
        let rest = range.end - self.text(rest).trim_start().len()..range.end;
        let rest = match moved {
            None => Rest { range: rest, parts: parsed.arguments, start: range.start },
            Some(_) => self.rest(rest, form),
        };
        let arguments = self.arguments(kind, form, rest, depth);
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

    /// Reads arguments on their own.
    fn rest(&self, range: Range<usize>, form: Form) -> Rest {
        let parts = grammar::arguments(self.text(range.clone()), form, self.escape);
        Rest { start: range.start, range, parts }
    }

    fn arguments(&self, kind: Option<InstructionKind>, form: Form, rest: Rest, depth: u32) -> Arguments {
        let mut arguments = Arguments { body: rest.range.clone(), ..Arguments::default() };
        if rest.range.is_empty() {
            return arguments;
        }
        match (form, kind, &rest.parts) {
            (Form::Command, ..) => self.command(&mut arguments, &rest),
            (Form::Transfer, ..) => self.transfer(&mut arguments, &rest),
            (Form::Listing, _, Parts::Words(words)) => {
                arguments.args = Args::Words(self.words(rest.start, words));
            }
            (Form::Assignment, Some(kind), Parts::Words(words)) => {
                self.assignments(&mut arguments, kind, self.words(rest.start, words));
            }
            (Form::Plain, Some(InstructionKind::Healthcheck), _) => self.healthcheck(&mut arguments),
            (Form::Plain, Some(InstructionKind::Onbuild), _) if depth < MAX_ONBUILD => {
                let lowered = self.instruction(rest.range, depth + 1);
                arguments.onbuild = Some(Box::new(lowered.instruction));
                arguments.fault = lowered.fault;
            }
            (Form::Plain, Some(InstructionKind::Onbuild), _) => {}
            (Form::Plain, Some(_), _) => arguments.args = Args::Text(self.word(rest.range)),
            _ => {}
        }
        arguments
    }

    /// The exec form, or else the shell form.
    fn command(&self, arguments: &mut Arguments, rest: &Rest) {
        if let Some(words) = self.exec(rest) {
            arguments.args = Args::Json(words);
        } else {
            arguments.args = Args::Shell;
            arguments.fault = self.other_array(&rest.range);
        }
    }

    /// A JSON array, or else a list.
    fn transfer(&self, arguments: &mut Arguments, rest: &Rest) {
        if let Some(words) = self.exec(rest) {
            arguments.args = Args::Json(words);
            return;
        }
        let again;
        let list = match rest.parts {
            Parts::Words(_) => rest,
            Parts::Text | Parts::Exec(_) => {
                again = self.rest(rest.range.clone(), Form::Listing);
                &again
            }
        };
        if let Parts::Words(words) = &list.parts {
            arguments.args = Args::Words(self.words(list.start, words));
        }
        arguments.fault = self.other_array(&rest.range);
    }

    /// The elements of a JSON array of strings.
    fn exec(&self, rest: &Rest) -> Option<Vec<Word>> {
        let Parts::Exec(elements) = &rest.parts else { return None };
        // The grammar takes a control-Z for a byte that is not UTF-8. A real one has no place in JSON.
        let real =
            |at: usize| self.file.bytes().get(self.line.offset(at) as usize) == Some(&(BAD_BYTE as u8));
        let mut marks = self.text(rest.range.clone()).match_indices(BAD_BYTE);
        if marks.any(|(at, _)| real(rest.range.start + at)) {
            return None;
        }
        let words = elements.iter().map(|range| {
            let range = rest.start + range.start..rest.start + range.end;
            if !self.text(range.clone()).contains('\\') {
                return self.word(range);
            }
            let decoded = json::decode(self.text(range.clone()), &|at| self.line.offset(range.start + at));
            Word::mapped_from(self.file, &decoded, self.line.span(range))
        });
        Some(words.collect())
    }

    /// The fault of an array that is JSON, but not one of strings alone.
    fn other_array(&self, range: &Range<usize>) -> Option<Fault> {
        let text = self.text(range.clone());
        if !text.starts_with('[') || !json::is_array(&self.word(range.clone()).text) {
            return None;
        }
        let message = "when using JSON array syntax, arrays must be comprised of strings only";
        let help = "put every element in double quotes";
        Some(self.fault(self.line.span(range.clone()), message.to_owned(), Some(help)))
    }

    /// The check's type, and then its command.
    fn healthcheck(&self, arguments: &mut Arguments) {
        let range = arguments.body.clone();
        let text = self.text(range.clone());
        // Bytes again: in UTF-8 the last two are never the whole of a character.
        let is_space = |byte: u8| matches!(byte, b'\t'..=b'\r' | b' ' | 0x85 | 0xa0);
        let length = text.bytes().position(is_space).unwrap_or(text.len());
        let after = text.bytes().skip(length).position(|byte| !is_space(byte));
        let next = boundary_after(text, after.map_or(text.len(), |blanks| length + blanks));
        let mut kind = self.word(range.start..range.start + boundary_before(text, length));
        if !text.is_char_boundary(length) {
            kind.text.push(char::REPLACEMENT_CHARACTER);
        }
        arguments.check_type = Some(kind);
        arguments.body = range.start + next..range.end;
        if !arguments.body.is_empty() {
            let rest = self.rest(arguments.body.clone(), Form::Command);
            self.command(arguments, &rest);
        }
    }

    /// The pairs of ENV, LABEL and ARG.
    fn assignments(&self, arguments: &mut Arguments, kind: InstructionKind, words: Vec<Word>) {
        let Some(first) = words.first() else { return };
        if kind != InstructionKind::Arg {
            if !first.text.contains('=') {
                self.legacy(arguments, kind);
                return;
            }
            if let Some(bare) = words.iter().find(|word| !word.text.contains('=')) {
                let message = format!(
                    "Syntax error - can't find = in {:?}. Must be of the form: name=value",
                    bare.text
                );
                let help = "put quotes around a value that has blanks in it";
                arguments.fault = Some(self.fault(bare.span, message, Some(help)));
            }
        }
        arguments.args = Args::Pairs(words.into_iter().map(split_pair).collect());
    }

    /// One pair of ENV or LABEL with a blank in the place of `=`.
    fn legacy(&self, arguments: &mut Arguments, kind: InstructionKind) {
        let range = arguments.body.clone();
        let pair = if let Some((key, value)) = grammar::legacy(self.text(range.clone())) {
            let key = self.word(range.start + key.start..range.start + key.end);
            let value = Some(self.word(range.start + value.start..range.start + value.end));
            Pair { key, value, legacy: true }
        } else {
            let message = format!("{} must have two arguments", kind.name());
            arguments.fault =
                Some(self.fault(self.line.span(range.clone()), message, Some("write `key=value`")));
            split_pair(self.word(range))
        };
        arguments.args = Args::Pairs(vec![pair]);
    }
}

/// What ends a keyword.
const BLANK: [char; 5] = ['\t', '\u{b}', '\u{c}', '\r', ' '];

/// The form of an instruction's arguments.
fn form(kind: Option<InstructionKind>) -> Form {
    use InstructionKind as Kind;
    match kind {
        Some(Kind::Run | Kind::Cmd | Kind::Entrypoint | Kind::Shell) => Form::Command,
        Some(Kind::Add | Kind::Copy | Kind::Volume) => Form::Transfer,
        Some(Kind::From | Kind::Expose) => Form::Listing,
        Some(Kind::Env | Kind::Label | Kind::Arg) => Form::Assignment,
        Some(
            Kind::User
            | Kind::Workdir
            | Kind::Stopsignal
            | Kind::Maintainer
            | Kind::Healthcheck
            | Kind::Onbuild,
        )
        | None => Form::Plain,
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
