//! One environment as a problem for the solver: its components become variables, the tables that apply become
//! relations, what was said becomes pins.
//!
//! Takes the [`World`] and the pins by component; gives a [`Problem`] that `solve` understands, with the way back
//! from numbers to components and versions.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use super::solve::conflict::pinned;
use super::solve::network::narrow;
use super::solve::{Bits, Network, Pin, Relation, Row, Variable};
use super::world::{ComponentId, Indexed, World, bounds, points, public};
use crate::version::{Version, VersionSet};

/// What was said about one component.
#[derive(Clone, Debug)]
pub struct Said {
    /// The component.
    pub component: ComponentId,
    /// The versions admitted.
    pub versions: VersionSet,
    /// How dear it is to change.
    pub cost: u32,
    /// Whether it narrows the component only if something else brings it.
    pub constraint: bool,
}

/// An environment in numbers.
#[derive(Debug, Default)]
pub struct Problem {
    /// The component of each variable.
    pub components: Vec<ComponentId>,
    /// The versions that each variable may have, beyond those that the world lists.
    extras: Vec<Vec<Version>>,
    /// All values of each variable.
    pub domains: Vec<Bits>,
    /// The relations in force.
    pub relations: Vec<Relation>,
    /// The table that each relation came from.
    pub tables: Vec<usize>,
    /// The pins, in the order given.
    pub pins: Vec<Pin>,
    by_component: BTreeMap<ComponentId, Variable>,
}

impl Problem {
    /// The problem that the pins pose, with every table that is not soft and with the soft one that is named.
    pub fn new(world: &World<'_>, said: &[Said], soft: Option<usize>) -> Self {
        let (mut problem, tables) = Self::pinned(world, said, soft);
        for table in tables {
            problem.relate(world, table, None);
        }
        problem
    }

    /// Whether there is certainly no solution: the same answer as that of the whole problem, but with no more of the
    /// tables looked at than the pins leave open.
    pub fn is_impossible(world: &World<'_>, said: &[Said], soft: Option<usize>) -> bool {
        let (mut problem, tables) = Self::pinned(world, said, soft);
        let mut domains = pinned(&problem.domains, &problem.pins, |_| true);
        for table in tables {
            problem.relate(world, table, Some(&domains));
            if problem.relations.last().is_some_and(|relation| !narrow(relation, &mut domains)) {
                return true;
            }
        }
        Network::new(domains.len(), problem.relations).solve(domains, &|_| true).is_impossible()
    }

