//! The files of one build: checked, fixed in memory, and asked what they install.

use camino::Utf8PathBuf;

use crate::build::credentials::registry_of;
use crate::build::repair::{Cause, Repair, Start};
use crate::build::result::AppliedFix;
use crate::build::smoke::SmokePlan;
use crate::build::status::{Sign, Status};
use crate::cli::context::DiskContext;
use crate::cli::failure::Failure;
use crate::cli::session::Session;
use crate::diagnose::{Build, Diagnosis, Subject, diagnose};
use crate::diagnostic::{Checked, Fix, Safety};
use crate::engine::{Engine, Request, check_one};
use crate::fix::apply::{apply, changed_by, with_line_endings_of};
use crate::fix::overlay::{ChangedFiles, Overlay};
use crate::fix::{Attempt, Outcome, Target, converge};
use crate::knowledge::Probe;
use crate::model::context::Context;
use crate::model::facts::{Facts, Image, Index};
use crate::model::settings::Settings;
use crate::rules::{Packs, Phase};
use crate::source::{FileId, SourceFile};
use crate::syntax::dockerfile::Dockerfile;

/// Interpreters of an image, the better one first.
const INTERPRETERS: [&str; 2] = ["python3", "python"];

/// A Dockerfile, its context, and what it is judged with.
pub(super) struct Project<'p> {
    pub(super) session: &'p Session,
    pub(super) engine: &'p Engine<'p>,
    pub(super) packs: &'p Packs,
    pub(super) settings: &'p Settings,
    /// As it is on disk.
    pub(super) dockerfile: SourceFile,
    /// What that says.
    pub(super) tree: Dockerfile,
    pub(super) context: DiskContext,
    /// The base image that the user asks for.
    pub(super) kept: Option<&'p str>,
}

/// How the files are built first, and what to go back to.
pub(super) struct Starts {
    pub(super) first: Start,
    pub(super) fallback: Option<Start>,
}

