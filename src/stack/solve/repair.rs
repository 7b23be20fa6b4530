//! Which pins to move so that everything holds, and where to: the cheapest set of them, then the nearest values.

use std::collections::BTreeSet;

use super::bits::Bits;
use super::conflict::{Pin, pinned};
use super::network::{Answer, Network, Relation, Variable};

/// How many sets of moves are tried before the search gives up.
const MOST_TRIES: usize = 200;

/// What it costs, over and above the pin itself, to take a pin away instead of moving it.
const DROP: u32 = 10_000;

/// Something that a person wrote and a repair may change, with the pins that follow from it.
#[derive(Clone, Debug, Default)]
pub struct Handle {
    /// How dear it is to move.
    pub cost: u32,
    /// The pins that stand and fall with it.
    pub pins: Vec<usize>,
    /// The variable that gets a new value.
    pub variable: Variable,
    /// The values it may get, nearest first.
    pub order: Vec<usize>,
    /// Whether it may be taken away altogether where no value fits.
    pub droppable: bool,
}

/// What happens to one handle.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Move {
    /// Its variable gets this value.
    To(usize),
    /// It is taken away.
    Drop,
}

/// Handles, by their place in the list that was asked about, and what happens to them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Repair {
    /// In rising order of handles.
    pub moves: Vec<(usize, Move)>,
    /// The sum of what the moves cost.
    pub cost: u32,
}

/// A set of handles that are let go. Ordered by cost, so that the cheapest is tried first.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
struct Try {
    cost: u32,
    moved: BTreeSet<usize>,
    dropped: BTreeSet<usize>,
}

/// The cheapest repair, `None` where there is none or none was found in [`MOST_TRIES`] tries.
///
/// Every pin that has no part in a moved handle still holds, and so does every relation.
pub fn repair(domains: &[Bits], relations: &[Relation], pins: &[Pin], handles: &[Handle]) -> Option<Repair> {
    let problem =
        Problem { network: Network::new(domains.len(), relations.to_vec()), domains, pins, handles };
    let mut open = BTreeSet::from([Try::default()]);
    let mut seen = open.clone();
    for _ in 0..MOST_TRIES {
        let attempt = open.pop_first()?;
        match problem.solve(&attempt) {
            Answer::Possible(_) => return problem.nearest(&attempt),
            Answer::Unsettled => {}
            Answer::Impossible => {
                for next in problem.branches(&attempt) {
                    if seen.insert(next.clone()) {
                        open.insert(next);
                    }
                }
            }
        }
    }
    None
}

struct Problem<'a> {
    network: Network,
    domains: &'a [Bits],
    pins: &'a [Pin],
    handles: &'a [Handle],
}

/// A thing without which an attempt might succeed.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Blame {
    Pin(usize),
    /// That a moved handle must get one of its values.
    Moved(usize),
}

impl Problem<'_> {
    fn solve(&self, attempt: &Try) -> Answer {
        self.network.solve(self.start(attempt, &self.blamed(attempt)), &|_| true)
    }

    /// Everything that an attempt leaves in force.
    fn blamed(&self, attempt: &Try) -> Vec<Blame> {
        let gone = |pin: &usize| {
            let handles = attempt.moved.iter().chain(&attempt.dropped);
            handles.filter_map(|handle| self.handles.get(*handle)).any(|handle| handle.pins.contains(pin))
        };
        let pins = (0..self.pins.len()).filter(|pin| !gone(pin)).map(Blame::Pin);
        pins.chain(attempt.moved.iter().copied().map(Blame::Moved)).collect()
    }

    fn start(&self, _: &Try, blamed: &[Blame]) -> Vec<Bits> {
        let mut domains = pinned(self.domains, self.pins, |pin| blamed.contains(&Blame::Pin(pin)));
        for blame in blamed {
            let Blame::Moved(handle) = blame else { continue };
            let Some(handle) = self.handles.get(*handle) else { continue };
            if let Some(domain) = domains.get_mut(handle.variable) {
                let room = handle.order.iter().max().map_or(0, |most| most + 1);
                domain.intersect(&Bits::filter(room, |value| handle.order.contains(&value)));
            }
        }
        domains
    }

    /// A minimal part of what is in force that has no solution.
    fn core(&self, attempt: &Try) -> Vec<Blame> {
        let mut core = self.blamed(attempt);
        let mut at = 0;
        while at < core.len() {
            let mut without = core.clone();
            without.remove(at);
            if self.network.solve(self.start(attempt, &without), &|_| true).is_impossible() {
                core = without;
            } else {
                at += 1;
            }
        }
        core
    }

    /// The attempts that let one more thing go, each of which answers the same core.
    fn branches(&self, attempt: &Try) -> Vec<Try> {
        let core = self.core(attempt);
        let mut branches = Vec::new();
        for (index, handle) in self.handles.iter().enumerate() {
            if attempt.dropped.contains(&index) {
                continue;
            }
            let has_part = core.iter().any(|blame| match blame {
                Blame::Pin(pin) => handle.pins.contains(pin),
                Blame::Moved(moved) => *moved == index,
            });
            if !has_part {
                continue;
            }
            let mut next = attempt.clone();
            if attempt.moved.contains(&index) || handle.order.is_empty() {
                if !handle.droppable {
                    continue;
                }
                next.cost = next.cost.saturating_add(DROP);
                if !next.moved.remove(&index) {
                    next.cost = next.cost.saturating_add(handle.cost);
                }
                next.dropped.insert(index);
            } else {
                next.cost = next.cost.saturating_add(handle.cost);
                next.moved.insert(index);
            }
            branches.push(next);
        }
        branches
    }

    /// Gives every moved handle its nearest possible value, the dearest handle first.
    fn nearest(&self, attempt: &Try) -> Option<Repair> {
        let mut domains = self.start(attempt, &self.blamed(attempt));
        let mut order: Vec<(usize, &Handle)> =
            attempt.moved.iter().filter_map(|index| Some((*index, self.handles.get(*index)?))).collect();
        order.sort_by_key(|(index, handle)| (std::cmp::Reverse(handle.cost), *index));
        let mut moves: Vec<(usize, Move)> =
            attempt.dropped.iter().map(|index| (*index, Move::Drop)).collect();
        for (index, handle) in order {
            let Answer::Possible(left) = self.network.solve(domains.clone(), &|_| true) else { return None };
            let possible = left.get(handle.variable)?;
            let (value, narrowed) =
                handle.order.iter().filter(|value| possible.contains(**value)).find_map(|value| {
                    let mut narrowed = domains.clone();
                    narrowed
                        .get_mut(handle.variable)?
                        .intersect(&Bits::filter(value + 1, |one| one == *value));
                    self.network
                        .solve(narrowed.clone(), &|_| true)
                        .is_possible()
                        .then_some((*value, narrowed))
                })?;
            domains = narrowed;
            moves.push((index, Move::To(value)));
        }
        moves.sort_unstable();
        Some(Repair { moves, cost: attempt.cost })
    }
}
