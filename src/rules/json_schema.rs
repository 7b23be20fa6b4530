//! The JSON Schema of the pack format, printed from the declarations that packs are checked against.
//!
//! It serves editors: completion, and a first check while typing. What it cannot say (which captures are bound,
//! which anchors suit) the loader says.

use serde_json::{Map, Value, json};

use super::declare::{Key, Shape, TableKeys};
use super::format;
use super::read_pattern::{JOINS, predicates};
use crate::model::schema::{Kind, Type};

/// The schema as a JSON document.
pub fn json_schema() -> Value {
    let mut definitions = Map::new();
    for kind in Kind::ALL {
        definitions.insert(kind.name().to_owned(), pattern(kind));
    }
    for (name, ty) in TYPES {
        definitions.insert(name.to_owned(), predicate(name, ty));
    }
    for table in format::ALL {
        definitions.insert(definition(table), self::table(table));
    }
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "dlint pack",
        "$ref": format!("#/$defs/{}", definition(&format::FILE)),
        "$defs": definitions,
    })
}

/// The types of fields that are described once, by the name of their definition.
const TYPES: [(&str, Type); 6] = [
    ("text-test", Type::Text),
    ("list-test", Type::Texts),
    ("number-test", Type::Number),
    ("versions-test", Type::Versions),
    ("options-test", Type::Flags),
    ("map-test", Type::Map),
];

fn reference(name: &str) -> Value {
    json!({ "$ref": format!("#/$defs/{name}") })
}

/// The name of a table's definition: its own, without the brackets.
fn definition(table: &TableKeys) -> String {
    let name = table.name.trim_matches(['[', ']']);
    format!("table {}", name.trim_start_matches("a component's ").trim_matches('`'))
}

fn table(table: &TableKeys) -> Value {
    let mut properties = Map::new();
    for key in table.keys {
        properties.insert(key.name.to_owned(), property(key));
    }
    if table.pattern {
        for kind in Kind::ALL {
            properties.insert(kind.name().to_owned(), reference(kind.name()));
        }
    }
    let required: Vec<_> = table.keys.iter().filter(|key| key.required).map(|key| key.name).collect();
    json!({
        "type": "object",
        "description": table.doc,
        "properties": properties,
        "required": required,
        "additionalProperties": false,
    })
}

fn property(key: &Key) -> Value {
    let mut schema = shape(&key.shape);
    if let Value::Object(object) = &mut schema {
        object.insert("description".to_owned(), key.doc.into());
    }
    schema
}

fn shape(shape: &Shape) -> Value {
    let text = json!({ "type": "string" });
    let texts = json!({ "type": ["string", "array"], "items": { "type": "string" } });
    match shape {
        Shape::Text | Shape::Template => text,
        Shape::Regex => json!({ "type": "string", "format": "regex" }),
        Shape::Word(words) => json!({ "enum": words }),
        Shape::Flag => json!({ "type": "boolean" }),
        Shape::Number => json!({ "type": "integer", "minimum": 0 }),
        Shape::Range => {
            json!({ "anyOf": [{ "type": "integer", "minimum": 0 }, reference(&definition(&format::RANGE))] })
        }
        // A date is no string in TOML; editors that check as JSON see one.
        Shape::Date => json!({ "description": "a date" }),
        Shape::Names => {
            let name = json!({ "anyOf": [{ "type": "string" }, { "type": "object", "properties": { "regex": { "type": "string" } }, "required": ["regex"] }] });
            json!({ "anyOf": [name, { "type": "array", "items": name }] })
        }
        Shape::Texts => texts,
        Shape::TextList => json!({ "type": "array", "items": text }),
        Shape::TextMap => json!({ "type": "object", "additionalProperties": text }),
        Shape::TextsMap => json!({ "type": "object", "additionalProperties": texts }),
        Shape::Table(table) => reference(&definition(table)),
        Shape::TableMap(table) => {
            json!({ "type": "object", "additionalProperties": reference(&definition(table)) })
        }
        Shape::Tables(table) => json!({ "type": "array", "items": reference(&definition(table)) }),
        Shape::OneOrMore(table) => {
            let one = reference(&definition(table));
            json!({ "anyOf": [one, { "type": "array", "items": one }] })
        }
        Shape::Either(one, other) => json!({ "anyOf": [self::shape(one), self::shape(other)] }),
        Shape::TextTest => reference("text-test"),
        Shape::Rows => json!({ "type": "array", "items": { "type": ["array", "object"] } }),
    }
}

