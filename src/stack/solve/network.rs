//! Variables with finite domains and the relations between them: is there a value for each that satisfies all?
//!
//! Takes domains and relations by number alone; `problem` gives the numbers their meaning. Answers whether a
//! solution exists and which values are left for each variable once everything that is certain has been drawn from
//! the relations. Search is bounded: what cannot be settled within [`BUDGET`] steps is [`Answer::Unsettled`], which
//! callers treat as «no conflict».

use std::collections::BTreeMap;
use std::sync::Arc;

use super::bits::Bits;

/// A variable, by its place.
pub type Variable = usize;

/// How many assignments a search may try. Ordinary stages need a few dozen.
pub const BUDGET: usize = 2_000;

/// `key = row.key ⇒ columns ∈ row.cells`.
#[derive(Clone, Debug, Default)]
pub struct Relation {
    /// The variables whose values select rows.
    pub key: Vec<Variable>,
    /// The variables that a row narrows.
    pub columns: Vec<Variable>,
    /// Key values without a row are free; several rows with the same key are alternatives.
    pub rows: Vec<Row>,
}

/// One row of a [`Relation`].
#[derive(Clone, Debug)]
pub struct Row {
    /// One value for each key variable.
    pub key: Vec<usize>,
    /// The values left for each column; `None` narrows nothing.
    pub cells: Vec<Option<Arc<Bits>>>,
}

/// What a search found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// The values that propagation leaves, at least one combination of which is a solution.
    Possible(Vec<Bits>),
    /// There is no solution.
    Impossible,
    /// The budget was used up.
    Unsettled,
}

impl Answer {
    /// Whether there is certainly no solution.
    pub fn is_impossible(&self) -> bool {
        *self == Self::Impossible
    }

    /// Whether there certainly is one.
    pub fn is_possible(&self) -> bool {
        matches!(self, Self::Possible(_))
    }
}

/// Relations over variables, indexed for propagation.
#[derive(Clone, Debug, Default)]
pub struct Network {
    relations: Vec<Indexed>,
    /// The relations in which a variable occurs.
    touching: Vec<Vec<usize>>,
}

/// A relation, its rows by the value of the first key variable.
#[derive(Clone, Debug)]
struct Indexed {
    relation: Relation,
    by_first: BTreeMap<usize, Vec<usize>>,
}

impl Network {
    /// Indexes the relations over `variables` variables.
    pub fn new(variables: usize, relations: Vec<Relation>) -> Self {
        let mut touching = vec![Vec::new(); variables];
        let mut all = Vec::with_capacity(relations.len());
        for (index, relation) in relations.into_iter().enumerate() {
            for variable in relation.key.iter().chain(&relation.columns) {
                if let Some(list) = touching.get_mut(*variable)
                    && list.last() != Some(&index)
                {
                    list.push(index);
                }
            }
            all.push(Indexed::new(relation));
        }
        Self { relations: all, touching }
    }

    /// Whether the domains hold a solution of the relations that `active` names.
    pub fn solve(&self, mut domains: Vec<Bits>, active: &dyn Fn(usize) -> bool) -> Answer {
        if domains.iter().any(Bits::is_empty) {
            return Answer::Impossible;
        }
        let all = (0..self.relations.len()).filter(|index| active(*index)).collect();
        if !self.propagate(&mut domains, all, active) {
            return Answer::Impossible;
        }
        let mut budget = BUDGET;
        match self.search(&domains, active, &mut budget) {
            Some(true) => Answer::Possible(domains),
            Some(false) => Answer::Impossible,
            None => Answer::Unsettled,
        }
    }

    /// Depth-first search, the variable with the fewest values first; `None` when the budget is used up.
    ///
    /// The recursion is as deep as there are variables with several values.
    fn search(&self, domains: &[Bits], active: &dyn Fn(usize) -> bool, budget: &mut usize) -> Option<bool> {
        let choice = domains
            .iter()
            .enumerate()
            .filter(|(variable, _)| self.matters(*variable, active))
            .map(|(variable, domain)| (domain.count(), variable))
            .filter(|(count, _)| *count > 1)
            .min();
        let Some((_, variable)) = choice else { return Some(true) };
        let Some(domain) = domains.get(variable) else { return Some(true) };
        for value in domain.iter() {
            *budget = budget.checked_sub(1)?;
            let mut next = domains.to_vec();
            if let Some(narrowed) = next.get_mut(variable) {
                let mut only = Bits::none(value + 1);
                only.insert(value);
                narrowed.intersect(&only);
            }
            let queue = self.touching.get(variable).into_iter().flatten().copied();
            let queue = queue.filter(|index| active(*index)).collect();
            if self.propagate(&mut next, queue, active) && self.search(&next, active, budget)? {
                return Some(true);
            }
        }
        Some(false)
    }

    /// Whether an active relation speaks of the variable.
    fn matters(&self, variable: Variable, active: &dyn Fn(usize) -> bool) -> bool {
        self.touching.get(variable).is_some_and(|list| list.iter().any(|index| active(*index)))
    }

