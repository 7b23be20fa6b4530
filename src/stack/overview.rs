//! The stack of every environment as a person or a tool reads it: components, versions, who says so, the verdict, and
//! the nearest stack that holds together.

use std::collections::BTreeMap;

use super::assemble::{Environment, Sources, environments};
use super::check::{of_environment, said};
use super::pin::{Origin, Pin};
use super::problem::Problem;
use super::solve::conflict::pinned;
use super::solve::{Answer, Bits, Network};
use super::words::Speaker;
use super::world::{ComponentId, Known};
use crate::model::facts::Index;
use crate::source::Location;

/// The stack of one environment of one stage.
#[derive(Clone, Debug)]
pub struct Stack {
    /// The stage.
    pub stage: Index,
    /// The environment; empty for the image's own.
    pub environment: String,
    /// Its components, those of the image before those that are installed.
    pub components: Vec<Part>,
    /// Whether it holds together.
    pub verdict: Verdict,
    /// The conflicts, in words.
    pub conflicts: Vec<String>,
    /// What would repair it, in words: `torchvision 0.16.2`; nothing where it needs no repair or none is known.
    pub repair: Vec<String>,
}

/// One component of a stack.
#[derive(Clone, Debug)]
pub struct Part {
    /// Its name, as tables and `--keep` use it.
    pub name: String,
    /// Its name, as people read it.
    pub title: String,
    /// What is said of its version; nothing where only its presence is said.
    pub said: Option<String>,
    /// The versions that are left once the tables have been asked, where those tell more than what is said.
    pub possible: Option<String>,
    /// The version that the repair gives it.
    pub repaired: Option<String>,
    /// Who says so.
    pub origins: Vec<PartOrigin>,
}

/// Who says something of a component.
#[derive(Clone, Debug)]
pub struct PartOrigin {
    /// In words: `the image python:3.12 has Python 3.12`.
    pub words: String,
    /// Where; nothing for what the user says on the command line.
    pub at: Option<Location>,
}

/// Whether a stack holds together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It cannot.
    Conflict,
    /// Nothing is against it, and something could be.
    Consistent,
    /// Too little is said of it.
    Unknown,
}

/// The stacks of every stage that the target needs.
pub fn stacks(sources: Sources<'_>) -> Vec<Stack> {
    environments(sources).iter().map(|environment| stack(sources, environment)).collect()
}

fn stack(sources: Sources<'_>, environment: &Environment) -> Stack {
    let findings = of_environment(sources, environment);
    let repair = findings.iter().find_map(|finding| finding.repairs.first());
    let problem = Problem::new(sources.world, &said(sources, &environment.pins), None);
    let domains = pinned(&problem.domains, &problem.pins, |_| true);
    let left = match Network::new(domains.len(), problem.relations.clone()).solve(domains, &|_| true) {
        Answer::Possible(left) => left,
        Answer::Impossible | Answer::Unsettled => Vec::new(),
    };
    let mut by_component: BTreeMap<ComponentId, Vec<&Pin>> = BTreeMap::new();
    for pin in environment.pins.iter().filter(|pin| !pin.constraint) {
        by_component.entry(pin.component).or_default().push(pin);
    }
    let speaker = Speaker { facts: sources.facts, world: sources.world };
    let mut components: Vec<(bool, Part)> = Vec::new();
    for (component, pins) in by_component {
        let Some(known) = sources.world.components.get(component) else { continue };
        let moved = repair.and_then(|repair| repair.moved.get(&component));
        let part = Part {
            name: known.name.to_owned(),
            title: known.title().to_owned(),
            said: said_of(known, &pins),
            possible: possible(&speaker, &problem, component, &left),
            repaired: moved.map(|version| known.shown(version)),
            origins: pins
                .iter()
                .map(|pin| PartOrigin {
                    words: speaker.said(pin),
                    at: (!matches!(pin.origin, Origin::Given(_))).then_some(pin.at),
                })
                .collect(),
        };
        components.push((!known.shared(), part));
    }
    components.sort_by_key(|(installed, _)| *installed);
    let verdict = if !findings.is_empty() {
        Verdict::Conflict
    } else if problem.relations.is_empty() || left.is_empty() {
        Verdict::Unknown
    } else {
        Verdict::Consistent
    };
    Stack {
        stage: environment.stage,
        environment: environment.name.clone(),
        components: components.into_iter().map(|(_, part)| part).collect(),
        verdict,
        conflicts: findings.iter().map(|finding| finding.words.conflict.clone()).collect(),
        repair: repair.map(|repair| repair.changes.clone()).unwrap_or_default(),
    }
}

/// What the pins of one component say together.
fn said_of(known: &Known<'_>, pins: &[&Pin]) -> Option<String> {
    let mut texts: Vec<String> =
        pins.iter().filter(|pin| !pin.versions.is_any()).map(|pin| known.shown_set(&pin.versions)).collect();
    texts.dedup();
    (!texts.is_empty()).then(|| texts.join(", "))
}

/// The versions that are left of a component, where they are fewer than all.
fn possible(
    speaker: &Speaker<'_>,
    problem: &Problem,
    component: ComponentId,
    left: &[Bits],
) -> Option<String> {
    let variable = problem.variable_of(component)?;
    let values = left.get(variable)?;
    let narrowed = values.count() < problem.size(speaker.world, variable);
    narrowed.then(|| speaker.list(problem, variable, values))
}
