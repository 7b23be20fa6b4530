//! Rules sorted by what they can match, so that a rule that cannot match costs nothing.

use std::collections::HashMap;

use super::own;
use super::roster::{Member, Roster};
use super::scope::key_field;
use super::selection::{Selectable, Selection};
use crate::diagnostic::Severity;
use crate::model::schema::Kind;
use crate::model::settings::Settings;
use crate::rules::{Guard, Packs, Parameters, Pattern, Place, Rule, StackMatch, Subject};

/// A rule that speaks, and how.
#[derive(Clone, Copy, Debug)]
pub(super) struct Active<'p> {
    pub rule: &'p Rule,
    pub severity: Severity,
    /// What must hold besides the pattern.
    pub guard: &'p Guard,
    /// Where the finding is shown.
    pub at: Option<&'p Place>,
    /// What the user says about the rule.
    pub parameters: Parameters<'p>,
}

/// The rules that speak, by kind of fact and by the text of its key field.
#[derive(Debug, Default)]
pub(super) struct Dispatch<'p> {
    keyed: HashMap<(Kind, &'p str), Vec<(&'p Pattern, Active<'p>)>>,
    open: HashMap<Kind, Vec<(&'p Pattern, Active<'p>)>>,
    /// The rules about the stack, in pack order; those that are off by default and not selected are left out.
    pub stack: Vec<StackRule<'p>>,
    /// All rules, dlint's own as well.
    pub roster: Roster<'p>,
}

/// A rule about the stack.
#[derive(Clone, Copy, Debug)]
pub(super) struct StackRule<'p> {
    pub rule: &'p Rule,
    pub conflicts: &'p StackMatch,
    /// How it speaks; `None` where it is silenced.
    pub active: Option<Active<'p>>,
}

impl<'p> Dispatch<'p> {
    /// Sorts the rules that the selection lets speak, as hadolint has them or as dlint has.
    pub(super) fn new(packs: &'p Packs, selection: &Selection, settings: &'p Settings) -> Self {
        let mut dispatch = Self::default();
        for rule in &packs.rules {
            let variant = rule.variant(settings);
            let selectable = Selectable::under(rule, settings);
            let severity = selection.severity_of(selectable);
            let judgement = variant.and_then(|variant| variant.judgement.as_ref());
            let (subject, guard) =
                judgement.map_or((&rule.subject, &rule.guard), |(subject, guard)| (subject, guard));
            let at = variant.and_then(|variant| variant.at.as_ref()).or(rule.at.as_ref());
            let active = severity
                .map(|severity| Active {
                    rule,
                    severity,
                    guard,
                    at,
                    parameters: Parameters::new(rule, settings),
                })
                .filter(|active| active.parameters.are_complete());
            dispatch.roster.members.push(Member { rule: selectable, speaks: active.is_some() });
            match (subject, active) {
                (Subject::Stack(conflicts), _) if selectable.default || active.is_some() => {
                    dispatch.stack.push(StackRule { rule, conflicts, active });
                }
                (Subject::Fact(pattern), Some(active)) => dispatch.add(pattern, active),
                _ => {}
            }
        }
        for rule in own::RULES.iter().map(own::OwnRule::selectable) {
            dispatch.roster.members.push(Member { rule, speaks: selection.severity_of(rule).is_some() });
        }
        dispatch
    }

    fn add(&mut self, pattern: &'p Pattern, active: Active<'p>) {
        let kind = pattern.kind;
        match key_field(kind).and_then(|field| pattern.sure_texts(field)) {
            Some(mut keys) => {
                keys.sort_unstable();
                keys.dedup();
                for key in keys {
                    self.keyed.entry((kind, key)).or_default().push((pattern, active));
                }
            }
            None => self.open.entry(kind).or_default().push((pattern, active)),
        }
    }

    /// Whether any rule is about facts of the kind.
    pub(super) fn has(&self, kind: Kind) -> bool {
        self.open.contains_key(&kind) || self.keyed.keys().any(|(keyed, _)| *keyed == kind)
    }

    /// The rules that may match a fact with this key.
    pub(super) fn rules<'d>(
        &'d self,
        kind: Kind,
        key: Option<&'d str>,
    ) -> impl Iterator<Item = (&'p Pattern, Active<'p>)> + use<'d, 'p> {
        let keyed = key.and_then(|key| self.keyed.get(&(kind, key)));
        keyed.into_iter().chain(self.open.get(&kind)).flatten().copied()
    }
}
