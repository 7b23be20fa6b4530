//! What a word becomes when its variables are known, and which text of it came from where.
//!
//! [`ShellWord::expand`] follows POSIX for `$NAME` and the usual `${NAME…}` forms. Command substitution,
//! arithmetic, arrays and patterns with brackets are beyond it and make the result unknown; the rest of
//! the word is still given. Globs are not expanded and the result is not split into fields.

use std::ops::Range;

use super::pattern::Pattern;
use super::tree::{Expansion, ExpansionKind, Parameter, ParameterPrefix, Part, QuoteStyle, ShellWord};
use crate::source::Span;

/// What is known of a variable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Variable {
    /// It has this value.
    Set(String),
    /// It does not exist, and so reads as empty.
    Unset,
    /// Nobody can say.
    Unknown,
}

impl From<Option<String>> for Variable {
    /// `None` is [`Variable::Unknown`]: not to know a variable does not mean that it is unset.
    fn from(value: Option<String>) -> Self {
        value.map_or(Self::Unknown, Self::Set)
    }
}

/// What a word becomes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Expanded {
    /// The text. What is not known is missing from it.
    pub text: String,
    /// Where each byte of the text comes from: pieces without gap or overlap, none of them empty.
    pub pieces: Vec<Piece>,
    /// Whether some part of the text is not known.
    pub unknown: bool,
}

impl Expanded {
    /// The text, if all of it is known.
    pub fn known(&self) -> Option<&str> {
        (!self.unknown).then_some(self.text.as_str())
    }

    fn push(&mut self, text: &str, origin: Origin, quoted: bool) {
        if !text.is_empty() {
            let start = self.text.len();
            self.text.push_str(text);
            self.pieces.push(Piece { range: start..self.text.len(), origin, quoted });
        }
    }
}

/// A stretch of the text of an [`Expanded`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    /// Which bytes of the text.
    pub range: Range<usize>,
    /// Where they come from.
    pub origin: Origin,
    /// Whether they are quoted; a variable that is not is split at its spaces by the shell.
    pub quoted: bool,
}

/// Where a [`Piece`] comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// It is written here.
    Literal(Span),
    /// It is the value of a variable.
    Variable {
        /// The variable.
        name: String,
        /// Where it is referred to: the whole `$NAME` or `${NAME…}`.
        span: Span,
        /// Whether the piece is the value unchanged, so that a new value would appear as it is.
        whole: bool,
    },
}

impl ShellWord {
    /// Replaces the variables of the word by what `lookup` knows of them.
    pub fn expand<F, V>(&self, lookup: F) -> Expanded
    where
        F: Fn(&str) -> V,
        V: Into<Variable>,
    {
        let lookup = |name: &str| lookup(name).into();
        let mut expanded = Expanded::default();
        expand_parts(&self.parts, false, &lookup, &mut expanded);
        expanded
    }
}

type Lookup<'a> = &'a dyn Fn(&str) -> Variable;

fn expand_parts(parts: &[Part], quoted: bool, lookup: Lookup, into: &mut Expanded) {
    for part in parts {
        match part {
            Part::Literal(text) => into.push(&text.value, Origin::Literal(text.span), quoted),
            Part::Escaped(text) => into.push(&text.value, Origin::Literal(text.span), true),
            Part::Tilde(text) if text.value == "~" => match lookup("HOME") {
                Variable::Set(home) => into.push(&home, variable("HOME", text.span, true), true),
                Variable::Unset | Variable::Unknown => into.unknown = true,
            },
            Part::Quoted(inner) if inner.style != QuoteStyle::Localized => {
                expand_parts(&inner.parts, true, lookup, into);
            }
            Part::Expansion(Expansion { kind: ExpansionKind::Parameter(parameter), span, .. }) => {
                if expand_parameter(parameter, *span, quoted, lookup, into).is_none() {
                    into.unknown = true;
                }
            }
            Part::Tilde(_) | Part::Quoted(_) | Part::Expansion(_) | Part::Array { .. } => into.unknown = true,
        }
    }
}

fn variable(name: &str, span: Span, whole: bool) -> Origin {
    Origin::Variable { name: name.to_owned(), span, whole }
}

/// Appends the value of a parameter; `None` if it is not known.
fn expand_parameter(
    parameter: &Parameter,
    span: Span,
    quoted: bool,
    lookup: Lookup,
    into: &mut Expanded,
) -> Option<()> {
    if parameter.index.is_some() || parameter.prefix == Some(ParameterPrefix::Indirect) {
        return None;
    }
    let name = parameter.name.value.as_str();
    let value = match lookup(name) {
        Variable::Set(value) => Some(value),
        Variable::Unset => None,
        Variable::Unknown => return None,
    };
    if parameter.prefix == Some(ParameterPrefix::Length) {
        let length = value.unwrap_or_default().chars().count().to_string();
        into.push(&length, variable(name, span, false), quoted);
        return Some(());
    }
    let operator = parameter.operator.as_ref().map_or("", |operator| operator.value.as_str());
    let present = value.as_ref().is_some_and(|value| !operator.starts_with(':') || !value.is_empty());
    let word = parameter.arguments.first();
    match (operator, value) {
        (":-" | "-" | ":=" | "=", _) if !present => {
            expand_parts(word.map_or(&[], |word| &word.parts), quoted, lookup, into);
        }
        (":+" | "+", _) => {
            if present {
                expand_parts(word.map_or(&[], |word| &word.parts), quoted, lookup, into);
            }
        }
        // The shell stops with a message.
        (":?" | "?", _) if !present => return None,
        ("" | ":-" | "-" | ":=" | "=" | ":?" | "?", value) => {
            into.push(&value.unwrap_or_default(), variable(name, span, true), quoted);
        }
        (operator, value) => {
            let changed = change(&value.unwrap_or_default(), operator, &parameter.arguments, lookup)?;
            into.push(&changed, variable(name, span, false), quoted);
        }
    }
    Some(())
}

