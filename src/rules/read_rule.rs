//! `[[rule]]`: from TOML to [`Rule`].

use std::sync::Arc;

use super::error::PackFault;
use super::format;
use super::names::Names;
use super::parameter::Parameter;
use super::read_example::example;
use super::read_fix::{fix, place};
use super::read_guard::{bind, guard};
use super::read_pattern::{kinds, one_pattern, template};
use super::reader::{Node, Reader, Text};
use super::rule::{Guard, Rule, STACK_NAMES, StackMatch, Subject, Variant};
use super::world::World;
use crate::diagnostic::{Category, Severity};
use crate::model::settings::ParameterValue;

/// Reads one rule of the pack of that name; `None` where it cannot be made sense of.
pub(super) fn rule(table: Reader<'_>, pack: &str, world: &World) -> Option<Rule> {
    let severity = table.word("severity", "severity", Severity::WORDS);
    let category = table.word("category", "category", Category::WORDS);
    let id = table.text("id");
    if let Some(id) = id {
        check_id(id, table);
    }
    let parameters = table.get("parameters").map(parameters).unwrap_or_default();
    let names = Names::parameters(parameters.iter().map(|parameter| Arc::clone(&parameter.name)));
    let subject = table
        .get("match")
        .and_then(|node| node.table(&format::MATCH))
        .and_then(|table| subject(table, &names, world));
    let examples: Vec<_> =
        table.tables("example", &format::EXAMPLE).into_iter().filter_map(example).collect();
    let hadolint = table.get("hadolint").and_then(|node| node.table(&format::HADOLINT));
    let hadolint = hadolint.map(|table| {
        let own = subject.as_ref().map(|(_, _, names)| names);
        variant(table, own, &names, world)
    });
    let (subject, guard, names) = subject?;
    let fixes: Vec<_> = table
        .tables("fix", &format::FIX)
        .into_iter()
        .filter_map(|table| fix(table, &names, matches!(subject, Subject::Stack(_)), world))
        .collect();
    Some(Rule {
        id: format!("{pack}/{}", id?.text),
        aliases: table.strings("aliases"),
        severity: severity?,
        category: category?,
        default: table.flag("default").unwrap_or(true),
        summary: table.string("summary"),
        message: table.text("message").and_then(|text| template(text, &names, table.log)),
        why: table.string("why").trim().to_owned(),
        see: table.strings("see"),
        at: table.text("at").and_then(|text| place(text, &names, table.log)),
        parameters,
        subject,
        guard,
        fixes,
        hadolint,
        examples: examples.into(),
        span: id?.span,
    })
}

/// What a rule leaves to the user.
fn parameters(node: Node<'_>) -> Vec<Parameter> {
    let entries = node.entries().unwrap_or_default();
    let read = entries.into_iter().filter_map(|(name, node)| {
        let table = node.table(&format::PARAMETER)?;
        let default = table.get("default").map(|node| match node.number() {
            Some(number) => ParameterValue::Number(number),
            None => ParameterValue::Texts(table.strings("default")),
        });
        Some(Parameter { name: name.text.into(), doc: table.string("doc"), default })
    });
    read.collect()
}

/// What differs in the other tool; `own` are the names of the rule itself, `parameters` those of its parameters.
fn variant(table: Reader<'_>, own: Option<&Names>, parameters: &Names, world: &World) -> Variant {
    let matched = table.get("match").and_then(|node| node.table(&format::MATCH));
    let judgement = matched.and_then(|table| subject(table, parameters, world));
    let names = judgement.as_ref().map(|(_, _, names)| names).or(own);
    Variant {
        severity: table.word("severity", "severity", Severity::WORDS),
        default: table.flag("default").unwrap_or(true),
        at: table.text("at").zip(names).and_then(|(text, names)| place(text, names, table.log)),
        judgement: judgement.map(|(subject, guard, _)| (subject, guard)),
    }
}

/// The subject of a rule, its conditions, and the names that both bind.
fn subject(table: Reader<'_>, parameters: &Names, world: &World) -> Option<(Subject, Guard, Names)> {
    if let Some(stack) = table.get("stack").and_then(|node| node.table(&format::STACK)) {
        let others = kinds(table).len();
        if others > 0 {
            table.fault(PackFault::OneKind { count: others + 1 });
        }
        let mut names = parameters.clone().with_captures(STACK_NAMES);
        let guard = guard(table, &mut names);
        return Some((Subject::Stack(stack_match(stack, world)?), guard, names));
    }
    let pattern = one_pattern(table, parameters)?;
    let mut names = parameters.clone().with_subject(pattern.kind);
    bind(&mut names, &pattern);
    let guard = guard(table, &mut names);
    Some((Subject::Fact(pattern), guard, names))
}

fn stack_match(table: Reader<'_>, world: &World) -> Option<StackMatch> {
    let texts = |key: &str| table.texts(key);
    for name in texts("pins") {
        world.check_component(name, table.log);
    }
    world.check_relation(&texts("table"), &texts("group"), &texts("columns"), table.log);
    let read = StackMatch {
        tables: table.strings("table"),
        groups: table.strings("group"),
        columns: table.strings("columns"),
        pins: table.strings("pins"),
        missing: table.flag("missing").unwrap_or(false),
    };
    if read.tables.is_empty() && read.groups.is_empty() && !read.missing {
        table.fault(PackFault::MatchesEverything { kind: "conflict" });
        return None;
    }
    Some(read)
}

/// Notes a name that is not kebab-case.
pub(super) fn check_id(id: Text<'_>, table: Reader<'_>) {
    let kebab = id
        .text
        .split('-')
        .all(|word| !word.is_empty() && word.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit()));
    if !kebab {
        let message = format!("`{}` is not kebab-case", id.text);
        let help = Some("use small letters, digits and single hyphens".to_owned());
        table.log.note(id.span, PackFault::Senseless { message, help });
    }
}
