//! Image references taken apart by Docker's rules: registry, repository, tag and digest.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use super::value::Value;

/// The parts of an image reference.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Reference {
    /// Registry host, if written.
    pub(super) registry: Option<Value>,
    /// Repository with its registry, without Docker's own registry and without `library/`.
    pub(super) repository: Value,
    /// Tag, if written; unknown where an unknown piece could hold one.
    pub(super) tag: Option<Value>,
    /// Digest, if written.
    pub(super) digest: Option<Value>,
}

/// The names of the registry that needs no name.
const OWN_REGISTRIES: [&str; 2] = ["docker.io", "index.docker.io"];

/// Stands for a byte that is not known.
const MASK: char = '\u{1}';

/// Takes a reference apart.
pub(super) fn parse(value: &Value) -> Reference {
    // Separators count only where they are known.
    let text = value.masked(MASK);
    let (rest, digest) = match text.find('@') {
        Some(at) => (0..at, Some(at + 1..text.len())),
        None => (0..text.len(), None),
    };
    let slice = |range: &Range<usize>| text.get(range.clone()).unwrap_or_default();
    let component = slice(&rest).rfind('/').map_or(0, |slash| slash + 1);
    let (name, tag) = match slice(&(component..rest.end)).rfind(':') {
        Some(colon) => (0..component + colon, Some(component + colon + 1..rest.end)),
        None => (rest.clone(), None),
    };
    let hidden = || {
        let unknown = slice(&(component..name.end)).contains(MASK) && digest.is_none();
        unknown.then_some(component..name.end)
    };
    let tag = tag.or_else(hidden);
    let first = slice(&name).find('/').map(|slash| 0..slash);
    let registry = first.filter(|first| is_registry(slice(first)));
    let own = registry.as_ref().is_some_and(|registry| OWN_REGISTRIES.contains(&slice(registry)));
    let mut start = match &registry {
        Some(registry) if own => registry.end + 1,
        _ => 0,
    };
    if (own || registry.is_none()) && slice(&(start..name.end)).starts_with("library/") {
        start += "library/".len();
    }
    Reference {
        registry: registry.map(|registry| value.slice(registry)),
        repository: value.slice(start..name.end),
        tag: tag.map(|tag| value.slice(tag)),
        digest: digest.map(|digest| value.slice(digest)),
    }
}

/// Whether the first part of a name is a host: it has a dot or a port, is `localhost`, or has capitals, which no
/// repository may have.
fn is_registry(part: &str) -> bool {
    part.contains(['.', ':', MASK]) || part == "localhost" || part.chars().any(|c| c.is_ascii_uppercase())
}

/// Whether Docker takes the text for a reference.
pub(super) fn is_valid(text: &str) -> bool {
    let first = text.find('/').and_then(|slash| text.get(..slash)).filter(|first| is_registry(first));
    let (registry, rest) = match first {
        Some(first) => (first, text.get(first.len() + 1..).unwrap_or_default()),
        None => ("", text),
    };
    let name = rest.split(['@', ':']).next().unwrap_or_default();
    let id = text.len() == 64 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    !id && registry.len() + name.len() < LONGEST_NAME
        && (registry.is_empty() || REGISTRY.is_match(registry))
        && REST.is_match(rest)
}

/// Docker takes no longer names.
const LONGEST_NAME: usize = 256;

/// A host with its port.
static REGISTRY: LazyLock<Regex> = LazyLock::new(|| {
    let part = "(?:[A-Za-z0-9]|[A-Za-z0-9][A-Za-z0-9-]*[A-Za-z0-9])";
    expression(&format!(r"^(?:{part}(?:\.{part})*|\[[A-Fa-f0-9:]+\])(?::[0-9]+)?$"))
});

/// A path, a tag and a digest.
static REST: LazyLock<Regex> = LazyLock::new(|| {
    let part = "[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*";
    let tag = r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}";
    let digest = "[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[A-Fa-f0-9]{32,}";
    expression(&format!("^{part}(?:/{part})*(?::{tag})?(?:@{digest})?$"))
});

#[expect(clippy::unwrap_used, reason = "these are constants, and a test compiles each of them")]
fn expression(text: &str) -> Regex {
    Regex::new(text).unwrap()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::{FileId, Location, Span};

    fn check(reference: &str, registry: &str, repository: &str, tag: &str, digest: &str) {
        let at = Location { file: FileId(0), span: Span::new(5, 5 + reference.len() as u32) };
        let parsed = parse(&Value::literal(reference, at));
        let text = |value: &Option<Value>| value.as_ref().map(|value| value.text.clone()).unwrap_or_default();
        let found = (text(&parsed.registry), parsed.repository.text, text(&parsed.tag), text(&parsed.digest));
        let expected = (registry.into(), repository.into(), tag.into(), digest.into());
        assert_eq!(found, expected, "{reference}");
    }

    #[test]
    fn references_fall_into_parts() {
        check("python", "", "python", "", "");
        check("python:3.12-slim", "", "python", "3.12-slim", "");
        check("library/python:3.12", "", "python", "3.12", "");
        check("docker.io/library/python", "docker.io", "python", "", "");
        check("docker.io/team/app:1", "docker.io", "team/app", "1", "");
        check("nvcr.io/nvidia/cuda:12.1", "nvcr.io", "nvcr.io/nvidia/cuda", "12.1", "");
        check("localhost:5000/app", "localhost:5000", "localhost:5000/app", "", "");
        check("localhost/library/app", "localhost", "localhost/library/app", "", "");
        check("team/app:1@sha256:abc", "", "team/app", "1", "sha256:abc");
        check("app@sha256:abc", "", "app", "", "sha256:abc");
    }

    #[test]
    fn references_are_as_docker_takes_them() {
        let digest = format!("a@sha256:{}", "0".repeat(64));
        let good =
            ["a", "a:1", "library/a", "h.io:5000/a/b_c:T.1", "localhost/a", "a__b", digest.as_str(), "H/a"];
        for text in good {
            assert!(is_valid(text), "{text}");
        }
        let id = "0".repeat(64);
        let bad =
            ["", "a:", ":1", "A", "a//b", "a b", "a@sha256:0", "a___b", "-a", "a/", "http://a", id.as_str()];
        for text in bad {
            assert!(!is_valid(text), "{text}");
        }
    }

    #[test]
    fn the_unknown_hides_what_it_may_hold() {
        let at = Location::default();
        let mut value = Value::literal("team/app:", at);
        value.push_reference("${TAG}", at, true);
        let parsed = parse(&value);
        assert_eq!(parsed.repository.known(), Some("team/app"));
        assert_eq!(parsed.tag.map(|tag| tag.is_known()), Some(false));

        let mut value = Value::literal("team/app", at);
        value.push_reference("${SUFFIX}", at, true);
        let parsed = parse(&value);
        assert!(!parsed.repository.is_known());
        assert_eq!(parsed.tag.map(|tag| tag.is_known()), Some(false));

        let mut value = Value::unknown("${REGISTRY:-x/y}", at);
        value.push("/app:1.0", None);
        let parsed = parse(&value);
        assert!(!parsed.repository.is_known());
        assert_eq!(parsed.tag.as_ref().and_then(Value::known), Some("1.0"));
    }
}
