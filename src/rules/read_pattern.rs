//! Patterns and predicates: from TOML to [`Pattern`], checked against the declared fields of the facts.

use std::sync::Arc;

use super::error::PackFault;
use super::field::NamedField;
use super::names::Names;
use super::pattern::{Bound, Expression, Joined, Pattern, Range, Test};
use super::read_common::{regex, version, versions};
use super::reader::{Log, Node, Reader, Text};
use super::template::Template;
use crate::model::schema::{Kind, Type};
use crate::version::VersionSet;

/// How deep predicates may be nested; the TOML parser refuses deeper tables anyway.
const DEPTH: u32 = 24;

/// How patterns over one fact are joined.
type Join = fn(Vec<Pattern>) -> Joined;

/// The words that join patterns over one fact.
pub(super) const JOINS: [(&str, Join); 3] =
    [("any", Joined::Any), ("all", Joined::All), ("not", Joined::Not)];

/// Predicates that every type takes.
const COMMON: [&str; 4] = ["not", "any", "all", "present"];
const TEXT: [&str; 10] =
    ["is", "among", "regex", "glob", "prefix", "suffix", "contains", "covers", "version", "number"];
const LIST: [&str; 6] = ["has", "lacks", "only", "count", "first", "last"];
const VERSIONS: [&str; 4] = ["within", "overlaps", "admits", "pinned"];
const NAMED: [&str; 3] = ["has", "lacks", "count"];
const FACTS: [&str; 3] = ["has", "lacks", "count"];
const NUMBER: [&str; 2] = ["min", "max"];

/// The predicates that a type takes in a table, besides the [`COMMON`] ones.
pub(super) fn predicates(ty: Type) -> &'static [&'static str] {
    match ty {
        Type::Text => &TEXT,
        Type::Texts => &LIST,
        Type::Versions => &VERSIONS,
        Type::Flags | Type::Map => &NAMED,
        Type::Facts(_) => &FACTS,
        Type::Number => &NUMBER,
        Type::Bool | Type::Fact(_) => &[],
    }
}

/// A type with its article.
pub(super) fn type_name(ty: Type) -> &'static str {
    match ty {
        Type::Text => "a text",
        Type::Texts => "a list of texts",
        Type::Bool => "a yes or no",
        Type::Number => "a number",
        Type::Versions => "a set of versions",
        Type::Flags => "a list of options",
        Type::Map => "a map",
        Type::Fact(_) => "another fact",
        Type::Facts(_) => "a list of facts",
    }
}

/// Reads the one pattern that a table has under the name of a kind of fact.
///
/// `names` are what its texts may use in `{…}`.
pub(super) fn one_pattern(table: Reader<'_>, names: &Names) -> Option<Pattern> {
    let mut patterns = kinds(table);
    if patterns.len() == 1 {
        let (kind, node) = patterns.pop()?;
        return pattern(kind, node, names, DEPTH);
    }
    // A kind with a slip in its name has been noted already.
    if patterns.len() > 1 || table.other_entries().is_empty() {
        table.fault(PackFault::OneKind { count: patterns.len() });
    }
    None
}

/// The entries of a table that are named after a kind of fact; what is neither that nor declared is noted.
pub(super) fn kinds(table: Reader<'_>) -> Vec<(Kind, Node<'_>)> {
    let mut patterns = Vec::new();
    for (key, node) in table.other_entries() {
        if let Some(kind) = Kind::from_name(key.text) {
            patterns.push((kind, node));
        } else {
            let kinds = Kind::ALL.into_iter().map(Kind::name);
            let known = table.declared().chain(kinds).collect();
            let fault = PackFault::UnknownKey { key: key.text.to_owned(), table: table.name(), known };
            table.log.note(key.span, fault);
        }
    }
    patterns
}

fn pattern(kind: Kind, node: Node<'_>, names: &Names, depth: u32) -> Option<Pattern> {
    let entries = node.entries()?;
    if entries.is_empty() {
        node.fault(PackFault::MatchesEverything { kind: kind.name() });
        return None;
    }
    let Some(depth) = depth.checked_sub(1) else {
        too_deep(node);
        return None;
    };
    let mut tests = Vec::new();
    let mut joined = Vec::new();
    for (key, value) in entries {
        if let Some((_, join)) = JOINS.into_iter().find(|(word, _)| *word == key.text) {
            let nodes: Vec<_> =
                if value.is_table() { vec![value] } else { value.items().into_iter().flatten().collect() };
            let patterns = nodes.into_iter().filter_map(|node| pattern(kind, node, names, depth));
            joined.push(join(patterns.collect()));
            continue;
        }
        let Some(field) = NamedField::of(kind, key.text) else {
            let fields = kind.fields().iter().map(|field| field.name);
            let known = fields.chain(JOINS.into_iter().map(|(word, _)| word)).collect();
            let fault = PackFault::UnknownField { kind: kind.name(), field: key.text.to_owned(), known };
            node.log.note(key.span, fault);
            continue;
        };
        let subject = Subject { kind, field };
        tests.extend(test(subject, field.ty, value, names, depth).map(|test| (field, test)));
    }
    Some(Pattern::new(kind, tests, joined))
}

