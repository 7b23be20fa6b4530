//! Hand-made problems, and properties against a solver that tries everything.

use std::sync::Arc;

use proptest::prelude::*;

use super::conflict::pinned;
use super::*;

fn bits(size: usize, values: &[usize]) -> Bits {
    Bits::filter(size, |value| values.contains(&value))
}

fn cell(values: &[usize]) -> Arc<Bits> {
    Arc::new(bits(8, values))
}

fn pin(variable: usize, values: &[usize], cost: u32) -> Pin {
    Pin { variable, allowed: bits(8, values), cost }
}

/// `key = k ⇒ column = v` for each pair.
fn pairs(key: usize, column: usize, pairs: &[(usize, &[usize])]) -> Relation {
    let rows = pairs.iter().map(|(k, values)| Row { key: vec![*k], cells: vec![Some(cell(values))] });
    Relation { key: vec![key], columns: vec![column], rows: rows.collect() }
}

fn handles(pins: &[Pin]) -> Vec<Handle> {
    let handle = |(index, pin): (usize, &Pin)| {
        let home = pin.allowed.iter().next().unwrap_or(0);
        let mut order: Vec<usize> = (0..8).collect();
        order.sort_by_key(|value| (value.abs_diff(home), std::cmp::Reverse(*value)));
        Handle { cost: pin.cost, pins: vec![index], variable: pin.variable, order, droppable: false }
    };
    pins.iter().enumerate().map(handle).collect()
}

#[test]
fn a_chain_of_relations_is_one_conflict() {
    let domains = vec![Bits::all(8); 3];
    let relations = [pairs(0, 1, &[(2, &[3])]), pairs(1, 2, &[(3, &[4, 5])]), pairs(0, 2, &[(1, &[1])])];
    let pins = [pin(2, &[6], 5), pin(0, &[2], 1)];
    let found = conflicts(&domains, &relations, &pins);
    assert_eq!(found, [Conflict { pins: vec![0, 1], relations: vec![(0, vec![0]), (1, vec![0])] }]);
    // The cheap pin moves, to the nearest value without a row that binds it: 3.
    let repair = repair(&domains, &relations, &pins, &handles(&pins));
    assert_eq!(repair, Some(Repair { moves: vec![(1, Move::To(3))], cost: 1 }));
}

#[test]
fn two_conflicts_are_told_apart_and_repaired_together() {
    // 0 is a framework, 1 and 2 hang on it.
    let follow: &[(usize, &[usize])] = &[(1, &[1]), (2, &[2]), (3, &[3])];
    let domains = vec![bits(8, &[1, 2, 3]); 3];
    let relations = [pairs(1, 0, follow), pairs(2, 0, follow)];
    let pins = [pin(0, &[1], 10), pin(1, &[2], 1), pin(2, &[2], 1)];
    let found: Vec<_> = conflicts(&domains, &relations, &pins).into_iter().map(|one| one.pins).collect();
    assert_eq!(found, [vec![0, 1], vec![0, 2]]);
    let cheap = repair(&domains, &relations, &pins, &handles(&pins));
    assert_eq!(cheap, Some(Repair { moves: vec![(1, Move::To(1)), (2, Move::To(1))], cost: 2 }));
    let kept: Vec<_> = handles(&pins).into_iter().take(1).collect();
    assert_eq!(
        repair(&domains, &relations, &pins, &kept),
        Some(Repair { moves: vec![(0, Move::To(2))], cost: 10 })
    );
}

#[test]
fn what_cannot_be_moved_is_dropped() {
    let domains = vec![Bits::all(8); 2];
    let relations = [pairs(0, 1, &[(1, &[1]), (2, &[2])])];
    let pins = [pin(0, &[1], 1), pin(1, &[5], 10)];
    let mut only = vec![Handle { cost: 1, pins: vec![0], variable: 0, order: vec![1, 2], droppable: false }];
    assert_eq!(repair(&domains, &relations, &pins, &only), None);
    only[0].droppable = true;
    let dropped = repair(&domains, &relations, &pins, &only);
    assert_eq!(dropped.map(|repair| repair.moves), Some(vec![(0, Move::Drop)]));
}