    /// The soft tables that would be in force beside the others. The rest would add nothing.
    pub fn soft_tables(world: &World<'_>, said: &[Said]) -> Vec<usize> {
        let present = present(said);
        let reached = in_force(world, &present, None).reached;
        let soft = world.tables.iter().enumerate().filter(|(_, indexed)| indexed.table.soft);
        let adds = |indexed: &Indexed<'_>| {
            indexed.key.iter().all(|key| reached.contains(key)) && applies(world, indexed, &present)
        };
        soft.filter(|(_, indexed)| adds(indexed)).map(|(index, _)| index).collect()
    }

    /// Variables and pins, and the tables that are in force.
    fn pinned(world: &World<'_>, said: &[Said], soft: Option<usize>) -> (Self, Vec<usize>) {
        let present = present(said);
        let tables = in_force(world, &present, soft).tables;
        let mut problem = Self::default();
        let touched = tables.iter().filter_map(|table| world.tables.get(*table));
        let touched = touched.flat_map(|table| table.key.iter().chain(&table.columns)).copied();
        for component in present.iter().copied().chain(touched) {
            problem.variable(world, component, said);
        }
        for one in said {
            // A constraint on what nothing brings says nothing; its place among the pins stays.
            let pin = match problem.by_component.get(&one.component).copied() {
                Some(variable) => {
                    let allowed = problem.admitted(world, variable, &public(&one.versions));
                    Pin { variable, allowed, cost: one.cost }
                }
                None => Pin { variable: Variable::MAX, allowed: Bits::default(), cost: one.cost },
            };
            problem.pins.push(pin);
        }
        (problem, tables)
    }

    /// Adds a table as a relation; with domains, only the rows that they leave possible.
    fn relate(&mut self, world: &World<'_>, table: usize, domains: Option<&[Bits]>) {
        if let Some(relation) =
            world.tables.get(table).and_then(|one| self.relation(world, one, table, domains))
        {
            self.relations.push(relation);
            self.tables.push(table);
        }
    }

    /// The variable of a component.
    pub fn variable_of(&self, component: ComponentId) -> Option<Variable> {
        self.by_component.get(&component).copied()
    }

    /// The version that a value of a variable stands for.
    pub fn version<'v>(
        &'v self,
        world: &'v World<'_>,
        variable: Variable,
        value: usize,
    ) -> Option<&'v Version> {
        let known = world.components.get(*self.components.get(variable)?)?;
        known
            .versions()
            .get(value)
            .or_else(|| self.extras.get(variable)?.get(value.checked_sub(known.versions().len())?))
    }

    /// How many values a variable may have.
    pub fn size(&self, world: &World<'_>, variable: Variable) -> usize {
        let known = self.components.get(variable).and_then(|component| world.components.get(*component));
        known.map_or(0, |known| known.versions().len()) + self.extras.get(variable).map_or(0, Vec::len)
    }

    /// The values that a set admits.
    pub fn admitted(&self, world: &World<'_>, variable: Variable, set: &VersionSet) -> Bits {
        let size = self.size(world, variable);
        let known = self.components.get(variable).and_then(|component| world.components.get(*component));
        Bits::filter(size, |value| {
            let version = self.version(world, variable, value);
            known.zip(version).is_some_and(|(known, version)| known.admits(set, version))
        })
    }

    /// Adds a variable for the component, unless there is one.
    fn variable(&mut self, world: &World<'_>, component: ComponentId, said: &[Said]) {
        let Some(known) = world.components.get(component) else { return };
        if self.by_component.contains_key(&component) {
            return;
        }
        let mine = said.iter().filter(|one| one.component == component);
        let bounds: Vec<Version> = mine.flat_map(|one| bounds(&one.versions)).collect();
        let unlisted = |version: &Version| !known.lists(version) && !known.covers(version);
        let extras: Vec<Version> = points(&bounds).into_iter().filter(unlisted).collect();
        self.by_component.insert(component, self.components.len());
        self.components.push(component);
        self.domains.push(Bits::all(known.versions().len() + extras.len()));
        self.extras.push(extras);
    }

    /// The table as a relation over variables; `None` where it says nothing.
    fn relation(
        &self,
        world: &World<'_>,
        indexed: &Indexed<'_>,
        table: usize,
        domains: Option<&[Bits]>,
    ) -> Option<Relation> {
        let variables = |components: &[ComponentId]| -> Option<Vec<Variable>> {
            components.iter().map(|component| self.variable_of(*component)).collect()
        };
        let (key, columns) = (variables(&indexed.key)?, variables(&indexed.columns)?);
        let mut rows = Vec::new();
        for (index, row_key) in world.keys(indexed).enumerate() {
            let possible = row_key.iter().zip(&key).all(|(value, variable)| {
                domains
                    .and_then(|domains| domains.get(*variable))
                    .is_none_or(|domain| domain.contains(*value))
            });
            if row_key.len() != key.len() || !possible {
                continue;
            }
            let cells = columns.iter().enumerate().map(|(column, variable)| {
                let admitted = world.cell(table, index, column)?;
                if self.extras.get(*variable).is_none_or(Vec::is_empty) {
                    return Some(admitted);
                }
                Some(Arc::new(self.with_extras(world, indexed, (index, column), &admitted, *variable)))
            });
            rows.push(Row { key: row_key.to_vec(), cells: cells.collect() });
        }
        Some(Relation { key, columns, rows })
    }

    /// What a cell admits, the values included that only this problem has.
    fn with_extras(
        &self,
        world: &World<'_>,
        indexed: &Indexed<'_>,
        (row, column): (usize, usize),
        admitted: &Bits,
        variable: Variable,
    ) -> Bits {
        let size = self.size(world, variable);
        let known = self.components.get(variable).and_then(|component| world.components.get(*component));
        let sets = indexed.table.rows.get(row).and_then(|row| row.cells.get(column)?.as_deref());
        let (Some(known), Some(sets)) = (known, sets) else { return Bits::all(size) };
        let sets: Vec<VersionSet> = sets.iter().map(public).collect();
        Bits::filter(size, |value| {
            if value < known.versions().len() {
                return admitted.contains(value);
            }
            self.version(world, variable, value).is_some_and(|version| known.admits_any(&sets, version))
        })
    }
}

/// What is there, constraints on what nothing brings left out.
fn present(said: &[Said]) -> BTreeSet<ComponentId> {
    said.iter().filter(|one| !one.constraint).map(|one| one.component).collect()
}

/// The tables in force, and the components that they speak of together with those that are present.
struct Force {
    tables: Vec<usize>,
    reached: BTreeSet<ComponentId>,
}

/// The tables whose key is in the stack, be it because somebody said so or because another table speaks of it; one
/// that speaks of a component comes before those that it leads to.
fn in_force(world: &World<'_>, present: &BTreeSet<ComponentId>, soft: Option<usize>) -> Force {
    let mut reached = present.clone();
    let mut open: VecDeque<ComponentId> = present.iter().copied().collect();
    let mut tables: Vec<usize> = Vec::new();
    while let Some(component) = open.pop_front() {
        // A composite key may be completed by any of its components, so all tables are asked, not only those that
        // begin with this one.
        for (index, indexed) in world.tables.iter().enumerate() {
            if tables.contains(&index)
                || !indexed.key.contains(&component)
                || !indexed.key.iter().all(|key| reached.contains(key))
                || !applies(world, indexed, present)
                || (indexed.table.soft && soft != Some(index))
            {
                continue;
            }
            tables.push(index);
            open.extend(indexed.columns.iter().copied().filter(|column| reached.insert(*column)));
        }
    }
    Force { tables, reached }
}

/// Whether the conditions of a table hold.
fn applies(world: &World<'_>, indexed: &Indexed<'_>, present: &BTreeSet<ComponentId>) -> bool {
    let has = |name: &String| world.component(name).is_some_and(|component| present.contains(&component));
    indexed.table.when.iter().all(has) && !indexed.table.unless.iter().any(has)
}
