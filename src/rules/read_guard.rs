//! `requires` and `unless`: from TOML to a [`Guard`].

use super::error::PackFault;
use super::format;
use super::names::Names;
use super::pattern::{Pattern, Range};
use super::read_pattern::{one_pattern, range};
use super::reader::Reader;
use super::rule::{Condition, Guard, Order, Scope};

pub(super) const SCOPES: [(&str, Scope); 9] = [
    ("subject", Scope::Subject),
    ("instruction", Scope::Instruction),
    ("command-list", Scope::CommandList),
    ("call", Scope::Call),
    ("scope", Scope::InForce),
    ("own-stage", Scope::OwnStage),
    ("stage", Scope::Stage),
    ("descendants", Scope::Descendants),
    ("file", Scope::File),
];

pub(super) const ORDERS: [(&str, Order); 4] = [
    ("before", Order::Before),
    ("after", Order::After),
    ("just-before", Order::JustBefore),
    ("just-after", Order::JustAfter),
];

/// Reads the conditions of a table; what `requires` binds is added to the names.
pub(super) fn guard(table: Reader<'_>, names: &mut Names) -> Guard {
    let mut read = |key: &str, binds: bool| {
        let mut conditions = Vec::new();
        for table in table.tables(key, &format::CONDITION) {
            let Some(condition) = condition(table, names) else { continue };
            if binds {
                bind(names, &condition.pattern);
            }
            conditions.push(condition);
        }
        conditions
    };
    Guard { requires: read("requires", true), unless: read("unless", false) }
}

/// Adds what a pattern binds to the names.
pub(super) fn bind(names: &mut Names, pattern: &Pattern) {
    names.bind(pattern.captures());
}

fn condition(table: Reader<'_>, names: &Names) -> Option<Condition> {
    let pattern = one_pattern(table, names)?;
    let scope = table.word("in", "scope", &SCOPES).unwrap_or(Scope::InForce);
    let order = table.word("order", "order", &ORDERS);
    if scope == Scope::InForce && matches!(order, Some(Order::After | Order::JustAfter)) {
        table.fault(PackFault::Senseless {
            message: "what is in force at the subject stands before it".to_owned(),
            help: Some("look in `own-stage`, `stage` or `file` for what comes after".to_owned()),
        });
    }
    Some(Condition {
        pattern,
        scope,
        order,
        count: table.get("count").and_then(|node| range(node, names)).unwrap_or(Range::SOME),
    })
}