/// The field that a predicate is about, for what errors say.
#[derive(Clone, Copy)]
struct Subject {
    kind: Kind,
    field: NamedField,
}

/// Reads what stands behind a field: the short form of its type, or a table of predicates, all of which hold.
fn test(subject: Subject, ty: Type, node: Node<'_>, names: &Names, depth: u32) -> Option<Test> {
    let Some(depth) = depth.checked_sub(1) else {
        too_deep(node);
        return None;
    };
    if !node.is_table() {
        return short(ty, node, names);
    }
    if let Type::Fact(kind) = ty {
        let entries = node.entries()?;
        let common = entries.iter().any(|(key, _)| COMMON.contains(&key.text));
        if !common {
            return pattern(kind, node, names, depth).map(|pattern| Test::Fact(Box::new(pattern)));
        }
    }
    let mut tests = Vec::new();
    if let Some(range) = number_range(ty, node, names) {
        return Some(Test::Number(range));
    }
    for (key, value) in node.entries()? {
        let read = match key.text {
            "not" => test(subject, ty, value, names, depth).map(|test| Test::Not(Box::new(test))),
            "any" => Some(Test::Any(several(subject, ty, value, names, depth))),
            "all" => Some(Test::All(several(subject, ty, value, names, depth))),
            "present" => value.flag().map(Test::Present),
            _ => predicate(subject, ty, key, value, names, depth),
        };
        tests.extend(read);
    }
    match tests.len() {
        0 => {
            let kind = subject.kind.name();
            if node.entries()?.is_empty() {
                node.fault(PackFault::MatchesEverything { kind });
            }
            None
        }
        1 => tests.pop(),
        _ => Some(Test::All(tests)),
    }
}

fn too_deep(node: Node<'_>) {
    let message = "predicates are nested too deeply".to_owned();
    node.fault(PackFault::Senseless { message, help: None });
}

fn several(subject: Subject, ty: Type, node: Node<'_>, names: &Names, depth: u32) -> Vec<Test> {
    let items = node.items().into_iter().flatten();
    items.filter_map(|item| test(subject, ty, item, names, depth)).collect()
}

/// The short form: a text or several, yes or no, a number.
fn short(ty: Type, node: Node<'_>, names: &Names) -> Option<Test> {
    match ty {
        Type::Text => {
            let mut texts: Vec<Test> = node
                .texts()
                .into_iter()
                .filter_map(|text| template(text, names, node.log).map(Test::Is))
                .collect();
            if texts.len() == 1 { texts.pop() } else { (!texts.is_empty()).then_some(Test::Any(texts)) }
        }
        Type::Bool => node.flag().map(Test::Bool),
        Type::Number => node.required_number().map(|number| Test::Number(Range::of(number))),
        _ => {
            node.wrong::<()>(match ty {
                Type::Fact(_) => "a pattern",
                Type::Versions => "a table such as `{ within = \">=2\" }`",
                _ => "a table such as `{ has = … }`",
            });
            None
        }
    }
}

/// One predicate of a type; which ones there are is said by [`predicates`].
fn predicate(
    subject: Subject,
    ty: Type,
    key: Text<'_>,
    node: Node<'_>,
    names: &Names,
    depth: u32,
) -> Option<Test> {
    if !predicates(ty).contains(&key.text) {
        if ty == Type::Map {
            let value = test(subject, Type::Text, node, names, depth)?;
            return Some(Test::Named(key.text.to_owned(), Box::new(value)));
        }
        let fault = PackFault::WrongPredicate {
            subject: format!("`{}.{}`", subject.kind.name(), subject.field.name),
            type_name: type_name(ty),
            predicate: key.text.to_owned(),
            known: predicates(ty).iter().chain(&COMMON).copied().collect(),
        };
        node.log.note(key.span, fault);
        return None;
    }
    if key.text == "count" {
        return range(node, names).map(Test::Count);
    }
    match ty {
        Type::Text => text_predicate(key.text, node, names),
        Type::Texts => list_predicate(subject, key.text, node, names, depth),
        Type::Versions => versions_predicate(key.text, node),
        Type::Flags | Type::Map => {
            let (name, value) = entry(subject, node, names, depth)?;
            Some(if key.text == "has" { Test::Entry(name, value) } else { Test::NoEntry(name, value) })
        }
        Type::Facts(kind) => {
            let pattern = Box::new(pattern(kind, node, names, depth)?);
            Some(if key.text == "has" { Test::SomeFact(pattern) } else { Test::NoFact(pattern) })
        }
        Type::Bool | Type::Number | Type::Fact(_) => None,
    }
}

