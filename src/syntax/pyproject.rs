//! `pyproject.toml`: what a Python project needs, and where it says so.
//!
//! Takes a file and gives its dependencies as requirements with spans, from `[project]`, `[build-system]`,
//! `[dependency-groups]` and Poetry's tables, together with the package indexes that uv and Poetry are told
//! of. A dependency in a string with unusual escapes is named in [`Project::unplaced`] and read no further.

mod poetry;
mod read;
#[cfg(test)]
mod tests;
mod text;

use super::requirements::{self, Requirement, RequirementFaultKind, Text};
use crate::source::{Mapped, SourceFile, Span};
use crate::version::{Specifiers, VersionFault, VersionSet};

/// What a project file says. `setup.cfg` and `setup.py` say the same things ([`setup`](super::setup)).
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Project {
    /// The project's name.
    pub name: Option<Text>,
    /// The versions of Python it runs on.
    pub requires_python: Option<PythonRequirement>,
    /// What it needs.
    pub dependencies: Vec<Dependency>,
    /// The package indexes it names.
    pub indexes: Vec<ProjectIndex>,
    /// Which package comes from where.
    pub sources: Vec<PackageSource>,
    /// Dependencies that stand in no certain place.
    pub unplaced: Vec<String>,
    /// What installers would refuse.
    pub faults: Vec<ProjectFault>,
}

/// The versions of Python on which a project runs.
#[derive(Clone, Debug, PartialEq)]
pub struct PythonRequirement {
    /// As written.
    pub text: Text,
    /// What it admits; `None` where that is not understood.
    pub versions: Option<VersionSet>,
}

/// Something that a project needs.
#[derive(Clone, Debug, PartialEq)]
pub struct Dependency {
    /// For what.
    pub group: Group,
    /// The requirement. One of Poetry's has its spans, but of its specifiers only those that PEP 440 knows.
    pub requirement: Requirement,
    /// The versions admitted; `None` where that is not understood.
    pub versions: Option<VersionSet>,
}

/// What a dependency is needed for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Group {
    /// To run.
    Main,
    /// To build.
    Build,
    /// For an extra.
    Extra(String),
    /// For a group that only developers install.
    Development(String),
}

/// A package index.
#[derive(Clone, Debug, PartialEq)]
pub struct ProjectIndex {
    /// Its name.
    pub name: Option<Text>,
    /// Its address.
    pub url: Text,
    /// Whether it serves only packages whose source names it.
    pub explicit: bool,
    /// Whether it takes the place of PyPI.
    pub default: bool,
}

/// Where a package comes from, if not from the default index.
#[derive(Clone, Debug, PartialEq)]
pub struct PackageSource {
    /// The package as written.
    pub package: Text,
    /// The name of an index.
    pub index: Option<Text>,
    /// A URL, repository or path.
    pub url: Option<Text>,
    /// The marker under which this holds.
    pub marker: Option<Text>,
}

/// Text that installers would refuse.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{kind}")]
pub struct ProjectFault {
    /// The bytes at fault.
    pub span: Span,
    /// What is wrong with them.
    pub kind: ProjectFaultKind,
}

/// The kinds of [`ProjectFault`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProjectFaultKind {
    /// A file that is not TOML.
    #[error("{0}")]
    Toml(String),
    /// A dependency that is not a requirement.
    #[error("{0}")]
    Requirement(RequirementFaultKind),
    /// A specifier that is not one.
    #[error("{0}")]
    Version(VersionFault),
}

/// Reads a `pyproject.toml`.
pub fn parse(file: &SourceFile) -> Project {
    read::parse(file)
}

impl Project {
    /// Adds the requirement that stands at `place`.
    pub(super) fn add(&mut self, group: Group, place: &Mapped) {
        match requirements::parse_requirement(place) {
            Ok(requirement) => {
                let versions = requirement.specifiers().map(VersionSet::from);
                self.dependencies.push(Dependency { group, requirement, versions });
            }
            Err(fault) => {
                let kind = ProjectFaultKind::Requirement(fault.kind);
                self.faults.push(ProjectFault { span: fault.span, kind });
            }
        }
    }

    /// Takes `place` for the versions of Python that are required.
    pub(super) fn set_python(&mut self, place: &Mapped) {
        let versions = match Specifiers::parse(place.as_str()) {
            Ok(specifiers) => Some(specifiers.into()),
            Err(error) => {
                let kind = ProjectFaultKind::Version(error.fault);
                self.faults.push(ProjectFault { span: place.span(error.range), kind });
                None
            }
        };
        let text = Text { text: place.as_str().to_owned(), span: place.full_span() };
        self.requires_python = Some(PythonRequirement { text, versions });
    }
}
