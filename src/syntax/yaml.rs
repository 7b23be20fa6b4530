//! YAML values that know where they are written.
//!
//! `serde_yaml` says what a document means but not where its parts stand. So the text is read a second time,
//! by a finder that knows the usual ways of writing YAML: block sequences and mappings, plain and quoted
//! scalars on one line, literal ones (`|`), flow sequences. Only where both readings agree does a scalar get a place;
//! what is written in some other way (folded scalars, anchors, flow mappings …) has a value and no place.

mod finder;

use serde_yaml::Value;

use self::finder::Found;
use crate::source::{Mapped, SourceFile, Span};

/// A value of a document.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Yaml {
    /// Nothing.
    #[default]
    Null,
    /// A string, or the number or truth value that is written so.
    Scalar(YamlScalar),
    /// A list.
    Sequence(Vec<Yaml>),
    /// Keys and values in order; keys that are not scalars are left out.
    Mapping(Vec<(YamlScalar, Yaml)>),
}

/// A scalar.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct YamlScalar {
    /// Its text. A number reads as it is written (`3.10`), if its place is known.
    pub text: String,
    /// The text with its place, quotes left out; `None` where the place is not certain.
    pub place: Option<Mapped>,
}

/// Text that is not YAML.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct YamlFault {
    /// Where reading failed.
    pub span: Span,
    /// What `serde_yaml` says.
    pub message: String,
}

impl Yaml {
    /// The value of a key of a mapping.
    pub fn get(&self, key: &str) -> Option<&Self> {
        match self {
            Self::Mapping(pairs) => pairs.iter().find(|(found, _)| found.text == key).map(|(_, value)| value),
            _ => None,
        }
    }

    /// The items of a sequence; of anything else none.
    pub fn items(&self) -> &[Self] {
        match self {
            Self::Sequence(items) => items,
            _ => &[],
        }
    }

    /// The scalar, if it is one.
    pub fn scalar(&self) -> Option<&YamlScalar> {
        match self {
            Self::Scalar(scalar) => Some(scalar),
            _ => None,
        }
    }
}

/// Reads a file that holds one document.
pub fn parse(file: &SourceFile) -> Result<Yaml, YamlFault> {
    let value: Value = serde_yaml::from_str(file.text()).map_err(|error| {
        let index = error.location().map_or(0, |location| location.index());
        YamlFault { span: Span::at(index.min(file.text().len()) as u32), message: error.to_string() }
    })?;
    Ok(agree(&value, &finder::find(file.text())))
}

/// The value, with the places found as far as both say the same.
fn agree(value: &Value, found: &Found) -> Yaml {
    match value {
        Value::Null => Yaml::Null,
        Value::Bool(_) | Value::Number(_) | Value::String(_) => Yaml::Scalar(agree_scalar(value, found)),
        Value::Sequence(items) => {
            let places = match found {
                Found::Sequence(places) if places.len() == items.len() => places.as_slice(),
                _ => &[],
            };
            let place = |index| places.get(index).unwrap_or(&Found::Unknown);
            Yaml::Sequence(items.iter().enumerate().map(|(index, item)| agree(item, place(index))).collect())
        }
        Value::Mapping(pairs) => {
            let places = match found {
                Found::Mapping(places) if places.len() == pairs.len() => places.as_slice(),
                _ => &[],
            };
            let unknown = (Found::Unknown, Found::Unknown);
            let pairs = pairs.iter().enumerate().filter_map(|(index, (key, value))| {
                let (key_place, value_place) = places.get(index).unwrap_or(&unknown);
                let key = match key {
                    Value::Bool(_) | Value::Number(_) | Value::String(_) => agree_scalar(key, key_place),
                    _ => return None,
                };
                // Under a key that is not where it was thought to be, nothing is.
                let value_place = if key.place.is_some() { value_place } else { &Found::Unknown };
                Some((key, agree(value, value_place)))
            });
            Yaml::Mapping(pairs.collect())
        }
        Value::Tagged(tagged) => agree(&tagged.value, &Found::Unknown),
    }
}

