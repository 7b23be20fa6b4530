//! From the repairs that a diagnosis plans to fixes of the files at hand.
//!
//! Takes facts, the failing instruction and what the log has bound. Gives the fixes that can be built, best first.
//! What is in doubt (no such fact, or several where one is meant) is not offered.

use std::sync::Arc;

use super::condition::holds;
use super::edits::fixes;
use super::scope::{FactIndex, FactRef, Place, around};
use super::{Engine, Selection};
use crate::diagnostic::Fix;
use crate::model::facts::{ContextFile, Facts, Index};
use crate::model::schema::Kind;
use crate::model::settings::Settings;
use crate::rules::{Captures, Guard, Packs, Pick, Repair, RepairPlan, Scene, Scope, Template, Verdict};
use crate::source::Location;

/// One Dockerfile that failed, ready to be asked for repairs.
#[derive(Debug)]
pub struct Repairs<'f> {
    facts: &'f Facts,
    index: FactIndex<'f>,
    packs: &'f Packs,
    settings: &'f Settings,
}

impl<'f> Repairs<'f> {
    /// Sorts the facts.
    pub fn new(facts: &'f Facts, packs: &'f Packs, settings: &'f Settings) -> Self {
        Self { facts, index: FactIndex::new(facts), packs, settings }
    }

    /// Whether the conditions hold around the failing instruction. Where that is not known, only no condition does.
    pub fn holds(&self, guard: &Guard, instruction: Option<Index>, captures: &mut Captures) -> bool {
        if guard.requires.is_empty() && guard.unless.is_empty() {
            return true;
        }
        let Some(instruction) = instruction else { return false };
        let mut scene = Scene {
            captures: captures.clone(),
            ..Scene::new(self.facts, Some((Kind::Instruction, instruction)))
        };
        let held = holds(guard, &self.index, &mut scene);
        if held {
            *captures = scene.captures;
        }
        held
    }

    /// The fixes that can be built from the plans, in their order; none twice.
    pub fn fixes(&self, plans: &[RepairPlan], instruction: Option<Index>, captures: &Captures) -> Vec<Fix> {
        let mut found: Vec<Fix> = Vec::new();
        for plan in plans {
            let more = match plan {
                RepairPlan::Edit(repair) => self.fix(repair, instruction, captures).into_iter().collect(),
                RepairPlan::Remedy { name, given, guard, safety } => {
                    let mut captures = captures.clone();
                    if !self.holds(guard, instruction, &mut captures) {
                        continue;
                    }
                    let fix = self.remedy(name, given, instruction, &captures);
                    let trusted = |mut fix: Fix| {
                        fix.safety = safety.unwrap_or(fix.safety).min(fix.safety);
                        fix
                    };
                    fix.map(trusted).into_iter().collect()
                }
                RepairPlan::Rules { names, guard } => {
                    if !self.holds(guard, instruction, &mut captures.clone()) {
                        continue;
                    }
                    self.fixes_of_rules(names, instruction)
                }
            };
            found.extend(more);
        }
        let mut once: Vec<Fix> = Vec::new();
        for fix in found {
            if !once.iter().any(|other| other.edits() == fix.edits()) {
                once.push(fix);
            }
        }
        once
    }

    /// The first repair of the remedy that can be built with what it is given.
    fn remedy(
        &self,
        name: &str,
        given: &[(Arc<str>, Template)],
        instruction: Option<Index>,
        captures: &Captures,
    ) -> Option<Fix> {
        let subject = instruction.map(|instruction| (Kind::Instruction, instruction));
        let outer = Scene { captures: captures.clone(), ..Scene::new(self.facts, subject) };
        let mut inner = Captures::default();
        for (name, template) in given {
            inner.bind_text(name, outer.render(template)?);
        }
        let remedy = self.packs.remedies.iter().find(|remedy| remedy.name == name)?;
        remedy.repairs.iter().find_map(|repair| self.fix(repair, instruction, &inner))
    }

