//! Texts with places: `Use torchvision {wanted}`, `--extra-index-url https://…/cu{cuda|undotted}`.
//!
//! A place is `{name}` or `{kind.field}`, with filters behind bars; `{{` and `}}` are the braces themselves.
//! Which names there are is known when the pack is loaded, so a template that loads can only fail to render
//! because a fact is unknown.

use serde::{Deserialize, Serialize};

use super::error::PackFault;
use super::names::{Names, Source};

/// A text with places, checked.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Template {
    parts: Vec<Part>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
enum Part {
    Text(String),
    Place(Source, Vec<Filter>),
}

/// What a filter makes of a place's text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Filter {
    Lower,
    Upper,
    Undotted,
    Dotted,
    Major,
    Minor,
    Json,
    Exec,
    Basename,
    Canonical,
}

/// The filters by name.
pub(super) const FILTERS: [(&str, Filter); 10] = [
    ("lower", Filter::Lower),
    ("upper", Filter::Upper),
    ("undotted", Filter::Undotted),
    ("dotted", Filter::Dotted),
    ("major", Filter::Major),
    ("minor", Filter::Minor),
    ("json", Filter::Json),
    ("exec", Filter::Exec),
    ("basename", Filter::Basename),
    ("canonical", Filter::Canonical),
];

impl Template {
    /// Reads a template whose places must be among `names`.
    pub(super) fn parse(text: &str, names: &Names) -> Result<Self, PackFault> {
        let mut parts = Vec::new();
        let mut literal = String::new();
        let mut rest = text;
        while let Some(at) = rest.find(['{', '}']) {
            let (before, from) = rest.split_at(at);
            literal.push_str(before);
            if let Some(after) = from.strip_prefix("{{").or_else(|| from.strip_prefix("}}")) {
                literal.push_str(&from[..1]);
                rest = after;
                continue;
            }
            let place = from.strip_prefix('{').and_then(|inside| inside.split_once('}'));
            let Some((place, after)) = place else {
                let message = "a single brace; double it to mean the brace itself".to_owned();
                return Err(PackFault::BadTemplate { message });
            };
            if !literal.is_empty() {
                parts.push(Part::Text(std::mem::take(&mut literal)));
            }
            parts.push(parse_place(place, names)?);
            rest = after;
        }
        literal.push_str(rest);
        if !literal.is_empty() || parts.is_empty() {
            parts.push(Part::Text(literal));
        }
        Ok(Self { parts })
    }

    /// The text, if there are no places in it.
    pub fn literal(&self) -> Option<&str> {
        match self.parts.as_slice() {
            [Part::Text(text)] => Some(text),
            _ => None,
        }
    }

    /// The text with every place filled; `None` where one of them is unknown.
    pub fn render(&self, mut fill: impl FnMut(&Source) -> Option<String>) -> Option<String> {
        let mut text = String::new();
        for part in &self.parts {
            match part {
                Part::Text(literal) => text.push_str(literal),
                Part::Place(source, filters) => {
                    let filled = fill(source)?;
                    text.push_str(&filters.iter().fold(filled, |text, filter| filter.apply(&text)));
                }
            }
        }
        Some(text)
    }
}

fn parse_place(place: &str, names: &Names) -> Result<Part, PackFault> {
    let mut words = place.split('|').map(str::trim);
    let source = names.resolve(words.next().unwrap_or_default())?;
    let filters = words
        .map(|word| {
            FILTERS.iter().find(|(name, _)| *name == word).map(|(_, filter)| *filter).ok_or_else(|| {
                PackFault::UnknownWord {
                    what: "filter",
                    word: word.to_owned(),
                    known: FILTERS.iter().map(|(name, _)| (*name).to_owned()).collect(),
                }
            })
        })
        .collect::<Result<_, _>>()?;
    Ok(Part::Place(source, filters))
}

impl Filter {
    fn apply(self, text: &str) -> String {
        match self {
            Self::Lower => text.to_lowercase(),
            Self::Upper => text.to_uppercase(),
            Self::Undotted => text.replace('.', ""),
            Self::Dotted => dotted(text),
            Self::Major => text.split('.').next().unwrap_or_default().to_owned(),
            Self::Minor => text.splitn(3, '.').take(2).collect::<Vec<_>>().join("."),
            Self::Json => serde_json::Value::from(text).to_string(),
            Self::Exec => exec(text),
            Self::Basename => text.rsplit('/').next().unwrap_or_default().to_owned(),
            Self::Canonical => canonical(text),
        }
    }
}

/// `Foo__Bar.baz` to `foo-bar-baz`: a name as indexes of Python packages compare it.
fn canonical(text: &str) -> String {
    let words = text.split(['-', '_', '.']).filter(|word| !word.is_empty());
    words.map(str::to_lowercase).collect::<Vec<_>>().join("-")
}

/// `a b` to `["a", "b"]`: the words as an array.
fn exec(text: &str) -> String {
    let words: Vec<_> =
        text.split_whitespace().map(|word| serde_json::Value::from(word).to_string()).collect();
    format!("[{}]", words.join(", "))
}

/// `121` to `12.1`: the last digit is the minor version.
fn dotted(text: &str) -> String {
    match text.char_indices().next_back() {
        Some((at, _)) if at > 0 && !text.contains('.') => {
            let (major, minor) = text.split_at(at);
            format!("{major}.{minor}")
        }
        _ => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn render(text: &str) -> Result<String, String> {
        let names = Names::default().with_captures(["v", "name"]);
        let template = Template::parse(text, &names).map_err(|fault| fault.to_string())?;
        let filled = template.render(|source| match source {
            Source::Capture(name) if &**name == "v" => Some("12.1".to_owned()),
            Source::Capture(_) => Some("a/B\"".to_owned()),
            Source::Field(_) | Source::Parameter(_) => None,
        });
        Ok(filled.unwrap_or_else(|| "unknown".to_owned()))
    }

    #[test]
    fn places_filters_and_braces() {
        let cases = [
            ("", ""),
            ("plain", "plain"),
            ("cu{v|undotted}", "cu121"),
            ("{v|undotted|dotted}", "12.1"),
            ("{v|major}.x", "12.x"),
            ("{{{v}}}", "{12.1}"),
            ("{name|json}", r#""a/B\"""#),
            ("{name|basename|lower}", "b\""),
            ("{v|exec}", r#"["12.1"]"#),
        ];
        for (text, expected) in cases {
            assert_eq!(render(text).as_deref(), Ok(expected), "{text}");
        }
    }

    #[test]
    fn what_cannot_be_filled_is_an_error() {
        assert_eq!(render("{w}").unwrap_err(), "nothing binds `{w}`");
        assert!(render("{v").unwrap_err().contains("a single brace"));
        assert!(render("v}").unwrap_err().contains("a single brace"));
        assert_eq!(render("{v|uper}").unwrap_err(), "filter `uper` is not known");
    }
}
