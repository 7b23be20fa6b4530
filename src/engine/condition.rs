//! Whether the conditions of a rule hold around a subject.

use super::scope::{FactIndex, Place, around};
use crate::model::facts::{Facts, Index};
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
    let place = Place { subject, scope: condition.scope, order: condition.order };
    let around = around(facts, index, place, kind, &index.candidates(&condition.pattern));
    let Some(range) = condition.count.resolve(scene) else { return Verdict::Unknown };
    let (min, max) = range.into_inner();
    let enough = max == usize::MAX;
    let (mut yes, mut unknown) = (0, 0);
    for candidate in around.facts {
        match condition.pattern.test(candidate, scene) {
            Verdict::Yes => yes += 1,
            Verdict::Unknown => unknown += 1,
            Verdict::No => {}
        }
        if enough && yes >= min {
            return Verdict::Yes;
        }
    }
    if around.cut {
        return Verdict::Unknown;
    }
    if kind == Kind::Package && is_list_open(facts, index, place) {
        return if max < yes { Verdict::No } else { Verdict::Unknown };
    }
    match ((min..=max).contains(&yes), (min..=max).contains(&(yes + unknown))) {
        (true, true) => Verdict::Yes,
        _ if yes > max || yes + unknown < min => Verdict::No,
        _ => Verdict::Unknown,
    }
}

/// Whether there may be packages where the condition looks that nobody could read: in a file that could not be
/// opened, or in a variable that is not known.
fn is_list_open(facts: &Facts, index: &FactIndex<'_>, place: Place) -> bool {
    let look = |kind, candidates: &[Index]| {
        let around = around(facts, index, place, kind, &[candidates]);
        around.cut || !around.facts.is_empty()
    };
    let (subject, fact) = place.subject;
    // The subject's own command counts as well: it may name further packages.
    let is_unknown = |own: Index| index.is_unknown_install(facts, own);
    look(Kind::File, &index.unread)
        || subject.command(facts, fact).is_some_and(is_unknown)
        || look(Kind::Command, &index.unknown_installs)
}
