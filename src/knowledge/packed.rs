//! Values that wait until somebody asks: expressions that are not yet compiled, lists that are not yet unpacked.
//!
//! The built-in packs are read when dlint is built, and embedded as bytes. A run touches a few of their
//! expressions and tables; the others must cost nothing.

use std::ops::Deref;
use std::sync::OnceLock;

use regex::{Captures, Regex};
use regex_syntax::hir::{Hir, HirKind};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Longer lists cost more than the expression.
const MOST_LITERALS: usize = 64;

/// A regular expression that is compiled when it is first needed: most texts are told apart by the literals of which
/// a match must have one.
#[derive(Clone, Debug)]
pub struct Expression {
    source: String,
    /// Every match has one of these in it; none: nothing is known of matches.
    needed: Option<Vec<String>>,
    compiled: OnceLock<Regex>,
}

impl Expression {
    /// An expression, checked.
    pub fn new(source: &str) -> Result<Self, regex::Error> {
        Regex::new(source).map(Self::from)
    }

    /// Whether it matches somewhere in the text.
    pub fn is_match(&self, text: &str) -> bool {
        self.may_match(text) && self.regex().is_match(text)
    }

    /// The groups of its first match in the text.
    pub fn captures<'t>(&self, text: &'t str) -> Option<Captures<'t>> {
        self.may_match(text).then(|| self.regex().captures(text)).flatten()
    }

    /// Texts of which every match contains one, where there is such a list.
    pub fn literals(&self) -> Option<&[String]> {
        self.needed.as_deref()
    }

    fn may_match(&self, text: &str) -> bool {
        self.needed.as_ref().is_none_or(|literals| literals.iter().any(|literal| text.contains(literal)))
    }

    /// The expression itself.
    #[expect(clippy::expect_used, reason = "what was packed is the source of an expression that compiled")]
    pub(crate) fn regex(&self) -> &Regex {
        self.compiled.get_or_init(|| Regex::new(&self.source).expect("a packed expression compiles"))
    }
}

/// Literals of which every match has one; `None` where there is no such list, or a long one.
fn needed(hir: &Hir) -> Option<Vec<String>> {
    match hir.kind() {
        HirKind::Literal(literal) => Some(vec![String::from_utf8(literal.0.to_vec()).ok()?]),
        HirKind::Capture(capture) => needed(&capture.sub),
        HirKind::Repetition(repetition) if repetition.min > 0 => needed(&repetition.sub),
        // Of the parts, all of which match, the one that is hardest to find by chance.
        HirKind::Concat(parts) => parts
            .iter()
            .filter_map(needed)
            .max_by_key(|literals| literals.iter().map(String::len).min().unwrap_or(0)),
        HirKind::Alternation(alternatives) => {
            let literals: Option<Vec<_>> = alternatives.iter().map(needed).collect();
            literals.map(|literals| literals.concat()).filter(|literals| literals.len() <= MOST_LITERALS)
        }
        _ => None,
    }
}

impl From<Regex> for Expression {
    fn from(regex: Regex) -> Self {
        let source = regex.as_str().to_owned();
        let needed = regex_syntax::parse(&source).ok().as_ref().and_then(needed);
        Self { source, needed, compiled: OnceLock::from(regex) }
    }
}

impl Serialize for Expression {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        (&self.source, &self.needed).serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Expression {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let (source, needed) = Deserialize::deserialize(deserializer)?;
        Ok(Self { source, needed, compiled: OnceLock::new() })
    }
}

/// A value that is unpacked when it is first asked for.
#[derive(Clone, Debug)]
pub struct Packed<T> {
    bytes: Vec<u8>,
    value: OnceLock<T>,
}

impl<T> From<T> for Packed<T> {
    fn from(value: T) -> Self {
        Self { bytes: Vec::new(), value: OnceLock::from(value) }
    }
}

impl<T: Default> Default for Packed<T> {
    fn default() -> Self {
        Self::from(T::default())
    }
}

impl<T: Default + DeserializeOwned> Deref for Packed<T> {
    type Target = T;

    fn deref(&self) -> &T {
        // The bytes are those that `serialize` wrote, so they unpack.
        self.value.get_or_init(|| postcard::from_bytes(&self.bytes).unwrap_or_default())
    }
}

impl<T: Default + DeserializeOwned + Serialize> Serialize for Packed<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let bytes = postcard::to_allocvec(&**self).map_err(serde::ser::Error::custom)?;
        serializer.serialize_bytes(&bytes)
    }
}

impl<'de, T> Deserialize<'de> for Packed<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let bytes = <&[u8]>::deserialize(deserializer)?.to_vec();
        Ok(Self { bytes, value: OnceLock::new() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_packed_comes_out_again() {
        let list = Packed::from(vec!["a".to_owned(), "b".to_owned()]);
        let bytes = postcard::to_allocvec(&(list.clone(), Expression::new("^a+$").unwrap())).unwrap();
        let (again, expression): (Packed<Vec<String>>, Expression) = postcard::from_bytes(&bytes).unwrap();
        assert_eq!(*again, *list);
        assert!(expression.is_match("aaa") && !expression.is_match("b"));
    }
    #[test]
    fn needed_literals_rule_out_nothing_that_matches() {
        for (source, matching, other) in [
            ("^(?:pip3\\.\\d+)$", "pip3.11", "xpip3.11"),
            ("cuda.*run|install[_-]cuda", "my install-cuda", "install"),
            ("(?i)^abc", "aBc", "xabc"),
            ("a?b*", "zzz", ""),
            ("^", "x", ""),
            ("(?:^|[^a-z])(?<kind>hf_)[A-Za-z]{3}", "x=hf_abc", "hf-abc"),
            ("(?:ab){2,}c?|(?:x|yz)+", "yz", "ab"),
        ] {
            let expression = Expression::new(source).unwrap();
            assert!(expression.is_match(matching), "{source}");
            assert_eq!(expression.is_match(other), expression.regex().is_match(other), "{source}");
        }
    }
}
