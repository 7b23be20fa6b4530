//! Lists of texts as fields give them, read off the facts one by one.

use super::Item;
use crate::model::value::{Text, Value};
use crate::source::Sources;

/// The texts of a list.
#[derive(Clone, Copy, Debug)]
pub enum List<'f> {
    /// Texts that stand nowhere as such.
    Plain(&'f [Text]),
    /// The known ones of some values.
    Known(&'f [Value]),
    /// Values as they read, be they known or not.
    Read(&'f [Value]),
    /// Values as they are written in the files.
    Written(&'f [Value], &'f Sources),
    /// The known ones of the values at these places.
    KnownAt(&'f [Value], &'f [u32]),
    /// The values at these places as they read.
    ReadAt(&'f [Value], &'f [u32]),
}

impl<'f> List<'f> {
    /// The texts, in order.
    pub fn iter(self) -> impl DoubleEndedIterator<Item = Item<'f>> {
        (0..self.places()).filter_map(move |place| self.get(place))
    }

    /// How many places for a text it has; those of values that are not known may be empty.
    pub fn places(self) -> usize {
        match self {
            Self::Plain(texts) => texts.len(),
            Self::Known(values) | Self::Read(values) | Self::Written(values, _) => values.len(),
            Self::KnownAt(_, places) | Self::ReadAt(_, places) => places.len(),
        }
    }

    /// The text at a place.
    fn get(self, place: usize) -> Option<Item<'f>> {
        let known = |value: &'f Value| value.is_known().then_some(Item::Text(value));
        let chosen = |values: &'f [Value], places: &[u32]| values.get(*places.get(place)? as usize);
        match self {
            Self::Plain(texts) => Some(Item::Str(texts.get(place)?)),
            Self::Known(values) => known(values.get(place)?),
            Self::Read(values) => Some(Item::Str(&values.get(place)?.text)),
            Self::Written(values, sources) => Some(Item::Str(sources.slice(values.get(place)?.written))),
            Self::KnownAt(values, places) => known(chosen(values, places)?),
            Self::ReadAt(values, places) => Some(Item::Str(&chosen(values, places)?.text)),
        }
    }
}
