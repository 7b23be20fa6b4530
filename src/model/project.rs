//! Projects that are installed from a folder of the build context: what they need, and what their `setup.py` uses.

use super::builder::Builder;
use super::facts::{Index, Package};
use super::install::{Install, from_requirement};
use super::lists::Content;
use super::paths::{self, Found};
use super::run::Surroundings;
use super::value::{Text, Value};
use crate::source::Location;
use crate::syntax::pyproject::{self, Dependency, Group};
use crate::syntax::setup;

/// The program by which older projects install themselves.
const SETUP: &str = "setup.py";

/// A folder that is installed.
pub(super) struct Project {
    /// Its path in the image.
    pub(super) folder: String,
    /// The extras that are asked for.
    pub(super) extras: Vec<String>,
    /// Where it is asked for.
    pub(super) at: Location,
}

impl<'a> Builder<'a> {
    /// Adds what a project needs, wherever it says so.
    pub(super) fn read_project(&mut self, install: &mut Install<'a>, project: &Project) {
        for (name, kind) in [("pyproject.toml", "project"), ("setup.cfg", "project"), (SETUP, "setup")] {
            let Some(path) = paths::join(Some(&project.folder), name) else { continue };
            // A project has one of these files or another: that one is missing says nothing.
            if !matches!(self.look_up(&path).found, Found::Context(_) | Found::Text(_)) {
                continue;
            }
            let Some(content) = self.open(&path, kind, project.at, install.command) else { continue };
            let parsed = match name {
                "pyproject.toml" => pyproject::parse(&content.source),
                "setup.cfg" => setup::parse_config(&content.source),
                _ => {
                    self.note_identifiers(&content);
                    setup::parse_script(&content.source)
                }
            };
            if let Some(fault) = parsed.faults.first() {
                self.note_fault(content.fact, fault.to_string());
            }
            let mut base = Package { origin: "project", file: Some(content.fact), ..install.base.clone() };
            if content.altered {
                base.applies = None;
            }
            let wanted = parsed.dependencies.iter().filter(|dependency| match &dependency.group {
                Group::Main => true,
                Group::Extra(extra) => project.extras.contains(extra),
                Group::Build | Group::Development(_) => false,
            });
            let packages: Vec<Package> =
                wanted.filter_map(|wanted| from_dependency(&base, wanted, &content.text, install)).collect();
            install.packages.extend(packages);
        }
    }

    /// A script that an interpreter runs: of a `setup.py`, the names that it uses are told.
    pub(super) fn interpret(&mut self, index: Index, around: &Surroundings<'a>) {
        let Some(command) = self.facts.commands.get(index) else { return };
        let Some(script) = command.operands().next().cloned() else { return };
        let Some(path) = script.known().filter(|path| paths::base_name(path) == SETUP) else { return };
        let Some(path) = paths::join(around.directory.as_deref(), path) else { return };
        if let Some(content) = self.open(&path, "setup", script.written, index) {
            self.note_identifiers(&content);
        }
    }

    fn note_identifiers(&mut self, content: &Content) {
        let names = setup::identifiers(content.source.text()).into_iter().map(Text::from).collect();
        if let Some(fact) = self.facts.files.get_mut(content.fact) {
            fact.identifiers = names;
        }
    }
}

fn from_dependency(
    base: &Package,
    dependency: &Dependency,
    text: &Value,
    install: &Install<'_>,
) -> Option<Package> {
    let mut package = from_requirement(base, &dependency.requirement, text, &install.markers)?;
    match &dependency.versions {
        Some(versions) => versions.clone_into(&mut package.versions),
        None => {
            package.specifier = package.specifier.map(|it| Value::unknown(it.text, it.written));
        }
    }
    Some(package)
}
