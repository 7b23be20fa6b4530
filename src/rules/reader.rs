//! Walks a parsed TOML document, in which every key and value has its span, and collects what is wrong.
//!
//! Takes tables as the `toml` crate gives them and the declaration of what they may hold. Gives typed values;
//! where one is missing or of the wrong type, it gives nothing and has noted the error, so that one load tells
//! of several.

use std::cell::RefCell;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::declare::TableKeys;
use super::error::{PackError, PackFault};
use crate::source::Span;

/// What was found wrong so far.
#[derive(Debug, Default)]
pub(super) struct Log {
    errors: RefCell<Vec<PackError>>,
}

impl Log {
    /// Notes an error.
    pub(super) fn note(&self, span: Span, fault: PackFault) {
        self.errors.borrow_mut().push(PackError { span, fault });
    }

    /// The errors in the order of the text.
    pub(super) fn into_errors(self) -> Vec<PackError> {
        let mut errors = self.errors.into_inner();
        errors.sort_by_key(|error| error.span);
        // A table that is read twice tells its errors twice.
        let mut once: Vec<PackError> = Vec::new();
        for error in errors {
            let same =
                once.iter().rev().take_while(|other| other.span == error.span).any(|other| *other == error);
            if !same {
                once.push(error);
            }
        }
        once
    }
}

/// A text of the pack and where it stands.
#[derive(Clone, Copy, Debug)]
pub(super) struct Text<'a> {
    /// The text, escapes resolved.
    pub text: &'a str,
    /// The value in the pack, its quotes included.
    pub span: Span,
}

/// One value of the pack.
#[derive(Clone, Copy, Debug)]
pub(super) struct Node<'a> {
    value: &'a DeValue<'a>,
    /// Where it stands.
    pub span: Span,
    /// Where errors go.
    pub log: &'a Log,
}

impl<'a> Node<'a> {
    fn new(value: &'a Spanned<DeValue<'a>>, log: &'a Log) -> Self {
        Self { value: value.get_ref(), span: value.span().into(), log }
    }

    /// Notes what is wrong with this value.
    pub(super) fn fault(self, fault: PackFault) {
        self.log.note(self.span, fault);
    }

    /// Notes that something else should stand here.
    pub(super) fn wrong<T>(self, expected: &'static str) -> Option<T> {
        let found = match self.value {
            DeValue::String(_) => "a text",
            DeValue::Integer(_) => "a number",
            DeValue::Float(_) => "a fraction",
            DeValue::Boolean(_) => "true or false",
            DeValue::Datetime(_) => "a date",
            DeValue::Array(_) => "a list",
            DeValue::Table(_) => "a table",
        };
        self.fault(PackFault::WrongType { expected, found });
        None
    }

    /// Whether it is a table.
    pub(super) fn is_table(self) -> bool {
        self.value.is_table()
    }

    /// Whether it is a list.
    pub(super) fn is_list(self) -> bool {
        self.value.is_array()
    }

    /// The text, if it is one; no error otherwise.
    pub(super) fn as_text(self) -> Option<Text<'a>> {
        self.value.as_str().map(|text| Text { text, span: self.span })
    }

    /// The truth value, if it is one; no error otherwise.
    pub(super) fn as_flag(self) -> Option<bool> {
        self.value.as_bool()
    }

    /// A text.
    pub(super) fn text(self) -> Option<Text<'a>> {
        self.as_text().or_else(|| self.wrong("a text"))
    }

    /// `true` or `false`.
    pub(super) fn flag(self) -> Option<bool> {
        self.as_flag().or_else(|| self.wrong("true or false"))
    }

    /// A whole number.
    pub(super) fn number(self) -> Option<usize> {
        let number = self.value.as_integer()?;
        usize::from_str_radix(number.as_str(), number.radix()).ok()
    }

    /// A whole number, or an error.
    pub(super) fn required_number(self) -> Option<usize> {
        self.number().or_else(|| self.wrong("a whole number"))
    }

    /// The items of a list.
    pub(super) fn items(self) -> Option<impl Iterator<Item = Node<'a>>> {
        let DeValue::Array(items) = self.value else { return self.wrong("a list") };
        Some(items.iter().map(move |item| Node::new(item, self.log)))
    }

    /// A text or a list of texts.
    pub(super) fn texts(self) -> Vec<Text<'a>> {
        match self.as_text() {
            Some(text) => vec![text],
            None if self.is_list() => self.items().into_iter().flatten().filter_map(Node::text).collect(),
            None => self.wrong("a text or a list of texts").unwrap_or_default(),
        }
    }

    /// The entries of a table with free keys, in the order of the text.
    pub(super) fn entries(self) -> Option<Vec<(Text<'a>, Node<'a>)>> {
        let DeValue::Table(table) = self.value else { return self.wrong("a table") };
        Some(entries(table, self.log))
    }

    /// A table with these keys; unknown and missing ones are noted.
    pub(super) fn table(self, keys: &'static TableKeys) -> Option<Reader<'a>> {
        let DeValue::Table(table) = self.value else { return self.wrong("a table") };
        Some(Reader::new(table, self.span, keys, self.log))
    }

    /// A table or a list of tables with these keys.
    pub(super) fn tables(self, keys: &'static TableKeys) -> Vec<Reader<'a>> {
        if self.is_list() {
            return self.items().into_iter().flatten().filter_map(|item| item.table(keys)).collect();
        }
        self.table(keys).into_iter().collect()
    }
}

fn entries<'a>(table: &'a DeTable<'a>, log: &'a Log) -> Vec<(Text<'a>, Node<'a>)> {
    let mut entries: Vec<_> = table
        .iter()
        .map(|(key, value)| {
            let text = Text { text: key.get_ref().as_ref(), span: key.span().into() };
            (text, Node::new(value, log))
        })
        .collect();
    // The map is sorted by key; people read from top to bottom.
    entries.sort_by_key(|(key, _)| key.span);
    entries
}