fn agree_scalar(value: &Value, found: &Found) -> YamlScalar {
    let text = match value {
        Value::String(text) => text.clone(),
        _ => serde_yaml::to_string(value).unwrap_or_default().trim_end().to_owned(),
    };
    let place = match found {
        Found::Quoted(place) | Found::Literal(place) => {
            (value.as_str() == Some(place.as_str())).then_some(place)
        }
        Found::Plain(place) => {
            let reads_alike = value.as_str() == Some(place.as_str())
                || (!value.is_string()
                    && serde_yaml::from_str::<Value>(place.as_str()).is_ok_and(|read| read == *value));
            reads_alike.then_some(place)
        }
        _ => None,
    };
    YamlScalar { text: place.map_or(text, |place| place.as_str().to_owned()), place: place.cloned() }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(text: &str) -> (SourceFile, Yaml) {
        let file = SourceFile::new("a.yml", text.as_bytes());
        let value = parse(&file).unwrap();
        (file, value)
    }

    /// Every scalar in order, with what stands at its place; `?` for no place.
    fn places(file: &SourceFile, value: &Yaml) -> Vec<String> {
        match value {
            Yaml::Null => Vec::new(),
            Yaml::Scalar(scalar) => vec![place(file, scalar)],
            Yaml::Sequence(items) => items.iter().flat_map(|item| places(file, item)).collect(),
            Yaml::Mapping(pairs) => pairs
                .iter()
                .flat_map(|(key, value)| [vec![place(file, key)], places(file, value)].concat())
                .collect(),
        }
    }

    fn place(file: &SourceFile, scalar: &YamlScalar) -> String {
        match &scalar.place {
            Some(place) => file.slice(place.full_span()).to_owned(),
            None => format!("?{}", scalar.text),
        }
    }

    #[test]
    fn scalars_have_their_places() {
        let text = "\u{feff}# head\n---\nname: env  # comment\nlist:\n- a\n-   'b c'\n- \"d\\\"e\"\n- k:\n    - x#y\n    - -r z\n\nother: [p, \"q\",\n  r]\nn: 3.10\n";
        let (file, value) = read(text);
        assert_eq!(
            places(&file, &value),
            [
                "name", "env", "list", "a", "b c", "d\\\"e", "k", "x#y", "-r z", "other", "p", "q", "r", "n",
                "3.10"
            ]
        );
        let number = value.get("n").and_then(Yaml::scalar).unwrap();
        assert_eq!(number.text, "3.10");
    }

    #[test]
    fn nested_blocks_are_followed() {
        let (file, value) = read("a:\n  b:\n    - - 1\n      - 2\n    - c: d\n      e: f\n  g: h\ni:\n  j\n");
        assert_eq!(places(&file, &value), ["a", "b", "1", "2", "c", "d", "e", "f", "g", "h", "i", "j"]);
    }

    #[test]
    fn unusual_scalars_have_no_place() {
        let text = "a: >\n  x\nb: &n y\nc: *n\nd: two\n  lines\ne: {f: g}\nh: 'it''s'\ni: \"\\u0041\"\nj: z\nk: [[l], m]\n";
        let (file, value) = read(text);
        assert_eq!(
            places(&file, &value),
            [
                "a",
                "?x\n",
                "b",
                "?y",
                "c",
                "?y",
                "d",
                "?two lines",
                "e",
                "?f",
                "?g",
                "h",
                "it''s",
                "i",
                "?A",
                "j",
                "z",
                "k",
                "?l",
                "?m"
            ]
        );
    }

    #[test]
    fn literal_scalars_know_each_line() {
        let text = "a:\n  b: |  # why\n\n     x\n    \n      # y\n  # no\n  c: |-\n    z\n\n  d: |+\r\n    u\r\n\r\n    v\r\n\r\n- e: |1\n";
        let (file, value) = read(text.trim_end_matches("- e: |1\n"));
        let scalar = |key| value.get("a").and_then(|a| a.get(key)).and_then(Yaml::scalar).unwrap();
        let lines = |key| {
            let place = scalar(key).place.as_ref().unwrap();
            assert_eq!(place.as_str(), scalar(key).text);
            let starts = place.as_str().split_inclusive('\n').scan(0, |at, line| {
                let start = *at;
                *at += line.len();
                Some(file.slice(place.span(start..start + line.trim_end().len())).to_owned())
            });
            starts.collect::<Vec<_>>()
        };
        assert_eq!(lines("b"), ["", "x", "", " # y"]);
        assert_eq!((lines("c"), scalar("c").text.as_str()), (vec!["z".to_owned()], "z"));
        assert_eq!(
            (lines("d"), scalar("d").text.as_str()),
            (["u", "", "v", ""].map(str::to_owned).to_vec(), "u\n\nv\n\n")
        );
        let (_, indented) = read("a:\n - |2\n    x\n");
        let item = indented.get("a").map(Yaml::items).and_then(<[_]>::first).and_then(Yaml::scalar).unwrap();
        assert_eq!(item.place.as_ref().map(Mapped::as_str), Some(" x\n"));
    }

    #[test]
    fn faults_have_a_place() {
        let file = SourceFile::new("a.yml", b"a: b\n@c: d\n".as_slice());
        let fault = parse(&file).unwrap_err();
        assert_eq!(fault.span, Span::at(5));
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn places_hold_what_is_read(pieces in prop::collection::vec(
            prop_oneof![
                Just("a"), Just("- "), Just("-"), Just("b: "), Just("c:"), Just("\n"), Just("\n  "), Just("\n    "),
                Just("'"), Just("\""), Just("["), Just("]"), Just(","), Just(" # x"), Just("\\"), Just("é"),
                Just("|"), Just(": |\n"), Just("|-"), Just("\r\n"), Just("1.10"), Just("\t"), Just("{"), Just("}"), Just("---\n"),
            ],
            0..20,
        )) {
            let file = SourceFile::new("a.yml", pieces.concat().into_bytes());
            if let Ok(value) = parse(&file) {
                check(&file, &value);
            }
        }
    }

    /// What stands at the place of a scalar is its text, but for what escapes in it.
    fn check(file: &SourceFile, value: &Yaml) {
        match value {
            Yaml::Null => {}
            Yaml::Scalar(scalar) => check_scalar(file, scalar),
            Yaml::Sequence(items) => items.iter().for_each(|item| check(file, item)),
            Yaml::Mapping(pairs) => pairs.iter().for_each(|(key, value)| {
                check_scalar(file, key);
                check(file, value);
            }),
        }
    }

    fn check_scalar(file: &SourceFile, scalar: &YamlScalar) {
        if let Some(place) = &scalar.place {
            // The lines of a literal scalar stand without their indentation.
            let cut: &[char] = if scalar.text.contains('\n') { &[' ', '\r'] } else { &['\'', '\\'] };
            let plain = |text: &str| text.replace(cut, "");
            assert_eq!(plain(file.slice(place.full_span())), plain(&scalar.text));
        }
    }
}
