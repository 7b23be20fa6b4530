//! Specs and environments as conda reads them.

use proptest::prelude::*;

use super::*;
use crate::version::Version;

fn spec(text: &str) -> CondaSpec {
    parse_spec(&Mapped::verbatim(text, 0)).unwrap()
}

fn versions(text: &str) -> String {
    spec(text).versions.map_or("?".to_owned(), |versions| versions.to_string())
}

#[test]
fn versions_mean_what_conda_means() {
    for (text, wanted) in [
        ("numpy", "*"),
        ("numpy=1.11", "==1.11.*"),
        ("numpy==1.11", "==1.11"),
        ("numpy 1.11", "==1.11"),
        ("numpy 1.11.*", "==1.11.*"),
        ("numpy=1.11.*", "==1.11.*"),
        ("numpy=1.11.1=py36_0", "==1.11.1"),
        ("numpy 1.11.1 py36_0", "==1.11.1"),
        ("numpy>=1.8,<2", ">=1.8,<2"),
        ("numpy >=1.8, <2", ">=1.8,<2"),
        ("numpy 1.8|1.9.*", "==1.8 | ==1.9.*"),
        ("python=3.8|3.9", "==3.8.* | ==3.9"),
        ("numpy!=1.5", "!=1.5"),
        ("numpy ~=1.5.2", "~=1.5.2"),
        ("numpy>=1.8.*", ">=1.8"),
        ("numpy *", "*"),
        ("numpy=*=mkl*", "*"),
        ("numpy[version='>=1.8,<2']", ">=1.8,<2"),
        ("openssl=1.1.1w", "?"),
        ("numpy (>=1|<0.5),!=2", "?"),
        ("numpy 1.8*", "?"),
    ] {
        assert_eq!(versions(text), wanted, "{text}");
    }
}

#[test]
fn specs_have_their_places() {
    let text = "pytorch/linux-64::PyTorch=2.1.2=py3.10_cuda12.1*";
    let found = spec(text);
    assert_eq!(found.channel.as_ref().unwrap().text, "pytorch/linux-64");
    assert_eq!(found.normalized_name(), "pytorch");
    assert_eq!(&text[found.name.span.range()], "PyTorch");
    assert_eq!(&text[found.constraint.range()], "=2.1.2");
    assert_eq!(&text[found.specifiers[0].version.range()], "2.1.2");
    assert_eq!(&text[found.specifiers[0].operator.range()], "=");
    assert_eq!(&text[found.build.as_ref().unwrap().span.range()], "py3.10_cuda12.1*");
    assert_eq!(found.versions.unwrap().pinned(), Some(&Version::parse("2.1.2").unwrap()));

    let text = " numpy >=1.8 , <2 ";
    let found = spec(text);
    assert_eq!(&text[found.span.range()], "numpy >=1.8 , <2");
    assert_eq!(&text[found.constraint.range()], ">=1.8 , <2");
    assert_eq!(&text[found.specifiers[1].span.range()], "<2");
    assert_eq!(spec("numpy").constraint, Span::at(5));

    let text = "conda-forge::numpy[version='>=1', build=\"*cuda*\"]";
    let found = spec(text);
    assert_eq!(&text[found.constraint.range()], ">=1");
    assert_eq!(found.build.unwrap().text, "*cuda*");
    assert_eq!(found.fields.len(), 2);
}

#[test]
fn what_is_no_spec_is_refused() {
    for text in ["", ">=1", "=1", "a[b", "::", "é", "-r x"] {
        assert!(parse_spec(&Mapped::verbatim(text, 0)).is_err(), "{text}");
    }
}

#[test]
fn environments_are_read() {
    let text = "name: train\nchannels: [pytorch, conda-forge]\ndependencies:\n  - python=3.10  # why\n  - 'pytorch::pytorch>=2,<2.2'\n  - pip\n  - pip:\n    - torch==2.1.0 ; python_version < '3.11'\n    - --extra-index-url https://example.com/whl\n    - -r requirements.txt\n    - bad==\nprefix: /opt/x\n";
    let file = SourceFile::new("environment.yml", text.as_bytes());
    let found = parse(&file);
    assert_eq!(file.slice(found.name.as_ref().unwrap().span), "train");
    let channels: Vec<_> = found.channels.iter().map(|channel| file.slice(channel.span)).collect();
    assert_eq!(channels, ["pytorch", "conda-forge"]);
    let specs: Vec<_> = found.specs.iter().map(|spec| file.slice(spec.span)).collect();
    assert_eq!(specs, ["python=3.10", "pytorch::pytorch>=2,<2.2", "pip"]);
    let pip: Vec<_> = found.pip.iter().map(|entry| file.slice(entry.span)).collect();
    assert_eq!(
        pip,
        [
            "torch==2.1.0 ; python_version < '3.11'",
            "--extra-index-url https://example.com/whl",
            "-r requirements.txt"
        ]
    );
    let requirement = found.requirements().next().unwrap();
    assert_eq!(file.slice(requirement.specifiers[0].version), "2.1.0");
    let faults: Vec<_> = found.faults.iter().map(|fault| file.slice(fault.span)).collect();
    assert_eq!((faults, found.unplaced.len()), (vec!["=="], 0));
}

#[test]
fn what_has_no_place_is_named() {
    let text = "dependencies:\n  - >-\n    python=3.10\n  - numpy\n  - {pip: [torch]}\n";
    let found = parse(&SourceFile::new("environment.yml", text.as_bytes()));
    assert_eq!(found.unplaced, ["python=3.10", "torch"]);
    assert_eq!(found.specs.len(), 1);
    let broken = parse(&SourceFile::new("environment.yml", b"dependencies:\n\t- a\n".as_slice()));
    assert!(matches!(broken.faults.as_slice(), [CondaFault { kind: CondaFaultKind::Yaml(_), .. }]));
}

#[test]
fn lists_are_read() {
    let file = SourceFile::new("specs.txt", b"# a\npython=3.10 # b\n@EXPLICIT\n\nnumpy>=1\n".as_slice());
    let found = parse_list(&file);
    let specs: Vec<_> = found.specs.iter().map(|spec| file.slice(spec.span)).collect();
    assert_eq!(specs, ["python=3.10", "numpy>=1"]);
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_spec_is_read(text in "(a|::|\\[|\\]|=|,|\\||>|<|1\\.2|\\*| |'|é|build){0,12}") {
        if let Ok(found) = parse_spec(&Mapped::verbatim(text.as_str(), 0)) {
            let mut spans = vec![found.span, found.name.span, found.constraint];
            spans.extend(found.specifiers.iter().flat_map(|part| [part.span, part.operator, part.version]));
            spans.extend(found.build.iter().chain(&found.channel).map(|text| text.span));
            for span in spans {
                prop_assert!(text.get(span.range()).is_some(), "{span:?}");
            }
        }
    }
}
