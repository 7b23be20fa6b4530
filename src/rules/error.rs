//! What can be wrong with a pack, and where in its TOML.
//!
//! An error says what is wrong in one line and what would mend it in another; `report` draws both at the line
//! of the pack.

use crate::source::{SourceFile, Span};

/// A pack that could not be loaded, with everything found wrong in it.
#[derive(Clone, Debug)]
pub struct BrokenPack {
    /// The file as it was read.
    pub file: SourceFile,
    /// At least one error, in the order of the text.
    pub errors: Vec<PackError>,
}

/// One thing that is wrong with a pack.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{fault}")]
pub struct PackError {
    /// The bytes of the pack that are wrong.
    pub span: Span,
    /// What is wrong with them.
    pub fault: PackFault,
}

impl PackError {
    /// What would mend it, if that can be said.
    pub fn help(&self) -> Option<String> {
        self.fault.help()
    }
}

/// The ways in which a pack can be wrong.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PackFault {
    /// Not TOML.
    #[error("{message}")]
    Toml {
        /// In the words of the TOML parser.
        message: String,
    },
    /// A key that the table does not have.
    #[error("{table} has no key `{key}`")]
    UnknownKey {
        /// The key as written.
        key: String,
        /// The table, as the user writes it.
        table: &'static str,
        /// The keys that it has.
        known: Vec<&'static str>,
    },
    /// A key that the table must have.
    #[error("{table} lacks `{key}`")]
    MissingKey {
        /// The key.
        key: &'static str,
        /// The table, as the user writes it.
        table: &'static str,
    },
    /// A value of another type.
    #[error("expected {expected}, found {found}")]
    WrongType {
        /// What stands there in a pack that loads.
        expected: &'static str,
        /// What stands there now.
        found: &'static str,
    },
    /// A word that is none of the allowed ones.
    #[error("{what} `{word}` is not known")]
    UnknownWord {
        /// What the word names: `severity`, `table` …
        what: &'static str,
        /// The word as written.
        word: String,
        /// The allowed words.
        known: Vec<String>,
    },
    /// A field that the fact does not have.
    #[error("`{kind}` has no field `{field}`")]
    UnknownField {
        /// The kind of fact.
        kind: &'static str,
        /// The field as written.
        field: String,
        /// The fields that the kind has.
        known: Vec<&'static str>,
    },
    /// A predicate that does not suit the type of the field.
    #[error("{subject} is {type_name}; {type_name} has no predicate `{predicate}`")]
    WrongPredicate {
        /// The field, or what else is tested.
        subject: String,
        /// Its type, with its article.
        type_name: &'static str,
        /// The predicate as written.
        predicate: String,
        /// The predicates that suit.
        known: Vec<&'static str>,
    },
    /// A regular expression that does not compile.
    #[error("bad regular expression: {message}")]
    BadRegex {
        /// In the words of the regex parser.
        message: String,
    },
    /// A version, specifier or date that does not parse.
    #[error("bad {what}: {message}")]
    BadValue {
        /// What it should be.
        what: &'static str,
        /// Why it is not.
        message: String,
    },
    /// A template with unbalanced braces or an unknown filter.
    #[error("bad template: {message}")]
    BadTemplate {
        /// What is wrong.
        message: String,
    },
    /// A template that uses a name that nothing binds.
    #[error("nothing binds `{{{name}}}`")]
    Unbound {
        /// The name as written.
        name: String,
        /// What could be used in its place.
        known: Vec<String>,
    },
    /// A match that names no kind of fact, or several.
    #[error("a match has exactly one kind of fact; this one has {count}")]
    OneKind {
        /// How many it names.
        count: usize,
    },
    /// A pattern without any condition.
    #[error("an empty pattern matches every {kind}")]
    MatchesEverything {
        /// The kind of fact.
        kind: &'static str,
    },
    /// Two entries of the same name.
    #[error("{what} `{name}` is defined twice")]
    Duplicate {
        /// What they are: `rule`, `table` …
        what: &'static str,
        /// Their name.
        name: String,
    },
    /// A rule without examples.
    #[error("rule `{rule}` has no example")]
    NoExample {
        /// The rule.
        rule: String,
    },
    /// An entry that contradicts itself.
    #[error("{message}")]
    Senseless {
        /// What does not go together.
        message: String,
        /// What would.
        help: Option<String>,
    },
}

impl PackFault {
    /// What would mend it, if that can be said.
    fn help(&self) -> Option<String> {
        match self {
            Self::UnknownKey { key, known, .. } => choice(key, known),
            Self::UnknownWord { word, known, .. } => choice(word, known),
            Self::UnknownField { field, known, .. } => choice(field, known),
            Self::WrongPredicate { predicate, known, .. } => choice(predicate, known),
            Self::Unbound { name, known } if known.is_empty() => {
                Some(format!("write `{{{{{name}}}}}` for the braces themselves"))
            }
            Self::Unbound { name, known } => choice(name, known),
            Self::OneKind { count: 0 } => Some("name one, such as `command = { … }`".to_owned()),
            Self::OneKind { .. } => Some("write a second rule for a second kind of fact".to_owned()),
            Self::MatchesEverything { .. } => Some("test at least one field".to_owned()),
            Self::NoExample { .. } => {
                Some("add a [[rule.example]] with `bad`, and one with `good`".to_owned())
            }
            Self::Senseless { help, .. } => help.clone(),
            _ => None,
        }
    }
}

/// `did you mean …?` where one of the known words is near, the list of them otherwise.
fn choice<S: AsRef<str>>(word: &str, known: &[S]) -> Option<String> {
    if let Some(near) = nearest(word, known) {
        return Some(format!("did you mean `{near}`?"));
    }
    let list = known.iter().map(|known| format!("`{}`", known.as_ref())).collect::<Vec<_>>().join(", ");
    (!known.is_empty()).then(|| format!("there are {list}"))
}

/// The known word that the given one is most likely a slip for.
pub fn nearest<'a, S: AsRef<str>>(word: &str, known: &'a [S]) -> Option<&'a str> {
    known
        .iter()
        .map(|known| (strsim::damerau_levenshtein(word, known.as_ref()), known.as_ref()))
        .filter(|(distance, known)| *distance <= 1 + known.len().min(word.len()) / 4)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, known)| known)
}