#[test]
fn a_composite_key_binds_only_the_whole_of_it() {
    let row = |a, b, c: &[usize]| Row { key: vec![a, b], cells: vec![Some(cell(c))] };
    let relation =
        Relation { key: vec![0, 1], columns: vec![2], rows: vec![row(1, 1, &[1]), row(1, 2, &[])] };
    let domains = vec![bits(8, &[1]), bits(8, &[1, 2]), Bits::all(8)];
    let network = Network::new(3, vec![relation]);
    // (1, 2) goes with nothing, so (1, 1) and with it 1 are left.
    let expected = vec![bits(8, &[1]), bits(8, &[1]), bits(8, &[1])];
    assert_eq!(network.solve(domains, &|_| true), Answer::Possible(expected));
    // With 3 there is a key without a row.
    let domains = vec![bits(8, &[1]), bits(8, &[2, 3]), Bits::all(8)];
    let expected = vec![bits(8, &[1]), bits(8, &[3]), Bits::all(8)];
    assert_eq!(network.solve(domains, &|_| true), Answer::Possible(expected));
}

#[test]
fn rows_with_the_same_key_are_alternatives() {
    let row = |a: &[usize], b: &[usize]| Row { key: vec![1], cells: vec![Some(cell(a)), Some(cell(b))] };
    let relation =
        Relation { key: vec![0], columns: vec![1, 2], rows: vec![row(&[0, 1], &[3]), row(&[2], &[4])] };
    let network = Network::new(3, vec![relation]);
    let domains = |a, b| vec![bits(8, &[1]), bits(8, &[a]), bits(8, &[b])];
    assert!(network.solve(domains(1, 3), &|_| true).is_possible());
    assert!(network.solve(domains(2, 4), &|_| true).is_possible());
    assert!(network.solve(domains(1, 4), &|_| true).is_impossible());
}

#[test]
fn a_problem_too_hard_to_settle_is_no_conflict() {
    // Nine pigeons in eight holes: small, but exponential for a search like this one.
    let differ = |a, b| {
        let rows: Vec<Vec<usize>> = (0..8).map(|not| (0..8).filter(|v| *v != not).collect()).collect();
        let rows: Vec<(usize, &[usize])> = rows.iter().map(Vec::as_slice).enumerate().collect();
        pairs(a, b, &rows)
    };
    let relations: Vec<_> =
        (0..9).flat_map(|a| (0..a).map(move |b| (a, b))).map(|(a, b)| differ(a, b)).collect();
    let network = Network::new(9, relations);
    assert_eq!(network.solve(vec![Bits::all(8); 9], &|_| true), Answer::Unsettled);
}

const SIZE: usize = 4;

/// Whether some choice of values satisfies everything, by trying all.
fn possible(domains: &[Bits], relations: &[Relation]) -> bool {
    let mut chosen = vec![0; domains.len()];
    loop {
        let inside = chosen.iter().zip(domains).all(|(value, domain)| domain.contains(*value));
        if inside && relations.iter().all(|relation| holds(relation, &chosen)) {
            return true;
        }
        let Some(at) = chosen.iter().position(|value| value + 1 < SIZE) else { return false };
        chosen[at] += 1;
        chosen[..at].fill(0);
    }
}

fn holds(relation: &Relation, chosen: &[usize]) -> bool {
    let mut rows = relation
        .rows
        .iter()
        .filter(|row| row.key.iter().zip(&relation.key).all(|(value, variable)| chosen[*variable] == *value))
        .peekable();
    rows.peek().is_none()
        || rows.any(|row| {
            row.cells
                .iter()
                .zip(&relation.columns)
                .all(|(cell, variable)| cell.as_ref().is_none_or(|cell| cell.contains(chosen[*variable])))
        })
}

fn set() -> impl Strategy<Value = Bits> {
    (1_u8..16).prop_map(|mask| Bits::filter(SIZE, |value| mask >> value & 1 == 1))
}

fn row(keys: usize, columns: usize) -> impl Strategy<Value = Row> {
    (prop::collection::vec(0..SIZE, keys), prop::collection::vec(prop::option::weighted(0.8, set()), columns))
        .prop_map(|(key, cells)| Row {
            key,
            cells: cells.into_iter().map(|cell| cell.map(Arc::new)).collect(),
        })
}

