//! Which facts a condition looks at: where they stand relative to the subject.

use std::collections::{BTreeMap, HashMap};

use crate::model::facts::{Facts, Index, Variable};
use crate::model::schema::{FieldValue, Kind};
use crate::rules::{Order, Pattern, Scope};

/// A fact.
pub(super) type FactRef = (Kind, Index);

/// A condition looks at no more facts than this; what further ones say stays unknown. No real Dockerfile has as many,
/// and time would grow with their square.
pub(super) const MOST_CANDIDATES: usize = 1000;

/// The facts of one Dockerfile, findable by what patterns name most (a command's program, a variable's name), and
/// what conditions ask of them again and again.
#[derive(Debug, Default)]
pub(super) struct FactIndex<'f> {
    by_key: HashMap<Kind, HashMap<&'f str, Vec<Index>>>,
    all: HashMap<Kind, Vec<Index>>,
    stages: Forest,
    /// The call of each installing command.
    calls: BTreeMap<Index, usize>,
    /// Files of packages that could not be read.
    pub(super) unread: Vec<Index>,
    /// Installing commands of which not all is known.
    pub(super) unknown_installs: Vec<Index>,
}

/// The field by which facts of a kind are found.
pub(super) fn key_field(kind: Kind) -> Option<&'static str> {
    match kind {
        Kind::Instruction | Kind::Copy => Some("keyword"),
        Kind::Command => Some("program"),
        Kind::Package | Kind::Variable | Kind::Reference => Some("name"),
        Kind::Label => Some("key"),
        Kind::Image => Some("role"),
        Kind::Mount => Some("type"),
        Kind::Stage | Kind::File | Kind::Source | Kind::Port | Kind::Comment => None,
    }
}

/// The text of a fact's key field.
pub(super) fn key_of(facts: &Facts, kind: Kind, index: Index) -> Option<&str> {
    match (kind.field(key_field(kind)?)?.get)(facts, index) {
        FieldValue::Str(text) => Some(text),
        FieldValue::Text(value) => value.known(),
        _ => None,
    }
}

impl<'f> FactIndex<'f> {
    /// Sorts the facts.
    pub(super) fn new(facts: &'f Facts) -> Self {
        let mut index = Self { stages: Forest::new(facts), ..Self::default() };
        for kind in Kind::ALL {
            let all = in_order(facts, kind, (0..kind.count(facts)).collect());
            for fact in &all {
                if let Some(key) = key_of(facts, kind, *fact) {
                    index.by_key.entry(kind).or_default().entry(key).or_default().push(*fact);
                }
            }
            index.all.insert(kind, all);
        }
        for package in &facts.packages {
            if let Some(command) = package.command {
                index.calls.entry(command).or_insert(package.call);
            }
        }
        let unread = (0..facts.files.len()).filter(|file| is_unread(facts, *file)).collect();
        index.unread = in_order(facts, Kind::File, unread);
        let installing = index.calls.keys().copied();
        let unknown = installing.filter(|command| index.is_unknown_install(facts, *command)).collect();
        index.unknown_installs = in_order(facts, Kind::Command, unknown);
        index
    }

    /// The facts that may match the pattern, in order: a list for each text of its key.
    pub(super) fn candidates(&self, pattern: &Pattern) -> Vec<&[Index]> {
        self.lists(pattern.kind, key_field(pattern.kind).and_then(|field| pattern.plain_texts(field)))
    }

    /// The same, without facts that match only as far as anybody knows.
    pub(super) fn sure_candidates(&self, pattern: &Pattern) -> Vec<&[Index]> {
        self.lists(pattern.kind, key_field(pattern.kind).and_then(|field| pattern.sure_texts(field)))
    }

    fn lists(&self, kind: Kind, keys: Option<Vec<&str>>) -> Vec<&[Index]> {
        match keys {
            None => self.all.get(&kind).map(Vec::as_slice).into_iter().collect(),
            Some(mut keys) => {
                keys.sort_unstable();
                keys.dedup();
                let Some(by_key) = self.by_key.get(&kind) else { return Vec::new() };
                keys.into_iter().filter_map(|key| by_key.get(key).map(Vec::as_slice)).collect()
            }
        }
    }

