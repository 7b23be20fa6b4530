//! What an installing call installs: its operands, the files that it reads, and the indexes and environment that
//! hold for all of them.

use std::collections::BTreeSet;
use std::ops::Range;

use super::builder::Builder;
use super::command::values_of;
use super::facts::{Command, Flag, Index, Package};
use super::lists::List;
use super::paths;
use super::project::Project;
use super::run::Surroundings;
use super::specs;
use super::value::{Text, Value};
use crate::knowledge::{Installs, OperandSyntax};
use crate::source::Mapped;
use crate::syntax::conda::{self, CondaSpec};
use crate::syntax::requirements::{
    self, Environment, OptionKind, ReferenceKind, Requirement, RequirementFault, normalize_name,
};
use crate::version::{Version, VersionSet};

/// The setting, and the part of an image, that says which interpreter markers speak of.
const INTERPRETER: &str = "python";

/// Stands for what is not known of an operand while it is read: it fits names and versions alike.
const MASK: char = '0';

/// Every package carries its indexes, so no more of them are taken from files.
const MOST_INDEXES: usize = 100;

/// One install under way.
pub(super) struct Install<'k> {
    pub(super) installs: &'k Installs,
    /// What all its packages have in common.
    pub(super) base: Package,
    pub(super) command: Index,
    pub(super) directory: Option<String>,
    pub(super) markers: Environment,
    pub(super) packages: Vec<Package>,
    /// The lists that it has read, by path and purpose.
    pub(super) seen: BTreeSet<(String, bool)>,
    /// The projects that it installs from folders.
    pub(super) projects: Vec<Project>,
}

impl<'a> Builder<'a> {
    /// Adds the packages that a command installs.
    pub(super) fn install(&mut self, index: Index, installs: &'a Installs, around: &Surroundings<'a>) {
        let Some(command) = self.facts.commands.get(index).cloned() else { return };
        let mut install = Install {
            installs,
            base: self.base(index, &command, installs, around),
            command: index,
            directory: around.directory.clone(),
            markers: self.markers(&command),
            packages: Vec::new(),
            seen: BTreeSet::new(),
            projects: Vec::new(),
        };
        self.calls += 1;
        for item in items(&command, installs) {
            match item {
                Item::Operand(operand) => install.operand(operand, false),
                Item::Option(operand) => install.operand(operand, true),
                Item::File { path: word, constraint } => {
                    let Some(path) = word.known().filter(|path| !path.contains("://")) else { continue };
                    let Some(path) = paths::join(around.directory.as_deref(), path) else { continue };
                    self.read_list(&mut install, List { path, at: word.written, constraint });
                }
            }
        }
        for project in std::mem::take(&mut install.projects) {
            self.read_project(&mut install, &project);
        }
        install.share_indexes();
        for package in install.packages {
            if let Some(by_name) = self.by_name.last_mut() {
                by_name.entry(package.name.clone()).or_default().push(self.facts.packages.len());
            }
            self.facts.packages.push(package);
        }
    }

    /// Marks the packages that a command removes.
    pub(super) fn remove(&mut self, index: Index, ecosystem: &str) {
        let Some(command) = self.facts.commands.get(index) else { return };
        let names: Vec<String> = command.operands().filter_map(Value::known).map(normalize_name).collect();
        let environment = command.environment.clone();
        let stages: Vec<Index> = self.chain().collect();
        for stage in stages {
            let Some(by_name) = self.by_name.get_mut(stage) else { continue };
            for name in &names {
                let Some(packages) = by_name.get_mut(name.as_str()) else { continue };
                // What has been removed needs no second look.
                packages.retain(|package| {
                    let Some(package) = self.facts.packages.get_mut(*package) else { return false };
                    package.removed |= package.ecosystem == ecosystem && package.environment == environment;
                    !package.removed
                });
            }
        }
    }

    fn base(
        &self,
        index: Index,
        command: &Command,
        installs: &Installs,
        around: &Surroundings<'a>,
    ) -> Package {
        let options = |names: &[String]| values_of(command, names).into_iter().cloned().collect::<Vec<_>>();
        let variables = |names: &[String]| {
            let values = names.iter().filter_map(|name| self.variable_of(command, name, around));
            values.flat_map(|value| blank_separated(&value)).collect::<Vec<_>>()
        };
        let mut own = options(&installs.index);
        if own.is_empty() {
            own = variables(&installs.index_variables);
        }
        let index_replaced = !own.is_empty();
        let mut indexes = own;
        indexes.extend(options(&installs.extra_index));
        indexes.extend(variables(&installs.extra_index_variables));
        let mut find_links = options(&installs.find_links);
        find_links.extend(variables(&installs.find_links_variables));
        Package {
            command: Some(index),
            stage: command.stage,
            ecosystem: installs.ecosystem.as_str().into(),
            applies: Some(true),
            index_replaced,
            indexes,
            find_links,
            environment: if installs.environment.is_empty() {
                Text::default()
            } else {
                command.environment.clone()
            },
            call: self.calls,
            origin: "command",
            ..Package::default()
        }
    }

