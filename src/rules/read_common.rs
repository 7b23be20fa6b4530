//! Small values that several tables of a pack share: names, regular expressions, versions, maps of texts.

use regex::Regex;

use super::error::PackFault;
use super::reader::{Log, Node, Text};
use crate::knowledge::Name;
use crate::version::{Specifiers, Version, VersionSet};

/// A regular expression.
pub(super) fn regex(text: Text<'_>, log: &Log) -> Option<Regex> {
    match Regex::new(text.text) {
        Ok(regex) => Some(regex),
        Err(error) => {
            // The parser's message draws the expression over several lines; its last line says what is wrong.
            let message = error.to_string();
            let last = message.lines().last().unwrap_or_default().trim_start_matches("error: ");
            log.note(text.span, PackFault::BadRegex { message: last.to_owned() });
            None
        }
    }
}

/// A name, a pattern over names, or a list of both.
pub(super) fn names(node: Node<'_>) -> Vec<Name> {
    if node.is_list() {
        return node.items().into_iter().flatten().filter_map(name).collect();
    }
    name(node).into_iter().collect()
}

fn name(node: Node<'_>) -> Option<Name> {
    if !node.is_table() {
        return node.text().map(|text| Name::Exact(text.text.to_owned()));
    }
    for (key, value) in node.entries()? {
        if key.text == "regex" {
            let text = value.text()?;
            // A pattern over names means whole names.
            let anchored = format!("^(?:{})$", text.text);
            return regex(text, node.log)
                .and_then(|_| Regex::new(&anchored).ok())
                .map(|regex| Name::Pattern(regex.into()));
        }
        let fault = PackFault::UnknownKey { key: key.text.to_owned(), table: "a name", known: vec!["regex"] };
        node.log.note(key.span, fault);
    }
    None
}

/// Free keys with texts, in the order of the pack.
pub(super) fn pairs(node: Node<'_>) -> Vec<(String, String)> {
    let entries = node.entries().unwrap_or_default();
    entries
        .into_iter()
        .filter_map(|(key, value)| Some((key.text.to_owned(), value.text()?.text.to_owned())))
        .collect()
}

/// Free keys with one text or several, in the order of the pack.
pub(super) fn text_lists(node: Node<'_>) -> Vec<(Text<'_>, Vec<Text<'_>>)> {
    let entries = node.entries().unwrap_or_default();
    entries.into_iter().map(|(key, value)| (key, value.texts())).collect()
}

/// A version.
pub(super) fn version(text: Text<'_>, log: &Log) -> Option<Version> {
    match Version::parse(text.text) {
        Ok(version) => Some(version),
        Err(error) => {
            log.note(text.span, PackFault::BadValue { what: "version", message: error.to_string() });
            None
        }
    }
}

/// Version specifiers: `>=2.1,<2.3`.
pub(super) fn versions(text: Text<'_>, log: &Log) -> Option<VersionSet> {
    match Specifiers::parse(text.text) {
        Ok(specifiers) => Some(VersionSet::from(specifiers)),
        Err(error) => {
            log.note(
                text.span,
                PackFault::BadValue { what: "version specifiers", message: error.to_string() },
            );
            None
        }
    }
}
