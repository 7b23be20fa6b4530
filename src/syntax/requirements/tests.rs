//! What pip reads and what it refuses.

use std::collections::BTreeMap;

use proptest::prelude::*;
use serde::Deserialize;

use super::*;
use crate::version::Version;

#[derive(Deserialize)]
struct KnownAnswers {
    requirements: Vec<KnownRequirement>,
    environment: BTreeMap<String, String>,
    pythons: Vec<(String, String)>,
    markers: Vec<KnownMarker>,
}

#[derive(Deserialize)]
struct KnownRequirement {
    text: String,
    #[serde(default)]
    refused: bool,
    name: Option<String>,
    #[serde(default)]
    extras: Vec<String>,
    #[serde(default)]
    specifiers: Vec<String>,
    url: Option<String>,
    #[serde(default)]
    marker: bool,
}

#[derive(Deserialize)]
struct KnownMarker {
    text: String,
    holds: Vec<bool>,
}

fn known_answers() -> KnownAnswers {
    serde_json::from_str(include_str!("../../../tests/data/requirements/known_answers.json")).unwrap()
}

fn requirement(text: &str) -> Requirement {
    parse_requirement(&Mapped::verbatim(text, 0)).unwrap()
}

fn marker(text: &str) -> Marker {
    requirement(&format!("a;{text}")).marker.unwrap()
}

fn file(text: &str) -> (SourceFile, RequirementsFile) {
    let file = SourceFile::new("requirements.txt", text.as_bytes());
    let parsed = parse(&file);
    (file, parsed)
}

#[test]
fn requirements_read_as_pip_reads_them() {
    for known in known_answers().requirements {
        let text = &known.text;
        let found = parse_requirement(&Mapped::verbatim(text.as_str(), 0));
        assert_eq!(found.is_err(), known.refused, "{text}: {found:?}");
        let Ok(found) = found else { continue };
        assert_eq!(found.name.as_ref().map(|name| name.text.clone()), known.name, "{text}");
        let mut extras: Vec<_> = found.extras.iter().map(|extra| extra.text.clone()).collect();
        extras.sort();
        assert_eq!(extras, known.extras, "{text}");
        let mut specifiers: Vec<_> = found.specifiers().unwrap().iter().map(ToString::to_string).collect();
        specifiers.sort();
        assert_eq!(specifiers, known.specifiers, "{text}");
        assert_eq!(found.reference.map(|reference| reference.text.text), known.url, "{text}");
        assert_eq!(found.marker.is_some(), known.marker, "{text}");
    }
}

#[test]
fn markers_hold_where_packaging_says() {
    let known = known_answers();
    for KnownMarker { text, holds } in &known.markers {
        for ((python, extra), wanted) in known.pythons.iter().zip(holds) {
            let mut environment = Environment::new();
            for (name, value) in &known.environment {
                environment = environment.with(name, value);
            }
            let environment = environment.with("extra", extra).with_python(&Version::parse(python).unwrap());
            assert_eq!(marker(text).evaluate(&environment), Some(*wanted), "{text} on {python}");
        }
    }
}

#[test]
fn markers_say_when_they_do_not_know() {
    let linux = Environment::linux();
    for (text, wanted) in [
        ("python_version >= '3.8'", None),
        ("python_version >= '3.8' and sys_platform == 'win32'", Some(false)),
        ("python_version >= '3.8' or sys_platform == 'linux'", Some(true)),
        ("platform_machine == 'x86_64'", None),
        ("extra == 'gpu'", Some(false)),
        ("sys_platform === 'linux'", None),
    ] {
        assert_eq!(marker(text).evaluate(&linux), wanted, "{text}");
    }
    let series = linux.with_python(&Version::parse("3.10").unwrap());
    for (text, wanted) in [
        ("python_full_version >= '3.8.1'", Some(true)),
        ("python_full_version < '3.10'", Some(false)),
        ("python_full_version < '3.10.4'", None),
        ("python_version == '3.10'", Some(true)),
    ] {
        assert_eq!(marker(text).evaluate(&series), wanted, "{text}");
    }
}