    /// Whether the command installs packages, and not all of it is known.
    pub(super) fn is_unknown_install(&self, facts: &Facts, command: Index) -> bool {
        self.calls.contains_key(&command) && facts.commands.get(command).is_some_and(|command| !command.known)
    }

    /// The call whose packages are resolved together with the fact: that of a package or of a command.
    fn call_of(&self, facts: &Facts, (kind, fact): FactRef) -> Option<usize> {
        if kind == Kind::Package {
            return facts.packages.get(fact).map(|package| package.call);
        }
        self.calls.get(&kind.command(facts, fact)?).copied()
    }
}

/// The facts in the order of the instructions that bring them.
fn in_order(facts: &Facts, kind: Kind, mut list: Vec<Index>) -> Vec<Index> {
    list.sort_unstable_by_key(|fact| (kind.instruction(facts, *fact), *fact));
    list
}

/// Whether it is a file of packages that nobody could read.
fn is_unread(facts: &Facts, file: Index) -> bool {
    facts.files.get(file).is_some_and(|file| {
        file.file.is_none() && matches!(file.kind, "requirements" | "constraints" | "conda" | "project")
    })
}

/// Which stages start from which, answered without walking from one to the next.
#[derive(Debug, Default)]
struct Forest {
    /// For each stage, its number in a walk that visits a stage before those that start from it, and the number after
    /// the last of these.
    spans: Vec<(usize, usize)>,
    /// The first stage of each stage's chain.
    roots: Vec<Index>,
}

impl Forest {
    fn new(facts: &Facts) -> Self {
        let count = facts.stages.len();
        // A stage starts from an earlier one.
        let parent = |stage: Index| facts.stages.get(stage)?.parent.filter(|parent| *parent < stage);
        let mut sizes = vec![1; count];
        for stage in (0..count).rev() {
            let size = sizes.get(stage).copied().unwrap_or(1);
            if let Some(of_parent) = parent(stage).and_then(|parent| sizes.get_mut(parent)) {
                *of_parent += size;
            }
        }
        let mut forest = Self::default();
        // The next free number below each stage, and on the ground.
        let mut below: Vec<usize> = Vec::with_capacity(count);
        let mut ground = 0;
        for (stage, size) in sizes.into_iter().enumerate() {
            let next = parent(stage).and_then(|parent| below.get_mut(parent)).unwrap_or(&mut ground);
            let start = *next;
            *next += size;
            below.push(start + 1);
            forest.spans.push((start, start + size));
            let root = parent(stage).and_then(|parent| forest.roots.get(parent)).copied();
            forest.roots.push(root.unwrap_or(stage));
        }
        forest
    }

    /// Whether the stage is the other one, or starts from it.
    fn starts_from(&self, stage: Option<Index>, other: Option<Index>) -> bool {
        let span = |stage: Option<Index>| self.spans.get(stage?).copied();
        match (span(stage), span(other)) {
            (Some((at, _)), Some((start, end))) => (start..end).contains(&at),
            _ => stage == other,
        }
    }

    /// The first stage of the chain.
    fn root(&self, stage: Index) -> Index {
        self.roots.get(stage).copied().unwrap_or(stage)
    }
}

/// Where a condition looks.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    pub(super) subject: FactRef,
    pub(super) scope: Scope,
    pub(super) order: Option<Order>,
}

/// The candidates that stand where a condition looks.
#[derive(Debug, Default)]
pub(super) struct Around {
    /// Nearest to the subject first where the condition looks back.
    pub(super) facts: Vec<Index>,
    /// Whether there were too many to look at all of them.
    pub(super) cut: bool,
}

