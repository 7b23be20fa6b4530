//! Values that wait until somebody asks: expressions that are not yet compiled, lists that are not yet unpacked.
//!
//! The built-in packs are read when dlint is built, and embedded as bytes. A run touches a few of their
//! expressions and tables; the others must cost nothing.

use std::ops::Deref;
use std::sync::OnceLock;

use regex::{Captures, Regex};
use regex_syntax::hir::Look;
use regex_syntax::hir::literal::{Extractor, Literal};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A regular expression that is compiled when it is first needed: most texts are told apart by the literals with
/// which a match must begin.
#[derive(Clone, Debug)]
pub struct Expression {
    source: String,
    beginnings: Beginnings,
    compiled: OnceLock<Regex>,
}

/// The literals with one of which every match begins.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct Beginnings {
    /// None: a match may begin in any way.
    literals: Option<Vec<String>>,
    /// Whether a match begins where the text does.
    at_start: bool,
}

impl Expression {
    /// An expression, checked.
    pub fn new(source: &str) -> Result<Self, regex::Error> {
        Regex::new(source).map(Self::from)
    }

    /// Whether it matches somewhere in the text.
    pub fn is_match(&self, text: &str) -> bool {
        self.beginnings.may_match(text) && self.regex().is_match(text)
    }

    /// The groups of its first match in the text.
    pub fn captures<'t>(&self, text: &'t str) -> Option<Captures<'t>> {
        self.beginnings.may_match(text).then(|| self.regex().captures(text)).flatten()
    }

    /// The expression itself.
    #[expect(clippy::expect_used, reason = "what was packed is the source of an expression that compiled")]
    pub(crate) fn regex(&self) -> &Regex {
        self.compiled.get_or_init(|| Regex::new(&self.source).expect("a packed expression compiles"))
    }
}

impl Beginnings {
    fn of(source: &str) -> Self {
        let Ok(hir) = regex_syntax::parse(source) else { return Self::default() };
        let at_start = hir.properties().look_set_prefix().contains(Look::Start);
        let sequence = Extractor::new().extract(&hir);
        let texts = sequence.literals().map(|literals| {
            let text = |literal: &Literal| std::str::from_utf8(literal.as_bytes()).ok().map(str::to_owned);
            literals.iter().map(text).collect::<Option<Vec<_>>>()
        });
        let literals = texts.flatten().filter(|texts| !texts.iter().any(String::is_empty));
        Self { literals, at_start }
    }

    fn may_match(&self, text: &str) -> bool {
        let Some(literals) = &self.literals else { return true };
        let begins = |literal: &String| {
            if self.at_start { text.starts_with(literal) } else { text.contains(literal) }
        };
        literals.iter().any(begins)
    }
}

impl From<Regex> for Expression {
    fn from(regex: Regex) -> Self {
        let source = regex.as_str().to_owned();
        Self { beginnings: Beginnings::of(&source), source, compiled: OnceLock::from(regex) }
    }
}

impl Serialize for Expression {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        (&self.source, &self.beginnings).serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Expression {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let (source, beginnings) = Deserialize::deserialize(deserializer)?;
        Ok(Self { source, beginnings, compiled: OnceLock::new() })
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
    fn beginnings_rule_out_nothing_that_matches() {
        for (source, matching, other) in [
            ("^(?:pip3\\.\\d+)$", "pip3.11", "xpip3.11"),
            ("cuda.*run|install[_-]cuda", "my install-cuda", "install"),
            ("(?i)^abc", "aBc", "xabc"),
            ("a?b*", "zzz", ""),
            ("^", "x", ""),
        ] {
            let expression = Expression::new(source).unwrap();
            assert!(expression.is_match(matching), "{source}");
            assert_eq!(expression.is_match(other), expression.regex().is_match(other), "{source}");
        }
    }
}
