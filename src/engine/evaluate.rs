//! Rules over facts: one finding for each subject that matches.

use super::condition::holds;
use super::dispatch::{Active, Dispatch};
use super::edits::fixes;
use super::place::locate;
use super::scope::{FactIndex, FactRef, key_of};
use crate::diagnostic::Diagnostic;
use crate::knowledge::Knowledge;
use crate::model::facts::{Facts, Index};
use crate::model::schema::Kind;
use crate::rules::{Pattern, Scene, Verdict};
use crate::source::Location;

/// A finding, and the instruction of its subject.
#[derive(Debug)]
pub(super) struct Found {
    pub diagnostic: Diagnostic,
    pub instruction: Option<Index>,
}

/// Every finding of the rules about facts.
pub(super) fn findings<'f>(
    facts: &'f Facts,
    index: &FactIndex<'_>,
    dispatch: &'f Dispatch<'f>,
    knowledge: &Knowledge,
) -> Vec<Found> {
    let mut found = Vec::new();
    for kind in Kind::ALL.into_iter().filter(|kind| dispatch.has(*kind)) {
        for fact in 0..kind.count(facts) {
            for (pattern, active) in dispatch.rules(kind, key_of(facts, kind, fact)) {
                let Some(scene) = matches(pattern, active, (kind, fact), facts, index) else { continue };
                let instruction = kind.instruction(facts, fact);
                let triggered = instruction.and_then(|index| facts.instructions.get(index));
                // What is told at the `FROM` is written elsewhere.
                let fixes = match triggered {
                    Some(instruction) if instruction.triggered => Vec::new(),
                    _ => fixes(&active.rule.fixes, index, knowledge, &scene),
                };
                let at = active.at.and_then(|place| locate(place, &scene));
                let at = at.unwrap_or_else(|| kind.at(facts, fact));
                let diagnostic = Diagnostic { fixes, ..finding(active, at, &scene) };
                found.push(Found { diagnostic, instruction });
            }
        }
    }
    found
}

/// What the rule binds at the subject, if it matches there.
fn matches<'f>(
    pattern: &Pattern,
    active: Active<'f>,
    subject: FactRef,
    facts: &'f Facts,
    index: &FactIndex<'_>,
) -> Option<Scene<'f>> {
    let mut scene = Scene { parameters: Some(active.parameters), ..Scene::new(facts, Some(subject)) };
    let matched =
        pattern.test(subject.1, &mut scene) == Verdict::Yes && holds(active.guard, index, &mut scene);
    matched.then_some(scene)
}

/// A finding of the rule, without fixes.
pub(super) fn finding(active: Active<'_>, at: Location, scene: &Scene<'_>) -> Diagnostic {
    let rule = active.rule;
    let message = rule.message.as_ref().and_then(|message| scene.render(message));
    Diagnostic {
        rule: rule.id.clone(),
        aliases: rule.aliases.clone(),
        category: rule.category,
        severity: active.severity,
        message: message.unwrap_or_else(|| rule.summary.clone()),
        note: (!rule.why.is_empty()).then(|| rule.why.clone()),
        at,
        related: Vec::new(),
        fixes: Vec::new(),
    }
}