    /// The value of an environment variable as a command finds it.
    fn variable_of(&self, command: &Command, name: &str, around: &Surroundings<'a>) -> Option<Value> {
        let assigned = command.assignments.iter().rev().filter_map(|index| self.facts.variables.get(*index));
        let own =
            assigned.filter(|variable| variable.name == name).find_map(|variable| variable.value.clone());
        own.or_else(|| around.scope.raw(name).map(|value| (*value).clone()))
    }

    /// What is known of the machine that markers ask about.
    fn markers(&self, command: &Command) -> Environment {
        let mut markers = Environment::linux();
        let platform = self.settings.platform.as_deref().unwrap_or("linux/amd64");
        match platform.split('/').nth(1) {
            Some("amd64") => markers = markers.with("platform_machine", "x86_64"),
            Some("arm64") => markers = markers.with("platform_machine", "aarch64"),
            _ => {}
        }
        let given = self.settings.given.iter().find(|(name, _)| name == INTERPRETER);
        let given = given.map(|(_, version)| version.trim_start_matches('='));
        match given.or_else(|| self.interpreter(command)).and_then(|version| Version::parse(version).ok()) {
            Some(version) => markers.with_python(&version),
            None => markers,
        }
    }

    /// The interpreter of the image from which the stage starts. An environment with a name of its own may have
    /// another; one in a folder was made with this one.
    fn interpreter(&self, command: &Command) -> Option<&str> {
        if !(command.environment.is_empty() || command.environment.starts_with('/')) {
            return None;
        }
        let image = self.state.image.and_then(|image| self.facts.images.get(image))?;
        image.parts.get(INTERPRETER).and_then(Value::known)
    }
}

impl Install<'_> {
    /// One word that says what to install, an operand or the value of an option.
    fn operand(&mut self, word: &Value, editable: bool) {
        let mut base = self.base.clone();
        base.at = word.written;
        // Spans in it are then ranges of the word's text.
        let text = Mapped::verbatim(word.masked(MASK), 0);
        match self.installs.operands {
            OperandSyntax::Requirement => {
                let parsed: Result<Requirement, RequirementFault> = if editable {
                    requirements::parse_editable(&text)
                } else {
                    requirements::parse_requirement(&text)
                };
                let Ok(requirement) = parsed else { return };
                self.note_project(&requirement, word, self.directory.clone().as_deref());
                self.packages.extend(from_requirement(&base, &requirement, word, &self.markers));
            }
            OperandSyntax::CondaSpec => {
                let Ok(spec) = conda::parse_spec(&text) else { return };
                self.packages.extend(from_conda(&base, &spec, word));
            }
            syntax => self.packages.extend(specs::read(syntax, &base, word)),
        }
    }

    /// Notes a folder that is installed as a project.
    pub(super) fn note_project(&mut self, requirement: &Requirement, text: &Value, directory: Option<&str>) {
        let Some(reference) = &requirement.reference else { return };
        if reference.kind != ReferenceKind::Path || reference.wheel.is_some() {
            return;
        }
        let path = text.slice(reference.text.span.range());
        let path_place = path.written;
        let Some(path) = path.known() else { return };
        let path = path.strip_prefix("file:").unwrap_or(path);
        if let Some(folder) = paths::join(directory, path) {
            let extras = requirement.extras.iter().map(|extra| normalize_name(&extra.text)).collect();
            self.projects.push(Project { folder, extras, at: path_place });
        }
    }

    /// An index that a list names holds for all packages of the call.
    pub(super) fn add_index(&mut self, kind: OptionKind, value: Value) {
        if self.base.indexes.len() + self.base.find_links.len() >= MOST_INDEXES {
            return;
        }
        match kind {
            OptionKind::IndexUrl => {
                self.base.index_replaced = true;
                self.base.indexes.push(value);
            }
            OptionKind::ExtraIndexUrl => self.base.indexes.push(value),
            OptionKind::FindLinks => self.base.find_links.push(value),
            _ => {}
        }
    }

    fn share_indexes(&mut self) {
        for package in self.packages.iter_mut().filter(|package| package.ecosystem == self.base.ecosystem) {
            // A channel that a spec names itself comes first.
            package.indexes.extend(self.base.indexes.iter().cloned());
            package.index_replaced = self.base.index_replaced;
            self.base.find_links.clone_into(&mut package.find_links);
        }
    }
}

