//! The conflicts of every environment, in words and with repairs.

use std::collections::BTreeSet;

use super::assemble::{Environment, Sources, environments};
use super::finding::{Finding, RelationUse};
use super::pin::{Origin, Pin};
use super::problem::{Problem, Said};
use super::repair::{Repair, repair};
use super::solve::{Conflict, conflicts};
use super::words::Speaker;
use super::world::{ComponentId, Known};

/// Every conflict, told once: a stage that starts from another has the other's conflicts too.
pub fn findings(sources: Sources<'_>) -> Vec<Finding> {
    let mut findings: Vec<Finding> = Vec::new();
    let mut told: BTreeSet<String> = BTreeSet::new();
    for environment in environments(sources) {
        for finding in of_environment(sources, &environment) {
            let pins = finding.pins.iter().map(|pin| (pin.component, pin.at, &pin.origin));
            if told.insert(format!("{:?} {:?}", finding.relations, pins.collect::<Vec<_>>())) {
                findings.push(finding);
            }
        }
    }
    findings
}

/// The pins as the solver takes them.
pub fn said(sources: Sources<'_>, pins: &[Pin]) -> Vec<Said> {
    let cost = |pin: &Pin| pin.known(sources.world).map_or(0, Known::cost);
    pins.iter()
        .map(|pin| Said {
            component: pin.component,
            versions: pin.versions.clone(),
            cost: cost(pin),
            constraint: pin.constraint,
        })
        .collect()
}

/// The conflicts of one environment: those of all hard tables together, and, where there is none, those that one
/// soft table adds.
pub fn of_environment(sources: Sources<'_>, environment: &Environment) -> Vec<Finding> {
    // What an image brings goes together; only what is said besides can contradict it.
    if environment.pins.iter().all(|pin| matches!(pin.origin, Origin::Image(_))) {
        return Vec::new();
    }
    let said = said(sources, &environment.pins);
    let tell = |soft: Option<usize>| {
        if !Problem::is_impossible(sources.world, &said, soft) {
            return Vec::new();
        }
        let problem = Problem::new(sources.world, &said, soft);
        let found = conflicts(&problem.domains, &problem.relations, &problem.pins);
        told(sources, environment, soft, &problem, &found)
    };
    let found = tell(None);
    if !found.is_empty() {
        return found;
    }
    let soft = Problem::soft_tables(sources.world, &said);
    soft.into_iter().flat_map(|table| tell(Some(table))).collect()
}

fn told(
    sources: Sources<'_>,
    environment: &Environment,
    soft: Option<usize>,
    problem: &Problem,
    found: &[Conflict],
) -> Vec<Finding> {
    if found.is_empty() {
        return Vec::new();
    }
    let pins = &environment.pins;
    let speaker = Speaker { facts: sources.facts, world: sources.world };
    let all = |_: &str| true;
    let repairs: Vec<Repair> = repair(sources, pins, problem, found, &all).into_iter().collect();
    found
        .iter()
        .map(|conflict| {
            let mut involved: Vec<&Pin> = conflict.pins.iter().filter_map(|index| pins.get(*index)).collect();
            involved.sort_by_key(|pin| (pin.known(sources.world).map_or(0, Known::cost), pin.at));
            let empty = |pin: &usize| problem.pins.get(*pin).is_some_and(|pin| pin.allowed.is_empty());
            Finding {
                stage: environment.stage,
                environment: environment.name.clone(),
                relations: relations(sources, problem, conflict, involved.first().map(|pin| pin.component)),
                missing: conflict.pins.len() == 1 && conflict.pins.iter().all(empty),
                words: speaker.conflict(problem, pins, conflict),
                pins: involved.into_iter().cloned().collect(),
                repairs: repairs.clone(),
                around: around(pins, conflict, found),
                soft,
            }
        })
        .collect()
}

/// The pins without those on which only other conflicts rest.
fn around(pins: &[Pin], conflict: &Conflict, found: &[Conflict]) -> Vec<Pin> {
    let own = |index: &usize| conflict.pins.contains(index);
    let foreign: BTreeSet<usize> =
        found.iter().flat_map(|other| &other.pins).filter(|index| !own(index)).copied().collect();
    let kept = pins.iter().enumerate().filter(|(index, _)| !foreign.contains(index));
    kept.map(|(_, pin)| pin.clone()).collect()
}

/// The cheapest repair of one conflict, whatever else is wrong with its environment, that moves only components for
/// which `movable` is true.
pub fn repair_of(sources: Sources<'_>, finding: &Finding, movable: &dyn Fn(&str) -> bool) -> Option<Repair> {
    let pins = &finding.around;
    let problem = Problem::new(sources.world, &said(sources, pins), finding.soft);
    let found = conflicts(&problem.domains, &problem.relations, &problem.pins);
    repair(sources, pins, &problem, &found, movable)
}

/// The tables that the conflict rests on; without any, the first that lists the component's releases.
fn relations(
    sources: Sources<'_>,
    problem: &Problem,
    conflict: &Conflict,
    component: Option<ComponentId>,
) -> Vec<RelationUse> {
    let mut uses: Vec<RelationUse> = Vec::new();
    for (relation, columns) in &conflict.relations {
        let Some(table) = problem.tables.get(*relation).copied() else { continue };
        let Some(indexed) = sources.world.tables.get(table) else { continue };
        let columns =
            columns.iter().filter_map(|column| indexed.table.columns.get(*column).cloned()).collect();
        uses.push(RelationUse { table, columns });
    }
    if uses.is_empty() {
        let tables = component.map_or(&[][..], |component| sources.world.tables_of(component));
        let covering = tables.iter().copied().find(|table| {
            sources.world.tables.get(*table).is_some_and(|indexed| indexed.table.covers.is_some())
        });
        uses.extend(
            covering.or(tables.first().copied()).map(|table| RelationUse { table, columns: Vec::new() }),
        );
    }
    uses
}