    /// Narrows the domains until the queued relations and all they touch have nothing to add; false when a domain
    /// became empty.
    fn propagate(&self, domains: &mut [Bits], queue: Vec<usize>, active: &dyn Fn(usize) -> bool) -> bool {
        let mut queue = queue;
        while let Some(index) = queue.pop() {
            let Some(indexed) = self.relations.get(index) else { continue };
            let Some(changed) = indexed.narrow(domains) else { return false };
            for variable in changed {
                for next in self.touching.get(variable).into_iter().flatten() {
                    if active(*next) && !queue.contains(next) {
                        queue.push(*next);
                    }
                }
            }
        }
        true
    }
}

/// What the rows that are still possible leave over.
struct Left {
    /// For each key variable, the values with which a row or no row at all goes.
    keys: Vec<Bits>,
    /// For each column, the values that a row admits; `None`: all.
    columns: Vec<Option<Bits>>,
    /// Whether some key values have no row.
    free: bool,
}

/// Takes out of the domains what one relation excludes; false when one of them became empty.
pub fn narrow(relation: &Relation, domains: &mut [Bits]) -> bool {
    Indexed::new(relation.clone()).narrow(domains).is_some()
}

impl Indexed {
    fn new(relation: Relation) -> Self {
        let mut by_first: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for (row, content) in relation.rows.iter().enumerate() {
            if let Some(first) = content.key.first() {
                by_first.entry(*first).or_default().push(row);
            }
        }
        Self { relation, by_first }
    }

    /// Takes out of the domains what the relation excludes. Gives the variables that lost something, `None` when
    /// one lost everything.
    fn narrow(&self, domains: &mut [Bits]) -> Option<Vec<Variable>> {
        let left = self.left(domains)?;
        let columns = self
            .relation
            .columns
            .iter()
            .zip(left.columns)
            .filter(|_| !left.free)
            .filter_map(|(variable, values)| values.map(|values| (*variable, values)));
        let keys = self.relation.key.iter().copied().zip(left.keys);
        let mut changed = Vec::new();
        for (variable, values) in keys.chain(columns) {
            let domain = domains.get_mut(variable)?;
            if domain.intersect(&values) {
                if domain.is_empty() {
                    return None;
                }
                changed.push(variable);
            }
        }
        Some(changed)
    }

    fn left(&self, domains: &[Bits]) -> Option<Left> {
        let relation = &self.relation;
        let (first, rest) = relation.key.split_first()?;
        let rest: Vec<&Bits> = rest.iter().map(|variable| domains.get(*variable)).collect::<Option<_>>()?;
        let room = |variable: &Variable| {
            domains.get(*variable).map_or(0, |bits| bits.iter().last().map_or(0, |v| v + 1))
        };
        let mut left = Left {
            keys: relation.key.iter().map(|variable| Bits::none(room(variable))).collect(),
            columns: relation.columns.iter().map(|variable| Some(Bits::none(room(variable)))).collect(),
            free: false,
        };
        let combinations = rest.iter().fold(1, |product: usize, bits| product.saturating_mul(bits.count()));
        for value in domains.get(*first)?.iter() {
            // The rest of the key to whether one of its rows is possible.
            let mut seen: BTreeMap<&[usize], bool> = BTreeMap::new();
            for row in self.by_first.get(&value).into_iter().flatten() {
                let Some(row) = relation.rows.get(*row) else { continue };
                let others = row.key.get(1..).unwrap_or_default();
                if !others.iter().zip(&rest).all(|(value, bits)| bits.contains(*value)) {
                    continue;
                }
                let fits = self.fits(row, domains);
                *seen.entry(others).or_default() |= fits;
                if fits {
                    left.admit(row);
                }
            }
            if seen.len() < combinations {
                left.free = true;
                left.keep_free(value, &rest, &seen);
            }
        }
        Some(left)
    }

    /// Whether every cell of the row has a value that is still possible.
    fn fits(&self, row: &Row, domains: &[Bits]) -> bool {
        row.cells.iter().zip(&self.relation.columns).all(|(cell, variable)| {
            let (Some(cell), Some(domain)) = (cell, domains.get(*variable)) else { return true };
            cell.meets(domain)
        })
    }
}

impl Left {
    fn admit(&mut self, row: &Row) {
        for (bits, value) in self.keys.iter_mut().zip(&row.key) {
            bits.insert(*value);
        }
        for (column, cell) in self.columns.iter_mut().zip(&row.cells) {
            match (column.as_mut(), cell) {
                (Some(bits), Some(cell)) => bits.unite(cell),
                (_, None) => *column = None,
                (None, _) => {}
            }
        }
    }

    /// Keeps the key values that go with `first` and have no row.
    fn keep_free(&mut self, first: usize, rest: &[&Bits], seen: &BTreeMap<&[usize], bool>) {
        let Some((first_bits, others)) = self.keys.split_first_mut() else { return };
        first_bits.insert(first);
        match (others, rest) {
            ([bits], [domain]) => {
                for value in domain.iter().filter(|value| !seen.contains_key([*value].as_slice())) {
                    bits.insert(value);
                }
            }
            // With more than two key variables all are kept: less is drawn from the relation before the search,
            // nothing is lost by it.
            (others, rest) => {
                for (bits, domain) in others.iter_mut().zip(rest) {
                    bits.unite(domain);
                }
            }
        }
    }
}