/// One table, checked against its declaration.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reader<'a> {
    table: &'a DeTable<'a>,
    /// Where the table stands.
    pub span: Span,
    keys: &'static TableKeys,
    /// Where errors go.
    pub log: &'a Log,
}

impl<'a> Reader<'a> {
    /// Reads a table; notes unknown and missing keys.
    ///
    /// In tables that take a pattern, unknown keys are left to [`super::read_pattern::kinds`].
    pub(super) fn new(table: &'a DeTable<'a>, span: Span, keys: &'static TableKeys, log: &'a Log) -> Self {
        let reader = Self { table, span, keys, log };
        for key in keys.keys.iter().filter(|key| key.required && !table.contains_key(key.name)) {
            log.note(span, PackFault::MissingKey { key: key.name, table: keys.name });
        }
        if !keys.pattern {
            for (key, _) in reader.other_entries() {
                let known = keys.keys.iter().map(|key| key.name).collect();
                let fault = PackFault::UnknownKey { key: key.text.to_owned(), table: keys.name, known };
                log.note(key.span, fault);
            }
        }
        reader
    }

    /// The entries whose key is not declared, in the order of the text.
    pub(super) fn other_entries(self) -> Vec<(Text<'a>, Node<'a>)> {
        let mut entries = entries(self.table, self.log);
        entries.retain(|(key, _)| self.keys.key(key.text).is_none());
        entries
    }

    /// Notes what is wrong with the table as a whole.
    pub(super) fn fault(self, fault: PackFault) {
        self.log.note(self.span, fault);
    }

    /// The name by which the user knows the table.
    pub(super) fn name(self) -> &'static str {
        self.keys.name
    }

    /// The names of the declared keys.
    pub(super) fn declared(self) -> impl Iterator<Item = &'static str> {
        self.keys.keys.iter().map(|key| key.name)
    }

    /// The value of a declared key.
    pub(super) fn get(self, key: &str) -> Option<Node<'a>> {
        debug_assert!(self.keys.key(key).is_some(), "{} does not declare `{key}`", self.keys.name);
        self.table.get(key).map(|value| Node::new(value, self.log))
    }

    /// A text.
    pub(super) fn text(self, key: &str) -> Option<Text<'a>> {
        self.get(key)?.text()
    }

    /// A text under a key that not every table of its kind declares.
    pub(super) fn text_if_declared(self, key: &str) -> Option<Text<'a>> {
        self.keys.key(key).and_then(|_| self.text(key))
    }

    /// A text, owned; empty where there is none.
    pub(super) fn string(self, key: &str) -> String {
        self.text(key).map(|text| text.text.to_owned()).unwrap_or_default()
    }

    /// `true` or `false`.
    pub(super) fn flag(self, key: &str) -> Option<bool> {
        self.get(key)?.flag()
    }

    /// A text or a list of texts, owned.
    pub(super) fn strings(self, key: &str) -> Vec<String> {
        self.texts(key).into_iter().map(|text| text.text.to_owned()).collect()
    }

    /// A text or a list of texts.
    pub(super) fn texts(self, key: &str) -> Vec<Text<'a>> {
        self.get(key).map(Node::texts).unwrap_or_default()
    }

    /// The tables of an array of tables, or a single one.
    pub(super) fn tables(self, key: &str, keys: &'static TableKeys) -> Vec<Reader<'a>> {
        self.get(key).map(|node| node.tables(keys)).unwrap_or_default()
    }

    /// One of a set of words, with what each means.
    pub(super) fn word<T: Copy>(self, key: &str, what: &'static str, words: &[(&str, T)]) -> Option<T> {
        self.meaning(self.text(key)?, what, words)
    }

    /// What a word means.
    pub(super) fn meaning<T: Copy>(
        self,
        text: Text<'_>,
        what: &'static str,
        words: &[(&str, T)],
    ) -> Option<T> {
        let found = words.iter().find(|(word, _)| *word == text.text);
        if found.is_none() {
            let known = words.iter().map(|(word, _)| (*word).to_owned()).collect();
            let fault = PackFault::UnknownWord { what, word: text.text.to_owned(), known };
            self.log.note(text.span, fault);
        }
        found.map(|(_, meaning)| *meaning)
    }
}
