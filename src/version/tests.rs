//! The whole room against two other readings of PEP 440: answers recorded from Python's `packaging`, and
//! the crate `pep440_rs`.

use std::str::FromStr;

use proptest::prelude::*;
use serde::Deserialize;

use super::*;

fn version(text: &str) -> Version {
    Version::parse(text).unwrap()
}

fn set(text: &str) -> VersionSet {
    let alternatives = text.split(" | ").map(|text| Specifiers::parse(text).unwrap());
    VersionSet::any_of(alternatives)
}

/// The recorded answers; their file says which release of `packaging` gave them.
#[derive(Deserialize)]
struct KnownAnswers {
    versions: Vec<KnownVersion>,
    specifiers: Vec<KnownSpecifier>,
    invalid_versions: Vec<String>,
    invalid_specifiers: Vec<String>,
    sorted: Vec<Version>,
}

#[derive(Deserialize)]
struct KnownVersion {
    text: String,
    normalized: String,
    pre_release: bool,
}

#[derive(Deserialize)]
struct KnownSpecifier {
    text: String,
    asks: bool,
    contains: Vec<String>,
}

fn known_answers() -> KnownAnswers {
    serde_json::from_str(include_str!("../../tests/data/version/known_answers.json")).unwrap()
}

#[test]
fn versions_read_as_packaging_reads_them() {
    let known = known_answers();
    for KnownVersion { text, normalized, pre_release } in known.versions {
        let version = version(&text);
        assert_eq!(version.normalized(), normalized, "{text}");
        assert_eq!(version.is_pre_release(), pre_release, "{text}");
    }
    for text in known.invalid_versions {
        assert!(Version::parse(&text).is_err(), "{text}");
    }
}

#[test]
fn versions_sort_as_packaging_sorts_them() {
    let sorted = known_answers().sorted;
    for (index, left) in sorted.iter().enumerate() {
        for right in sorted.iter().skip(index) {
            assert!(left <= right, "{left} {right}");
        }
    }
    let mut again = sorted.clone();
    again.reverse();
    again.sort();
    assert_eq!(again, sorted);
}

#[test]
fn specifiers_contain_what_packaging_says() {
    let known = known_answers();
    for KnownSpecifier { text, asks, contains } in &known.specifiers {
        let specifiers = Specifiers::parse(text).unwrap();
        assert_eq!(specifiers.asks_for_pre_releases(), *asks, "{text}");
        let found: Vec<_> =
            known.sorted.iter().filter(|v| specifiers.contains(v)).map(Version::as_str).collect();
        let mut wanted: Vec<_> = contains.iter().map(String::as_str).collect();
        wanted.sort_by_key(|text| known.sorted.iter().position(|v| v.as_str() == *text));
        assert_eq!(found, wanted, "{text}");
    }
    for text in &known.invalid_specifiers {
        assert!(Specifiers::parse(text).is_err(), "{text}");
    }
}

#[test]
fn specifiers_know_their_places() {
    let text = " >=2.1 , ==2.5.* ,";
    let located = Specifiers::parse_located(text).unwrap();
    let places: Vec<_> =
        located.iter().map(|found| (&text[found.operator.clone()], &text[found.version.clone()])).collect();
    assert_eq!(places, [(">=", "2.1"), ("==", "2.5.*")]);
    assert_eq!(located[1].operator, 9..11);
    let error = Specifiers::parse(">=2.1,<latest").unwrap_err();
    assert_eq!((error.range.clone(), error.to_string().as_str()), (7..13, "`latest` is not a version"));
    assert_eq!(Specifiers::parse(">=1,2.0").unwrap_err().fault, VersionFault::NoOperator("2.0".to_owned()));
    assert_eq!(Specifiers::parse(">=1,=").unwrap_err().range, 4..5);
}

#[test]
fn specifiers_are_shown_as_written() {
    for text in [">=2.1,<2.3", "==2.5.1+cu121", "!=1.*", "~=1.0", "===any thing".trim_end_matches(" thing")] {
        assert_eq!(Specifiers::parse(text).unwrap().to_string(), text);
    }
    let specifiers = Specifiers::parse(">=2.1,<2.3").unwrap();
    assert_eq!(serde_json::to_string(&specifiers).unwrap(), "\">=2.1,<2.3\"");
    assert_ne!(Specifier::parse("==1.*").unwrap(), Specifier::parse("==1.0.*").unwrap());
    assert!(Specifier::fuzzy(version("1.2")).contains(&version("1.2.9")));
}

