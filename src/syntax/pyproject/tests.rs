//! What project files say.

use proptest::prelude::*;

use super::*;
use crate::version::Version;

fn read(text: &str) -> (SourceFile, Project) {
    let file = SourceFile::new("pyproject.toml", text.as_bytes());
    let project = parse(&file);
    (file, project)
}

fn versions(dependency: &Dependency) -> String {
    dependency.versions.as_ref().map_or("?".to_owned(), ToString::to_string)
}

#[test]
fn the_project_table_is_read() {
    let (file, project) = read(
        r#"[project]
name = "app"
requires-python = ">=3.9,<3.13"
dependencies = [
  "torch==2.5.1",  # why
  'numpy<2; python_version < "3.12"',
  "scipy>1 ; python_version < \"3.12\"",
]
[project.optional-dependencies]
gpu = ["flash-attn>=2"]
[build-system]
requires = ["setuptools>=61", "torch"]
[dependency-groups]
dev = ["pytest", {include-group = "lint"}]
"#,
    );
    assert_eq!(project.faults, []);
    assert_eq!(file.slice(project.name.as_ref().unwrap().span), "app");
    let python = project.requires_python.unwrap();
    assert_eq!(file.slice(python.text.span), ">=3.9,<3.13");
    assert!(!python.versions.unwrap().contains(&Version::parse("3.13").unwrap()));
    let found: Vec<_> = project
        .dependencies
        .iter()
        .map(|found| (file.slice(found.requirement.span), found.group.clone()))
        .collect();
    assert_eq!(
        found,
        [
            ("torch==2.5.1", Group::Main),
            ("numpy<2; python_version < \"3.12\"", Group::Main),
            ("scipy>1 ; python_version < \\\"3.12\\\"", Group::Main),
            ("flash-attn>=2", Group::Extra("gpu".to_owned())),
            ("setuptools>=61", Group::Build),
            ("torch", Group::Build),
            ("pytest", Group::Development("dev".to_owned())),
        ]
    );
    assert_eq!(file.slice(project.dependencies[0].requirement.specifiers[0].version), "2.5.1");
    assert!(project.dependencies[2].requirement.marker.is_some());
}

#[test]
fn strings_of_every_kind_have_their_places() {
    let (file, project) = read(
        "\u{feff}[project]\r\ndependencies = ['''\r\na>=1''', \"\"\"b>=2\"\"\", \"\\u0063\", \"d!\"]\r\n",
    );
    let found: Vec<_> = project.dependencies.iter().map(|found| file.slice(found.requirement.span)).collect();
    assert_eq!(found, ["a>=1", "b>=2"]);
    assert_eq!(project.unplaced, ["c"]);
    assert_eq!(file.slice(project.faults[0].span), "!");
}

#[test]
fn indexes_and_sources_are_read() {
    let (file, project) = read(
        r#"[tool.uv]
extra-index-url = ["https://example.com/extra"]
[[tool.uv.index]]
name = "pytorch-cu121"
url = "https://example.com/cu121"
explicit = true
[tool.uv.sources]
torch = { index = "pytorch-cu121" }
"torch-vision" = [{ index = "pytorch-cu121", marker = "sys_platform == 'linux'" }]
flash = { git = "https://example.com/flash" }
"#,
    );
    let urls: Vec<_> =
        project.indexes.iter().map(|index| (file.slice(index.url.span), index.explicit)).collect();
    assert_eq!(urls, [("https://example.com/extra", false), ("https://example.com/cu121", true)]);
    let sources: Vec<_> = project
        .sources
        .iter()
        .map(|source| {
            (
                file.slice(source.package.span),
                source.index.is_some(),
                source.url.is_some(),
                source.marker.is_some(),
            )
        })
        .collect();
    assert_eq!(
        sources,
        [("torch", true, false, false), ("torch-vision", true, false, true), ("flash", false, true, false)]
    );
}

