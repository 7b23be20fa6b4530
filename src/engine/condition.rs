//! Whether the conditions of a rule hold around a subject.

use super::scope::{FactIndex, FactRef, in_scope};
use crate::model::facts::Facts;
use crate::model::schema::Kind;
use crate::rules::{Condition, Guard, Scene, Verdict};

/// Whether all of `requires` and none of `unless` holds. What `requires` binds stays bound.
///
/// What is in doubt does not hold, and what is in doubt under `unless` might: either way the rule stays silent.
pub(super) fn holds(guard: &Guard, index: &FactIndex<'_>, scene: &mut Scene<'_>) -> bool {
    guard.requires.iter().all(|condition| verdict(condition, index, scene) == Verdict::Yes)
        && guard.unless.iter().all(|condition| {
            let mut apart = Scene { captures: scene.captures.clone(), ..*scene };
            verdict(condition, index, &mut apart) == Verdict::No
        })
}

fn verdict(condition: &Condition, index: &FactIndex<'_>, scene: &mut Scene<'_>) -> Verdict {
    let Some(subject) = scene.subject else { return Verdict::Unknown };
    let facts = scene.facts;
    let kind = condition.pattern.kind;
    let candidates = index.candidates(facts, &condition.pattern);
    let candidates = in_scope(facts, subject, condition.scope, condition.order, kind, candidates);
    let enough = condition.count.max == usize::MAX;
    let (mut yes, mut unknown) = (0, 0);
    for candidate in candidates {
        match condition.pattern.test(candidate, scene) {
            Verdict::Yes => yes += 1,
            Verdict::Unknown => unknown += 1,
            Verdict::No => {}
        }
        if enough && yes >= condition.count.min {
            return Verdict::Yes;
        }
    }
    let range = condition.count;
    if kind == Kind::Package && is_list_open(facts, subject, condition) {
        return if range.max < yes { Verdict::No } else { Verdict::Unknown };
    }
    match (range.contains(yes), range.contains(yes + unknown)) {
        (true, true) => Verdict::Yes,
        _ if yes > range.max || yes + unknown < range.min => Verdict::No,
        _ => Verdict::Unknown,
    }
}

/// Whether there may be packages where the condition looks that nobody could read: in a file that could not be
/// opened, or in a variable that is not known.
fn is_list_open(facts: &Facts, subject: FactRef, condition: &Condition) -> bool {
    let unread = (0..facts.files.len()).filter(|index| {
        facts.files.get(*index).is_some_and(|file| {
            file.file.is_none() && matches!(file.kind, "requirements" | "constraints" | "conda" | "project")
        })
    });
    let look = |kind, candidates| {
        !in_scope(facts, subject, condition.scope, condition.order, kind, candidates).is_empty()
    };
    if look(Kind::File, unread.collect()) {
        return true;
    }
    let mut installing: Vec<_> = facts.packages.iter().filter_map(|package| package.command).collect();
    installing.dedup();
    installing.retain(|command| facts.commands.get(*command).is_some_and(|command| !command.known));
    // The subject's own command counts as well: it may name further packages.
    let own = subject.0.command(facts, subject.1).is_some_and(|own| installing.contains(&own));
    own || look(Kind::Command, installing)
}
