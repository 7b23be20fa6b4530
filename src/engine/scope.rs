//! Which facts a condition looks at: where they stand relative to the subject.

use std::collections::{BTreeMap, HashMap};

use crate::model::facts::{Facts, Index, Variable};
use crate::model::schema::{FieldValue, Kind};
use crate::rules::{Order, Pattern, Scope};

/// A fact.
pub(super) type FactRef = (Kind, Index);

/// The facts of one Dockerfile, findable by what patterns name most: a command's program, a variable's name.
#[derive(Debug, Default)]
pub(super) struct FactIndex<'f> {
    by_key: HashMap<(Kind, &'f str), Vec<Index>>,
}

/// The field by which facts of a kind are found.
pub(super) fn key_field(kind: Kind) -> Option<&'static str> {
    match kind {
        Kind::Instruction | Kind::Copy => Some("keyword"),
        Kind::Command => Some("program"),
        Kind::Package | Kind::Variable => Some("name"),
        Kind::Image => Some("role"),
        Kind::Mount => Some("type"),
        Kind::Stage | Kind::File => None,
    }
}

/// The text of a fact's key field.
pub(super) fn key_of(facts: &Facts, kind: Kind, index: Index) -> Option<&str> {
    match (kind.field(key_field(kind)?)?.get)(facts, index) {
        FieldValue::Str(text) => Some(text),
        FieldValue::Text(value) => value.known(),
        _ => None,
    }
}

impl<'f> FactIndex<'f> {
    /// Sorts the facts.
    pub(super) fn new(facts: &'f Facts) -> Self {
        let mut index = Self::default();
        for kind in Kind::ALL {
            for fact in 0..kind.count(facts) {
                if let Some(key) = key_of(facts, kind, fact) {
                    index.by_key.entry((kind, key)).or_default().push(fact);
                }
            }
        }
        index
    }

    /// The facts that may match the pattern, in order.
    pub(super) fn candidates(&self, facts: &Facts, pattern: &Pattern) -> Vec<Index> {
        let keys = key_field(pattern.kind).and_then(|field| pattern.plain_texts(field));
        let Some(keys) = keys else { return (0..pattern.kind.count(facts)).collect() };
        let found = keys.into_iter().filter_map(|key| self.by_key.get(&(pattern.kind, key)));
        let mut facts: Vec<Index> = found.flatten().copied().collect();
        facts.sort_unstable();
        facts
    }
}

/// The candidates that stand where the condition looks, nearest to the subject first where it looks back.
pub(super) fn in_scope(
    facts: &Facts,
    subject: FactRef,
    scope: Scope,
    order: Option<Order>,
    kind: Kind,
    candidates: Vec<Index>,
) -> Vec<Index> {
    let mut found: Vec<Index> = candidates
        .into_iter()
        .filter(|candidate| is_in_scope(facts, subject, scope, (kind, *candidate)))
        .filter(|candidate| order.is_none_or(|order| is_in_order(facts, subject, order, (kind, *candidate))))
        .collect();
    if scope == Scope::InForce && kind == Kind::Variable {
        return in_force(facts, &found);
    }
    if scope == Scope::InForce || matches!(order, Some(Order::Before | Order::JustBefore)) {
        found.reverse();
    }
    found
}

fn is_in_scope(facts: &Facts, subject: FactRef, scope: Scope, candidate: FactRef) -> bool {
    let instruction = |fact: FactRef| fact.0.instruction(facts, fact.1);
    let stage = |fact: FactRef| fact.0.stage(facts, fact.1);
    match scope {
        Scope::File => true,
        Scope::Subject => candidate == subject,
        Scope::Instruction => {
            instruction(candidate) == instruction(subject) && instruction(subject).is_some()
        }
        Scope::CommandList => same_script(facts, subject, candidate),
        Scope::Call => {
            call_of(facts, candidate).is_some() && call_of(facts, candidate) == call_of(facts, subject)
        }
        Scope::OwnStage => stage(candidate) == stage(subject),
        Scope::Stage => starts_from(facts, stage(subject), stage(candidate)),
        Scope::Descendants => starts_from(facts, stage(candidate), stage(subject)),
        Scope::InForce => is_in_force(facts, subject, candidate),
    }
}