fn relation() -> impl Strategy<Value = Relation> {
    let order = Just(vec![0_usize, 1, 2, 3]).prop_shuffle();
    (order, 1_usize..3, 1_usize..3).prop_flat_map(|(order, keys, columns)| {
        prop::collection::vec(row(keys, columns), 0..7).prop_map(move |rows| Relation {
            key: order[..keys].to_vec(),
            columns: order[keys..keys + columns].to_vec(),
            rows,
        })
    })
}

fn problem() -> impl Strategy<Value = (Vec<Relation>, Vec<Pin>)> {
    let pin =
        (0_usize..4, set(), 1_u32..5).prop_map(|(variable, allowed, cost)| Pin { variable, allowed, cost });
    (prop::collection::vec(relation(), 0..5), prop::collection::vec(pin, 0..6))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn the_verdict_is_that_of_trying_everything((relations, pins) in problem()) {
        let domains = pinned(&vec![Bits::all(SIZE); 4], &pins, |_| true);
        let answer = Network::new(4, relations.clone()).solve(domains.clone(), &|_| true);
        prop_assert_eq!(answer.is_possible(), possible(&domains, &relations));
        prop_assert_ne!(answer, Answer::Unsettled);
    }

    #[test]
    fn a_conflict_is_minimal((relations, pins) in problem()) {
        let free = vec![Bits::all(SIZE); 4];
        for conflict in conflicts(&free, &relations, &pins) {
            let left: Vec<_> = conflict.relations.iter().map(|(index, _)| relations[*index].clone()).collect();
            let with = |skipped: Option<usize>, left: &[Relation]| {
                possible(&pinned(&free, &pins, |pin| conflict.pins.contains(&pin) && Some(pin) != skipped), left)
            };
            prop_assert!(!with(None, &left));
            for pin in &conflict.pins {
                prop_assert!(with(Some(*pin), &relations));
            }
            for skipped in 0..left.len() {
                let mut fewer = left.clone();
                fewer.remove(skipped);
                prop_assert!(with(None, &fewer));
            }
        }
    }

    #[test]
    fn the_order_of_pins_does_not_matter((relations, pins) in problem()) {
        let free = vec![Bits::all(SIZE); 4];
        let said = |pins: &[Pin]| -> Vec<Vec<(usize, Bits)>> {
            let words = |index: &usize| (pins[*index].variable, pins[*index].allowed.clone());
            let mut all: Vec<Vec<_>> = conflicts(&free, &relations, pins)
                .iter()
                .map(|conflict| conflict.pins.iter().map(words).collect())
                .collect();
            for one in &mut all {
                one.sort();
            }
            all.sort();
            all
        };
        let reversed: Vec<_> = pins.iter().rev().cloned().collect();
        prop_assert_eq!(said(&pins), said(&reversed));
    }

    #[test]
    fn a_repair_satisfies_everything((relations, pins) in problem()) {
        let free = vec![Bits::all(SIZE); 4];
        let handles: Vec<_> = pins.iter().enumerate().map(|(index, pin)| Handle {
            cost: pin.cost, pins: vec![index], variable: pin.variable, order: (0..SIZE).collect(), droppable: true,
        }).collect();
        let repair = repair(&free, &relations, &pins, &handles);
        let domains = |repair: &Repair| {
            let moved = |pin| repair.moves.iter().any(|(handle, _)| *handle == pin);
            let mut domains = pinned(&free, &pins, |pin| !moved(pin));
            for (handle, to) in &repair.moves {
                if let Move::To(value) = to {
                    domains[pins[*handle].variable].intersect(&bits(SIZE, &[*value]));
                }
            }
            domains
        };
        if let Some(repair) = &repair {
            prop_assert!(possible(&domains(repair), &relations));
            prop_assert_eq!(
                repair.moves.is_empty(), possible(&pinned(&free, &pins, |_| true), &relations)
            );
        }
        // Without any pin there may be no solution at all; else dropping everything is always a repair.
        prop_assert_eq!(repair.is_some(), possible(&free, &relations));
    }
}
