//! Poetry's tables, and the way in which Poetry asks for versions: `^1.2`, `~1.2`, `1.*`, `1.2 || 2.0`.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::read::{array, table};
use super::{Dependency, Group, PackageSource, Project, ProjectIndex, PythonRequirement, text};
use crate::source::{Mapped, SourceFile, Span};
use crate::syntax::requirements::{self, Requirement, SpecifierPart, Text};
use crate::version::{Specifier, Specifiers, Version, VersionSet};

/// Reads `[tool.poetry]`.
pub(super) fn read(file: &SourceFile, poetry: &DeTable<'_>, project: &mut Project) {
    if project.name.is_none() {
        project.name = text::field(file, poetry, "name");
    }
    for source in array(poetry.get("source")).filter_map(|value| value.get_ref().as_table()) {
        let Some(url) = text::field(file, source, "url") else { continue };
        let priority = source.get("priority").and_then(|value| value.get_ref().as_str());
        project.indexes.push(ProjectIndex {
            name: text::field(file, source, "name"),
            url,
            explicit: priority == Some("explicit"),
            default: matches!(priority, Some("primary" | "default") | None),
        });
    }
    read_group(file, poetry.get("dependencies"), &Group::Main, project);
    let dev = Group::Development("dev".to_owned());
    read_group(file, poetry.get("dev-dependencies"), &dev, project);
    for (name, group) in table(poetry, &["group"]).into_iter().flatten() {
        let dependencies = group.get_ref().as_table().and_then(|group| group.get("dependencies"));
        let group = Group::Development(name.get_ref().to_string());
        read_group(file, dependencies, &group, project);
    }
}

fn read_group(
    file: &SourceFile,
    dependencies: Option<&Spanned<DeValue<'_>>>,
    group: &Group,
    project: &mut Project,
) {
    let dependencies = dependencies.and_then(|value| value.get_ref().as_table());
    for (key, value) in dependencies.into_iter().flatten() {
        let Some(name) = text::key(file, key) else {
            project.unplaced.push(key.get_ref().to_string());
            continue;
        };
        if array(Some(value)).next().is_none() {
            read_dependency(file, &name, value, group, project);
        }
        for value in array(Some(value)) {
            read_dependency(file, &name, value, group, project);
        }
    }
}

/// `name = "^1.2"` or `name = { version = "^1.2", … }`.
fn read_dependency(
    file: &SourceFile,
    name: &Text,
    value: &Spanned<DeValue<'_>>,
    group: &Group,
    project: &mut Project,
) {
    let fields = value.get_ref().as_table();
    let version = fields.map_or(Some(value), |fields| fields.get("version"));
    let place = version.and_then(|version| text::place(file, version));
    if version.is_some() && place.is_none() {
        project.unplaced.push(name.text.clone());
        return;
    }
    let (parts, versions) = constraint(place.as_ref().unwrap_or(&Mapped::default()));
    if name.text == "python" {
        if let Some(place) = place.filter(|_| project.requires_python.is_none()) {
            project.requires_python = Some(PythonRequirement { text: text::piece(&place), versions });
        }
        return;
    }
    let mut requirement = bare(name, Span::from(value.span()));
    requirement.constraint = place.map_or(requirement.constraint, |place| place.full_span());
    requirement.specifiers = parts;
    if let Some(fields) = fields {
        requirement.extras =
            array(fields.get("extras")).filter_map(|extra| text::text(file, extra)).collect();
        let marker = fields.get("markers").and_then(|value| text::place(file, value));
        requirement.marker = marker.as_ref().and_then(|marker| requirements::parse_marker(marker).ok());
        requirement.marker_text = marker.as_ref().map(text::piece);
        let url = ["url", "git", "path"].iter().find_map(|name| text::field(file, fields, name));
        let index = text::field(file, fields, "source");
        if url.is_some() || index.is_some() {
            let marker = requirement.marker_text.clone();
            project.sources.push(PackageSource { package: name.clone(), index, url, marker });
        }
    }
    project.dependencies.push(Dependency { group: group.clone(), requirement, versions });
}