/// The candidates of these lists, each in order, that stand where the condition looks.
pub(super) fn around(
    facts: &Facts,
    index: &FactIndex<'_>,
    place: Place,
    kind: Kind,
    lists: &[&[Index]],
) -> Around {
    let backwards =
        place.scope == Scope::InForce || matches!(place.order, Some(Order::Before | Order::JustBefore));
    let mut around = Around::default();
    let extent = extent(facts, index, place, kind);
    for list in lists {
        let instruction = |fact: &Index| kind.instruction(facts, *fact);
        // Facts come in the order of their instructions.
        let start = list.partition_point(|fact| instruction(fact) < extent.0);
        let end = list.partition_point(|fact| extent.1.is_none_or(|last| instruction(fact) <= Some(last)));
        let near = list.get(start..end).unwrap_or_default();
        around.cut |= near.len() > MOST_CANDIDATES;
        let (first, last) = near.split_at(near.len().min(MOST_CANDIDATES));
        let near = if backwards { near.get(last.len()..).unwrap_or_default() } else { first };
        around.facts.extend(near.iter().filter(|fact| is_there(facts, index, place, (kind, **fact))));
    }
    if lists.len() > 1 {
        around.facts.sort_unstable();
    }
    if place.scope == Scope::InForce && kind == Kind::Variable {
        around.facts = in_force(facts, &around.facts);
    } else if backwards {
        around.facts.reverse();
    }
    around
}

/// The first and the last instruction where the condition looks; without a last one, to the end.
fn extent(facts: &Facts, index: &FactIndex<'_>, place: Place, kind: Kind) -> (Option<Index>, Option<Index>) {
    let (subject, fact) = place.subject;
    let Some(own) = subject.instruction(facts, fact) else { return (None, None) };
    let stage = subject.stage(facts, fact);
    let start = |stage: Index| facts.stages.get(stage)?.instructions.first().copied();
    let chain = || start(index.stages.root(stage?));
    let (mut first, mut last) = match place.scope {
        Scope::File | Scope::Subject => (None, None),
        Scope::Instruction | Scope::CommandList | Scope::Call => (Some(own), Some(own)),
        Scope::OwnStage => {
            let stage = stage.and_then(|stage| facts.stages.get(stage));
            let end = stage.and_then(|stage| stage.instructions.last().copied());
            (stage.and_then(|stage| stage.instructions.first().copied()), end)
        }
        Scope::Stage => (chain(), None),
        Scope::Descendants => (stage.and_then(start), None),
        // In a FROM, what stands before the first one counts.
        Scope::InForce if kind == Kind::Variable && is_from(facts, Some(own)) => (None, Some(own)),
        Scope::InForce => (chain(), Some(own)),
    };
    match place.order {
        None => {}
        Some(Order::Before) => last = Some(last.map_or(own, |last| last.min(own))),
        Some(Order::JustBefore) => {
            first = first.max(own.checked_sub(1));
            last = Some(last.map_or(own, |last| last.min(own)));
        }
        Some(Order::After) => first = first.max(Some(own)),
        Some(Order::JustAfter) => first = first.max(Some(own + 1)),
    }
    (first, last)
}

fn is_there(facts: &Facts, index: &FactIndex<'_>, place: Place, candidate: FactRef) -> bool {
    let Place { subject, scope, order } = place;
    is_in_scope(facts, index, subject, scope, candidate)
        && order.is_none_or(|order| is_in_order(facts, subject, order, candidate))
}

fn is_in_scope(
    facts: &Facts,
    index: &FactIndex<'_>,
    subject: FactRef,
    scope: Scope,
    candidate: FactRef,
) -> bool {
    let instruction = |fact: FactRef| fact.0.instruction(facts, fact.1);
    let stage = |fact: FactRef| fact.0.stage(facts, fact.1);
    match scope {
        Scope::File => true,
        Scope::Subject => candidate == subject,
        Scope::Instruction => {
            instruction(candidate) == instruction(subject) && instruction(subject).is_some()
        }
        Scope::CommandList => same_script(facts, subject, candidate),
        Scope::Call => {
            let call = index.call_of(facts, candidate);
            call.is_some() && call == index.call_of(facts, subject)
        }
        Scope::OwnStage => stage(candidate) == stage(subject),
        Scope::Stage => index.stages.starts_from(stage(subject), stage(candidate)),
        Scope::Descendants => index.stages.starts_from(stage(candidate), stage(subject)),
        Scope::InForce => is_in_force(facts, index, subject, candidate),
    }
}

