//! How the tables of a pack are declared: one declaration per table serves the reader, which checks keys and
//! types against it, and the JSON Schema, which is printed from it.

/// One table of the pack language.
#[derive(Debug)]
pub(super) struct TableKeys {
    /// The table as the user writes it: `[[rule]]`.
    pub name: &'static str,
    /// What it is for.
    pub doc: &'static str,
    /// Its keys, in the order in which a person would write them.
    pub keys: &'static [Key],
    /// Whether it also takes a pattern under the name of a kind of fact.
    pub pattern: bool,
}

impl TableKeys {
    /// The key of that name.
    pub(super) fn key(&self, name: &str) -> Option<&'static Key> {
        self.keys.iter().find(|key| key.name == name)
    }
}

/// One key of a table.
#[derive(Debug)]
pub(super) struct Key {
    /// Its name.
    pub name: &'static str,
    /// Whether the table must have it.
    pub required: bool,
    /// What stands behind it.
    pub shape: Shape,
    /// What it says.
    pub doc: &'static str,
}

/// What may stand behind a key.
#[derive(Debug)]
pub(super) enum Shape {
    /// A text.
    Text,
    /// A text with `{…}` places.
    Template,
    /// A regular expression.
    Regex,
    /// One of these words.
    Word(&'static [&'static str]),
    /// `true` or `false`.
    Flag,
    /// A whole number, not negative.
    Number,
    /// A number, or a table with `min` and `max`.
    Range,
    /// A day: `2026-11-23`.
    Date,
    /// A name, a pattern over names, or a list of both.
    Names,
    /// A text or a list of texts.
    Texts,
    /// A list of texts.
    TextList,
    /// Free keys with texts.
    TextMap,
    /// Free keys with a text or a list of texts.
    TextsMap,
    /// A table.
    Table(&'static TableKeys),
    /// Free keys with tables.
    TableMap(&'static TableKeys),
    /// A list of tables.
    Tables(&'static TableKeys),
    /// A table or a list of tables.
    OneOrMore(&'static TableKeys),
    /// Either of two.
    Either(&'static Shape, &'static Shape),
    /// A predicate over a text.
    TextTest,
    /// Rows of a table of knowledge: a list of lists.
    Rows,
}

/// A key that must be there.
pub(super) const fn required(name: &'static str, shape: Shape, doc: &'static str) -> Key {
    Key { name, required: true, shape, doc }
}

/// A key that may be there.
pub(super) const fn optional(name: &'static str, shape: Shape, doc: &'static str) -> Key {
    Key { name, required: false, shape, doc }
}