/// Whether the stage is the other one, or starts from it.
fn starts_from(facts: &Facts, stage: Option<Index>, other: Option<Index>) -> bool {
    let mut stage = stage;
    // A stage starts from an earlier one, so the way is no longer than there are stages.
    for _ in 0..=facts.stages.len() {
        match stage {
            None => return other.is_none() && stage == other,
            Some(_) if stage == other => return true,
            Some(index) => match facts.stages.get(index).and_then(|stage| stage.parent) {
                None => return false,
                parent => stage = parent,
            },
        }
    }
    false
}

fn same_script(facts: &Facts, subject: FactRef, candidate: FactRef) -> bool {
    let script = |fact: FactRef| {
        let command = fact.0.command(facts, fact.1)?;
        facts.commands.get(command).map(|command| (command.instruction, command.script_end))
    };
    if let (Some(one), Some(other)) = (script(subject), script(candidate)) {
        return one == other;
    }
    let instruction = subject.0.instruction(facts, subject.1);
    instruction.is_some() && instruction == candidate.0.instruction(facts, candidate.1)
}

/// The call whose packages are resolved together with the fact: that of a package or of a command.
fn call_of(facts: &Facts, fact: FactRef) -> Option<usize> {
    if fact.0 == Kind::Package {
        return facts.packages.get(fact.1).map(|package| package.call);
    }
    let command = fact.0.command(facts, fact.1)?;
    facts.packages.iter().find(|package| package.command == Some(command)).map(|package| package.call)
}

fn is_in_order(facts: &Facts, subject: FactRef, order: Order, candidate: FactRef) -> bool {
    let place = |fact: FactRef| fact.0.order(facts, fact.1);
    let instruction = |fact: FactRef| fact.0.instruction(facts, fact.1);
    let next = |first: Option<Index>, second: Option<Index>| match (first, second) {
        (Some(first), Some(second)) => first + 1 == second,
        _ => false,
    };
    match order {
        Order::Before => place(candidate) < place(subject),
        Order::After => place(candidate) > place(subject),
        Order::JustBefore => next(instruction(candidate), instruction(subject)),
        Order::JustAfter => next(instruction(subject), instruction(candidate)),
    }
}

/// Whether the candidate has an effect where the subject stands.
fn is_in_force(facts: &Facts, subject: FactRef, candidate: FactRef) -> bool {
    let instruction = |fact: FactRef| fact.0.instruction(facts, fact.1);
    let earlier = || candidate.0.order(facts, candidate.1) < subject.0.order(facts, subject.1);
    let in_chain =
        || starts_from(facts, subject.0.stage(facts, subject.1), candidate.0.stage(facts, candidate.1));
    match candidate.0 {
        Kind::Mount => instruction(candidate) == instruction(subject),
        Kind::Variable => {
            let Some(variable) = facts.variables.get(candidate.1) else { return false };
            match variable.kind {
                "assignment" => {
                    variable.command.is_some() && variable.command == subject.0.command(facts, subject.1)
                }
                "export" => same_script(facts, subject, candidate) && runs_before(facts, variable, subject),
                // Before the first FROM stand the ARGs that count in FROM alone.
                _ if variable.stage.is_none() => is_from(facts, instruction(subject)) && earlier(),
                _ => in_chain() && earlier(),
            }
        }
        _ => in_chain() && earlier(),
    }
}

/// Whether the shell sets the variable before it comes to the subject's command.
fn runs_before(facts: &Facts, variable: &Variable, subject: FactRef) -> bool {
    let command = subject.0.command(facts, subject.1).and_then(|index| facts.commands.get(index));
    command.is_some_and(|command| variable.at.span.start < command.at.span.start)
}

fn is_from(facts: &Facts, instruction: Option<Index>) -> bool {
    instruction.and_then(|index| facts.instructions.get(index)).is_some_and(|it| it.keyword == "from")
}

/// Of the settings of each variable, the one that holds: the nearest kind, and of that the last.
fn in_force(facts: &Facts, found: &[Index]) -> Vec<Index> {
    let strength = |variable: &Variable| match variable.kind {
        "assignment" => 3,
        "export" => 2,
        "env" => 1,
        _ => 0,
    };
    let mut holding: BTreeMap<&str, (u8, Index)> = BTreeMap::new();
    for &index in found {
        let Some(variable) = facts.variables.get(index) else { continue };
        let own = (strength(variable), index);
        let best = holding.entry(&variable.name).or_insert(own);
        *best = (*best).max(own);
    }
    holding.into_values().map(|(_, index)| index).collect()
}