#[test]
fn every_part_has_its_place() {
    let text = "Torch[a, b] >=2.1 , <2.3 ; python_version > '3' # why\n";
    let (source, parsed) = file(&format!("\u{feff}# head\r\n{text}"));
    let entry = &parsed.entries[0];
    let found = parsed.requirements().next().unwrap();
    assert_eq!(source.slice(found.name.as_ref().unwrap().span), "Torch");
    assert_eq!(source.slice(found.extras[1].span), "b");
    assert_eq!(source.slice(found.constraint), ">=2.1 , <2.3");
    assert_eq!(source.slice(found.specifiers[1].span), "<2.3");
    assert_eq!(source.slice(found.specifiers[1].operator), "<");
    assert_eq!(source.slice(found.specifiers[0].version), "2.1");
    assert_eq!(source.slice(found.marker_text.as_ref().unwrap().span), "python_version > '3'");
    assert_eq!(source.slice(entry.span), "Torch[a, b] >=2.1 , <2.3 ; python_version > '3'");
    assert_eq!(source.slice(entry.comment.unwrap()), "# why");
    assert_eq!(source.slice(entry.lines), text);
    assert_eq!((parsed.top, parsed.line_ending), (3, "\r\n"));
    assert_eq!(found.normalized_name().as_deref(), Some("torch"));
}

#[test]
fn a_first_specifier_has_its_place() {
    for (text, before) in [("torch", "torch"), ("torch [x] ; os_name == 'a'", "torch [x]"), ("a  ", "a")] {
        let found = requirement(text);
        assert!(found.constraint.is_empty());
        assert_eq!(&text[..found.constraint.start as usize], before);
    }
    assert_eq!(requirement("a (>=1)").constraint, Span::new(2, 7));
}

#[test]
fn lines_are_joined_as_pip_joins_them() {
    let (source, parsed) =
        file("torch==2.1 \\\n    --hash=sha256:abc \\\r\n  --hash sha256:def\nnu\\\nmpy\n");
    let found: Vec<_> = parsed.requirements().collect();
    assert_eq!(found[0].options.len(), 2);
    assert_eq!(found[0].options[1].value.as_ref().unwrap().text, "sha256:def");
    assert_eq!(source.slice(found[0].options[0].span), "--hash=sha256:abc");
    assert_eq!(source.slice(found[0].specifiers[0].version), "2.1");
    assert_eq!(found[1].name.as_ref().unwrap().text, "numpy");
    assert_eq!(source.slice(found[1].name.as_ref().unwrap().span), "nu\\\nmpy");
    // A comment ends a continuation.
    let (_, parsed) = file("a \\\n# note\nb\n");
    assert_eq!(parsed.requirements().count(), 2);
    let (_, parsed) = file("a # note \\\nb\nc#d\n");
    assert_eq!((parsed.requirements().count(), parsed.faults.len()), (1, 1));
    let (_, parsed) = file("a \\");
    assert_eq!(parsed.requirements().count(), 1);
}

#[test]
fn options_are_read() {
    let (source, parsed) = file(concat!(
        "--index-url https://example.com/simple --extra-index-url='https://example.com/a b'\n",
        "-r base.txt\n-rbase.txt\n-c constraints.txt\n-f ./wheels\n--pre\n--no-index\n--only-binary :all:\n",
        "--extra-index https://example.com/${TOKEN}\n--trusted-host example.com # here\n",
    ));
    assert_eq!(parsed.faults, []);
    let found: Vec<_> = parsed
        .options()
        .map(|option| (option.kind, option.value.as_ref().map_or("", |value| value.text.as_str())))
        .collect();
    assert_eq!(
        found,
        [
            (OptionKind::IndexUrl, "https://example.com/simple"),
            (OptionKind::ExtraIndexUrl, "https://example.com/a b"),
            (OptionKind::Requirement, "base.txt"),
            (OptionKind::Requirement, "base.txt"),
            (OptionKind::Constraint, "constraints.txt"),
            (OptionKind::FindLinks, "./wheels"),
            (OptionKind::Pre, ""),
            (OptionKind::NoIndex, ""),
            (OptionKind::OnlyBinary, ":all:"),
            (OptionKind::ExtraIndexUrl, "https://example.com/${TOKEN}"),
            (OptionKind::TrustedHost, "example.com"),
        ]
    );
    let quoted = parsed.options().nth(1).unwrap();
    assert_eq!(source.slice(quoted.span), "--extra-index-url='https://example.com/a b'");
    assert_eq!(source.slice(quoted.value.as_ref().unwrap().span), "'https://example.com/a b'");
    let glued = parsed.options().nth(3).unwrap();
    assert_eq!(source.slice(glued.value.as_ref().unwrap().span), "base.txt");
}

