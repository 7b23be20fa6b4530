//! The reference of the pack format as a page, printed from the declarations that packs are checked against.

use std::fmt::Write as _;

use super::declare::{Key, Shape, TableKeys};
use super::format;
use super::read_pattern::{JOINS, predicates, type_name};
use super::rule::Anchor;
use super::template::FILTERS;
use crate::model::schema::{Field, Kind, Type};

/// The reference as Markdown: every table with its keys, every kind of fact with its fields, every predicate.
pub fn reference() -> String {
    let mut page = String::from(
        "# Reference of the pack format\n\n\
         Printed by `dlint rules reference` from the declarations that packs are checked against; do not edit.\n\
         How the pieces work together is told in [rules.md](rules.md).\n\n## Tables\n",
    );
    for table in format::ALL {
        page.push_str(&self::table(table));
    }
    page.push_str("\n## Facts\n\nA pattern is a table of fields, all of which must hold");
    for (word, _) in JOINS {
        // Writing to a text cannot fail.
        let _ = write!(page, "; `{word}`");
    }
    page.push_str(" take one further pattern of the same kind or a list of them.\n");
    for kind in Kind::ALL {
        page.push_str(&self::kind(kind));
    }
    page.push_str("\n## Predicates\n\nWhat a field's test may say, by the type of the field. Every type takes `not`, `any`, `all` and `present`.\n\n| type | predicates |\n| --- | --- |\n");
    for ty in TYPES {
        let names: Vec<_> = predicates(ty).iter().map(|name| format!("`{name}`")).collect();
        let _ = writeln!(page, "| {} | {} |", type_name(ty), names.join(", "));
    }
    page.push_str(
        "\n## Places\n\nWhere `at`, `insert`, `replace` and `remove` may point, besides fields and captures:",
    );
    let _ = writeln!(page, " {}.", listed(Anchor::ALL.iter().map(|(name, _)| *name)));
    page.push_str("\n## Filters\n\nBehind a bar in `{…}`:");
    let _ = writeln!(page, " {}.", listed(FILTERS.iter().map(|(name, _)| *name)));
    page
}

/// The types that have predicates of their own.
const TYPES: [Type; 6] = [Type::Text, Type::Texts, Type::Number, Type::Versions, Type::Flags, Type::Map];

fn listed<'a>(names: impl Iterator<Item = &'a str>) -> String {
    names.map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

fn table(table: &TableKeys) -> String {
    let mut text =
        format!("\n### {}\n\n{}\n\n| key | takes | |\n| --- | --- | --- |\n", table.name, table.doc);
    for Key { name, required, shape, doc } in table.keys {
        let needed = if *required { " (needed)" } else { "" };
        let _ = writeln!(text, "| `{name}`{needed} | {} | {} |", takes(shape), in_cell(doc));
    }
    if table.pattern {
        text.push_str("| *a kind of fact* | a pattern | What is looked for; see [Facts](#facts). |\n");
    }
    text
}

fn kind(kind: Kind) -> String {
    let mut text =
        format!("\n### {}\n\n{}.\n\n| field | type | |\n| --- | --- | --- |\n", kind.name(), kind.doc());
    for Field { name, ty, doc, .. } in kind.fields() {
        let of = match ty {
            Type::Fact(kind) | Type::Facts(kind) => format!(" (`{}`)", kind.name()),
            _ => String::new(),
        };
        let _ = writeln!(text, "| `{name}` | {}{of} | {} |", type_name(*ty), in_cell(doc));
    }
    text
}

/// A text that may stand in a cell of a Markdown table.
fn in_cell(text: &str) -> String {
    text.replace('|', "\\|")
}

fn takes(shape: &Shape) -> String {
    match shape {
        Shape::Text => "a text".to_owned(),
        Shape::Template => "a text with `{…}`".to_owned(),
        Shape::Regex => "a regular expression".to_owned(),
        Shape::Word(words) => listed(words.iter().copied()),
        Shape::Flag => "`true` or `false`".to_owned(),
        Shape::Number => "a number".to_owned(),
        Shape::Range => "a number, or `{ min, max }`".to_owned(),
        Shape::Date => "a date".to_owned(),
        Shape::Names => "names, or `{ regex }`".to_owned(),
        Shape::Texts => "a text or a list of texts".to_owned(),
        Shape::TextList => "a list of texts".to_owned(),
        Shape::TextMap => "names with texts".to_owned(),
        Shape::TextsMap => "names with texts or lists of texts".to_owned(),
        Shape::Table(table) => format!("a table: {}", table.name),
        Shape::TableMap(table) => format!("names with tables: {}", table.name),
        Shape::Tables(table) => format!("tables: {}", table.name),
        Shape::OneOrMore(table) => format!("one or more: {}", table.name),
        Shape::Either(one, other) => format!("{}, or {}", takes(one), takes(other)),
        Shape::TextTest => "a test of a text".to_owned(),
        Shape::Rows => "rows".to_owned(),
    }
}
