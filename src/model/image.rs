//! What packs know of an image: the parts of its tag, whether the tag exists, and what the image sets.

use std::collections::BTreeMap;

use super::facts::Image;
use super::value::{Text, Value};
use crate::knowledge::{ImagePattern, Knowledge, Provision, Tags};

/// The tag that Docker takes where none is written.
const DEFAULT_TAG: &str = "latest";

/// Fills in the pattern, the parts and the existence of an image whose reference is known.
pub(super) fn recognise(image: &mut Image, knowledge: &Knowledge) {
    let Some(repository) = image.repository.as_ref().and_then(Value::known).map(str::to_owned) else {
        return;
    };
    let tag = match &image.tag {
        Some(tag) if tag.is_known() => tag.clone(),
        Some(_) => return,
        None if image.digest.is_some() => return,
        None => Value::given(DEFAULT_TAG, image.at),
    };
    let families: Vec<(usize, &ImagePattern)> = knowledge
        .images
        .iter()
        .enumerate()
        .filter(|(_, pattern)| pattern.repository.iter().any(|name| name.is(&repository)))
        .collect();
    image.pattern = families.first().map(|(index, _)| *index);
    // The first family to which the tag belongs knows it best: those behind it are for what it leaves out.
    let own = families.iter().find_map(|(index, pattern)| Some((*index, *pattern, parts(pattern, &tag)?)));
    let exists = if let Some((index, pattern, parts)) = own {
        let exists = pattern.tags.as_ref().and_then(|tags| exists(tags, &parts));
        image.pattern = Some(index);
        image.parts = parts;
        add_derived_parts(image, pattern);
        exists
    } else {
        let mut tags = families.iter().filter_map(|(_, pattern)| pattern.tags.as_ref());
        tags.any(|tags| tags.shape.as_ref().is_some_and(|shape| shape.is_match(&tag.text))).then_some(false)
    };
    // A digest names the image whatever became of the tag.
    image.exists = exists.filter(|_| image.digest.is_none());
}

/// The variables that an image sets, as far as packs know.
pub(super) fn variables(image: &Image, knowledge: &Knowledge) -> Vec<(String, Value)> {
    let Some(pattern) = image.pattern.and_then(|index| knowledge.images.get(index)) else {
        return Vec::new();
    };
    provisions(pattern, &image.parts)
        .flat_map(|provision| &provision.variables)
        .filter_map(|(name, template)| {
            Some((name.clone(), Value::given(fill(template, &image.parts)?, image.at)))
        })
        .collect()
}

/// The named groups of the tag grammar that took part; `None` where the tag is not of the grammar.
fn parts(pattern: &ImagePattern, tag: &Value) -> Option<BTreeMap<Text, Value>> {
    let captures = pattern.tag.captures(&tag.text)?;
    let named = pattern.tag.regex().capture_names().flatten();
    let part = |name: &str| Some((name.into(), tag.slice(captures.name(name)?.range())));
    Some(named.filter_map(part).collect())
}

fn add_derived_parts(image: &mut Image, pattern: &ImagePattern) {
    let mut derived = Vec::new();
    for provision in provisions(pattern, &image.parts) {
        for (name, template) in &provision.parts {
            if let Some(text) = fill(template, &image.parts) {
                derived.push((Text::from(name.as_str()), Value::given(text, image.at)));
            }
        }
    }
    for (name, value) in derived {
        image.parts.entry(name).or_insert(value);
    }
}

/// What the image brings, given its parts.
fn provisions<'k>(
    pattern: &'k ImagePattern,
    parts: &BTreeMap<Text, Value>,
) -> impl Iterator<Item = &'k Provision> {
    pattern.provides.iter().filter(|provision| {
        provision.when.iter().all(|(part, names)| {
            let text = parts.get(part.as_str()).map_or("", |value| &value.text);
            names.iter().any(|name| name.is(text))
        })
    })
}

/// Whether the tag with these parts exists; `None` where the rows do not tell.
fn exists(tags: &Tags, parts: &BTreeMap<Text, Value>) -> Option<bool> {
    let admits = tags.rows.iter().any(|row| {
        row.parts.iter().all(|(part, values)| {
            let text = parts.get(part.as_str()).map_or("", |value| &value.text);
            values.iter().any(|value| value == text)
        })
    });
    if admits { Some(true) } else { tags.complete.then_some(false) }
}

/// Fills a template such as `=={version}`; `None` where a part is missing.
fn fill(template: &str, parts: &BTreeMap<Text, Value>) -> Option<String> {
    let mut filled = String::new();
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        let (name, after) = after.split_once('}')?;
        filled.push_str(before);
        filled.push_str(&parts.get(name)?.text);
        rest = after;
    }
    filled.push_str(rest);
    Some(filled)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::knowledge::{Name, TagRow};
    use crate::model::reference;
    use crate::source::{FileId, Location, Span};
    use regex::Regex;

    fn knowledge() -> Knowledge {
        let row = |version: &str| TagRow {
            parts: vec![
                ("version".to_owned(), vec![version.to_owned()]),
                ("flavour".to_owned(), vec![String::new(), "slim".to_owned()]),
            ],
        };
        let pattern = ImagePattern {
            repository: vec![Name::Exact("lang".to_owned())],
            tag: Regex::new(r"^(?<version>\d+\.\d+)(?:-(?<flavour>slim|full))?$").unwrap().into(),
            write: None,
            provides: vec![Provision {
                when: vec![("flavour".to_owned(), vec![Name::Exact("slim".to_owned())])],
                variables: [("LANG_VERSION".to_owned(), "{version}".to_owned())].into(),
                parts: [("os".to_owned(), "thin".to_owned())].into(),
                ..Provision::default()
            }],
            tags: Some(Tags {
                complete: true,
                shape: Some(Regex::new("^latest$").unwrap().into()),
                rows: vec![row("3.1"), row("3.2")].into(),
                source: String::new(),
            }),
        };
        Knowledge { images: vec![pattern], ..Knowledge::default() }
    }

    fn image(written: &str) -> Image {
        let at = Location { file: FileId(0), span: Span::new(5, 5 + written.len() as u32) };
        let parsed = reference::parse(&Value::literal(written, at));
        let mut image = Image {
            repository: Some(parsed.repository),
            tag: parsed.tag,
            digest: parsed.digest,
            at,
            ..Image::default()
        };
        recognise(&mut image, &knowledge());
        image
    }

    #[test]
    fn parts_know_their_place_and_what_follows() {
        let image = image("lang:3.1-slim");
        let part = image.parts.get("version").unwrap();
        assert_eq!((part.text.as_str(), part.written.span), ("3.1", Span::new(10, 13)));
        assert_eq!(image.parts.get("os").unwrap().text, "thin");
        let variables = variables(&image, &knowledge());
        assert_eq!(variables.first().map(|(_, value)| value.text.as_str()), Some("3.1"));
    }

    #[test]
    fn tags_exist_as_the_rows_say() {
        assert_eq!(image("lang:3.1").exists, Some(true));
        assert_eq!(image("lang:3.1-full").exists, Some(false));
        assert_eq!(image("lang:3.9-slim").exists, Some(false));
        assert_eq!(image("lang").exists, Some(false));
        assert_eq!(image("lang:nightly").exists, None);
        assert_eq!(image("lang:3.9@sha256:00").exists, None);
        assert_eq!(image("other:3.1").exists, None);
    }
}