impl Project<'_> {
    /// Checks the files as changed.
    pub(super) fn check(&self, dockerfile: &SourceFile, files: &ChangedFiles) -> Checked {
        let context = Overlay { base: &self.context, changed: files };
        let dockerfile = dockerfile.clone();
        self.session.install(|| check_one(self.engine, Request { dockerfile, context: &context }))
    }

    /// The Dockerfile as changed.
    pub(super) fn dockerfile_in(&self, files: &ChangedFiles) -> SourceFile {
        match files.get(self.dockerfile.path()) {
            Some(bytes) => SourceFile::new(self.dockerfile.path(), bytes.as_slice()),
            None => self.dockerfile.clone(),
        }
    }

    /// The facts of the files as changed.
    pub(super) fn facts(&self, files: &ChangedFiles) -> Facts {
        let dockerfile = self.dockerfile_in(files);
        let context = Overlay { base: &self.context, changed: files };
        self.session
            .install(|| crate::model::build(dockerfile, &context, &self.packs.knowledge, self.settings))
    }

    /// The files with every fix that a build can prove, and those with the safe fixes alone to go back to.
    pub(super) fn starts(&self, original: &Checked, fix: bool, status: &Status) -> Result<Starts, Failure> {
        let mut base = Start::default();
        if let Some(image) = self.kept {
            base = self.on_image(image)?;
            status.say(Sign::Fix, &format!("Building on {image}"));
        }
        if !fix {
            return Ok(Starts { first: base, fallback: None });
        }
        let checked = if base.files.is_empty() {
            original.clone()
        } else {
            self.check(&self.dockerfile_in(&base.files), &base.files)
        };
        let first = self.fixed(&checked, &base, Safety::Unsafe, status);
        let fallback =
            self.fixed(&checked, &base, Safety::Safe, &Status::new(crate::build::status::Amount::Little));
        let differs = fallback.files != first.files;
        Ok(Starts { first, fallback: differs.then_some(fallback) })
    }

    fn fixed(&self, checked: &Checked, base: &Start, trust: Safety, status: &Status) -> Start {
        let context = Overlay { base: &self.context, changed: &base.files };
        let check = |dockerfile: SourceFile, context: &dyn Context| {
            check_one(self.engine, Request { dockerfile, context })
        };
        let target = Target { checked: checked.clone(), context: &context, check: &check };
        let fixed = self.session.install(|| converge(&[target], trust));
        let mut start = base.clone();
        start.files.extend(fixed.files.into_iter().map(|changed| (changed.path, changed.after)));
        for attempt in fixed.attempts.iter().filter(|attempt| attempt.outcome == Outcome::Applied) {
            status.say(Sign::Fix, &format!("Auto-fixing: {} ({})", attempt.title, attempt.rule));
            start.edits.extend(self.told(attempt));
        }
        start
    }

    /// The changes of a fix as they are told.
    fn told(&self, attempt: &Attempt) -> Vec<AppliedFix> {
        let message = || attempt.title.clone();
        let edit = |change: &crate::fix::Change| AppliedFix {
            attempt: 1,
            rule: attempt.rule.clone(),
            action: self.action(&change.path, change.position.line),
            reason: message(),
            file: change.path.to_string(),
            old: change.old.clone(),
            new: change.new.clone(),
        };
        attempt.changes.iter().map(edit).collect()
    }

    /// What kind of edit it is: by the instruction where it stands, or by the file.
    pub(super) fn action(&self, path: &Utf8PathBuf, line: u32) -> String {
        if path != self.dockerfile.path() {
            return "edit_requirements".to_owned();
        }
        let instruction = self.tree.instructions.iter().rev().find(|instruction| instruction.lines.0 <= line);
        match instruction.map(|instruction| instruction.keyword.text.to_lowercase()) {
            Some(keyword) if keyword == "from" => "replace_base_image".to_owned(),
            Some(keyword) => format!("edit_{keyword}"),
            None => "edit_dockerfile".to_owned(),
        }
    }

    /// The files built on another image: that of the target's first stage, and of every stage built on the same.
    fn on_image(&self, image: &str) -> Result<Start, Failure> {
        let facts = self.facts(&ChangedFiles::new());
        let Some(old) = base_image(&facts) else {
            let message = "--base-image: the Dockerfile has no stage that is built on an image".to_owned();
            return Err(Failure::Plain(message));
        };
        let reference = |image: &Image| image.reference.as_ref().map(|reference| reference.text.clone());
        let same =
            facts.images.iter().filter(|other| other.role == "from" && reference(other) == reference(old));
        let mut spans: Vec<_> = same.map(|image| image.at.span).collect();
        spans.sort();
        spans.dedup();
        let file = facts.sources.get(FileId(0));
        let edits: Vec<_> = spans.iter().map(|span| (*span, image)).collect();
        let Some(bytes) = apply(file.bytes(), &edits) else {
            return Err(Failure::Plain("--base-image: the image cannot be replaced".to_owned()));
        };
        let edits = spans.iter().map(|span| AppliedFix {
            attempt: 1,
            rule: "--base-image".to_owned(),
            action: "replace_base_image".to_owned(),
            reason: "the user asks for this image".to_owned(),
            file: file.path().to_string(),
            old: file.slice(*span).to_owned(),
            new: image.to_owned(),
        });
        Ok(Start { edits: edits.collect(), files: ChangedFiles::from([(file.path().to_owned(), bytes)]) })
    }

    /// What a log says of the files as changed.
    pub(super) fn diagnose(&self, log: &str, phase: Phase, files: &ChangedFiles) -> Vec<Cause> {
        let facts = self.facts(files);
        let context = Overlay { base: &self.context, changed: files };
        let build = Build { facts: &facts, context: &context, settings: self.settings };
        let subject = Subject { packs: self.packs, phase: Some(phase), build: Some(build) };
        let diagnoses = self.session.install(|| diagnose(log, &subject));
        let cause = |diagnosis: Diagnosis| Cause {
            key: format!("{} {:?} {:?}", diagnosis.rule, diagnosis.captures, diagnosis.log_text),
            repairs: diagnosis
                .fixes
                .iter()
                .filter_map(|fix| self.repair(fix, &diagnosis, &facts, files))
                .collect(),
            rule: diagnosis.rule,
            cause: diagnosis.cause,
            advice: diagnosis.advice,
            answer: diagnosis.answer,
        };
        diagnoses.into_iter().map(cause).collect()
    }

    /// A fix as files and as it is told; `None` where it is only to be shown, or does not fit.
    fn repair(
        &self,
        fix: &Fix,
        diagnosis: &Diagnosis,
        facts: &Facts,
        files: &ChangedFiles,
    ) -> Option<Repair> {
        if fix.safety == Safety::Display {
            return None;
        }
        let mut repair = Repair { title: fix.title.clone(), edits: Vec::new(), files: files.clone() };
        for edit in fix.edits() {
            let file = facts.sources.get(edit.file);
            let path = file.path().to_owned();
            repair.edits.push(AppliedFix {
                attempt: 0,
                rule: diagnosis.rule.clone(),
                action: self.action(&path, file.position(edit.span.start).line),
                reason: diagnosis.cause.clone(),
                file: path.to_string(),
                old: file.slice(edit.span).to_owned(),
                new: with_line_endings_of(file, &edit.text),
            });
        }
        let changed = changed_by(fix, &facts.sources)?;
        repair.files.extend(changed.into_iter().map(|changed| (changed.path, changed.after)));
        Some(repair)
    }

    /// What to try in the image.
    pub(super) fn smoke_plan(&self, files: &ChangedFiles) -> SmokePlan {
        let dockerfile = self.dockerfile_in(files);
        let context = Overlay { base: &self.context, changed: files };
        let (facts, stacks) = self.session.install(|| self.engine.stacks(dockerfile, &context));
        let chain = target_chain(&facts);
        let mut present: Vec<&str> = Vec::new();
        for package in &facts.packages {
            let command = package.command.and_then(|command| facts.commands.get(command));
            let certain = command.is_none_or(|command| !command.conditional);
            let installed = !package.constraint && !package.removed && package.applies != Some(false);
            if installed
                && certain
                && package.environment.is_empty()
                && package.stage.is_some_and(|stage| chain.contains(&stage))
            {
                present.push(&package.name);
            }
        }
        for stack in
            stacks.iter().filter(|stack| stack.environment.is_empty() && chain.first() == Some(&stack.stage))
        {
            present.extend(stack.components.iter().map(|part| part.name.as_str()));
        }
        let wanted =
            |probe: &&Probe| probe.packages.iter().any(|package| present.contains(&package.as_str()));
        SmokePlan {
            probes: self.packs.knowledge.probes.iter().filter(wanted).cloned().collect(),
            interpreters: INTERPRETERS.map(str::to_owned).to_vec(),
            ..SmokePlan::default()
        }
    }
}

/// The target and the stages that it starts from, the target first.
fn target_chain(facts: &Facts) -> Vec<Index> {
    let target = facts.stages.iter().position(|stage| stage.target);
    target.into_iter().flat_map(|target| facts.chain(target)).collect()
}

/// The image that the target is built on in the end.
fn base_image(facts: &Facts) -> Option<&Image> {
    let last = *target_chain(facts).last()?;
    facts.images.get(facts.stages.get(last)?.image?)
}

/// The registries of the images that the build takes.
pub(super) fn registries(facts: &Facts) -> Vec<&str> {
    let references = facts.images.iter().filter_map(|image| image.reference.as_ref()?.known());
    let mut registries: Vec<&str> = references.map(registry_of).collect();
    registries.sort_unstable();
    registries.dedup();
    registries
}
