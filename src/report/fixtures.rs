//! Two files and two findings for the tests of every format.

use super::*;
use crate::diagnostic::{Edit, Fix, Related};
use crate::source::Span;

/// A Dockerfile and its requirements, with a warning in the one and a conflict across both.
pub(super) fn checked() -> Checked {
    let mut sources = Sources::default();
    let dockerfile = sources.add(SourceFile::new(
        "svc/Dockerfile",
        "# é: <&>\nFROM nvidia/cuda:12.1.1-base\n\n\n\nRUN pip install -r requirements.txt\n".as_bytes(),
    ));
    let requirements = sources
        .add(SourceFile::new("svc/requirements.txt", b"torch==2.1.2\ntorchvision==0.17.0\n".as_slice()));
    let at = |file, start, end| Location { file, span: Span::new(start, end) };
    let insert = |file, offset, text: &str| Edit { file, span: Span::at(offset), text: text.to_owned() };
    let cache = Diagnostic {
        rule: "pip/no-cache-dir".to_owned(),
        aliases: vec!["DL3042".to_owned()],
        category: Category::Size,
        severity: Severity::Warning,
        message: "pip keeps its download cache in the image".to_owned(),
        note: None,
        at: at(dockerfile, 46, 57),
        related: Vec::new(),
        fixes: Fix::new(
            "Add `--no-cache-dir`",
            Safety::Safe,
            vec![insert(dockerfile, 57, " --no-cache-dir")],
        )
        .into_iter()
        .collect(),
    };
    let pair = Edit { file: requirements, span: Span::new(26, 32), text: "0.16.2".to_owned() };
    let conflict = Diagnostic {
        rule: "stack/pairing".to_owned(),
        aliases: Vec::new(),
        category: Category::Compat,
        severity: Severity::Error,
        message: "torchvision 0.17.0 needs torch 2.2.0, but torch is pinned to 2.1.2".to_owned(),
        note: Some(
            "The resolver refuses: `Cannot install torch==2.1.2 and torchvision==0.17.0`, 100%".to_owned(),
        ),
        at: at(requirements, 13, 32),
        related: vec![
            Related { at: at(requirements, 0, 12), message: "torch is pinned here".to_owned() },
            Related { at: at(dockerfile, 15, 38), message: "the image has CUDA 12.1".to_owned() },
        ],
        fixes: Fix::new("Use torchvision 0.16.2", Safety::Unsafe, vec![pair]).into_iter().collect(),
    };
    Checked { sources, diagnostics: vec![cache, conflict] }
}

/// What `render` writes for the findings of [`checked`].
pub(super) fn rendered(render: impl Fn(&Report<'_>, &mut Vec<u8>) -> std::io::Result<()>) -> String {
    let checked = checked();
    let mut bytes = Vec::new();
    render(&Report::new([&checked]), &mut bytes).unwrap();
    String::from_utf8(bytes).unwrap()
}

/// The rule of the first finding.
pub(super) fn rules() -> Vec<RuleInfo> {
    vec![RuleInfo {
        id: "pip/no-cache-dir".to_owned(),
        aliases: vec!["DL3042".to_owned()],
        category: Category::Size,
        severity: Severity::Warning,
        summary: "pip keeps its download cache in the image".to_owned(),
        why: "The cache is never used again.".to_owned(),
    }]
}

/// Compares with the snapshot of that name in `snapshots/report/`.
pub(super) fn assert_snapshot(name: &str, text: &str) {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(concat!(env!("CARGO_MANIFEST_DIR"), "/snapshots/report"));
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(name, text));
}