fn pattern(kind: Kind) -> Value {
    let own = reference(kind.name());
    let several = json!({ "anyOf": [own, { "type": "array", "items": own }] });
    let mut properties: Map<_, _> = kind
        .fields()
        .iter()
        .map(|field| {
            let mut schema = field_type(field.ty);
            if let Value::Object(object) = &mut schema {
                object.insert("description".to_owned(), field.doc.into());
            }
            (field.name.to_owned(), schema)
        })
        .collect();
    properties.extend(JOINS.map(|(word, _)| (word.to_owned(), several.clone())));
    json!({
        "type": "object",
        "description": kind.doc(),
        "properties": properties,
        "minProperties": 1,
        "additionalProperties": false,
    })
}

fn field_type(ty: Type) -> Value {
    match ty {
        Type::Bool => json!({ "type": "boolean" }),
        Type::Fact(kind) => reference(kind.name()),
        Type::Facts(kind) => {
            let some = reference(kind.name());
            json!({
                "type": "object",
                "properties": { "has": some, "lacks": some, "count": shape(&Shape::Range) },
                "additionalProperties": false,
            })
        }
        _ => TYPES.iter().find(|(_, named)| *named == ty).map_or(Value::Null, |(name, _)| reference(name)),
    }
}

/// The short forms of a type, and the table of its predicates.
fn predicate(name: &str, ty: Type) -> Value {
    let own = reference(name);
    let several = json!({ "type": "array", "items": own });
    let mut properties = Map::new();
    properties.insert("not".to_owned(), own);
    properties.insert("any".to_owned(), several.clone());
    properties.insert("all".to_owned(), several);
    properties.insert("present".to_owned(), json!({ "type": "boolean" }));
    for predicate in predicates(ty) {
        properties.insert((*predicate).to_owned(), argument(predicate, ty));
    }
    // A map takes any further key: the name of an entry, with a test of its text.
    let further = if ty == Type::Map { reference("text-test") } else { Value::Bool(false) };
    let table = json!({ "type": "object", "properties": properties, "additionalProperties": further });
    match ty {
        Type::Text => json!({ "anyOf": [shape(&Shape::Texts), table] }),
        Type::Number => json!({ "anyOf": [shape(&Shape::Number), table] }),
        _ => table,
    }
}

/// What a predicate takes.
fn argument(predicate: &str, ty: Type) -> Value {
    match predicate {
        "regex" => shape(&Shape::Regex),
        "number" | "count" => shape(&Shape::Range),
        "min" | "max" => shape(&format::BOUND),
        "among" | "version" | "within" | "overlaps" | "admits" => shape(&Shape::Text),
        "pinned" => shape(&Shape::Flag),
        "has" | "lacks" if matches!(ty, Type::Flags | Type::Map) => {
            json!({ "anyOf": [reference("text-test"), reference(&definition(&format::ENTRY))] })
        }
        "has" | "lacks" | "only" | "first" | "last" => reference("text-test"),
        _ => shape(&Shape::Texts),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reference_leads_somewhere() {
        let schema = json_schema();
        let definitions = schema["$defs"].as_object().cloned().unwrap_or_default();
        let text = schema.to_string();
        for reference in text.split("#/$defs/").skip(1) {
            let name = reference.split('"').next().unwrap_or_default();
            assert!(definitions.contains_key(name), "{name}");
        }
    }

    #[test]
    fn every_declared_key_is_in_it() {
        let schema = json_schema();
        for table in format::ALL {
            let properties = &schema["$defs"][definition(table)]["properties"];
            for key in table.keys {
                assert!(properties.get(key.name).is_some(), "{} {}", table.name, key.name);
            }
        }
    }
}