#[test]
fn faults_leave_the_other_lines_alone() {
    let (source, parsed) =
        file("torch=2.1\nnumpy\n--no-such-option x\n-r\n--find-links 'x\n?\nscipy>=1.0.*\npandas");
    assert_eq!(parsed.requirements().count(), 2);
    let faults: Vec<_> =
        parsed.faults.iter().map(|fault| (source.slice(fault.span), fault.to_string())).collect();
    let faults: Vec<_> = faults.iter().map(|(text, message)| (*text, message.as_str())).collect();
    assert_eq!(
        faults,
        [
            ("=2.1", "`=2.1` needs an operator such as `==`"),
            ("--no-such-option", "a requirement file has no option `--no-such-option`"),
            ("-r", "`--requirement` needs a value"),
            ("'", "nothing closes this `'`"),
            ("?", "a requirement begins with the name of a package"),
            ("1.0.*", "`.*` goes with `==` and `!=` only"),
        ]
    );
}

#[test]
fn urls_paths_and_wheels_are_read() {
    let wheel = "https://example.com/whl/torch-2.5.1%2Bcu121-cp310-cp310-linux_x86_64.whl";
    let found = requirement(&format!("{wheel} ; python_version == '3.10'"));
    let reference = found.reference.clone().unwrap();
    let name = reference.wheel.unwrap();
    assert_eq!((reference.kind, reference.text.text.as_str()), (ReferenceKind::Url, wheel));
    assert_eq!(name.version, Version::parse("2.5.1+cu121").unwrap());
    assert_eq!(&wheel[name.version_text.span.range()], "2.5.1%2Bcu121");
    assert_eq!((name.python.text.as_str(), name.abi.as_str()), ("cp310", "cp310"));
    assert_eq!(name.platform, "linux_x86_64");
    assert_eq!(found.normalized_name().as_deref(), Some("torch"));
    assert!(found.marker.is_some());

    let text = "git+https://example.com/o/flash.git@v2.5.0#egg=flash_attn[x]&subdirectory=a";
    let reference = requirement(text).reference.unwrap();
    assert_eq!(reference.kind, ReferenceKind::Repository);
    assert_eq!(&text[reference.revision.unwrap().span.range()], "v2.5.0");
    assert_eq!(requirement(text).normalized_name().as_deref(), Some("flash-attn"));

    // pip took extras here until 25.0.
    let old = requirement("https://example.com/a.zip#egg=torch[x]");
    assert_eq!((old.normalized_name().as_deref(), old.extras.len()), (Some("torch"), 1));
    let odd = requirement("https://example.com/a.zip?b=[c]");
    assert_eq!((odd.extras.len(), odd.reference.unwrap().file.text.as_str()), (0, "a.zip"));

    for text in [".", "./pkg", "../x", "/opt/a.whl.d/", "pkg.tar.gz", "dist/a-1.0-py3-none-any.whl"] {
        assert_eq!(requirement(text).reference.unwrap().kind, ReferenceKind::Path, "{text}");
    }
    let local = requirement("./pkg[dev,test]");
    assert_eq!(local.reference.unwrap().text.text, "./pkg");
    assert_eq!(local.extras.len(), 2);
    let named = requirement("torch @ ./dist/torch-2.1.0-cp311-cp311-linux_x86_64.whl");
    assert_eq!(named.reference.unwrap().wheel.unwrap().version, Version::parse("2.1.0").unwrap());
    let fault = parse_requirement(&Mapped::verbatim("https://example.com/torch.whl", 0)).unwrap_err();
    assert_eq!(fault.kind, RequirementFaultKind::WheelName("torch.whl".to_owned()));

    let (source, parsed) =
        file("-e .[dev]\n-e git+ssh://git@example.com/o/p@main#egg=p\n--editable='./a b'\n");
    let editable: Vec<_> = parsed.requirements().collect();
    assert!(editable.iter().all(|found| found.editable));
    assert_eq!(source.slice(editable[0].extras[0].span), "dev");
    assert_eq!(editable[1].reference.as_ref().unwrap().revision.as_ref().unwrap().text, "main");
    assert_eq!(source.slice(editable[2].reference.as_ref().unwrap().text.span), "./a b");
}

