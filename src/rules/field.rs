//! A declared field, as packs name it.

use std::ops::Deref;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::model::schema::{Field, Kind};

/// A field of a kind of fact. Packed, it is its place among the fields of the kind.
#[derive(Clone, Copy, Debug)]
pub(super) struct NamedField {
    kind: Kind,
    place: u8,
    field: &'static Field,
}

impl NamedField {
    /// The field of that name.
    pub(super) fn of(kind: Kind, name: &str) -> Option<Self> {
        let place = kind.fields().iter().position(|field| field.name == name)?;
        Self::at(kind, u8::try_from(place).ok()?)
    }

    fn at(kind: Kind, place: u8) -> Option<Self> {
        kind.fields().get(usize::from(place)).map(|field| Self { kind, place, field })
    }
}

impl Deref for NamedField {
    type Target = Field;

    fn deref(&self) -> &Field {
        self.field
    }
}

impl Serialize for NamedField {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        (self.kind, self.place).serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for NamedField {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let (kind, place) = <(Kind, u8)>::deserialize(deserializer)?;
        Self::at(kind, place).ok_or_else(|| serde::de::Error::custom("no such field"))
    }
}
