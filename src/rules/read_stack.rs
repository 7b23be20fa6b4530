//! `[[component]]` and `[[table]]`: from TOML to [`Component`]s, their sources, and [`Table`]s.
//!
//! Components are read before tables, because cells may use the words that stand for their versions.

use std::collections::HashMap;

use super::error::PackFault;
use super::format;
use super::names::Names;
use super::read_common::versions;
use super::read_guard::{bind, guard};
use super::read_pattern::{one_pattern, template};
use super::reader::{Log, Node, Reader, Text};
use super::rule::ComponentSource;
use super::world::World;
use crate::knowledge::{Component, Table, TableRow};
use crate::version::{Specifiers, Version, VersionSet};

/// What a component costs to change unless its pack says otherwise.
const COST: u32 = 10;

/// Rows that a list of key versions in one cell may stand for.
const PRODUCT: usize = 4096;

/// Component to the words that stand for its versions.
pub(super) type Words = HashMap<String, HashMap<String, Version>>;

/// Reads one component and the facts that say its version.
pub(super) fn component(table: Reader<'_>) -> (Component, Vec<ComponentSource>) {
    let name = table.string("name");
    let words: Vec<(String, Version)> = table
        .get("words")
        .map(|node| node.entries().unwrap_or_default())
        .into_iter()
        .flatten()
        .filter_map(|(word, value)| {
            let version = super::read_common::version(value.text()?, table.log)?;
            Some((word.text.to_owned(), version))
        })
        .collect();
    let by_word = words.iter().map(|(word, version)| (plain(word), version.clone())).collect();
    let domain =
        table.texts("domain").into_iter().filter_map(|text| one_version(text, Some(&by_word), table.log));
    let cost = table.get("cost").and_then(Node::required_number).and_then(|cost| u32::try_from(cost).ok());
    let component = Component {
        title: table.text("title").map_or(name.as_str(), |title| title.text).to_owned(),
        cost: cost.unwrap_or(COST),
        domain: domain.collect(),
        words,
        series: table.flag("series").unwrap_or(false),
        interpreter: table.flag("interpreter").unwrap_or(false),
        shared: table.flag("shared").unwrap_or(false),
        follows: table.text("follows").map(|leader| leader.text.to_owned()),
        name,
    };
    let sources = table
        .tables("from", &format::FROM)
        .into_iter()
        .filter_map(|source_table| source(source_table, &component.name))
        .collect();
    (component, sources)
}

fn source(table: Reader<'_>, component: &str) -> Option<ComponentSource> {
    let pattern = one_pattern(table, &Names::default())?;
    let mut names = Names::default().with_subject(pattern.kind);
    bind(&mut names, &pattern);
    let guard = guard(table, &mut names);
    let value = table
        .get("value")
        .map(|node| node.texts().into_iter().filter_map(|text| template(text, &names, table.log)).collect());
    Some(ComponentSource { component: component.to_owned(), pattern, guard, value })
}

/// Reads one table.
pub(super) fn table(table: Reader<'_>, world: &World) -> Table {
    for name in table.texts("when").into_iter().chain(table.texts("unless")) {
        world.check_component(name, table.log);
    }
    let key = table.strings("key");
    let columns = table.strings("columns");
    let known: Vec<_> = key.iter().chain(&columns).map(|component| world.words.get(component)).collect();
    let rows = table.get("rows").and_then(Node::items).into_iter().flatten();
    let rows: Vec<TableRow> = rows.flat_map(|node| row(node, key.len(), columns.len(), &known)).collect();
    Table {
        name: table.string("name"),
        covers: table.text("covers").and_then(|text| versions(text, table.log)),
        withdrawn: table
            .texts("withdrawn")
            .into_iter()
            .filter_map(|text| super::read_common::version(text, table.log))
            .collect(),
        group: table.text("group").map(|text| text.text.to_owned()),
        when: table.strings("when"),
        unless: table.strings("unless"),
        soft: table.flag("soft").unwrap_or(false),
        source: table.string("source"),
        rows: rows.into(),
        key,
        columns,
    }
}

/// One row of the pack; several where a key cell is a list.
fn row(
    node: Node<'_>,
    keys: usize,
    columns: usize,
    words: &[Option<&HashMap<String, Version>>],
) -> Vec<TableRow> {
    let cells: Vec<Node<'_>> = node.items().into_iter().flatten().collect();
    if cells.len() < keys || cells.len() > keys + columns {
        let message = format!(
            "the row has {} cells; the table has {keys} of the key and {columns} columns",
            cells.len()
        );
        node.fault(PackFault::Senseless { message, help: None });
        return Vec::new();
    }
    let words_at = |index: usize| words.get(index).copied().flatten();
    let (key_cells, other_cells) = cells.split_at(keys);
    let alternatives = key_cells.iter().enumerate().map(|(index, cell)| {
        let texts = cell.texts().into_iter();
        texts.filter_map(|text| one_version(text, words_at(index), node.log)).collect::<Vec<_>>()
    });
    let mut row: Vec<_> = other_cells
        .iter()
        .enumerate()
        .map(|(index, cell)| self::cell(*cell, words_at(keys + index)))
        .collect();
    row.resize(columns, None);
    product(alternatives).into_iter().map(|key| TableRow { key, cells: row.clone() }).collect()
}

/// Every choice of one version from each list.
fn product(lists: impl Iterator<Item = Vec<Version>>) -> Vec<Vec<Version>> {
    let mut rows = vec![Vec::new()];
    for list in lists {
        rows = rows
            .iter()
            .flat_map(|row| {
                list.iter().map(|version| row.iter().cloned().chain([version.clone()]).collect::<Vec<_>>())
            })
            .take(PRODUCT)
            .collect();
    }
    rows
}

/// The alternatives of a cell; `None` where it constrains nothing.
fn cell(node: Node<'_>, words: Option<&HashMap<String, Version>>) -> Option<Vec<VersionSet>> {
    let texts = node.texts();
    if texts.is_empty() || texts.iter().any(|text| text.text.is_empty()) {
        return None;
    }
    Some(texts.into_iter().filter_map(|text| admitted(text, words, node.log)).collect())
}

/// The set that a word, a bare version or specifiers stand for.
fn admitted(text: Text<'_>, words: Option<&HashMap<String, Version>>, log: &Log) -> Option<VersionSet> {
    let word = words.and_then(|words| words.get(&plain(text.text)));
    if let Some(version) = word {
        return Some(VersionSet::exactly(version.clone()));
    }
    if text.text.starts_with(|first: char| first.is_ascii_digit()) {
        return one_version(text, None, log).map(VersionSet::exactly);
    }
    match Specifiers::parse(text.text) {
        Ok(specifiers) => Some(VersionSet::from(specifiers)),
        Err(error) => {
            let message = format!("{error}; nor is it a word of the component");
            log.note(text.span, PackFault::BadValue { what: "version", message });
            None
        }
    }
}

/// The version that a text or a word stands for.
fn one_version(text: Text<'_>, words: Option<&HashMap<String, Version>>, log: &Log) -> Option<Version> {
    let word = words.and_then(|words| words.get(&plain(text.text)));
    word.cloned().or_else(|| super::read_common::version(text, log))
}

/// A word as it is compared: without case, blanks, `-` and `_`.
pub(super) fn plain(word: &str) -> String {
    word.chars()
        .filter(|character| !matches!(character, ' ' | '-' | '_'))
        .flat_map(char::to_lowercase)
        .collect()
}
