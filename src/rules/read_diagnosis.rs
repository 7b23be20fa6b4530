//! `[[diagnosis]]`, `[[remedy]]` and `[[lookup]]`: from TOML to checked entries.

use std::sync::Arc;

use super::diagnosis::{
    Answer, Bind, BindBy, DiagnosisRule, LogExample, LogPattern, Phase, Pick, Remedy, Repair, RepairPlan,
};
use super::error::PackFault;
use super::format_diagnosis as format;
use super::names::Names;
use super::read_common::{pairs, regex};
use super::read_fix::fix;
use super::read_guard::{ORDERS, SCOPES, bind, guard};
use super::read_pattern::{one_pattern, template};
use super::read_rule::check_id;
use super::reader::{Node, Reader, Text};
use super::rule::Scope;
use super::template::Template;
use super::world::World;
use crate::diagnostic::Safety;
use crate::knowledge::{Expression, Lookup};
use crate::model::schema::Kind;

/// Ranks go up to this one.
const HIGHEST_RANK: usize = 99;

/// Reads one diagnosis of the pack of that name; `None` where it cannot be made sense of.
pub(super) fn diagnosis(table: Reader<'_>, pack: &str, world: &World) -> Option<DiagnosisRule> {
    let id = table.text("id")?;
    check_id(id, table);
    let patterns: Vec<LogPattern> =
        table.texts("patterns").into_iter().filter_map(|text| pattern(text, table)).collect();
    let exit = table.get("exit").map(numbers).unwrap_or_default();
    if table.get("patterns").is_none() && exit.is_empty() {
        senseless(table, "a diagnosis has `patterns`, or an `exit` status to go by");
    }
    let mut names = Names::default().with_subject(Kind::Instruction);
    names.bind(patterns.iter().flat_map(|pattern| pattern.names.iter().cloned()));
    let guard = guard(table, &mut names);
    let binds: Vec<Bind> = table
        .tables("bind", &format::BIND)
        .into_iter()
        .filter_map(|table| {
            let bind = read_bind(table, &names, world)?;
            names.bind([Arc::clone(&bind.name)]);
            Some(bind)
        })
        .collect();
    let repairs = table
        .tables("repair", &format::REPAIR)
        .into_iter()
        .filter_map(|table| repair_plan(table, &names, world))
        .collect();
    let examples: Vec<LogExample> =
        table.tables("example", &format::LOG_EXAMPLE).into_iter().filter_map(example).collect();
    let rank = table.get("rank").and_then(Node::required_number)?;
    if rank > HIGHEST_RANK {
        senseless(table, "ranks go from 0 to 99");
    }
    Some(DiagnosisRule {
        id: format!("{pack}/{}", id.text),
        aliases: table.strings("aliases"),
        summary: table.string("summary"),
        cause: templates(table, "cause", &names),
        advice: templates(table, "advice", &names),
        phases: phases(table),
        rank,
        answer: table.word("kind", "kind of answer", Answer::WORDS)?,
        also: expressions(table, "also"),
        without: expressions(table, "without"),
        exit,
        step: table.text("step").and_then(|text| regex(text, table.log)).map(Expression::from),
        stalls: table.flag("stalls").unwrap_or(false),
        guard,
        patterns,
        binds,
        repairs,
        examples: examples.into(),
        span: id.span,
    })
}

/// Reads one remedy.
pub(super) fn remedy(table: Reader<'_>, world: &World) -> Remedy {
    let takes: Vec<Arc<str>> = table.strings("takes").into_iter().map(Arc::from).collect();
    let mut names = Names::default().with_subject(Kind::Instruction);
    names.bind(takes.iter().cloned());
    let repairs = table.tables("repair", &format::REPAIR).into_iter();
    Remedy {
        name: table.string("name"),
        repairs: repairs.filter_map(|table| edit_repair(table, &names, world)).collect(),
        takes,
    }
}

/// Reads one lookup.
pub(super) fn lookup(table: Reader<'_>) -> Lookup {
    let entries = table.get("entries").map(pairs).unwrap_or_default();
    Lookup {
        name: table.string("name"),
        entries: entries.into_iter().collect::<std::collections::BTreeMap<_, _>>().into(),
    }
}

fn pattern(text: Text<'_>, table: Reader<'_>) -> Option<LogPattern> {
    let regex = regex(text, table.log)?;
    let names = regex.capture_names().flatten().map(Arc::from).collect();
    let expression = Expression::from(regex);
    if expression.literals().is_none() {
        let message =
            "the expression has no text that every match contains, so every line would have to be tried"
                .to_owned();
        let help = Some(
            "write letters as they are rather than `(?i)` or classes, or split the alternatives".to_owned(),
        );
        table.log.note(text.span, PackFault::Senseless { message, help });
    }
    Some(LogPattern { expression, names })
}

fn expressions(table: Reader<'_>, key: &str) -> Vec<Expression> {
    table
        .texts(key)
        .into_iter()
        .filter_map(|text| pattern(text, table))
        .map(|pattern| pattern.expression)
        .collect()
}