/// Values longer than this are not matched against patterns, which may take the square of their length.
const LONGEST_VALUE: usize = 4096;

/// The value after an operator that cuts, replaces or changes case; `None` if that is beyond us.
fn change(value: &str, operator: &str, arguments: &[ShellWord], lookup: Lookup) -> Option<String> {
    if value.len() > LONGEST_VALUE {
        return None;
    }
    let first = arguments.first();
    let plain = first.is_none_or(|word| word.parts.is_empty());
    Some(match operator {
        "^^" if plain => value.to_uppercase(),
        ",," if plain => value.to_lowercase(),
        "#" | "##" => {
            let longest = operator.len() == 2;
            let cut = pattern(first?, lookup)?.prefix(value, longest).unwrap_or(0);
            value.get(cut..)?.to_owned()
        }
        "%" | "%%" => {
            let longest = operator.len() == 2;
            let cut = pattern(first?, lookup)?.suffix(value, longest).unwrap_or(value.len());
            value.get(..cut)?.to_owned()
        }
        "/" | "//" => {
            let wanted = pattern(first?, lookup)?;
            let wanted = wanted.text().filter(|wanted| !wanted.is_empty())?;
            let replacement = match arguments.get(1) {
                Some(word) => known(word, lookup)?,
                None => String::new(),
            };
            let count = if operator == "/" { 1 } else { usize::MAX };
            value.replacen(wanted, &replacement, count)
        }
        ":" => {
            let number = |word: &ShellWord| known(word, lookup)?.trim().parse::<usize>().ok();
            let from = number(first?)?;
            let length = match arguments.get(1) {
                Some(word) => number(word)?,
                None => usize::MAX,
            };
            value.chars().skip(from).take(length).collect()
        }
        _ => return None,
    })
}

fn known(word: &ShellWord, lookup: Lookup) -> Option<String> {
    let mut expanded = Expanded::default();
    expand_parts(&word.parts, false, lookup, &mut expanded);
    (!expanded.unknown).then_some(expanded.text)
}

fn pattern(word: &ShellWord, lookup: Lookup) -> Option<Pattern> {
    let mut expanded = Expanded::default();
    expand_parts(&word.parts, false, lookup, &mut expanded);
    if expanded.unknown {
        return None;
    }
    Pattern::new(expanded.pieces.iter().map(|piece| {
        let text = expanded.text.get(piece.range.clone()).unwrap_or_default();
        (text, piece.quoted)
    }))
}

#[cfg(test)]
mod tests {
    use super::super::parse;
    use super::*;
    use crate::source::Mapped;

    fn expand(text: &str) -> Expanded {
        let script = parse(&Mapped::verbatim(text, 0));
        let word = script.commands().next().and_then(|found| found.command.words.first().cloned()).unwrap();
        word.expand(|name: &str| match name {
            "V" => Variable::Set("12.4.1".into()),
            "E" => Variable::Set(String::new()),
            "U" => Variable::Unset,
            _ => Variable::Unknown,
        })
    }

    fn check(text: &str, expected: Option<&str>) {
        assert_eq!(expand(text).known(), expected, "in {text}");
    }

    #[test]
    fn values_and_defaults() {
        check("cuda-$V", Some("cuda-12.4.1"));
        check("\"${V}\"-'$V'-\\$V", Some("12.4.1-$V-$V"));
        check("a$U${U}b", Some("ab"));
        check("${U:-x$V}${U-y}${E-z}${E:-w}", Some("x12.4.1yw"));
        check("${V:+a}${U:+b}${E:+c}${E+d}", Some("ad"));
        check("${V:?no}${E=x}", Some("12.4.1"));
        check("${U:?no}", None);
        check("$X", None);
        check("${X:-a}", None);
        check("$(date)", None);
    }

    #[test]
    fn values_are_cut_and_changed() {
        check("${V%.*}/${V%%.*}/${V#*.}/${V##*.}", Some("12.4/12/4.1/1"));
        check("${V//./-}/${V/./}/${V//\"4.\"/x}", Some("12-4-1/124.1/12.x1"));
        check("${V:0:2}/${V:3}/${#V}", Some("12/4.1/6"));
        check("${V%.[0-9]}", None);
        check("${V^^}${V,,}", Some("12.4.112.4.1"));
        check("${!V}", None);
        check("${V[0]}", None);
    }

    #[test]
    fn pieces_say_where_they_come_from() {
        let expanded = expand("a${V%.1}\"b$V\"${U:-c}");
        assert_eq!(expanded.text, "a12.4b12.4.1c");
        let variable =
            |start, end, whole| Origin::Variable { name: "V".into(), span: Span::new(start, end), whole };
        let expected = [
            (0..1, Origin::Literal(Span::new(0, 1)), false),
            (1..5, variable(1, 8, false), false),
            (5..6, Origin::Literal(Span::new(9, 10)), true),
            (6..12, variable(10, 12, true), true),
            (12..13, Origin::Literal(Span::new(18, 19)), false),
        ];
        let expected = expected.map(|(range, origin, quoted)| Piece { range, origin, quoted });
        assert_eq!(expanded.pieces, expected);
    }
}
