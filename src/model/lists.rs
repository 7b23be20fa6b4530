//! Files that list packages: requirement files and conda environments, found in the build context or written by the
//! Dockerfile itself.

use std::rc::Rc;

use super::builder::Builder;
use super::expand::DOCKERFILE;
use super::facts::{ContextFile, Index, Package};
use super::install::{Install, from_conda, from_requirement};
use super::paths::{self, Found, Lookup};
use super::value::Value;
use crate::knowledge::OperandSyntax;
use crate::source::{Location, SourceFile, Span};
use crate::syntax::conda;
use crate::syntax::requirements::{self, Entry, EntryKind, OptionKind};

/// Lists that one install reads, whichever way they include each other.
const MOST_LISTS: usize = 200;

/// A list that an install reads.
pub(super) struct List {
    /// Its path in the image.
    pub(super) path: String,
    /// Where it is referred to.
    pub(super) at: Location,
    /// Whether it narrows versions without installing.
    pub(super) constraint: bool,
}

/// The text of a file.
pub(super) struct Content {
    pub(super) text: Value,
    pub(super) source: Rc<SourceFile>,
    pub(super) altered: bool,
    /// The fact of the file.
    pub(super) fact: Index,
}

impl<'a> Builder<'a> {
    /// What stands at a path of the image.
    pub(super) fn look_up(&mut self, path: &str) -> Lookup {
        let Some(stage) = self.current_stage() else {
            return Lookup { found: Found::Unknown, altered: false };
        };
        let Self { layers, files, facts, context, .. } = self;
        let mut is_file = |path: &str| files.read(path, *context, &mut facts.sources).is_some();
        paths::look_up(layers, stage, path, &mut is_file)
    }

    /// Reads the file at a path of the image and adds the fact of it; `None` where it cannot be read.
    pub(super) fn open(
        &mut self,
        path: &str,
        kind: &'static str,
        at: Location,
        command: Index,
    ) -> Option<Content> {
        let Lookup { found, altered } = self.look_up(path);
        let mut fact =
            ContextFile { kind, at, command: Some(command), exists: Some(true), ..ContextFile::default() };
        let index = self.facts.files.len();
        match found {
            Found::Unknown => None,
            Found::Text(text) => {
                path.clone_into(&mut fact.path);
                fact.file = Some(DOCKERFILE);
                self.facts.files.push(fact);
                let source = Rc::new(SourceFile::new(path, text.text.as_bytes()));
                Some(Content { text: (*text).clone(), source, altered, fact: index })
            }
            Found::Missing(path) => {
                let sure = self.context.is_folder("".into()) && !altered && !self.is_named(&path);
                fact.exists = sure.then_some(false);
                fact.fault = sure.then(|| "not in the build context".to_owned());
                fact.path = path;
                self.facts.files.push(fact);
                None
            }
            Found::Context(path) => {
                let read = self.files.read(&path, self.context, &mut self.facts.sources)?;
                fact.path = path;
                let file = match read {
                    Ok(file) => file,
                    Err(fault) => {
                        fact.fault = Some(fault);
                        self.facts.files.push(fact);
                        return None;
                    }
                };
                fact.file = Some(file);
                self.facts.files.push(fact);
                let source = self.files.source(file, &self.facts.sources);
                let text = source.text();
                let span = Span::new(0, text.len() as u32);
                let text = Value::literal(text, Location { file, span });
                Some(Content { text, source, altered, fact: index })
            }
        }
    }