#[test]
fn variables_hide_versions() {
    let text = "torch==${TORCH_VERSION},<3 ; os_name == 'a'";
    let found = requirement(text);
    assert_eq!(found.specifiers(), None);
    assert_eq!(found.variables[0].text, "${TORCH_VERSION}");
    assert_eq!(&text[found.specifiers[0].version.range()], "${TORCH_VERSION}");
    assert_eq!(&text[found.specifiers[0].operator.range()], "==");
    assert_eq!(requirement("torch @ https://example.com/${FILE}").variables.len(), 1);
    assert_eq!(requirement("torch").specifiers().unwrap().to_string(), "");
}

#[test]
fn names_are_normalised() {
    for (written, normal) in [("Flask", "flask"), ("a__b.-c", "a-b-c"), ("zope.interface", "zope-interface")]
    {
        assert_eq!(normalize_name(written), normal);
    }
}

#[test]
fn deep_markers_are_refused() {
    let deep = format!("a ; {}", "(".repeat(100_000));
    let fault = parse_requirement(&Mapped::verbatim(deep, 0)).unwrap_err();
    assert_eq!(fault.kind, RequirementFaultKind::TooDeep);
}

/// Lines made of what such files are made of.
fn any_line() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("torch"),
        Just("[a,b]"),
        Just("=="),
        Just(">="),
        Just("2.1"),
        Just(","),
        Just(" "),
        Just(";"),
        Just("python_version"),
        Just("'3.8'"),
        Just("and"),
        Just("("),
        Just(")"),
        Just("#"),
        Just("\\\n"),
        Just("\n"),
        Just("\r\n"),
        Just("\r"),
        Just("--hash="),
        Just("-e "),
        Just("-r "),
        Just("@"),
        Just("é"),
        Just("https://x/"),
        Just("a-1-py3-none-any.whl"),
        Just("${V}"),
        Just("\""),
        Just("\u{2003}"),
        Just("["),
    ];
    prop::collection::vec(piece, 0..14).prop_map(|pieces| pieces.concat())
}

#[test]
fn a_quoted_part_of_an_editable_keeps_its_place() {
    let (source, parsed) = file("-e '3.8'é\n-e './a b'\n");
    let spans: Vec<_> = parsed.requirements().map(|found| source.slice(found.span).to_owned()).collect();
    assert_eq!(spans, ["3.8'é", "./a b"]);
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_file_is_read(text in prop_oneof![any_line(), "\\PC{0,60}"]) {
        let (source, parsed) = file(&text);
        let mut last = 0;
        for entry in &parsed.entries {
            prop_assert!(entry.lines.contains(entry.span));
            prop_assert!(entry.lines.start >= last);
            last = entry.lines.start;
        }
        let mut spans: Vec<Span> = parsed.faults.iter().map(|fault| fault.span).collect();
        for found in parsed.requirements() {
            spans.extend([found.span, found.constraint]);
            spans.extend(found.specifiers.iter().flat_map(|part| [part.span, part.operator, part.version]));
            spans.extend(found.name.iter().map(|name| name.span));
            for part in &found.specifiers {
                prop_assert!(found.constraint.contains(part.span));
            }
        }
        spans.extend(parsed.options().map(|option| option.span));
        for span in spans {
            prop_assert!(source.text().get(span.range()).is_some(), "{span:?}");
        }
    }
}
