//! Projects that say what they need in older ways.

use proptest::prelude::*;

use super::*;
use crate::syntax::pyproject::Group;

fn requirements(file: &SourceFile, project: &Project) -> Vec<(String, Group)> {
    let found = project.dependencies.iter();
    found.map(|found| (file.slice(found.requirement.span).to_owned(), found.group.clone())).collect()
}

#[test]
fn setup_cfg_is_read() {
    let text = "[metadata]\nname = app\n[options]\npython_requires = >=3.8\ninstall_requires =\n    torch>=2.1 ; python_version > '3'\n    # not this\n\n    numpy\nsetup-requires = wheel; cython\n[options.extras_require]\ngpu =\n\tflash-attn\n";
    let file = SourceFile::new("setup.cfg", text.as_bytes());
    let project = parse_config(&file);
    assert_eq!(
        requirements(&file, &project),
        [
            ("torch>=2.1 ; python_version > '3'".to_owned(), Group::Main),
            ("numpy".to_owned(), Group::Main),
            ("wheel".to_owned(), Group::Build),
            ("cython".to_owned(), Group::Build),
            ("flash-attn".to_owned(), Group::Extra("gpu".to_owned())),
        ]
    );
    assert_eq!(file.slice(project.requires_python.unwrap().text.span), ">=3.8");
}

#[test]
fn literal_lists_of_setup_py_are_read() {
    let text = r#"
from setuptools import setup
version = "1"
setup(
    install_requires=["torch>=2.1", 'numpy', f"x=={version}", "a" "b", *more, r'scipy<2', ("n",),
                      "last"],  # install_requires=["no"]
    setup_requires=read("x"),
    python_requires=">=3.8",
)
"#;
    let file = SourceFile::new("setup.py", text.as_bytes());
    let project = parse_script(&file);
    let found: Vec<_> = requirements(&file, &project).into_iter().map(|(text, _)| text).collect();
    assert_eq!(found, ["torch>=2.1", "numpy", "scipy<2", "last"]);
    assert_eq!(file.slice(project.requires_python.unwrap().text.span), ">=3.8");
}

#[test]
fn identifiers_stand_outside_comments_and_strings() {
    let text = "from torch.utils import CUDAExtension as E  # Comment\n'''Doc \\''' Text'''\nx = f(r\"Raw\", b'B', 1e5, \"open\ny = élan._z9\n";
    let found: Vec<_> = identifiers(text).into_iter().collect();
    let wanted =
        ["CUDAExtension", "E", "_z9", "as", "f", "from", "import", "torch", "utils", "x", "y", "élan"];
    assert_eq!(found, wanted);
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_read(text in "(install_requires|python_requires|=|\\[|\\]|,|'|\"|\"\"\"|#|\\\\|\n| |a>=1|é|\\(|;|\\[options\\]\n){0,16}") {
        let file = SourceFile::new("setup.py", text.as_bytes());
        identifiers(&text);
        for project in [parse_script(&file), parse_config(&file)] {
            let spans = project.dependencies.iter().map(|found| found.requirement.span);
            for span in spans.chain(project.faults.iter().map(|fault| fault.span)) {
                prop_assert!(text.get(span.range()).is_some(), "{span:?}");
            }
        }
    }
}
