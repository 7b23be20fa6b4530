//! Values that wait until somebody asks: expressions that are not yet compiled, lists that are not yet unpacked.
//!
//! The built-in packs are read when dlint is built, and embedded as bytes. A run touches a few of their
//! expressions and tables; the others must cost nothing.

use std::ops::Deref;
use std::sync::OnceLock;

use regex::Regex;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A regular expression that is compiled when it is first asked.
#[derive(Clone, Debug)]
pub struct Expression {
    source: String,
    compiled: OnceLock<Regex>,
}

impl Expression {
    /// An expression, checked.
    pub fn new(source: &str) -> Result<Self, regex::Error> {
        Regex::new(source).map(Self::from)
    }
}

impl From<Regex> for Expression {
    fn from(regex: Regex) -> Self {
        Self { source: regex.as_str().to_owned(), compiled: OnceLock::from(regex) }
    }
}

impl Deref for Expression {
    type Target = Regex;

    #[expect(clippy::expect_used, reason = "what was packed is the source of an expression that compiled")]
    fn deref(&self) -> &Regex {
        self.compiled.get_or_init(|| Regex::new(&self.source).expect("a packed expression compiles"))
    }
}

impl Serialize for Expression {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.source.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Expression {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(|source| Self { source, compiled: OnceLock::new() })
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
}
