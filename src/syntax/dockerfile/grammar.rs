//! The pest grammar at work. What leaves this file are byte ranges of the text that went in.

use std::ops::Range;

use pest::Parser as _;
use pest::iterators::Pair;
use pest_derive::Parser;

use super::tree::Escape;

#[derive(Parser)]
#[grammar = "../grammar/dockerfile.pest"]
struct Grammar;

/// A keyword and its flags.
pub(super) struct Head {
    /// The keyword.
    pub(super) keyword: Range<usize>,
    /// The flags, each with the parts that are left when quotes and escapes have fallen away.
    pub(super) flags: Vec<FlagParts>,
    /// Where the arguments begin.
    pub(super) end: usize,
}

/// A flag as it stands, and the parts of it that are its text.
pub(super) struct FlagParts {
    /// The whole flag.
    pub(super) whole: Range<usize>,
    /// Its text, in order.
    pub(super) parts: Vec<Range<usize>>,
}

/// Reads the keyword and the flags of a logical line.
pub(super) fn head(line: &str, escape: Escape) -> Head {
    let rule = match escape {
        Escape::Backslash => Rule::head_backslash,
        Escape::Backtick => Rule::head_backtick,
    };
    let mut head = Head { keyword: 0..0, flags: Vec::new(), end: 0 };
    // The rule matches any text; a keyword may be empty, and nothing else is required.
    for pair in Grammar::parse(rule, line).into_iter().flatten() {
        head.end = pair.as_span().end();
        for part in pair.into_inner() {
            match part.as_rule() {
                Rule::keyword => head.keyword = range(&part),
                _ => head.flags.push(flag_parts(part)),
            }
        }
    }
    head
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

/// The elements of a JSON array of strings, still with their escapes; `None` if the text is not one.
pub(super) fn exec(text: &str) -> Option<Vec<Range<usize>>> {
    if !text.starts_with('[') {
        return None;
    }
    inner(Rule::exec, text)
}

/// The words of a list.
pub(super) fn list(text: &str) -> Vec<Range<usize>> {
    inner(Rule::list, text).unwrap_or_default()
}

/// The words of ENV, LABEL and ARG.
pub(super) fn pairs(text: &str, escape: Escape) -> Vec<Range<usize>> {
    let rule = match escape {
        Escape::Backslash => Rule::pairs_backslash,
        Escape::Backtick => Rule::pairs_backtick,
    };
    inner(rule, text).unwrap_or_default()
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
    let pair = Grammar::parse(rule, text).ok()?.next()?;
    Some(pair.into_inner().map(|part| range(&part)).collect())
}

fn range(pair: &Pair<Rule>) -> Range<usize> {
    let span = pair.as_span();
    span.start()..span.end()
}
