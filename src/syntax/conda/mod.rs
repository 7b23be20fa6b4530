//! conda environments: `environment.yml`, and the specs in it and on command lines.
//!
//! Takes a file, or one operand, and gives channels, specs and the requirements under `pip:`, in which
//! everything that a fix could want to replace has its span. A dependency that is written in a way whose
//! place is not certain (see [`yaml`](super::yaml)) is named in [`CondaEnvironment::unplaced`] and read no
//! further.

mod spec;
#[cfg(test)]
mod tests;

pub use spec::{CondaFault, CondaFaultKind, CondaSpec};

use super::requirements::{self, Entry, EntryKind, Text};
use super::yaml::{self, Yaml, YamlScalar};
use crate::source::{Mapped, SourceFile, Span};

/// What an `environment.yml` says.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CondaEnvironment {
    /// The environment's name.
    pub name: Option<Text>,
    /// The channels, first one first.
    pub channels: Vec<Text>,
    /// The conda packages.
    pub specs: Vec<CondaSpec>,
    /// The lines under `pip:`: requirements, and options such as `-r`.
    pub pip: Vec<Entry>,
    /// Dependencies and channels that stand in no certain place.
    pub unplaced: Vec<String>,
    /// What conda or pip would refuse.
    pub faults: Vec<CondaFault>,
}

/// Reads an `environment.yml`.
pub fn parse(file: &SourceFile) -> CondaEnvironment {
    let mut environment = CondaEnvironment::default();
    let document = match yaml::parse(file) {
        Ok(document) => document,
        Err(fault) => {
            let kind = CondaFaultKind::Yaml(fault.message);
            environment.faults.push(CondaFault { span: fault.span, kind });
            return environment;
        }
    };
    environment.name = document.get("name").and_then(Yaml::scalar).and_then(text);
    for channel in document.get("channels").map(Yaml::items).unwrap_or_default() {
        environment.with_place(channel, |environment, place| environment.channels.push(text_at(place)));
    }
    for dependency in document.get("dependencies").map(Yaml::items).unwrap_or_default() {
        match dependency.get("pip") {
            Some(lines) => {
                for line in lines.items() {
                    environment.with_place(line, CondaEnvironment::add_pip_line);
                }
            }
            None => environment.with_place(dependency, CondaEnvironment::add_spec),
        }
    }
    environment
}

/// Reads one spec as conda takes it from a list of dependencies or from its command line:
/// `channel::name>=2`, `name=1.2=build`.
///
/// A caller whose text stands in no file gives it the offset 0; the spans are then ranges of that text.
pub fn parse_spec(text: &Mapped) -> Result<CondaSpec, CondaFault> {
    spec::parse(text)
}

/// Reads a file for `conda install --file`: one spec a line.
pub fn parse_list(file: &SourceFile) -> CondaEnvironment {
    let mut environment = CondaEnvironment::default();
    let mut start = 0;
    for line in file.text().split_inclusive('\n') {
        let content = line.trim_start_matches('\u{feff}');
        let offset = start + line.len() - content.len();
        let spec = content.split('#').next().unwrap_or_default();
        if !spec.trim().is_empty() && !spec.starts_with('@') {
            environment.add_spec(&Mapped::verbatim(spec, offset as u32));
        }
        start += line.len();
    }
    environment
}

impl CondaEnvironment {
    /// Hands the place of a scalar on, or notes that it has none.
    fn with_place(&mut self, value: &Yaml, add: impl Fn(&mut Self, &Mapped)) {
        match value.scalar() {
            Some(YamlScalar { place: Some(place), .. }) => add(self, place),
            Some(YamlScalar { text, .. }) => self.unplaced.push(text.clone()),
            None => {}
        }
    }

    fn add_spec(&mut self, text: &Mapped) {
        match parse_spec(text) {
            Ok(spec) => self.specs.push(spec),
            Err(fault) => self.faults.push(fault),
        }
    }

    fn add_pip_line(&mut self, text: &Mapped) {
        match requirements::parse_line(text) {
            Ok(entries) => self.pip.extend(entries),
            Err(fault) => {
                let kind = CondaFaultKind::Requirement(fault.kind);
                self.faults.push(CondaFault { span: fault.span, kind });
            }
        }
    }

    /// The requirements under `pip:`.
    pub fn requirements(&self) -> impl Iterator<Item = &requirements::Requirement> {
        self.pip.iter().filter_map(|entry| match &entry.kind {
            EntryKind::Requirement(requirement) => Some(&**requirement),
            EntryKind::Option(_) => None,
        })
    }
}

fn text(scalar: &YamlScalar) -> Option<Text> {
    scalar.place.as_ref().map(text_at)
}

fn text_at(place: &Mapped) -> Text {
    let span: Span = place.full_span();
    Text { text: place.as_str().to_owned(), span }
}