/// Something that an installing call is given.
enum Item<'c> {
    Operand(&'c Value),
    Option(&'c Value),
    File { path: &'c Value, constraint: bool },
}

/// What a call is given, in the order of the text.
fn items<'c>(command: &'c Command, installs: &Installs) -> Vec<Item<'c>> {
    let mut items: Vec<(u32, Item<'c>)> =
        command.operands().map(|value| (value.written.span.start, Item::Operand(value))).collect();
    for Flag { name, value, .. } in &command.flags {
        let Some(value) = value else { continue };
        let is_among = |names: &[String]| names.iter().any(|one| one == name);
        let item = if is_among(&installs.requirement_files) {
            Item::File { path: value, constraint: false }
        } else if is_among(&installs.constraint_files) {
            Item::File { path: value, constraint: true }
        } else if is_among(&installs.requirement_options) {
            Item::Option(value)
        } else {
            continue;
        };
        items.push((value.written.span.start, item));
    }
    items.sort_by_key(|(start, _)| *start);
    items.into_iter().map(|(_, item)| item).collect()
}

/// The words of a value that lists several.
fn blank_separated(value: &Value) -> Vec<Value> {
    let mut words = Vec::new();
    let mut at = 0;
    for word in value.text.split_ascii_whitespace() {
        let Some(found) = value.text.get(at..).and_then(|rest| rest.find(word)) else { break };
        words.push(value.slice(at + found..at + found + word.len()));
        at += found + word.len();
    }
    words
}

/// The package that a requirement names; `None` where its name is not known. Its spans are ranges of `text`.
pub(super) fn from_requirement(
    base: &Package,
    requirement: &Requirement,
    text: &Value,
    markers: &Environment,
) -> Option<Package> {
    let written_name = requirement.name.as_ref().map(|name| text.slice(name.span.range()));
    if written_name.as_ref().is_some_and(|name| !name.is_known()) {
        return None;
    }
    let mut specifier = text.slice(requirement.constraint.range());
    let specifiers = requirement.specifiers();
    if specifiers.is_none() {
        // A variable of the file hides it.
        specifier = Value::unknown(specifier.text.clone(), specifier.written);
    }
    let reference = requirement.reference.as_ref();
    let wheel = reference.and_then(|reference| reference.wheel.as_ref());
    let versions = match wheel {
        Some(wheel) => VersionSet::exactly(wheel.version.clone()),
        None => specifiers.map(VersionSet::from).filter(|_| specifier.is_known()).unwrap_or_default(),
    };
    let local = versions.pinned().and_then(Version::local).map(str::to_owned);
    let hidden = requirement.marker.as_ref().map(|marker| marker.evaluate(markers));
    Some(Package {
        name: requirement.normalized_name().unwrap_or_default().into(),
        written_name,
        specifier: reference.is_none().then_some(specifier),
        local,
        extras: requirement.extras.iter().map(|extra| normalize_name(&extra.text).into()).collect(),
        applies: hidden.unwrap_or(base.applies),
        marker: requirement.marker_text.as_ref().map(|marker| text.slice(marker.span.range())),
        url: reference.map(|reference| text.slice(reference.text.span.range())),
        wheel_python: wheel.map(|wheel| wheel.python.text.clone()),
        hashed: requirement.options.iter().any(|option| option.kind == OptionKind::Hash),
        at: text.slice(requirement.span.range()).written,
        versions,
        ..without_indexes(base)
    })
}

/// The package that a conda spec names.
pub(super) fn from_conda(base: &Package, spec: &CondaSpec, text: &Value) -> Option<Package> {
    let slice = |range: Range<usize>| text.slice(range);
    let name = slice(spec.name.span.range());
    if !name.is_known() {
        return None;
    }
    let mut specifier = slice(spec.constraint.range());
    if spec.versions.is_none() {
        specifier = Value::unknown(specifier.text.clone(), specifier.written);
    }
    let versions = spec.versions.clone().filter(|_| specifier.is_known()).unwrap_or_default();
    Some(Package {
        name: spec.normalized_name().into(),
        written_name: Some(name),
        specifier: Some(specifier),
        local: spec.build.as_ref().map(|build| build.text.clone()),
        indexes: spec.channel.iter().map(|channel| slice(channel.span.range())).collect(),
        at: slice(spec.span.range()).written,
        versions,
        ..without_indexes(base)
    })
}

/// Indexes come last, when all that the call reads is known.
pub(super) fn without_indexes(base: &Package) -> Package {
    Package { indexes: Vec::new(), find_links: Vec::new(), ..base.clone() }
}
