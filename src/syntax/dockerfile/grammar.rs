//! The pest grammar at work. What leaves this file are byte ranges of the text that went in.

use std::ops::Range;

use pest::Parser as _;
use pest::iterators::Pair;
use pest_derive::Parser;

use super::tree::Escape;

#[derive(Parser)]
#[grammar = "../grammar/dockerfile.pest"]
struct Grammar;

/// The forms of arguments, each with a rule of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// A JSON array or text.
    Command,
    /// A JSON array or a list.
    Transfer,
    /// A list.
    Listing,
    /// Keys and values.
    Assignment,
    /// Text.
    Plain,
}

/// The arguments of an instruction.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Parts {
    /// Text, or nothing.
    Text,
    /// The elements of a JSON array of strings, still with their escapes.
    Exec(Vec<Range<usize>>),
    /// Words.
    Words(Vec<Range<usize>>),
}

/// An instruction.
pub(super) struct Parsed {
    /// The flags, each with the parts that are left when quotes and escapes have fallen away.
    pub(super) flags: Vec<FlagParts>,
    /// Where the keyword and the flags end.
    pub(super) head_end: usize,
    /// The arguments.
    pub(super) arguments: Parts,
}

/// A flag as it stands, and the parts of it that are its text.
pub(super) struct FlagParts {
    /// The whole flag.
    pub(super) whole: Range<usize>,
    /// Its text, in order.
    pub(super) parts: Vec<Range<usize>>,
}

/// Reads an instruction.
pub(super) fn instruction(line: &str, form: Form, escape: Escape) -> Parsed {
    let rule = match (form, escape) {
        (Form::Command, Escape::Backslash) => Rule::command_backslash,
        (Form::Command, Escape::Backtick) => Rule::command_backtick,
        (Form::Transfer, Escape::Backslash) => Rule::transfer_backslash,
        (Form::Transfer, Escape::Backtick) => Rule::transfer_backtick,
        (Form::Listing, Escape::Backslash) => Rule::listing_backslash,
        (Form::Listing, Escape::Backtick) => Rule::listing_backtick,
        (Form::Assignment, Escape::Backslash) => Rule::assignment_backslash,
        (Form::Assignment, Escape::Backtick) => Rule::assignment_backtick,
        (Form::Plain, Escape::Backslash) => Rule::plain_backslash,
        (Form::Plain, Escape::Backtick) => Rule::plain_backtick,
    };
    let mut parsed = Parsed { flags: Vec::new(), head_end: 0, arguments: Parts::Text };
    // The rules match any text: a keyword may be empty, and nothing else is required.
    for part in Grammar::parse(rule, line).into_iter().flatten().flat_map(Pair::into_inner) {
        match part.as_rule() {
            Rule::exec => parsed.arguments = Parts::Exec(ranges(part)),
            Rule::list | Rule::pairs_backslash | Rule::pairs_backtick => {
                parsed.arguments = Parts::Words(ranges(part));
            }
            _ => {
                parsed.head_end = part.as_span().end();
                let flags = part.into_inner().filter(|part| part.as_rule() != Rule::keyword);
                parsed.flags.extend(flags.map(flag_parts));
            }
        }
    }
    parsed
}

/// Reads arguments alone.
pub(super) fn arguments(text: &str, form: Form, escape: Escape) -> Parts {
    let exec = || if text.starts_with('[') { inner(Rule::exec, text).map(Parts::Exec) } else { None };
    let words = |rule| Parts::Words(inner(rule, text).unwrap_or_default());
    match (form, escape) {
        (Form::Command, _) => exec().unwrap_or(Parts::Text),
        (Form::Transfer, _) => exec().unwrap_or_else(|| words(Rule::list)),
        (Form::Listing, _) => words(Rule::list),
        (Form::Assignment, Escape::Backslash) => words(Rule::pairs_backslash),
        (Form::Assignment, Escape::Backtick) => words(Rule::pairs_backtick),
        (Form::Plain, _) => Parts::Text,
    }
}

/// Reads flags alone. Gives where they end as well.
pub(super) fn flags(text: &str, escape: Escape) -> (Vec<FlagParts>, usize) {
    let rule = match escape {
        Escape::Backslash => Rule::flags_backslash,
        Escape::Backtick => Rule::flags_backtick,
    };
    let mut flags = Vec::new();
    let mut end = 0;
    for pair in Grammar::parse(rule, text).into_iter().flatten() {
        end = pair.as_span().end();
        flags.extend(pair.into_inner().map(flag_parts));
    }
    (flags, end)
}

fn flag_parts(pair: Pair<Rule>) -> FlagParts {
    FlagParts { whole: range(&pair), parts: pair.into_inner().map(|part| range(&part)).collect() }
}

/// A key and a value with a blank between them.
pub(super) fn legacy(text: &str) -> Option<(Range<usize>, Range<usize>)> {
    let mut parts = inner(Rule::legacy, text)?.into_iter();
    Some((parts.next()?, parts.next()?))
}

/// The fields of a comma-separated record, each as its parts without quotes.
pub(super) fn record(text: &str) -> Option<Vec<Vec<Range<usize>>>> {
    let record = Grammar::parse(Rule::record, text).ok()?.next()?;
    let fields = record.into_inner().map(|field| {
        let mut parts = Vec::new();
        for form in field.into_inner() {
            match form.as_rule() {
                Rule::quoted_field => {
                    for part in form.into_inner() {
                        let part = if part.as_rule() == Rule::doubled_quote {
                            part.into_inner().next()
                        } else {
                            Some(part)
                        };
                        parts.extend(part.as_ref().map(range));
                    }
                }
                _ => parts.push(range(&form)),
            }
        }
        parts
    });
    Some(fields.collect())
}

/// The ranges of what a rule is made of.
fn inner(rule: Rule, text: &str) -> Option<Vec<Range<usize>>> {
    Some(ranges(Grammar::parse(rule, text).ok()?.next()?))
}

fn ranges(pair: Pair<Rule>) -> Vec<Range<usize>> {
    let parts = pair.into_inner();
    let mut ranges = Vec::with_capacity(parts.len());
    ranges.extend(parts.map(|part| range(&part)));
    ranges
}

fn range(pair: &Pair<Rule>) -> Range<usize> {
    let span = pair.as_span();
    span.start()..span.end()
}