fn text_predicate(key: &str, node: Node<'_>, names: &Names) -> Option<Test> {
    let filled = |make: fn(Template) -> Test| {
        let mut tests: Vec<Test> =
            node.texts().into_iter().filter_map(|text| template(text, names, node.log).map(make)).collect();
        if tests.len() == 1 { tests.pop() } else { (!tests.is_empty()).then_some(Test::Any(tests)) }
    };
    let expression = |regex| Test::Regex(Box::new(Expression::new(regex)));
    match key {
        "is" => filled(Test::Is),
        "prefix" => filled(Test::Prefix),
        "suffix" => filled(Test::Suffix),
        "contains" => filled(Test::Contains),
        "covers" => filled(Test::Covers),
        "regex" => node.text().and_then(|text| regex(text, node.log)).map(expression),
        "glob" => {
            let globs = node.texts().into_iter().map(|text| glob(text.text)).collect::<Vec<_>>().join("|");
            regex::Regex::new(&format!("^(?:{globs})$")).ok().map(expression)
        }
        "version" => specifiers(node).map(Test::Version),
        "number" => range(node, names).map(Test::Number),
        "among" => parameter(node.text()?, names, node.log).map(Test::Among),
        _ => None,
    }
}

/// `*` is any text without `/`, `**` any text, `?` one character that is not `/`.
fn glob(glob: &str) -> String {
    let escaped = regex::escape(glob);
    escaped.replace(r"\*\*", ".*").replace(r"\*", "[^/]*").replace(r"\?", "[^/]")
}

fn list_predicate(subject: Subject, key: &str, node: Node<'_>, names: &Names, depth: u32) -> Option<Test> {
    let item = |make: fn(Box<Test>) -> Test| {
        test(subject, Type::Text, node, names, depth).map(|test| make(Box::new(test)))
    };
    match key {
        "has" => item(Test::Has),
        "lacks" => item(Test::Lacks),
        "only" => item(Test::Only),
        "first" => item(Test::First),
        "last" => item(Test::Last),
        _ => None,
    }
}

fn versions_predicate(key: &str, node: Node<'_>) -> Option<Test> {
    match key {
        "within" => specifiers(node).map(Test::Within),
        "overlaps" => specifiers(node).map(Test::Overlaps),
        "admits" => node.text().and_then(|text| version(text, node.log)).map(Test::Admits),
        "pinned" => node.flag().map(Test::Pinned),
        _ => None,
    }
}

/// `has` and `lacks` of options and maps: a test of the name, or `{ name = …, value = … }`.
fn entry(
    subject: Subject,
    node: Node<'_>,
    names: &Names,
    depth: u32,
) -> Option<(Box<Test>, Option<Box<Test>>)> {
    let by_name = node.is_table()
        && node.entries().is_some_and(|entries| entries.iter().any(|(key, _)| key.text == "name"));
    if !by_name {
        return test(subject, Type::Text, node, names, depth).map(|name| (Box::new(name), None));
    }
    let table = node.table(&super::format::ENTRY)?;
    let read = |key: &str| {
        table.get(key).and_then(|node| test(subject, Type::Text, node, names, depth)).map(Box::new)
    };
    read("name").map(|name| (name, read("value")))
}

/// A template, with its error noted at its place.
pub(super) fn template(text: Text<'_>, names: &Names, log: &Log) -> Option<Template> {
    Template::parse(text.text, names).map_err(|fault| log.note(text.span, fault)).ok()
}

fn specifiers(node: Node<'_>) -> Option<VersionSet> {
    node.text().and_then(|text| versions(text, node.log))
}

/// A number, or a table with `min` and `max`.
pub(super) fn range(node: Node<'_>, names: &Names) -> Option<Range> {
    if node.is_table() {
        let table = node.table(&super::format::RANGE)?;
        let bound = |key: &str, otherwise| {
            table.get(key).map_or(Some(Bound::Number(otherwise)), |node| bound(node, names))
        };
        return Some(Range { min: bound("min", 0)?, max: bound("max", usize::MAX)? });
    }
    node.required_number().map(Range::of)
}

/// A number, or the name of a parameter.
fn bound(node: Node<'_>, names: &Names) -> Option<Bound> {
    match node.as_text() {
        Some(text) => parameter(text, names, node.log).map(Bound::Parameter),
        None => node.required_number().map(Bound::Number),
    }
}

fn parameter(text: Text<'_>, names: &Names, log: &Log) -> Option<Arc<str>> {
    names.parameter(text.text).map_err(|fault| log.note(text.span, fault)).ok()
}

/// A range, where the table is one and no table of other predicates.
fn number_range(ty: Type, node: Node<'_>, names: &Names) -> Option<Range> {
    let entries = node.entries().filter(|_| ty == Type::Number)?;
    entries.iter().any(|(key, _)| NUMBER.contains(&key.text)).then(|| range(node, names)).flatten()
}