fn bare(name: &Text, value: Span) -> Requirement {
    Requirement {
        span: name.span.to(value),
        name: Some(name.clone()),
        extras: Vec::new(),
        constraint: Span::at(value.end),
        specifiers: Vec::new(),
        reference: None,
        marker: None,
        marker_text: None,
        editable: false,
        options: Vec::new(),
        variables: Vec::new(),
    }
}

/// The parts of a constraint, and the versions that it admits.
fn constraint(place: &Mapped) -> (Vec<SpecifierPart>, Option<VersionSet>) {
    let text = place.as_str();
    let mut parts = Vec::new();
    let mut alternatives: Option<Vec<Specifiers>> = Some(Vec::new());
    let mut start = 0;
    for alternative in text.split('|') {
        let range = start..start + alternative.len();
        start = range.end + 1;
        if alternative.trim().is_empty() && text.contains("||") {
            continue;
        }
        let mut specifiers = Some(Vec::new());
        for (operator, version) in comparisons(text, range) {
            let meaning = text.get(operator.clone()).zip(text.get(version.clone()));
            let meaning = meaning.and_then(|(operator, version)| meaning_of(operator, version));
            parts.push(SpecifierPart {
                specifier: meaning.as_deref().and_then(single).cloned(),
                span: place.span(operator.start..version.end),
                operator: place.span(operator),
                version: place.span(version),
            });
            specifiers = specifiers.zip(meaning).map(|(all, more)| [all, more].concat());
        }
        alternatives = alternatives.zip(specifiers).map(|(mut all, specifiers)| {
            all.push(specifiers.into_iter().collect());
            all
        });
    }
    (parts, alternatives.map(VersionSet::any_of))
}

fn single(specifiers: &[Specifier]) -> Option<&Specifier> {
    if let [only] = specifiers { Some(only) } else { None }
}

/// Operators and versions in a list separated by commas or white space.
fn comparisons(text: &str, range: Range<usize>) -> Vec<(Range<usize>, Range<usize>)> {
    let is_operator = |next: char| "<>=!~^".contains(next);
    let is_separator = |next: char| next == ',' || next.is_whitespace();
    let run = |at: usize, belongs: &dyn Fn(char) -> bool| {
        let rest = text.get(at..range.end).unwrap_or_default();
        at + rest.find(|next| !belongs(next)).unwrap_or(rest.len())
    };
    let mut found = Vec::new();
    let mut at = run(range.start, &is_separator);
    while at < range.end {
        let operator = at..run(at, &is_operator);
        let start = run(operator.end, &char::is_whitespace);
        let end = run(start, &|next| !is_separator(next) && !is_operator(next));
        found.push((operator, start..end));
        // What is neither operator nor version must not hold this up.
        at = run(end.max(at + usize::from(end == at)), &is_separator);
    }
    found
}

/// What one comparison means; `None` where it is not understood.
fn meaning_of(operator: &str, written: &str) -> Option<Vec<Specifier>> {
    if written == "*" && matches!(operator, "" | "==") {
        return Some(Vec::new());
    }
    if matches!(operator, "" | "=") {
        return Specifier::parse(&format!("=={written}")).ok().map(|specifier| vec![specifier]);
    }
    let release = Version::parse(written).ok();
    let digits = release.as_ref().map(Version::release).unwrap_or_default();
    // The place of the number that a later version must not exceed.
    let fixed = match operator {
        "^" => digits.iter().position(|number| *number != 0).unwrap_or(digits.len().saturating_sub(1)),
        "~" => 1.min(digits.len().saturating_sub(1)),
        _ => return Specifier::parse(&format!("{operator}{written}")).ok().map(|specifier| vec![specifier]),
    };
    let least = release.clone()?;
    let front = digits.get(..fixed)?;
    let next: Vec<u64> = front.iter().copied().chain([digits.get(fixed)?.checked_add(1)?]).collect();
    Some(vec![Specifier::AtLeast(least), Specifier::Less(Version::from_release(&next))])
}
