//! Facts, rules and the stack to findings.
//!
//! Takes a Dockerfile with its context and the loaded packs. Gives what is to be said about it, with the edits that
//! would mend it, sorted by file, offset and rule. It applies no edit and prints nothing.

mod condition;
mod dispatch;
mod edits;
mod evaluate;
mod own;
mod parallel;
mod place;
mod repair;
mod roster;
mod scope;
mod scripts;
mod selection;
mod stack;
mod suppress;

pub use own::{OwnRule, RULES as OWN_RULES, UNUSED_SUPPRESSION};
pub use parallel::{Request, check_all, check_one};
pub use repair::Repairs;
pub use scripts::{Dialect, Remark, Script, ScriptJudge};
pub use selection::{Selectable, Selection};

use std::sync::OnceLock;

use crate::diagnostic::Checked;
use crate::model::context::Context;
use crate::model::facts::Facts;
use crate::model::settings::Settings;
use crate::rules::Packs;
use crate::source::{Location, SourceFile, Sources, Span};
use crate::stack::{Stack, World};

/// Rules and settings, ready to check any number of files.
#[derive(Debug)]
pub struct Engine<'p> {
    packs: &'p Packs,
    settings: &'p Settings,
    selection: &'p Selection,
    dispatch: dispatch::Dispatch<'p>,
    world: OnceLock<World<'p>>,
    scripts: Option<&'p dyn ScriptJudge>,
}

impl<'p> Engine<'p> {
    /// Sorts the rules that speak.
    pub fn new(packs: &'p Packs, settings: &'p Settings, selection: &'p Selection) -> Self {
        let dispatch = dispatch::Dispatch::new(packs, selection, settings);
        Self { packs, settings, selection, dispatch, world: OnceLock::new(), scripts: None }
    }

    /// Asks that judge about shell scripts.
    #[must_use]
    pub fn with_scripts(self, scripts: Option<&'p dyn ScriptJudge>) -> Self {
        Self { scripts, ..self }
    }

    /// Checks one Dockerfile and what it installs.
    pub fn check(&self, dockerfile: SourceFile, context: &dyn Context) -> Checked {
        self.judge(crate::model::build(dockerfile, context, &self.packs.knowledge, self.settings))
    }

    /// What is to be said about a file that cannot be read as what it is: a finding at each place.
    pub fn refuse(&self, file: SourceFile, faults: impl IntoIterator<Item = (Span, String)>) -> Checked {
        let mut sources = Sources::default();
        let file = sources.add(file);
        let finding =
            |(span, message)| own::INVALID.finding(self.selection, Location { file, span }, message);
        Checked { sources, diagnostics: faults.into_iter().filter_map(finding).collect() }
    }

    /// The facts of one Dockerfile, and the stack that each of its stages assembles.
    pub fn stacks(&self, dockerfile: SourceFile, context: &dyn Context) -> (Facts, Vec<Stack>) {
        let facts = crate::model::build(dockerfile, context, &self.packs.knowledge, self.settings);
        let index = scope::FactIndex::new(&facts);
        let stacks = stack::stacks(&facts, &index, self.packs, self.world(), self.settings);
        drop(index);
        (facts, stacks)
    }

    /// What the packs know of versions, indexed when it is first asked for.
    fn world(&self) -> &World<'p> {
        self.world.get_or_init(|| World::new(&self.packs.knowledge))
    }

    /// What is to be said about facts.
    fn judge(&self, facts: Facts) -> Checked {
        let index = scope::FactIndex::new(&facts);
        let mut found = evaluate::findings(&facts, &index, &self.dispatch, &self.packs.knowledge);
        let rules = &self.dispatch.stack;
        found.extend(stack::findings(&facts, &index, self.packs, &|| self.world(), self.settings, rules));
        drop(index);
        let own = own::findings(&facts, self.selection);
        found.extend(own.into_iter().map(|diagnostic| evaluate::Found { diagnostic, instruction: None }));
        if let Some(judge) = self.scripts {
            found.extend(scripts::findings(&facts, judge, self.selection));
        }
        let found = suppress::apply(&facts, found, &self.dispatch.roster, self.settings, self.selection);
        let mut diagnostics: Vec<_> = found.into_iter().map(|found| found.diagnostic).collect();
        diagnostics.sort_by(|a, b| (a.at, &a.rule, &a.message).cmp(&(b.at, &b.rule, &b.message)));
        diagnostics.dedup();
        Checked { sources: facts.sources, diagnostics }
    }
}

/// Checks one Dockerfile and what it installs.
///
/// For several files, [`Engine`] sorts the rules once.
pub fn check(
    dockerfile: SourceFile,
    context: &dyn Context,
    packs: &Packs,
    settings: &Settings,
    selection: &Selection,
) -> Checked {
    Engine::new(packs, settings, selection).check(dockerfile, context)
}
