//! The keys of `setup.cfg`.

use crate::source::{Mapped, SourceFile};
use crate::syntax::pyproject::{Group, Project};

/// Reads a file line by line: a section in brackets, a key at the start of a line, values on lines that are
/// indented.
pub(super) fn parse(file: &SourceFile) -> Project {
    let mut project = Project::default();
    let mut section = "";
    let mut key = String::new();
    let mut start = 0;
    for line in file.text().split_inclusive('\n') {
        let offset = start;
        start += line.len();
        let body = line.trim_end();
        let content = body.trim_start_matches('\u{feff}');
        let trimmed = content.trim_start();
        let indented = content.len() > trimmed.len();
        if trimmed.is_empty() || trimmed.starts_with(['#', ';']) {
            continue;
        }
        if !indented && trimmed.starts_with('[') {
            section = trimmed.trim_matches(['[', ']']).trim();
            key.clear();
        } else if indented {
            let at = offset + body.len() - trimmed.len();
            add(section, &key, &Mapped::verbatim(trimmed, at as u32), &mut project);
        } else if let Some(equals) = trimmed.find(['=', ':']) {
            key = trimmed.get(..equals).unwrap_or_default().trim().to_ascii_lowercase().replace('-', "_");
            let mut at = offset + body.len() - trimmed.len() + equals + 1;
            // Values behind the key itself are separated by semicolons.
            for value in trimmed.get(equals + 1..).unwrap_or_default().split(';') {
                let inner = value.trim();
                let place = at + value.len() - value.trim_start().len();
                if !inner.is_empty() {
                    add(section, &key, &Mapped::verbatim(inner, place as u32), &mut project);
                }
                at += value.len() + 1;
            }
        }
    }
    project
}

/// One value of a key.
fn add(section: &str, key: &str, value: &Mapped, project: &mut Project) {
    match (section, key) {
        ("options", "install_requires") => project.add(Group::Main, value),
        ("options", "setup_requires") => project.add(Group::Build, value),
        ("options", "python_requires") => project.set_python(value),
        ("options.extras_require", extra) => project.add(Group::Extra(extra.to_owned()), value),
        _ => {}
    }
}
