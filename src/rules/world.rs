//! What the packs that are loaded together define by name, so that each can refer to what another says.

use super::error::{PackFault, nearest};
use super::format;
use super::format_diagnosis;
use super::read_common::version;
use super::read_stack::{Words, plain};
use super::reader::{Log, Reader, Text};

/// The names of components and tables.
#[derive(Debug, Default)]
pub(super) struct World {
    /// Component to the words that stand for its versions.
    pub words: Words,
    components: Vec<String>,
    tables: Vec<Head>,
    lookups: Vec<String>,
    remedies: Vec<(String, Vec<String>)>,
}

/// What other entries must know of a table.
#[derive(Debug)]
struct Head {
    name: String,
    columns: Vec<String>,
    group: Option<String>,
}

impl World {
    /// Adds what one pack defines.
    pub(super) fn add(&mut self, pack: Reader<'_>) {
        for table in pack.tables("component", &format::COMPONENT) {
            let name = table.string("name");
            let words = table.get("words").map(|node| node.entries().unwrap_or_default());
            let words = words
                .into_iter()
                .flatten()
                .filter_map(|(word, value)| Some((plain(word.text), version(value.text()?, table.log)?)));
            self.words.insert(name.clone(), words.collect());
            self.components.push(name);
        }
        self.lookups.extend(
            pack.tables("lookup", &format_diagnosis::LOOKUP).iter().map(|table| table.string("name")),
        );
        let remedies = pack.tables("remedy", &format_diagnosis::REMEDY);
        self.remedies.extend(remedies.iter().map(|table| (table.string("name"), table.strings("takes"))));
        for table in pack.tables("table", &format::TABLE) {
            let columns = table.strings("columns");
            self.components.extend(table.strings("key"));
            self.components.extend(columns.iter().cloned());
            self.tables.push(Head {
                name: table.string("name"),
                columns,
                group: table.text("group").map(|text| text.text.to_owned()),
            });
        }
    }

    /// Notes a lookup that nothing defines.
    pub(super) fn check_lookup(&self, name: Text<'_>, log: &Log) {
        if !self.lookups.iter().any(|known| known == name.text) {
            note("lookup", name, &self.lookups, log);
        }
    }

    /// Notes a remedy that nothing defines, and texts that it is not given or does not take.
    pub(super) fn check_remedy(&self, name: Text<'_>, given: &[Text<'_>], log: &Log) {
        let Some((_, takes)) = self.remedies.iter().find(|(known, _)| known == name.text) else {
            let known: Vec<_> = self.remedies.iter().map(|(known, _)| known.clone()).collect();
            note("remedy", name, &known, log);
            return;
        };
        for text in given.iter().filter(|text| !takes.iter().any(|taken| taken == text.text)) {
            note("text", *text, takes, log);
        }
        for text in takes.iter().filter(|taken| !given.iter().any(|text| text.text == **taken)) {
            let message = format!("`{}` must be given `{text}`", name.text);
            log.note(name.span, PackFault::Senseless { message, help: None });
        }
    }

    /// Sorts the names once everything is added.
    pub(super) fn finish(&mut self) {
        self.components.sort();
        self.components.dedup();
    }

    /// Notes a component that nothing defines.
    pub(super) fn check_component(&self, name: Text<'_>, log: &Log) {
        if self.components.binary_search_by(|known| known.as_str().cmp(name.text)).is_err() {
            note("component", name, &self.components, log);
        }
    }

    /// Notes tables, groups and columns of a stack rule that nothing defines.
    pub(super) fn check_relation(
        &self,
        tables: &[Text<'_>],
        groups: &[Text<'_>],
        columns: &[Text<'_>],
        log: &Log,
    ) {
        let is_table = |name: &&Text<'_>| self.tables.iter().any(|table| table.name == name.text);
        for name in tables.iter().filter(|name| !is_table(name)) {
            note(
                "table",
                *name,
                &self.tables.iter().map(|table| table.name.clone()).collect::<Vec<_>>(),
                log,
            );
        }
        let known: Vec<_> = self.tables.iter().filter_map(|table| table.group.clone()).collect();
        for name in groups.iter().filter(|name| !known.iter().any(|group| group == name.text)) {
            note("group", *name, &known, log);
        }
        let meant = self.tables.iter().filter(|table| {
            tables.iter().any(|name| name.text == table.name)
                || groups.iter().any(|name| Some(name.text) == table.group.as_deref())
        });
        let known: Vec<String> = meant.flat_map(|table| table.columns.clone()).collect();
        if known.is_empty() {
            // Which columns there are is not known until the table is.
            return;
        }
        for name in columns.iter().filter(|name| !known.iter().any(|column| column == name.text)) {
            note("column", *name, &known, log);
        }
    }
}

/// Notes an unknown name; a long list of known ones is cut down to the one that was probably meant.
fn note(what: &'static str, name: Text<'_>, known: &[String], log: &Log) {
    let near = nearest(name.text, known).map(str::to_owned);
    let mut known = known.to_vec();
    known.sort();
    known.dedup();
    if let Some(near) = near {
        known = vec![near];
    } else if known.len() > 12 {
        known.clear();
    }
    log.note(name.span, PackFault::UnknownWord { what, word: name.text.to_owned(), known });
}