#[test]
fn pre_releases_are_admitted_when_asked_for() {
    let nightly = version("2.6.0.dev20241112");
    assert!(set(">=2.5").contains(&nightly) && !set(">=2.5").admits(&nightly));
    assert!(set(">=2.5").and(&set("==2.6.0.dev20241112")).admits(&nightly));
    assert!(!VersionSet::all().admits(&nightly) && VersionSet::all().contains(&nightly));
}

#[test]
fn sets_narrow() {
    let python = set("==3.10.* | ==3.11.*");
    assert!(python.contains(&version("3.11.4")) && !python.contains(&version("3.12")));
    let both = python.and(&set(">=3.11"));
    assert!(both.contains(&version("3.11")) && !both.contains(&version("3.10.2")));
    assert_eq!(both.to_string(), "(==3.10.* | ==3.11.*),>=3.11");
    assert_eq!(python.and(&python), python);
    assert_eq!((VersionSet::all().to_string().as_str(), VersionSet::all().is_any()), ("*", true));
    assert_eq!(set(""), VersionSet::all());
    let list = VersionSet::one_of(["3.8", "3.9"].map(version));
    assert_eq!(list.to_string(), "==3.8 | ==3.9");
    assert!(VersionSet::one_of([]).is_empty_for_sure());
    let json = serde_json::to_string(&both).unwrap();
    assert_eq!(json, r#"[["==3.10.*","==3.11.*"],[">=3.11"]]"#);
    assert_eq!(serde_json::from_str::<VersionSet>(&json).unwrap(), both);
}

#[test]
fn a_pin_is_a_single_version() {
    assert_eq!(set("==2.5.1").pinned(), Some(&version("2.5.1")));
    assert_eq!(set(">=2,==2.5.1").and(&set("==2.5.1+cu121")).pinned(), Some(&version("2.5.1+cu121")));
    for text in ["==2.5.*", ">=2,<=2", "==1 | ==2", "", "~=1.0"] {
        assert_eq!(set(text).pinned(), None, "{text}");
    }
}

#[test]
fn empty_sets_are_found() {
    for (left, right) in [
        ("==1.0", "==2.0"),
        ("<2", ">=3"),
        ("==2.5.1", "<2.5"),
        ("==2.5.1+cu121", "==2.5.1+cpu"),
        ("==2.0.*", "<2.0"),
        ("==2.0.*", ">=2.1"),
        ("~=2.1", "<2.0"),
        ("~=2.1.0", ">=2.2"),
        ("<2", ">2"),
        ("==1.0", "!=1.0"),
        ("==3.8 | ==3.9", ">=3.10"),
        ("==1!1.*", "<9"),
    ] {
        assert!(set(left).and(&set(right)).is_empty_for_sure(), "{left} and {right}");
        assert!(set(right).and(&set(left)).is_empty_for_sure(), "{right} and {left}");
    }
    for (left, right) in
        [("==2.5.1", "==2.5.1+cu121"), ("<=2", ">=2"), ("==3.8 | ==3.11", ">=3.10"), ("<2", ">1.9"), ("", "")]
    {
        assert!(!set(left).and(&set(right)).is_empty_for_sure(), "{left} and {right}");
    }
}

#[test]
fn sets_within_sets_are_found() {
    for (inner, outer) in [
        ("==2.2", ">=2.1,<2.3"),
        ("==2.2.*", ">=2.1,<2.3"),
        (">=2.2,<2.3", "==2.2.*"),
        ("~=2.2.1", ">2.1"),
        (">=2.5", ""),
        ("==3.8 | ==3.9", "<3.10"),
        ("==3.8 | ==3.9", "==3.8 | ==3.9 | ==3.10"),
        (">=2", "!=1.9"),
        ("<1.9", "!=1.9.*"),
    ] {
        assert!(set(inner).is_within_for_sure(&set(outer)), "{inner} within {outer}");
    }
    for (inner, outer) in [
        ("", ">=1"),
        (">=2.1", ">=2.1,<2.3"),
        ("<2.0a5", "<2.0"),
        ("==2.5.1", "==2.5.1+cu121"),
        ("==2.5.1", ">2.5.1"),
        (">=2.5.1.post1", ">2.5.1"),
        (">=2", "!=2.5.*"),
    ] {
        assert!(!set(inner).is_within_for_sure(&set(outer)), "{inner} within {outer}");
    }
}

/// Versions that differ in small numbers, so that they meet often.
fn any_version() -> impl Strategy<Value = String> {
    "(1!)?[0-2](\\.[0-2]){0,2}((a|b|rc)[0-2])?(\\.post[0-2])?(\\.dev[0-2])?(\\+(cu|[0-9]|0)[0-9]?(\\.[a1])?)?"
}

fn any_specifier() -> impl Strategy<Value = String> {
    prop_oneof![
        any_version().prop_flat_map(|version| {
            let public = version.split('+').next().unwrap_or_default().to_owned();
            prop_oneof![
                Just(format!("=={version}")),
                Just(format!("!={version}")),
                "(<|>|<=|>=)".prop_map(move |operator| format!("{operator}{public}")),
            ]
        }),
        "(==|!=)[0-2](\\.[0-2]){0,2}\\.\\*",
        "~=[0-2](\\.[0-2]){1,2}((a|b|rc)[0-2])?",
    ]
}

/// Where `pep440_rs` 0.7.3 is known to answer other than `packaging` does: it does not fill up a release that
/// is shorter than a prefix, and it takes the exclusions of `<` and `>` to be about the whole release,
/// in any epoch.
fn differs_in_pep440_rs(specifier: &Specifier, candidate: &Version) -> bool {
    let wanted = specifier.version().unwrap();
    match specifier {
        Specifier::EqualPrefix(_) | Specifier::NotEqualPrefix(_) | Specifier::Compatible(_) => {
            candidate.release().len() < wanted.release().len()
        }
        Specifier::Less(_) | Specifier::Greater(_) => {
            Version::from_release(wanted.release()) == Version::from_release(candidate.release())
        }
        _ => false,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn order_is_that_of_pep440_rs(left in any_version(), right in any_version()) {
        let theirs = |text: &str| pep440_rs::Version::from_str(text).unwrap();
        prop_assert_eq!(version(&left).cmp(&version(&right)), theirs(&left).cmp(&theirs(&right)));
        prop_assert_eq!(version(&left) == version(&right), theirs(&left) == theirs(&right));
    }

    #[test]
    fn containment_is_that_of_pep440_rs(text in any_version(), specifier in any_specifier()) {
        let (ours, candidate) = (Specifier::parse(&specifier).unwrap(), version(&text));
        if differs_in_pep440_rs(&ours, &candidate) {
            return Ok(());
        }
        let theirs = pep440_rs::VersionSpecifier::from_str(&specifier).unwrap();
        let wanted = theirs.contains(&pep440_rs::Version::from_str(&text).unwrap());
        prop_assert_eq!(ours.contains(&candidate), wanted);
    }

    #[test]
    fn normal_form_is_equal_and_stable(text in any_version()) {
        let normal = version(&text).normalized();
        prop_assert_eq!(version(&normal), version(&text));
        prop_assert_eq!(version(&normal).normalized(), normal);
    }

    #[test]
    fn what_is_sure_is_true(
        inner in prop::collection::vec(any_specifier(), 1..4),
        outer in any_specifier(),
        candidates in prop::collection::vec(any_version(), 40),
    ) {
        let (inner, outer) = (set(&inner.join(",")), set(&outer));
        let empty = inner.is_empty_for_sure();
        let within = inner.is_within_for_sure(&outer);
        for candidate in candidates.iter().map(|text| version(text)) {
            let found = inner.contains(&candidate);
            prop_assert!(!(empty && found), "{inner} holds {candidate}");
            prop_assert!(!(within && found) || outer.contains(&candidate), "{inner} / {outer}: {candidate}");
        }
    }

    #[test]
    fn any_text_is_read_without_panic(text in "\\PC{0,40}", near in "[=<>!~]{0,3}[ v]?[0-9.+*!a-z-]{0,12}") {
        for text in [text, near] {
            if let Err(error) = Specifiers::parse(&text) {
                prop_assert!(text.get(error.range).is_some());
            }
            if let Err(error) = Version::parse(&text) {
                prop_assert!(text.get(error.range).is_some());
            }
        }
    }
}
