//! The tables of `pyproject.toml`.

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::{Group, PackageSource, Project, ProjectFault, ProjectFaultKind, ProjectIndex, poetry, text};
use crate::source::{SourceFile, Span};

/// Reads a file. Where it is not TOML, what can be read is read.
pub(super) fn parse(file: &SourceFile) -> Project {
    let mut project = Project::default();
    let (document, errors) = DeTable::parse_recoverable(file.text());
    for error in errors {
        let span = error.span().map_or(Span::at(0), Span::from);
        let kind = ProjectFaultKind::Toml(error.message().to_owned());
        project.faults.push(ProjectFault { span, kind });
    }
    let document = document.get_ref();
    if let Some(table) = table(document, &["project"]) {
        read_project(file, table, &mut project);
    }
    if let Some(table) = table(document, &["build-system"]) {
        read_list(file, table.get("requires"), &Group::Build, &mut project);
    }
    for (name, list) in table(document, &["dependency-groups"]).into_iter().flatten() {
        let group = Group::Development(name.get_ref().to_string());
        read_list(file, Some(list), &group, &mut project);
    }
    if let Some(table) = table(document, &["tool", "uv"]) {
        read_uv(file, table, &mut project);
    }
    if let Some(table) = table(document, &["tool", "poetry"]) {
        poetry::read(file, table, &mut project);
    }
    // The tables of `toml` are sorted by key; here things stand as they are written.
    project.dependencies.sort_by_key(|dependency| dependency.requirement.span);
    project
        .sources
        .sort_by_key(|source| (source.package.span, source.index.as_ref().map(|index| index.span)));
    project.indexes.sort_by_key(|index| index.url.span);
    project.faults.sort_by_key(|fault| fault.span);
    project
}

/// The table at a path of keys.
pub(super) fn table<'a, 'i>(mut table: &'a DeTable<'i>, path: &[&str]) -> Option<&'a DeTable<'i>> {
    for name in path {
        table = table.get(*name)?.get_ref().as_table()?;
    }
    Some(table)
}

/// The items of an array; none of anything else.
pub(super) fn array<'a, 'i>(
    value: Option<&'a Spanned<DeValue<'i>>>,
) -> impl Iterator<Item = &'a Spanned<DeValue<'i>>> {
    value.and_then(|value| value.get_ref().as_array()).into_iter().flat_map(|array| array.iter())
}

fn read_project(file: &SourceFile, table: &DeTable<'_>, project: &mut Project) {
    project.name = text::field(file, table, "name");
    if let Some(place) = table.get("requires-python").and_then(|value| text::place(file, value)) {
        project.set_python(&place);
    }
    read_list(file, table.get("dependencies"), &Group::Main, project);
    let extras = table.get("optional-dependencies").and_then(|value| value.get_ref().as_table());
    for (name, list) in extras.into_iter().flatten() {
        read_list(file, Some(list), &Group::Extra(name.get_ref().to_string()), project);
    }
}

/// A list of requirements. Anything else in it, such as the `include-group` of a group, is passed over.
fn read_list(file: &SourceFile, list: Option<&Spanned<DeValue<'_>>>, group: &Group, project: &mut Project) {
    for value in array(list) {
        match (text::place(file, value), value.get_ref().as_str()) {
            (Some(place), _) => project.add(group.clone(), &place),
            (None, Some(text)) => project.unplaced.push(text.to_owned()),
            (None, None) => {}
        }
    }
}

/// uv's indexes, and the sources of packages.
fn read_uv(file: &SourceFile, table: &DeTable<'_>, project: &mut Project) {
    for index in array(table.get("index")).filter_map(|value| value.get_ref().as_table()) {
        let Some(url) = text::field(file, index, "url") else { continue };
        let is_set = |name: &str| index.get(name).and_then(|value| value.get_ref().as_bool()) == Some(true);
        project.indexes.push(ProjectIndex {
            name: text::field(file, index, "name"),
            url,
            explicit: is_set("explicit"),
            default: is_set("default"),
        });
    }
    let index = |url, default| ProjectIndex { name: None, url, explicit: false, default };
    let urls = array(table.get("extra-index-url")).filter_map(|value| text::text(file, value));
    project.indexes.extend(urls.map(|url| index(url, false)));
    project.indexes.extend(text::field(file, table, "index-url").map(|url| index(url, true)));
    let sources = table.get("sources").and_then(|value| value.get_ref().as_table());
    for (package, value) in sources.into_iter().flatten() {
        let Some(package) = text::key(file, package) else { continue };
        let single = value.get_ref().as_table().into_iter();
        let several = array(Some(value)).filter_map(|value| value.get_ref().as_table());
        for source in single.chain(several) {
            let url = ["url", "git", "path"].iter().find_map(|name| text::field(file, source, name));
            project.sources.push(PackageSource {
                package: package.clone(),
                index: text::field(file, source, "index"),
                url,
                marker: text::field(file, source, "marker"),
            });
        }
    }
    read_list(file, table.get("dev-dependencies"), &Group::Development("dev".to_owned()), project);
}
