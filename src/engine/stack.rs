//! Conflicts of the stack to findings: which rule speaks about one, in which words, with which repairs.

use super::condition::holds;
use super::dispatch::StackRule;
use super::edits::fixes_with;
use super::evaluate::{Found, finding};
use super::scope::{FactIndex, FactRef};
use crate::diagnostic::{Diagnostic, Edit, Related};
use crate::model::facts::Facts;
use crate::model::schema::Kind;
use crate::model::settings::Settings;
use crate::rules::{Packs, STACK_NAMES, Scene, StackMatch, Verdict};
use crate::source::Location;
use crate::stack::{self, Finding, Origin, Reading, RelationUse, World};

/// Every conflict of the stack that a rule speaks about.
///
/// `world` gives what the packs know of versions, indexed; it is dear to make, so it is asked for only where
/// something says a version.
pub(super) fn findings<'w>(
    facts: &Facts,
    index: &FactIndex<'_>,
    packs: &Packs,
    world: &dyn Fn() -> &'w World<'w>,
    settings: &Settings,
    rules: &[StackRule<'_>],
) -> Vec<Found> {
    if rules.iter().all(|rule| rule.active.is_none()) {
        return Vec::new();
    }
    let readings = readings(facts, index, packs);
    let silent = facts.packages.is_empty()
        && facts.images.iter().all(|image| image.pattern.is_none())
        && readings.is_empty();
    if silent {
        return Vec::new();
    }
    let world = world();
    let sources = stack::Sources { facts, knowledge: &packs.knowledge, world, readings: &readings, settings };
    let teller = Teller { facts, index, packs, world, sources };
    stack::findings(sources).iter().filter_map(|finding| teller.tell(finding, rules)).collect()
}

/// The stacks of every stage that the target needs.
pub(super) fn stacks(
    facts: &Facts,
    index: &FactIndex<'_>,
    packs: &Packs,
    world: &World<'_>,
    settings: &Settings,
) -> Vec<stack::Stack> {
    let readings = readings(facts, index, packs);
    stack::stacks(stack::Sources { facts, knowledge: &packs.knowledge, world, readings: &readings, settings })
}

/// What facts say about components by the sources that packs declare.
fn readings(facts: &Facts, index: &FactIndex<'_>, packs: &Packs) -> Vec<Reading> {
    let mut readings = Vec::new();
    for source in &packs.sources {
        let kind = source.pattern.kind;
        let mut found = index.sure_candidates(&source.pattern).concat();
        found.sort_unstable();
        for fact in found {
            let mut scene = Scene::new(facts, Some((kind, fact)));
            if source.pattern.test(fact, &mut scene) != Verdict::Yes
                || !holds(&source.guard, index, &mut scene)
            {
                continue;
            }
            // What cannot be told makes the version unknown, which an empty text says.
            let versions = source.value.as_ref().map(|alternatives| {
                let texts: Option<Vec<_>> = alternatives.iter().map(|text| scene.render(text)).collect();
                texts.unwrap_or_else(|| vec![String::new()])
            });
            let captures = scene.captures.values().cloned().collect();
            readings.push(Reading {
                component: source.component.clone(),
                kind,
                index: fact,
                versions,
                captures,
            });
        }
    }
    readings
}

struct Teller<'a> {
    facts: &'a Facts,
    index: &'a FactIndex<'a>,
    packs: &'a Packs,
    world: &'a World<'a>,
    sources: stack::Sources<'a>,
}

impl Teller<'_> {
    /// The finding of the first rule that claims the conflict. Where that rule is silenced, nobody speaks.
    fn tell(&self, conflict: &Finding, rules: &[StackRule<'_>]) -> Option<Found> {
        let subject = conflict.pins.iter().find_map(|pin| fact_behind(&pin.origin));
        let (rule, scene) =
            rules.iter().filter(|rule| self.claims(rule.conflicts, conflict)).find_map(|rule| {
                let parameters = rule.active.map(|active| active.parameters);
                let mut scene = Scene { parameters, ..Scene::new(self.facts, subject) };
                bind(conflict, &mut scene);
                let guarded = !rule.rule.guard.requires.is_empty() || !rule.rule.guard.unless.is_empty();
                (!guarded || holds(&rule.rule.guard, self.index, &mut scene)).then_some((rule, scene))
            })?;
        let active = rule.active?;
        let primary = conflict.pins.iter().position(|pin| fact_behind(&pin.origin).is_some()).unwrap_or(0);
        let at = conflict.pins.get(primary).map_or_else(Location::default, |pin| pin.at);
        let diagnostic = Diagnostic {
            related: self.related(conflict, primary),
            fixes: fixes_with(&active.rule.fixes, self.index, &self.packs.knowledge, &scene, &|movable| {
                self.repair(conflict, movable)
            }),
            ..finding(active, at, &scene)
        };
        let instruction = subject.and_then(|(kind, fact)| kind.instruction(self.facts, fact));
        Some(Found { diagnostic, instruction })
    }

    /// Whether the rule is about one of the relations that the conflict rests on.
    fn claims(&self, rule: &StackMatch, conflict: &Finding) -> bool {
        let any_table = rule.tables.is_empty() && rule.groups.is_empty();
        let is_claimed = |relation: &RelationUse| {
            let Some(table) = self.packs.knowledge.tables.get(relation.table) else { return false };
            let named = any_table
                || rule.tables.contains(&table.name)
                || table.group.as_ref().is_some_and(|group| rule.groups.contains(group));
            let columns = conflict.missing
                || rule.columns.is_empty()
                || relation.columns.iter().any(|column| rule.columns.contains(column));
            named && columns
        };
        let is_pinned = |name: &String| {
            conflict
                .pins
                .iter()
                .any(|pin| pin.known(self.world).is_some_and(|known| known.name == name.as_str()))
        };
        let pinned = rule.pins.is_empty() || rule.pins.iter().any(is_pinned);
        rule.missing == conflict.missing && pinned && conflict.relations.iter().any(is_claimed)
    }

    /// The other pins, with what they say.
    fn related(&self, conflict: &Finding, primary: usize) -> Vec<Related> {
        let others = conflict.pins.iter().enumerate().filter(|(index, _)| *index != primary);
        others
            .filter(|(_, pin)| fact_behind(&pin.origin).is_some())
            .filter_map(|(_, pin)| {
                let known = pin.known(self.world)?;
                let message = format!("{} {}", known.title(), known.shown_set(&pin.versions));
                Some(Related { at: pin.at, message })
            })
            .collect()
    }

    /// The edits that repair the conflict by moving nothing else; with none named, whatever is cheapest.
    fn repair(&self, conflict: &Finding, movable: &[String]) -> Option<Vec<Edit>> {
        let may_move = |component: &str| movable.is_empty() || movable.iter().any(|name| name == component);
        stack::repair_of(self.sources, conflict, &may_move)?.edits
    }
}

/// The fact behind a pin.
fn fact_behind(origin: &Origin) -> Option<FactRef> {
    match origin {
        Origin::Image(index) => Some((Kind::Image, *index)),
        Origin::Package(index) => Some((Kind::Package, *index)),
        Origin::Reading(kind, index, _) => Some((*kind, *index)),
        // What the user says stands in no file.
        Origin::Given(_) => None,
    }
}

fn bind(conflict: &Finding, scene: &mut Scene<'_>) {
    let words = &conflict.words;
    let texts = [&words.conflict, &words.key, &words.key_version, &words.column, &words.wanted, &words.found];
    for (name, text) in STACK_NAMES.into_iter().zip(texts) {
        scene.captures.bind_text(name, text.clone());
    }
}