fn same_script(facts: &Facts, subject: FactRef, candidate: FactRef) -> bool {
    let script = |fact: FactRef| {
        let command = fact.0.command(facts, fact.1)?;
        facts.commands.get(command).map(|command| (command.instruction, command.script_end))
    };
    if let (Some(one), Some(other)) = (script(subject), script(candidate)) {
        return one == other;
    }
    let instruction = subject.0.instruction(facts, subject.1);
    instruction.is_some() && instruction == candidate.0.instruction(facts, candidate.1)
}

fn is_in_order(facts: &Facts, subject: FactRef, order: Order, candidate: FactRef) -> bool {
    let place = |fact: FactRef| fact.0.order(facts, fact.1);
    let instruction = |fact: FactRef| fact.0.instruction(facts, fact.1);
    let next = |first: Option<Index>, second: Option<Index>| match (first, second) {
        (Some(first), Some(second)) => first + 1 == second,
        _ => false,
    };
    match order {
        Order::Before => place(candidate) < place(subject),
        Order::After => place(candidate) > place(subject),
        Order::JustBefore => next(instruction(candidate), instruction(subject)),
        Order::JustAfter => next(instruction(subject), instruction(candidate)),
    }
}

/// Whether the candidate has an effect where the subject stands.
fn is_in_force(facts: &Facts, index: &FactIndex<'_>, subject: FactRef, candidate: FactRef) -> bool {
    let instruction = |fact: FactRef| fact.0.instruction(facts, fact.1);
    let earlier = || candidate.0.order(facts, candidate.1) < subject.0.order(facts, subject.1);
    let stage = |fact: FactRef| fact.0.stage(facts, fact.1);
    let in_chain = || index.stages.starts_from(stage(subject), stage(candidate));
    match candidate.0 {
        Kind::Mount => instruction(candidate) == instruction(subject),
        Kind::Variable => {
            let Some(variable) = facts.variables.get(candidate.1) else { return false };
            match variable.kind {
                "assignment" => {
                    variable.command.is_some() && variable.command == subject.0.command(facts, subject.1)
                }
                "export" => same_script(facts, subject, candidate) && runs_before(facts, variable, subject),
                // Before the first FROM stand the ARGs that count in FROM alone.
                _ if variable.stage.is_none() => is_from(facts, instruction(subject)) && earlier(),
                _ => in_chain() && earlier(),
            }
        }
        _ => in_chain() && earlier(),
    }
}

/// Whether the shell sets the variable before it comes to the subject's command.
fn runs_before(facts: &Facts, variable: &Variable, subject: FactRef) -> bool {
    let command = subject.0.command(facts, subject.1).and_then(|index| facts.commands.get(index));
    command.is_some_and(|command| variable.at.span.start < command.at.span.start)
}

fn is_from(facts: &Facts, instruction: Option<Index>) -> bool {
    instruction.and_then(|index| facts.instructions.get(index)).is_some_and(|it| it.keyword == "from")
}

/// Of the settings of each variable, the one that holds: the nearest kind, and of that the last.
fn in_force(facts: &Facts, found: &[Index]) -> Vec<Index> {
    let strength = |variable: &Variable| match variable.kind {
        "assignment" => 3,
        "export" => 2,
        "env" => 1,
        _ => 0,
    };
    let mut holding: BTreeMap<&str, (u8, Index)> = BTreeMap::new();
    for &index in found {
        let Some(variable) = facts.variables.get(index) else { continue };
        let own = (strength(variable), index);
        let best = holding.entry(&variable.name).or_insert(own);
        *best = (*best).max(own);
    }
    holding.into_values().map(|(_, index)| index).collect()
}