#[test]
fn poetry_is_read() {
    let (file, project) = read(
        r#"[tool.poetry]
name = "app"
[tool.poetry.dependencies]
python = "^3.9"
torch = { version = "^2.1", source = "pytorch", extras = ["opt"], markers = "sys_platform == 'linux'" }
numpy = [{ version = "<2", python = "<3.12" }, { version = ">=2" }]
plain = "1.2.3"
any = "*"
local = { path = "../x" }
odd = "1.2 foo"
[tool.poetry.group.test.dependencies]
pytest = "~7.1"
[[tool.poetry.source]]
name = "pytorch"
url = "https://example.com/cu121"
priority = "explicit"
"#,
    );
    let found: Vec<_> = project
        .dependencies
        .iter()
        .map(|found| (found.requirement.name.as_ref().unwrap().text.as_str(), versions(found)))
        .collect();
    let found: Vec<_> = found.iter().map(|(name, versions)| (*name, versions.as_str())).collect();
    assert_eq!(
        found,
        [
            ("torch", ">=2.1,<3"),
            ("numpy", "<2"),
            ("numpy", ">=2"),
            ("plain", "==1.2.3"),
            ("any", "*"),
            ("local", "*"),
            ("odd", "?"),
            ("pytest", ">=7.1,<7.2"),
        ]
    );
    let torch = &project.dependencies[0].requirement;
    assert_eq!(file.slice(torch.constraint), "^2.1");
    assert_eq!(file.slice(torch.specifiers[0].operator), "^");
    assert_eq!(file.slice(torch.specifiers[0].version), "2.1");
    assert_eq!(file.slice(torch.extras[0].span), "opt");
    assert!(torch.marker.is_some());
    assert_eq!(file.slice(project.requires_python.unwrap().text.span), "^3.9");
    assert_eq!(project.sources.len(), 2);
    assert!(project.indexes[0].explicit);
}

#[test]
fn carets_and_tildes_mean_what_poetry_means() {
    for (written, wanted) in [
        ("^1.2.3", ">=1.2.3,<2"),
        ("^0.2.3", ">=0.2.3,<0.3"),
        ("^0.0.3", ">=0.0.3,<0.0.4"),
        ("^0.0", ">=0.0,<0.1"),
        ("^0", ">=0,<1"),
        ("~1.2.3", ">=1.2.3,<1.3"),
        ("~1", ">=1,<2"),
        ("~=1.2", "~=1.2"),
        ("1.2.*", "==1.2.*"),
        (">=1.2, <2", ">=1.2,<2"),
        (">=1.2 <2", ">=1.2,<2"),
        ("^1.2 || ^3", ">=1.2,<2 | >=3,<4"),
        ("^", "?"),
        ("<>!", "?"),
    ] {
        let (_, project) = read(&format!("[tool.poetry.dependencies]\na = '{written}'\n"));
        assert_eq!(versions(&project.dependencies[0]), wanted, "{written}");
    }
}

#[test]
fn broken_files_are_read_as_far_as_they_go() {
    let (file, project) = read("[project]\ndependencies = ['a>=1']\nname = \n");
    assert_eq!(project.dependencies.len(), 1);
    assert!(matches!(project.faults[0].kind, ProjectFaultKind::Toml(_)));
    assert!(file.text().get(project.faults[0].span.range()).is_some());
    let (file, project) = read("[project]\nrequires-python = '>=3.x'\n");
    assert_eq!(file.slice(project.faults[0].span), "3.x");
}

/// Files made of what such files are made of.
fn any_file() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("[project]\n"),
        Just("[tool.poetry.dependencies]\n"),
        Just("dependencies = ["),
        Just("requires-python = "),
        Just("a = "),
        Just("'a>=1'"),
        Just("\"b\\\"\""),
        Just("'''\n"),
        Just("\"\"\""),
        Just("'^1 || 2'"),
        Just("{ version = '^1' }"),
        Just(","),
        Just("]\n"),
        Just("\r\n"),
        Just("#"),
        Just("é"),
        Just("\u{feff}"),
    ];
    prop::collection::vec(piece, 0..14).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_file_is_read(text in any_file()) {
        let (file, project) = read(&text);
        let mut spans: Vec<Span> = project.faults.iter().map(|fault| fault.span).collect();
        for found in &project.dependencies {
            let Requirement { span, constraint, specifiers, .. } = &found.requirement;
            spans.extend([*span, *constraint]);
            spans.extend(specifiers.iter().flat_map(|part| [part.span, part.operator, part.version]));
        }
        for span in spans {
            prop_assert!(file.text().get(span.range()).is_some(), "{span:?}");
        }
    }
}
