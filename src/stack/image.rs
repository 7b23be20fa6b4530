//! The tags of an image that exist, and the one nearest to a tag that does not do.
//!
//! Takes an [`ImagePattern`] with its rows. A tag is compared with every existing one token by token, so that one
//! outside the grammar (`12.1-devel-ubuntu22.04`) finds its neighbour as well.

use std::collections::BTreeMap;

use crate::knowledge::{ImagePattern, TagRow};
use crate::version::Version;

/// How many tags of one pattern are looked at.
const MOST_TAGS: usize = 20_000;

/// A tag that exists.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tag {
    /// As it is written.
    pub text: String,
    /// Its parts, those included that are absent from the text.
    pub parts: BTreeMap<String, String>,
}

/// The existing tags for which `wanted` is true, nearest first; on a par the newer comes first.
///
/// The first token of a tag weighs most: it is what the image is chosen for.
pub fn nearest(pattern: &ImagePattern, tag: &str, wanted: impl Fn(&Tag) -> bool) -> Vec<Tag> {
    let own = tokens(tag);
    let mut tags: Vec<(u32, Vec<Token>, Tag)> = existing(pattern)
        .into_iter()
        .filter(wanted)
        .map(|one| {
            let theirs = tokens(&one.text);
            (distance(&own, &theirs), theirs, one)
        })
        .collect();
    tags.sort_by(|left, right| left.0.cmp(&right.0).then_with(|| newer_first(&left.1, &right.1)));
    tags.into_iter().map(|(_, _, tag)| tag).collect()
}

/// Every tag that the pattern's rows admit; none where it is not known which exist.
pub fn existing(pattern: &ImagePattern) -> Vec<Tag> {
    let (Some(write), Some(tags)) = (&pattern.write, &pattern.tags) else { return Vec::new() };
    let mut existing = Vec::new();
    for parts in tags.rows.iter().flat_map(products) {
        if existing.len() >= MOST_TAGS {
            break;
        }
        existing.push(Tag { text: spell(write, &parts), parts });
    }
    existing
}

/// The product of a row's values.
fn products(row: &TagRow) -> Vec<BTreeMap<String, String>> {
    let mut products = vec![BTreeMap::new()];
    for (part, values) in &row.parts {
        let mut longer = Vec::with_capacity(products.len().saturating_mul(values.len()).min(MOST_TAGS));
        for product in &products {
            for value in values.iter().take(MOST_TAGS.saturating_sub(longer.len())) {
                let mut product = product.clone();
                product.insert(part.clone(), value.clone());
                longer.push(product);
            }
        }
        products = longer;
    }
    products
}

/// A tag from its parts: `{part}` is replaced, and what stands in brackets goes with an empty part in it.
pub fn spell(write: &str, parts: &BTreeMap<String, String>) -> String {
    let mut text = String::new();
    let mut rest = write;
    while let Some(open) = rest.find('[') {
        let (before, from) = rest.split_at(open);
        text.push_str(&fill(before, parts).0);
        let Some((inside, after)) = from.strip_prefix('[').and_then(|from| from.split_once(']')) else {
            return text;
        };
        let (filled, complete) = fill(inside, parts);
        if complete {
            text.push_str(&filled);
        }
        rest = after;
    }
    text.push_str(&fill(rest, parts).0);
    text
}

/// The text with its places filled, and whether each of them had something to fill it.
pub fn fill(template: &str, parts: &BTreeMap<String, String>) -> (String, bool) {
    let mut text = String::new();
    let mut complete = true;
    let mut rest = template;
    while let Some((before, from)) = rest.split_once('{') {
        text.push_str(before);
        let Some((name, after)) = from.split_once('}') else { break };
        let part = parts.get(name).map_or("", String::as_str);
        complete &= !part.is_empty();
        text.push_str(part);
        rest = after;
    }
    text.push_str(rest);
    (text, complete)
}

/// A word of a tag: letters, and the version behind them.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Token {
    word: String,
    version: Option<Version>,
}

fn tokens(tag: &str) -> Vec<Token> {
    tag.split('-')
        .filter(|token| !token.is_empty())
        .map(|token| {
            let digit = token.find(|character: char| character.is_ascii_digit()).unwrap_or(token.len());
            let (word, rest) = token.split_at(digit);
            match Version::parse(rest) {
                Ok(version) => Token { word: word.to_ascii_lowercase(), version: Some(version) },
                Err(_) => Token { word: token.to_ascii_lowercase(), version: None },
            }
        })
        .collect()
}

/// What it costs to get from one tag to the other.
fn distance(from: &[Token], to: &[Token]) -> u32 {
    const LOST: u32 = 300;
    const ADDED: u32 = 5;
    const FIRST: u32 = 20;
    let mut taken = vec![false; to.len()];
    let mut total: u32 = 0;
    for (place, token) in from.iter().enumerate() {
        let best = to
            .iter()
            .enumerate()
            .filter(|(index, _)| !taken.get(*index).copied().unwrap_or(true))
            .filter_map(|(index, other)| Some((step(token, other)?, index)))
            .min();
        let cost = best.map_or(LOST, |(cost, _)| cost);
        if let Some(slot) = best.and_then(|(_, index)| taken.get_mut(index)) {
            *slot = true;
        }
        total = total.saturating_add(if place == 0 { cost.saturating_mul(FIRST) } else { cost });
    }
    let added = taken.iter().filter(|taken| !**taken).count() as u32;
    total.saturating_add(added.saturating_mul(ADDED))
}

