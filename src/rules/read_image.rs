//! `[[image]]`: from TOML to [`ImagePattern`].

use regex::Regex;

use super::error::PackFault;
use super::format;
use super::read_common::{names, pairs, regex, text_lists};
use super::reader::{Log, Reader, Text};
use super::world::World;
use crate::knowledge::{ImagePattern, Name, Provision, TagRow, Tags};

/// Reads one image family; `None` where its tag grammar is broken.
pub(super) fn image(table: Reader<'_>, world: &World) -> Option<ImagePattern> {
    let tag = match table.text("tag") {
        Some(text) => regex(text, table.log)?,
        None => Regex::new("").ok()?,
    };
    let parts: Vec<&str> = tag.capture_names().flatten().collect();
    let provides: Vec<Provision> = table
        .tables("provides", &format::PROVIDES)
        .into_iter()
        .map(|provision| provides(provision, &parts, world))
        .collect();
    let write = table.text("write");
    if let Some(write) = write {
        check_parts(write, &parts, table.log);
    }
    Some(ImagePattern {
        repository: table.get("repository").map(names).unwrap_or_default(),
        write: write.map(|text| text.text.to_owned()),
        provides,
        tags: table.get("tags").and_then(|node| node.table(&format::TAGS)).map(|node| tags(node, &parts)),
        tag: tag.into(),
    })
}

fn provides(table: Reader<'_>, parts: &[&str], world: &World) -> Provision {
    if let Some(node) = table.get("components") {
        for (name, _) in node.entries().unwrap_or_default() {
            world.check_component(name, table.log);
        }
    }
    let templates = |key: &str| {
        let node = table.get(key);
        if let Some(node) = node {
            for value in text_lists(node).into_iter().flat_map(|(_, values)| values) {
                check_parts(value, parts, table.log);
            }
        }
        node.map(pairs).unwrap_or_default().into_iter().collect()
    };
    let when = table.get("when").map(text_lists).unwrap_or_default();
    let when = when
        .into_iter()
        .map(|(part, values)| {
            check_part(part, part.text, parts, table.log);
            let values = values.into_iter().map(|value| Name::Exact(value.text.to_owned())).collect();
            (part.text.to_owned(), values)
        })
        .collect();
    Provision {
        when,
        components: templates("components"),
        variables: templates("variables"),
        parts: templates("parts"),
    }
}

fn tags(table: Reader<'_>, parts: &[&str]) -> Tags {
    let rows = table.get("rows").and_then(super::reader::Node::items).into_iter().flatten();
    let rows: Vec<TagRow> = rows
        .map(|row| {
            let entries = text_lists(row);
            for (part, _) in &entries {
                check_part(*part, part.text, parts, table.log);
            }
            let own = |texts: Vec<Text<'_>>| texts.into_iter().map(|text| text.text.to_owned()).collect();
            TagRow {
                parts: entries
                    .into_iter()
                    .map(|(part, values)| (part.text.to_owned(), own(values)))
                    .collect(),
            }
        })
        .collect();
    Tags {
        complete: table.flag("complete").unwrap_or(false),
        shape: table.text("shape").and_then(|text| regex(text, table.log)).map(Into::into),
        rows: rows.into(),
        source: table.string("source"),
    }
}

/// Checks the parts that a template over parts names.
fn check_parts(template: Text<'_>, parts: &[&str], log: &Log) {
    for place in template.text.split('{').skip(1) {
        let Some((part, _)) = place.split_once('}') else {
            let message = "a brace is not closed".to_owned();
            log.note(template.span, PackFault::BadTemplate { message });
            return;
        };
        check_part(template, part, parts, log);
    }
}

fn check_part(at: Text<'_>, part: &str, parts: &[&str], log: &Log) {
    if !parts.contains(&part) {
        let known = parts.iter().map(|part| (*part).to_owned()).collect();
        log.note(at.span, PackFault::UnknownWord { what: "part", word: part.to_owned(), known });
    }
}
