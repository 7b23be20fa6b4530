//! The expressions of all diagnoses, tried on a line at once.
//!
//! Each expression has texts of which every match contains one. One automaton finds those texts, so that a line costs
//! its length, and only the few expressions that may match are run.

use std::collections::BTreeMap;
use std::sync::Arc;

use aho_corasick::AhoCorasick;

use crate::knowledge::Expression;
use crate::rules::DiagnosisRule;

/// So much of a line is kept for people to read.
const SHOWN_BYTES: usize = 400;

/// What an expression says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Role {
    /// A pattern of the diagnosis.
    Pattern,
    /// A line that must be there as well.
    Also,
    /// A line that must not.
    Without,
}

/// One expression of one diagnosis.
#[derive(Debug)]
struct Entry<'p> {
    rule: usize,
    role: Role,
    /// Its place among those of its role.
    place: usize,
    expression: &'p Expression,
    names: &'p [Arc<str>],
}

/// The last line that an expression matched.
#[derive(Clone, Debug)]
pub(super) struct Hit {
    /// Its number, from 1.
    pub line: usize,
    /// What it says, cut off where it is long.
    pub text: String,
    /// What its groups matched.
    pub captures: Vec<(Arc<str>, String)>,
}

/// The lines of a step that expressions matched: the last one of each.
#[derive(Clone, Debug, Default)]
pub(super) struct Hits(BTreeMap<usize, Hit>);

impl Hits {
    /// Takes over what another part of the same step gave; where both have a line, the other's is later.
    pub(super) fn join(&mut self, other: &Self) {
        for (entry, hit) in &other.0 {
            self.0.insert(*entry, hit.clone());
        }
    }
}

/// The diagnoses, ready to be tried.
#[derive(Debug)]
pub(super) struct Matcher<'p> {
    rules: Vec<&'p DiagnosisRule>,
    entries: Vec<Entry<'p>>,
    automaton: Option<AhoCorasick>,
    /// For each literal of the automaton, the entries that need it.
    by_literal: Vec<Vec<usize>>,
}

impl<'p> Matcher<'p> {
    /// Prepares the diagnoses for which `wanted` is true.
    pub(super) fn new(rules: &'p [DiagnosisRule], wanted: impl Fn(&DiagnosisRule) -> bool) -> Self {
        let rules: Vec<&DiagnosisRule> = rules.iter().filter(|rule| wanted(rule)).collect();
        let mut entries = Vec::new();
        for (index, rule) in rules.iter().enumerate() {
            let mut add = |role, place, expression, names| {
                entries.push(Entry { rule: index, role, place, expression, names });
            };
            for (place, pattern) in rule.patterns.iter().enumerate() {
                add(Role::Pattern, place, &pattern.expression, pattern.names.as_slice());
            }
            for (place, expression) in rule.also.iter().enumerate() {
                add(Role::Also, place, expression, &[]);
            }
            for (place, expression) in rule.without.iter().enumerate() {
                add(Role::Without, place, expression, &[]);
            }
        }
        let mut by_text: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for (index, entry) in entries.iter().enumerate() {
            // Packs with an expression that has no literal are refused when they are loaded.
            for literal in entry.expression.literals().unwrap_or_default() {
                by_text.entry(literal).or_default().push(index);
            }
        }
        let automaton = AhoCorasick::new(by_text.keys()).ok();
        Self { rules, entries, automaton, by_literal: by_text.into_values().collect() }
    }

    /// The diagnoses.
    pub(super) fn rules(&self) -> &[&'p DiagnosisRule] {
        &self.rules
    }

    /// Tries the line, and notes what matches.
    pub(super) fn try_line(&self, number: usize, line: &str, hits: &mut Hits) {
        let Some(automaton) = &self.automaton else { return };
        let mut tried: Vec<usize> = Vec::new();
        for found in automaton.find_overlapping_iter(line) {
            for entry in self.by_literal.get(found.pattern().as_usize()).into_iter().flatten() {
                if !tried.contains(entry) {
                    tried.push(*entry);
                }
            }
        }
        for index in tried {
            if let Some(hit) = self.entries.get(index).and_then(|entry| entry.hit(number, line)) {
                hits.0.insert(index, hit);
            }
        }
    }

    /// Whether the diagnosis is made from what a step gave, and the line that says so, if it goes by one.
    pub(super) fn verdict<'h>(&self, rule: usize, hits: &'h Hits) -> (bool, Option<&'h Hit>) {
        let entries = || self.entries.iter().enumerate();
        let own = |role: Role| entries().filter(move |(_, entry)| entry.rule == rule && entry.role == role);
        let hit = |(index, _): (usize, &Entry<'_>)| hits.0.get(&index);
        let missing = own(Role::Also).any(|entry| hit(entry).is_none());
        if missing || own(Role::Without).any(|entry| hit(entry).is_some()) {
            return (false, None);
        }
        let mut patterns: Vec<_> = own(Role::Pattern).collect();
        if patterns.is_empty() {
            return (true, None);
        }
        patterns.sort_by_key(|(_, entry)| entry.place);
        let found = patterns.into_iter().find_map(hit);
        (found.is_some(), found)
    }
}

impl Entry<'_> {
    fn hit(&self, number: usize, line: &str) -> Option<Hit> {
        if self.role != Role::Pattern {
            return self.expression.is_match(line).then(|| Hit {
                line: number,
                text: String::new(),
                captures: Vec::new(),
            });
        }
        let found = self.expression.captures(line)?;
        let captures = self
            .names
            .iter()
            .filter_map(|name| Some((Arc::clone(name), found.name(name)?.as_str().to_owned())))
            .collect();
        Some(Hit { line: number, text: shown(line), captures })
    }
}

/// The line, cut at a character where it is long.
fn shown(line: &str) -> String {
    let end = line.char_indices().map(|(at, _)| at).find(|at| *at >= SHOWN_BYTES).unwrap_or(line.len());
    line.get(..end).unwrap_or_default().to_owned()
}