    fn fix(&self, repair: &Repair, instruction: Option<Index>, captures: &Captures) -> Option<Fix> {
        let subjects = self.subjects(repair, instruction, captures);
        let chosen = match (repair.pick, subjects.as_slice()) {
            (Pick::Only, [_]) | (Pick::Every, _) => subjects.as_slice(),
            (Pick::Only, _) => return None,
            (Pick::First, all) => all.get(..1)?,
            (Pick::Last, all) => all.get(all.len().checked_sub(1)?..)?,
        };
        let mut edits = Vec::new();
        let mut title = None;
        for scene in chosen {
            let built = fixes(std::slice::from_ref(&repair.plan), &self.index, &self.packs.knowledge, scene);
            let fix = built.into_iter().next()?;
            edits.extend(fix.edits().iter().cloned());
            title.get_or_insert(fix.title);
        }
        Fix::new(title?, repair.plan.safety, edits)
    }

    /// The facts that the repair is about, in the order of the build, each with what its pattern binds.
    fn subjects(&self, repair: &Repair, instruction: Option<Index>, captures: &Captures) -> Vec<Scene<'f>> {
        let kind = repair.pattern.kind;
        let found = match instruction {
            Some(instruction) => self.near(repair, (Kind::Instruction, instruction)),
            None if repair.scope == Scope::File => (0..kind.count(self.facts)).collect(),
            None => Vec::new(),
        };
        let mut scenes = Vec::new();
        for fact in found {
            // What an `ONBUILD` of another image or stage brings is not written where it acts.
            let own = kind.instruction(self.facts, fact).and_then(|index| self.facts.instructions.get(index));
            if own.is_some_and(|instruction| instruction.triggered || instruction.onbuild) {
                continue;
            }
            let mut scene =
                Scene { captures: captures.clone(), ..Scene::new(self.facts, Some((kind, fact))) };
            if repair.pattern.test(fact, &mut scene) == Verdict::Yes {
                scenes.push(scene);
            }
        }
        scenes
    }

    fn near(&self, repair: &Repair, subject: FactRef) -> Vec<Index> {
        if repair.scope == Scope::Subject && repair.pattern.kind == subject.0 {
            return vec![subject.1];
        }
        let place = Place { subject, scope: repair.scope, order: repair.order };
        let lists = self.index.candidates(&repair.pattern);
        let mut found = around(self.facts, &self.index, place, repair.pattern.kind, &lists).facts;
        found.sort_by_key(|fact| repair.pattern.kind.order(self.facts, *fact));
        found
    }

    /// The best fix of each finding of the rules, be they named one by one, by pack or by category: of findings about
    /// what the failing instruction installs, or, where it installs nothing, of all.
    fn fixes_of_rules(&self, ids: &[String], instruction: Option<Index>) -> Vec<Fix> {
        let selection = Selection { select: ids.to_vec(), ..Selection::default() };
        let engine = Engine::new(self.packs, self.settings, &selection);
        let checked = engine.judge(self.facts.clone());
        let installs = |index: Index| {
            self.facts.packages.iter().any(|package| self.instruction_of(package.command) == Some(index))
        };
        let only = instruction.filter(|index| installs(*index));
        let near = |at: Location| only.is_none_or(|index| self.belongs(at, index));
        // Besides the selected rules only dlint's own speak, which have no fixes.
        let findings = checked.diagnostics.into_iter().filter(|finding| near(finding.at));
        findings.filter_map(|finding| finding.fixes.into_iter().next()).collect()
    }

    fn instruction_of(&self, command: Option<Index>) -> Option<Index> {
        Some(self.facts.commands.get(command?)?.instruction)
    }

    /// Whether the place lies in the instruction, or in a file that it reads.
    fn belongs(&self, at: Location, instruction: Index) -> bool {
        let own = self.facts.instructions.get(instruction).map(|instruction| instruction.at);
        let inside = own.is_some_and(|own| own.file == at.file && own.span.contains(at.span));
        let reads = |file: &ContextFile| {
            file.file == Some(at.file) && self.instruction_of(file.command) == Some(instruction)
        };
        inside || self.facts.files.iter().any(reads)
    }
}
