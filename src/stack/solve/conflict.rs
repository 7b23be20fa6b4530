//! Which pins cannot hold together: minimal conflicts, and the relations that they rest on.

use super::bits::Bits;
use super::network::{Network, Relation, Variable};

/// How many conflicts of one problem are told; more would not be read.
pub const MOST_CONFLICTS: usize = 16;

/// Something that was said about one variable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pin {
    /// The variable.
    pub variable: Variable,
    /// The values that it leaves.
    pub allowed: Bits,
    /// How dear it is to change. Conflicts are told in terms of dear pins where there is a choice.
    pub cost: u32,
}

/// Pins that cannot hold together, none of which could be left out.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Conflict {
    /// The pins, by their place in the list that was asked about, in rising order.
    pub pins: Vec<usize>,
    /// The relations without which they could, and in each of them the columns that matter, in rising order. None
    /// where the pins contradict one another by themselves.
    pub relations: Vec<(usize, Vec<usize>)>,
}

/// The domains once the pins that `kept` names are applied.
pub fn pinned(domains: &[Bits], pins: &[Pin], kept: impl Fn(usize) -> bool) -> Vec<Bits> {
    let mut domains = domains.to_vec();
    for (_, pin) in pins.iter().enumerate().filter(|(index, _)| kept(*index)) {
        if let Some(domain) = domains.get_mut(pin.variable) {
            domain.intersect(&pin.allowed);
        }
    }
    domains
}

/// The conflicts among the pins, sorted: one is found, its cheapest pin let go, and the next one looked for.
///
/// What is told does not depend on the order of the pins. At most [`MOST_CONFLICTS`] are.
pub fn conflicts(domains: &[Bits], relations: &[Relation], pins: &[Pin]) -> Vec<Conflict> {
    let network = Network::new(domains.len(), relations.to_vec());
    let mut left = cheapest_first(pins);
    let mut found = Vec::new();
    while found.len() < MOST_CONFLICTS {
        let Some(core) = core(&network, domains, pins, &left) else { break };
        let Some(cheapest) = core.first().copied() else { break };
        left.retain(|pin| *pin != cheapest);
        found.push(basis(domains, relations, pins, core));
    }
    found.sort();
    found
}

/// The pins by cost and, where that is equal, by what they say.
fn cheapest_first(pins: &[Pin]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..pins.len()).collect();
    order.sort_by_key(|index| pins.get(*index).map(|pin| (pin.cost, pin.variable, &pin.allowed)));
    order
}

/// A minimal set of the pins in `among` that cannot hold together, in the order of `among`; `None` where they can,
/// or where that could not be settled.
///
/// Pins are left out one by one, those in front first, so what remains stands at the back where there is a choice.
pub fn core(network: &Network, domains: &[Bits], pins: &[Pin], among: &[usize]) -> Option<Vec<usize>> {
    let impossible = |kept: &[usize]| {
        network.solve(pinned(domains, pins, |pin| kept.contains(&pin)), &|_| true).is_impossible()
    };
    let mut core = among.to_vec();
    if !impossible(&core) {
        return None;
    }
    let mut at = 0;
    while at < core.len() {
        let mut without = core.clone();
        without.remove(at);
        if impossible(&without) {
            core = without;
        } else {
            at += 1;
        }
    }
    Some(core)
}

/// The conflict with the relations and columns that it needs.
fn basis(domains: &[Bits], relations: &[Relation], pins: &[Pin], mut core: Vec<usize>) -> Conflict {
    core.sort_unstable();
    let domains = pinned(domains, pins, |pin| core.contains(&pin));
    let network = Network::new(domains.len(), relations.to_vec());
    let impossible =
        |kept: &[usize]| network.solve(domains.clone(), &|index| kept.contains(&index)).is_impossible();
    let mut kept: Vec<usize> = (0..relations.len()).collect();
    let mut step = kept.len().div_ceil(2).max(1);
    loop {
        let mut start = 0;
        while start < kept.len() {
            let end = (start + step).min(kept.len());
            let mut without = kept.clone();
            without.drain(start..end);
            if impossible(&without) {
                kept = without;
            } else {
                start = end;
            }
        }
        if step == 1 {
            break;
        }
        step = step.div_ceil(2);
    }
    let mut bare: Vec<Relation> = kept.iter().filter_map(|index| relations.get(*index).cloned()).collect();
    let relations =
        kept.iter().enumerate().map(|(at, index)| (*index, columns(&domains, &mut bare, at))).collect();
    Conflict { pins: core, relations }
}

/// The columns of `relations[at]` without which the conflict would not be; the others are emptied.
fn columns(domains: &[Bits], relations: &mut [Relation], at: usize) -> Vec<usize> {
    let count = relations.get(at).map_or(0, |relation| relation.columns.len());
    let mut kept = Vec::new();
    for column in 0..count {
        let Some(before) = relations.get(at).cloned() else { break };
        if let Some(relation) = relations.get_mut(at) {
            for row in &mut relation.rows {
                if let Some(cell) = row.cells.get_mut(column) {
                    *cell = None;
                }
            }
        }
        if !Network::new(domains.len(), relations.to_vec()).solve(domains.to_vec(), &|_| true).is_impossible()
        {
            kept.push(column);
            if let Some(relation) = relations.get_mut(at) {
                *relation = before;
            }
        }
    }
    kept
}