/// What it costs to write one token for another; `None` for words that have nothing in common.
fn step(from: &Token, to: &Token) -> Option<u32> {
    if from.word != to.word {
        return None;
    }
    let (old, new) = match (&from.version, &to.version) {
        (Some(old), Some(new)) if old.as_str() == new.as_str() => return Some(0),
        (Some(old), Some(new)) => (old, new),
        (None, None) => return Some(0),
        _ => return Some(20),
    };
    let number = |version: &Version, at: usize| version.release().get(at).copied().unwrap_or(0);
    let apart = |at| u32::try_from(number(old, at).abs_diff(number(new, at)).min(90)).unwrap_or(90);
    Some(match (apart(0), apart(1)) {
        (0, 0) if old.release().len() != new.release().len() => 1,
        (0, 0) => 2,
        (0, minor) => 10 + minor,
        (major, _) => 100 + 10 * major,
    })
}

fn newer_first(left: &[Token], right: &[Token]) -> std::cmp::Ordering {
    let key = |tokens: &[Token]| -> Vec<(Option<Version>, String)> {
        tokens.iter().map(|token| (token.version.clone(), token.word.clone())).collect()
    };
    key(right).cmp(&key(left))
}

#[cfg(test)]
mod tests {
    use regex::Regex;

    use super::*;
    use crate::knowledge::Tags;

    fn row(parts: &[(&str, &[&str])]) -> TagRow {
        let part = |(name, values): &(&str, &[&str])| {
            ((*name).to_owned(), values.iter().map(|value| (*value).to_owned()).collect())
        };
        TagRow { parts: parts.iter().map(part).collect() }
    }

    fn pattern(write: &str, rows: Vec<TagRow>) -> ImagePattern {
        ImagePattern {
            repository: Vec::new(),
            tag: Regex::new("").unwrap().into(),
            write: Some(write.to_owned()),
            provides: Vec::new(),
            tags: Some(Tags { complete: true, shape: None, rows: rows.into(), source: String::new() }),
        }
    }

    fn toolkit() -> ImagePattern {
        let plain: &[&str] = &["base", "runtime", "devel"];
        let rich: &[&str] = &["runtime", "devel"];
        pattern(
            "{cuda}[-{cudnn}]-{flavour}-{os}",
            vec![
                row(&[
                    ("cuda", &["11.0.3"]),
                    ("cudnn", &[""]),
                    ("flavour", plain),
                    ("os", &["ubuntu18.04", "ubuntu20.04"]),
                ]),
                row(&[
                    ("cuda", &["12.1.0", "12.1.1", "12.2.0", "12.2.2"]),
                    ("cudnn", &[""]),
                    ("flavour", plain),
                    ("os", &["ubuntu20.04", "ubuntu22.04"]),
                ]),
                row(&[
                    ("cuda", &["12.1.0", "12.1.1", "12.2.2"]),
                    ("cudnn", &["cudnn8"]),
                    ("flavour", rich),
                    ("os", &["ubuntu20.04", "ubuntu22.04"]),
                ]),
                row(&[
                    ("cuda", &["12.4.1", "13.0.2"]),
                    ("cudnn", &["", "cudnn"]),
                    ("flavour", rich),
                    ("os", &["ubuntu22.04", "ubuntu24.04"]),
                ]),
            ],
        )
    }

    fn first(tag: &str) -> String {
        nearest(&toolkit(), tag, |_| true).swap_remove(0).text
    }

    #[test]
    fn the_nearest_tag_keeps_what_it_can() {
        let cases = [
            ("12.1-devel-ubuntu22.04", "12.1.1-devel-ubuntu22.04"),
            ("12.2.0-cudnn8-runtime-ubuntu22.04", "12.2.2-cudnn8-runtime-ubuntu22.04"),
            ("13.0.2-runtime-ubuntu20.04", "13.0.2-runtime-ubuntu22.04"),
            ("11.0-base", "11.0.3-base-ubuntu20.04"),
            ("12.4.1-cudnn8-devel-ubuntu22.04", "12.4.1-cudnn-devel-ubuntu22.04"),
            ("12.1.1-cudnn8-devel-ubuntu20.04", "12.1.1-cudnn8-devel-ubuntu20.04"),
        ];
        for (written, expected) in cases {
            assert_eq!(first(written), expected, "{written}");
        }
    }

    #[test]
    fn wishes_are_met_first() {
        let devel = |tag: &Tag| tag.parts.get("flavour").is_some_and(|flavour| flavour == "devel");
        let found = nearest(&toolkit(), "12.1.1-cudnn8-runtime-ubuntu22.04", devel);
        assert_eq!(found[0].text, "12.1.1-cudnn8-devel-ubuntu22.04");
    }

    #[test]
    fn a_library_in_the_tag_stays_where_it_is() {
        let frameworks = pattern(
            "{torch}-cuda{cuda}-cudnn{cudnn}-{flavour}",
            vec![
                row(&[
                    ("torch", &["2.5.1"]),
                    ("cuda", &["12.1", "12.4"]),
                    ("cudnn", &["9"]),
                    ("flavour", &["runtime"]),
                ]),
                row(&[
                    ("torch", &["2.7.0"]),
                    ("cuda", &["11.8", "12.6"]),
                    ("cudnn", &["9"]),
                    ("flavour", &["runtime"]),
                ]),
            ],
        );
        let found = nearest(&frameworks, "2.7.0-cuda12.1-runtime", |_| true);
        assert_eq!(found[0].text, "2.7.0-cuda12.6-cudnn9-runtime");
    }

    #[test]
    fn absent_parts_take_their_brackets_along() {
        let parts = |cudnn: &str| {
            BTreeMap::from([("a".to_owned(), "1".to_owned()), ("b".to_owned(), cudnn.to_owned())])
        };
        assert_eq!(spell("{a}[-{b}]-x", &parts("")), "1-x");
        assert_eq!(spell("{a}[-{b}]-x", &parts("2")), "1-2-x");
        assert_eq!(spell("{a}[-{b}", &parts("2")), "1");
    }
}
