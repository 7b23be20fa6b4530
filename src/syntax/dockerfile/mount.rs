//! The value of `RUN --mount`: one comma-separated record of `key=value` fields.

use std::ops::Range;

use super::grammar;
use super::tree::Flag;
use super::word::Word;
use crate::source::{Mapped, Span};

/// A mount.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mount {
    /// The whole flag.
    pub span: Span,
    /// The value of the flag: what stands between its `=` and its end.
    pub value: Word,
    /// The fields in order.
    pub fields: Vec<MountField>,
}

/// A field of a mount.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MountField {
    /// The key as written; its case does not matter.
    pub key: Word,
    /// The value; `None` for a bare key such as `ro`.
    pub value: Option<Word>,
}

impl Mount {
    /// Reads a `--mount` flag; `None` where its value is missing or is not a record.
    pub fn read(flag: &Flag) -> Option<Self> {
        let value = flag.value.as_ref()?;
        let fields = fields(value)?;
        Some(Self { span: flag.span, value: value.clone(), fields })
    }

    /// The type, in lower case.
    pub fn kind(&self) -> String {
        self.get(&["type"]).map_or_else(|| "bind".to_owned(), |kind| kind.text.to_ascii_lowercase())
    }

    /// Where it appears in the container.
    pub fn target(&self) -> Option<&Word> {
        self.get(&["target", "dst", "destination"])
    }

    /// What is mounted.
    pub fn source(&self) -> Option<&Word> {
        self.get(&["source", "src"])
    }

    /// The stage or image it comes from.
    pub fn from(&self) -> Option<&Word> {
        self.get(&["from"])
    }

    /// The name of a cache, secret or SSH agent.
    pub fn id(&self) -> Option<&Word> {
        self.get(&["id"])
    }

    /// How a cache is shared.
    pub fn sharing(&self) -> Option<&Word> {
        self.get(&["sharing"])
    }

    /// The value of the last field whose key is one of `keys`, which are in lower case.
    pub fn get(&self, keys: &[&str]) -> Option<&Word> {
        self.field(keys)?.value.as_ref()
    }

    /// The last field whose key is one of `keys`, which are in lower case: the one that counts.
    pub fn field(&self, keys: &[&str]) -> Option<&MountField> {
        let wanted = |field: &&MountField| keys.iter().any(|key| field.key.text.eq_ignore_ascii_case(key));
        self.fields.iter().rfind(wanted)
    }
}

/// The fields of a record; `None` where its quotes are wrong.
pub(super) fn fields(value: &Word) -> Option<Vec<MountField>> {
    if value.text.is_empty() {
        return None;
    }
    let fields = grammar::record(&value.text)?;
    Some(fields.iter().map(|parts| field(&join(value, parts))).collect())
}

fn field(word: &Word) -> MountField {
    match word.text.find('=') {
        Some(at) => MountField { key: word.slice(0..at), value: Some(word.slice(at + 1..word.text.len())) },
        None => MountField { key: word.clone(), value: None },
    }
}

/// The parts of a field as one word.
fn join(value: &Word, parts: &[Range<usize>]) -> Word {
    match parts {
        [] => value.slice(0..0),
        [part] => value.slice(part.clone()),
        [first, .., last] => {
            let mut joined = Mapped::default();
            for part in parts {
                joined.append(&value.slice(part.clone()).mapped());
            }
            Word::joined(joined, value.span_of(first.start..last.end))
        }
    }
}
