//! What is worked out from the captures of a log: entries of lookups, versions that exist, files that are there.

use camino::Utf8Path;

use super::{Build, Subject};
use crate::knowledge::Expression;
use crate::model::context::{Context, ignore_file};
use crate::rules::{Bind, BindBy, Captures};
use crate::source::FileId;
use crate::syntax::dockerignore::Ignore;
use crate::version::{Specifiers, Version, VersionSet};

/// Binds what can be bound, in order.
pub(super) fn bind_all(binds: &[Bind], captures: &mut Captures, subject: &Subject<'_>) {
    for bind in binds {
        let bound = captures.fill(&bind.of).and_then(|text| work_out(bind, &text, captures, subject));
        if let Some(text) = bound {
            captures.bind_text(&bind.name, text);
        }
    }
}

fn work_out(bind: &Bind, text: &str, captures: &Captures, subject: &Subject<'_>) -> Option<String> {
    match &bind.by {
        BindBy::Same => Some(text.to_owned()),
        BindBy::Lookup(names) => names.iter().find_map(|name| {
            let lookups = &subject.packs.knowledge.lookups;
            lookups.iter().find(|lookup| lookup.name == *name)?.entries.get(text).cloned()
        }),
        BindBy::Regex(expression) => group(expression, &bind.name, text),
        BindBy::Nearest(versions) => nearest(text, &captures.fill(versions)?),
        BindBy::Lowest(versions) => admitted(text, &captures.fill(versions)?).into_iter().next(),
        BindBy::Highest(versions) => admitted(text, &captures.fill(versions)?).pop(),
        BindBy::InContext => in_context(text, subject),
    }
}

fn group(expression: &Expression, name: &str, text: &str) -> Option<String> {
    expression.captures(text)?.name(name).map(|group| group.as_str().to_owned())
}

/// The path as the context knows it, if it has such a file.
fn in_context(path: &str, subject: &Subject<'_>) -> Option<String> {
    let path = path.trim_start_matches("./");
    let plain = !path.is_empty() && !path.starts_with('/') && !path.split('/').any(|part| part == "..");
    let Build { facts, context, .. } = subject.build?;
    let dockerfile = facts.sources.get(FileId(0)).path();
    let is_there = plain && matches!(context.read(Utf8Path::new(path)), Some(Ok(_)));
    (is_there && !is_left_out(path, dockerfile, context)).then(|| path.to_owned())
}

/// Whether the path is left out of the build context.
fn is_left_out(path: &str, dockerfile: &Utf8Path, context: &dyn Context) -> bool {
    match ignore_file(context, dockerfile) {
        Some(Ok(bytes)) => Ignore::parse(&bytes).leaves_out(path),
        Some(Err(_)) => true,
        None => false,
    }
}

/// The versions in a list, each as it is written there; commas and blanks part them.
fn versions(list: &str) -> Vec<(Version, &str)> {
    let words = list.split([',', ' ', '\t']).filter(|word| !word.is_empty());
    words.filter_map(|word| Some((Version::parse(word).ok()?, word))).collect()
}

/// The final release of the list that is nearest to a version: by the first number in which they differ, then newer.
fn nearest(wanted: &str, list: &str) -> Option<String> {
    let wanted = Version::parse(wanted).ok()?;
    let number = |version: &Version, place: usize| version.release().get(place).copied().unwrap_or(0);
    let final_ones = versions(list).into_iter().filter(|(version, _)| !version.is_pre_release());
    let distance = |version: &Version| -> Vec<u64> {
        (0..4).map(|place| number(version, place).abs_diff(number(&wanted, place))).collect()
    };
    final_ones
        .min_by(|(a, _), (b, _)| distance(a).cmp(&distance(b)).then_with(|| b.cmp(a)))
        .map(|(_, word)| word.to_owned())
}

/// The final releases of the list that the specifiers admit, in rising order.
fn admitted(specifiers: &str, list: &str) -> Vec<String> {
    let Ok(specifiers) = Specifiers::parse(specifiers) else { return Vec::new() };
    let set = VersionSet::from(specifiers);
    let mut found: Vec<_> = versions(list)
        .into_iter()
        .filter(|(version, _)| !version.is_pre_release() && set.contains(version))
        .collect();
    found.sort();
    found.into_iter().map(|(_, word)| word.to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_version_is_the_one_with_the_same_beginning() {
        let cases = [
            ("1.7.1", "1.11.0, 1.12.0", Some("1.11.0")),
            ("2.1.9", "2.0.0, 2.1.0, 2.1.2, 2.2.0", Some("2.1.2")),
            ("2.31.99", "2.31.0, 2.32.0rc1, 2.32.3", Some("2.31.0")),
            ("1.0", "2.0a1", None),
            ("x", "1.0", None),
        ];
        for (wanted, list, expected) in cases {
            assert_eq!(nearest(wanted, list).as_deref(), expected, "{wanted} among {list}");
        }
    }

    #[test]
    fn specifiers_choose_from_a_list() {
        assert_eq!(admitted(">=3.9,<3.12", "3.8 3.12 3.11 3.9"), ["3.9", "3.11"]);
        assert!(admitted("?", "3.8").is_empty());
    }
}
