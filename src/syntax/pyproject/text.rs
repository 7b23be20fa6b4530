//! Strings of a TOML file, with their places.

use toml::Spanned;
use toml::de::{DeString, DeTable, DeValue};

use crate::source::{Mapped, SourceFile};
use crate::syntax::requirements::Text;

/// The string at `value` with its place, quotes left out; `None` if it is no string, or if it has escapes
/// other than `\"` and `\\`.
pub(super) fn place(file: &SourceFile, value: &Spanned<DeValue<'_>>) -> Option<Mapped> {
    unquote(file, value.span(), value.get_ref().as_str()?)
}

/// The same as a piece of text.
pub(super) fn text(file: &SourceFile, value: &Spanned<DeValue<'_>>) -> Option<Text> {
    place(file, value).map(|place| piece(&place))
}

/// A key with its place.
pub(super) fn key(file: &SourceFile, key: &Spanned<DeString<'_>>) -> Option<Text> {
    unquote(file, key.span(), key.get_ref()).map(|place| piece(&place))
}

/// The string of a key of a table, with its place.
pub(super) fn field(file: &SourceFile, table: &DeTable<'_>, name: &str) -> Option<Text> {
    table.get(name).and_then(|value| text(file, value))
}

pub(super) fn piece(place: &Mapped) -> Text {
    Text { text: place.as_str().to_owned(), span: place.full_span() }
}

/// Takes the quotes off what stands at `range`, and makes sure that it reads `value`.
fn unquote(file: &SourceFile, range: std::ops::Range<usize>, value: &str) -> Option<Mapped> {
    let written = file.text().get(range.clone())?;
    let quotes = ["\"\"\"", "'''", "\"", "'"].into_iter().find(|quotes| written.starts_with(quotes));
    let quotes = quotes.unwrap_or_default();
    let inner = written.get(quotes.len()..written.len().checked_sub(quotes.len())?)?;
    // A line ending right after three quotes is not part of the string.
    let skipped =
        if quotes.len() == 3 { inner.len() - inner.trim_start_matches(['\r', '\n']).len() } else { 0 };
    let start = range.start + quotes.len() + skipped;
    let inner = inner.get(skipped..)?;
    let has_escapes = quotes.starts_with('"');
    let mut place = Mapped::default();
    let mut run = 0;
    let mut characters = inner.char_indices();
    while let Some((at, next)) = characters.next() {
        if has_escapes && next == '\\' {
            place.push(inner.get(run..at)?, (start + run) as u32);
            run = characters.next()?.0;
        }
    }
    place.push(inner.get(run..)?, (start + run) as u32);
    (place.as_str() == value).then_some(place)
}