fn templates(table: Reader<'_>, key: &str, names: &Names) -> Vec<Template> {
    table.texts(key).into_iter().filter_map(|text| template(text, names, table.log)).collect()
}

fn phases(table: Reader<'_>) -> Vec<Phase> {
    let texts = table.texts("phase");
    if texts.is_empty() {
        return vec![Phase::Build];
    }
    texts.into_iter().filter_map(|text| table.meaning(text, "phase", Phase::WORDS)).collect()
}

/// A number or a list of numbers.
fn numbers(node: Node<'_>) -> Vec<usize> {
    if node.is_list() {
        return node.items().into_iter().flatten().filter_map(Node::required_number).collect();
    }
    node.required_number().into_iter().collect()
}

fn read_bind(table: Reader<'_>, names: &Names, world: &World) -> Option<Bind> {
    let template_of = |key: &str| table.text(key).and_then(|text| template(text, names, table.log));
    let name = table.text("name")?;
    let of = template_of("of")?;
    let mut ways = Vec::new();
    if table.get("lookup").is_some() {
        let lookups = table.texts("lookup");
        for lookup in &lookups {
            world.check_lookup(*lookup, table.log);
        }
        ways.push(BindBy::Lookup(lookups.into_iter().map(|text| text.text.to_owned()).collect()));
    }
    if let Some(text) = table.text("regex") {
        let regex = regex(text, table.log)?;
        if !regex.capture_names().flatten().any(|group| group == name.text) {
            senseless(table, "the expression has no group of that name");
        }
        ways.push(BindBy::Regex(regex.into()));
    }
    ways.extend(template_of("nearest").map(BindBy::Nearest));
    ways.extend(template_of("lowest").map(BindBy::Lowest));
    ways.extend(template_of("highest").map(BindBy::Highest));
    if table.flag("in-context").unwrap_or(false) {
        ways.push(BindBy::InContext);
    }
    if ways.len() > 1 {
        senseless(table, "a name is bound in one way");
    }
    Some(Bind { name: name.text.into(), of, by: ways.pop().unwrap_or(BindBy::Same) })
}

fn repair_plan(table: Reader<'_>, names: &Names, world: &World) -> Option<RepairPlan> {
    if table.get("rules").is_some() {
        return Some(RepairPlan::Rules {
            names: table.strings("rules"),
            guard: guard(table, &mut names.clone()),
        });
    }
    let Some(name) = table.text("remedy") else {
        return edit_repair(table, names, world).map(RepairPlan::Edit);
    };
    let entries = table.get("give").map(|node| node.entries().unwrap_or_default()).unwrap_or_default();
    world.check_remedy(name, &entries.iter().map(|(key, _)| *key).collect::<Vec<_>>(), table.log);
    let given = entries
        .into_iter()
        .filter_map(|(key, value)| Some((Arc::from(key.text), template(value.text()?, names, table.log)?)))
        .collect();
    let mut names = names.clone();
    Some(RepairPlan::Remedy {
        name: name.text.to_owned(),
        given,
        guard: guard(table, &mut names),
        safety: table.word("safety", "safety", Safety::WORDS),
    })
}

fn edit_repair(table: Reader<'_>, names: &Names, world: &World) -> Option<Repair> {
    for key in ["title", "safety"] {
        if table.get(key).is_none() {
            table.fault(PackFault::MissingKey { key, table: table.name() });
        }
    }
    let Some(about) = table.get("match").and_then(|node| node.table(&format::ABOUT)) else {
        let plan = fix(table, names, false, world)?;
        let pattern = super::pattern::Pattern::any(Kind::Instruction);
        return Some(Repair { pattern, scope: Scope::Subject, order: None, pick: Pick::Only, plan });
    };
    let pattern = one_pattern(about, names)?;
    let mut names = names.clone().with_subject(pattern.kind);
    bind(&mut names, &pattern);
    Some(Repair {
        scope: about.word("in", "scope", &SCOPES).unwrap_or(Scope::Instruction),
        order: about.word("order", "order", &ORDERS),
        pick: about.word("pick", "choice", Pick::WORDS).unwrap_or(Pick::Only),
        plan: fix(table, &names, false, world)?,
        pattern,
    })
}

fn example(table: Reader<'_>) -> Option<LogExample> {
    let (log, fits) = match (table.text("log"), table.text("other")) {
        (Some(log), None) => (log, true),
        (None, Some(log)) => (log, false),
        _ => {
            senseless(table, "an example has either a `log` or an `other` one");
            return None;
        }
    };
    Some(LogExample {
        log: log.text.to_owned(),
        fits,
        captures: table.get("captures").map(pairs).unwrap_or_default(),
        dockerfile: table.text("dockerfile").map(|text| text.text.to_owned()),
        files: table.get("files").map(pairs).unwrap_or_default(),
        fixed: table.text("fixed").map(|text| text.text.to_owned()),
        fixed_files: table.get("fixed-files").map(pairs).unwrap_or_default(),
        span: log.span,
    })
}

fn senseless(table: Reader<'_>, message: &str) {
    table.fault(PackFault::Senseless { message: message.to_owned(), help: None });
}
