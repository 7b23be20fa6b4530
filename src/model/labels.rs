//! `LABEL`: its pairs, and what the user's schema says of them.

use std::collections::BTreeSet;
use std::str::FromStr;
use std::sync::LazyLock;

use regex::Regex;

use super::builder::Builder;
use super::expand::expand;
use super::facts::{Facts, Index, Label};
use super::settings::Settings;
use super::value::{Text, Value};
use crate::syntax::dockerfile::Pair;

impl Builder<'_> {
    /// The pairs of a `LABEL`.
    pub(super) fn labels(&mut self, pairs: &[Pair], instruction: Index) {
        for pair in pairs {
            let key = expand(&pair.key, &self.state.scope, self.escape);
            let value = match &pair.value {
                Some(value) => expand(value, &self.state.scope, self.escape),
                None => Value::empty(self.here(pair.span())),
            };
            let kind = kind_of(&key.text, self.settings);
            self.facts.labels.push(Label {
                instruction,
                valid: kind.as_deref().zip(value.known()).map(|(kind, text)| is_valid(kind, text)),
                kind,
                strict: !self.settings.shared_texts(STRICT).is_empty(),
                at: self.here(pair.span()),
                key,
                value,
            });
        }
    }
}

/// The setting with the labels that images must have; with `-` and a type behind it, the labels of that type.
const SCHEMA: &str = "label-schema";
/// The setting with the labels that images may have.
const STRICT: &str = "strict-labels";

/// The type of a label by the user's schema.
fn kind_of(key: &str, settings: &Settings) -> Option<String> {
    settings.shared.iter().find_map(|(name, _)| {
        let kind = name.strip_prefix(SCHEMA)?.strip_prefix('-')?;
        settings.shared_texts(name).iter().any(|label| label == key).then(|| kind.to_owned())
    })
}

/// Notes which labels of the schema each stage lacks.
pub(super) fn find_missing(facts: &mut Facts, settings: &Settings) {
    let required = settings.shared_texts(SCHEMA);
    if required.is_empty() {
        return;
    }
    let mut present: Vec<BTreeSet<&str>> = Vec::new();
    let mut missing: Vec<Vec<Text>> = Vec::new();
    let schema: BTreeSet<&str> = required.iter().map(String::as_str).collect();
    for stage in &facts.stages {
        let mut own = stage.parent.and_then(|parent| present.get(parent)).cloned().unwrap_or_default();
        let first = stage.instructions.first().copied().unwrap_or(0);
        let last = stage.instructions.last().copied().unwrap_or(0);
        let start = facts.labels.partition_point(|label| label.instruction < first);
        let labels = facts.labels.get(start..).unwrap_or_default();
        for label in labels.iter().take_while(|label| label.instruction <= last) {
            own.extend(schema.get(label.key.text.as_str()));
        }
        missing.push(schema.difference(&own).map(|name| Text::from(*name)).collect());
        present.push(own);
    }
    for (stage, missing) in facts.stages.iter_mut().zip(missing) {
        stage.missing_labels = missing;
    }
}

/// Whether a text is of a type; of a type that nobody knows, every text is.
fn is_valid(kind: &str, text: &str) -> bool {
    match kind {
        "url" => URL.is_match(text),
        "rfc3339" => is_time(text),
        "semver" => semver::Version::from_str(text).is_ok(),
        "hash" => HASH.is_match(text),
        "spdx" => spdx::license_id(text).is_some(),
        "email" => EMAIL.is_match(text),
        _ => true,
    }
}

/// An address with a scheme, as RFC 3986 has it.
static URL: LazyLock<Regex> = LazyLock::new(|| {
    expression(r"^[A-Za-z][A-Za-z0-9+.-]*:(?:[\w.~!$&'()*+,;=:@/?#\[\]-]|%[[:xdigit:]]{2})+$")
});
/// A Git commit, in full or short.
static HASH: LazyLock<Regex> = LazyLock::new(|| expression("^(?:[0-9a-f]{7}|[0-9a-f]{40})$"));
/// A local part, and a domain.
static EMAIL: LazyLock<Regex> = LazyLock::new(|| {
    expression(
        r#"^(?:[\w!#$%&'*+/=?^`{|}~.-]+|"[^"]+")@(?:[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?|\[[^\]]+\])$"#,
    )
});
/// A date, a time and an offset, as RFC 3339 has them.
static TIME: LazyLock<Regex> = LazyLock::new(|| {
    expression(r"(?i)^\d{4}-(\d\d)-(\d\d)[t ](\d\d):(\d\d):(\d\d)(?:\.\d+)?(?:z|[+-](\d\d):(\d\d))$")
});

#[expect(clippy::unwrap_used, reason = "these are constants, and a test compiles each of them")]
fn expression(text: &str) -> Regex {
    Regex::new(text).unwrap()
}

fn is_time(text: &str) -> bool {
    let Some(groups) = TIME.captures(text) else { return false };
    let least_and_most = [(1, 12), (1, 31), (0, 23), (0, 59), (0, 60), (0, 23), (0, 59)];
    least_and_most.into_iter().enumerate().all(|(index, (least, most))| {
        let group = groups.get(index + 1).map_or("", |group| group.as_str());
        group.is_empty() || group.parse().is_ok_and(|number: u8| (least..=most).contains(&number))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_of_a_type_or_not() {
        let check = |kind: &str, good: &[&str], bad: &[&str]| {
            for text in good {
                assert!(is_valid(kind, text), "{kind} {text}");
            }
            for text in bad {
                assert!(!is_valid(kind, text), "{kind} {text}");
            }
        };
        check("text", &["", "x"], &[]);
        check("url", &["https://example.com/a?b#c", "urn:x:y"], &["example.com", "http://a b", "https:"]);
        check(
            "rfc3339",
            &["2021-03-10T10:26:33Z", "2021-03-10T10:26:33.564595127+00:00"],
            &["2021-03-10", "2021-13-10T10:26:33Z", "2021-03-10T25:26:33Z", "yesterday"],
        );
        check("semver", &["1.0.0", "2.1.3-alpha.1+b"], &["1.0", "v1.0.0"]);
        check(
            "hash",
            &["43c572f", "43c572f1272b8c171fe6e2b7a4a1d2ef7b3e8a55"],
            &["43C572F", "43c572", "43c572f1"],
        );
        check("spdx", &["MIT", "BSD-3-Clause"], &["MIT OR Apache-2.0", "mine", ""]);
        check("email", &["a.b@example.com"], &["a@", "example.com", "a b@example.com"]);
    }
}