    /// Reads a list and those that it includes.
    pub(super) fn read_list(&mut self, install: &mut Install<'a>, list: List) {
        let mut open = vec![list];
        while let Some(list) = open.pop() {
            let key = (list.path.clone(), list.constraint);
            if install.seen.len() >= MOST_LISTS || !install.seen.insert(key) {
                continue;
            }
            let is_conda = install.installs.operands == OperandSyntax::CondaSpec;
            let kind = match (is_conda, list.constraint) {
                (true, _) => "conda",
                (false, true) => "constraints",
                (false, false) => "requirements",
            };
            let Some(content) = self.open(&list.path, kind, list.at, install.command) else { continue };
            let mut base = install.base.clone();
            base.origin = kind;
            base.file = Some(content.fact);
            base.constraint = list.constraint;
            if content.altered {
                base.applies = None;
            }
            let mut included = if is_conda {
                self.add_conda(install, base, &content, &list)
            } else {
                let parsed = requirements::parse(&content.source);
                if let Some(fault) = parsed.faults.first() {
                    self.note_fault(content.fact, fault.to_string());
                }
                add_entries(install, &base, &parsed.entries, &content.text, &list)
            };
            // The first one that is included is read first.
            included.reverse();
            open.append(&mut included);
        }
    }

    fn add_conda(
        &mut self,
        install: &mut Install<'a>,
        mut base: Package,
        content: &Content,
        list: &List,
    ) -> Vec<List> {
        let is_yaml = [".yml", ".yaml"].iter().any(|ending| list.path.ends_with(ending));
        let parsed = if is_yaml { conda::parse(&content.source) } else { conda::parse_list(&content.source) };
        if let Some(fault) = parsed.faults.first() {
            self.note_fault(content.fact, fault.to_string());
        }
        if base.environment.is_empty()
            && let Some(name) = &parsed.name
        {
            base.environment = name.text.as_str().into();
        }
        let channels = parsed.channels.iter().map(|channel| content.text.slice(channel.span.range()));
        for package in parsed.specs.iter().filter_map(|spec| from_conda(&base, spec, &content.text)) {
            install.packages.push(Package {
                indexes: package.indexes.iter().cloned().chain(channels.clone()).collect(),
                ..package
            });
        }
        let programs = self.knowledge.programs.iter().flat_map(|program| &program.installs);
        let ecosystem = programs.filter(|installs| installs.operands == OperandSyntax::Requirement);
        if let Some(installs) = ecosystem.map(|installs| &installs.ecosystem).next() {
            base.ecosystem = installs.as_str().into();
        }
        base.indexes = Vec::new();
        // The options of the section hold for its packages, not for those of the environment.
        let own = std::mem::replace(&mut install.base, Package { find_links: Vec::new(), ..base.clone() });
        let first = install.packages.len();
        let included = add_entries(install, &base, &parsed.pip, &content.text, list);
        let section = std::mem::replace(&mut install.base, own);
        for package in install.packages.iter_mut().skip(first) {
            package.indexes.clone_from(&section.indexes);
            package.find_links.clone_from(&section.find_links);
            package.index_replaced = section.index_replaced;
        }
        included
    }

    pub(super) fn note_fault(&mut self, fact: Index, fault: String) {
        if let Some(fact) = self.facts.files.get_mut(fact) {
            fact.fault = Some(fault);
        }
    }
}

/// Adds the requirements of a list; gives the lists that it includes.
fn add_entries(
    install: &mut Install<'_>,
    base: &Package,
    entries: &[Entry],
    text: &Value,
    list: &List,
) -> Vec<List> {
    let mut included = Vec::new();
    for entry in entries {
        let option = match &entry.kind {
            EntryKind::Requirement(requirement) => {
                let directory = install.directory.clone();
                install.note_project(requirement, text, directory.as_deref());
                install.packages.extend(from_requirement(base, requirement, text, &install.markers));
                continue;
            }
            EntryKind::Option(option) => option,
        };
        let Some(value) = &option.value else { continue };
        let place = text.slice(value.span.range());
        let constraint = option.kind == OptionKind::Constraint;
        if constraint || option.kind == OptionKind::Requirement {
            let path = paths::join(Some(paths::parent(&list.path)), &value.text);
            let at = place.written;
            included.extend(path.map(|path| List { path, at, constraint: constraint || list.constraint }));
        } else {
            let unquoted = place.text == value.text;
            let value = if unquoted { place } else { Value::given(value.text.as_str(), place.written) };
            install.add_index(option.kind, value);
        }
    }
    included
}
