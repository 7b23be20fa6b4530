//! The names that templates and fixes may use: captures, and fields of the subject.
//!
//! Names are resolved when the pack is loaded; what comes out cannot fail on any fact, except by being absent
//! or unknown.

use std::borrow::Cow;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::error::PackFault;
use super::field::NamedField;
use crate::model::facts::{Facts, Index};
use crate::model::schema::{FieldValue, Item, Kind, Type};
use crate::model::value::Value;

/// What is in scope where a template or a fix is read.
#[derive(Clone, Debug, Default)]
pub(super) struct Names {
    /// The kind of the subject, whose fields can be named.
    pub subject: Option<Kind>,
    captures: Vec<Arc<str>>,
    parameters: Vec<Arc<str>>,
}

/// Where a text comes from.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum Source {
    /// A named group of an expression, or what the stack's conflict says.
    Capture(Arc<str>),
    /// A field of the subject, or of a fact that it refers to.
    Field(FieldPath),
    /// A parameter of the rule.
    Parameter(Arc<str>),
}

/// The way from a fact to a text: `package.command.flags.--timeout`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct FieldPath {
    /// The kind of fact at which the way begins.
    pub kind: Kind,
    fields: Vec<NamedField>,
    /// Which entry of a map or which option, where the last field has several.
    key: Option<String>,
}

/// What stands at the end of a [`FieldPath`].
#[derive(Clone, Debug)]
pub enum Found<'f> {
    /// Nothing.
    Absent,
    /// Something that nobody can tell.
    Unknown,
    /// A text that knows where it was written.
    Value(&'f Value),
    /// A text that stands nowhere as such.
    Text(Cow<'f, str>),
}

impl Names {
    /// The parameters of a rule, and neither a subject nor captures yet.
    pub(super) fn parameters(names: impl IntoIterator<Item = Arc<str>>) -> Self {
        Self { parameters: names.into_iter().collect(), ..Self::default() }
    }

    /// These names, and the fields of a kind of fact.
    pub(super) fn with_subject(self, kind: Kind) -> Self {
        Self { subject: Some(kind), ..self }
    }

    /// The parameter of that name.
    pub(super) fn parameter(&self, name: &str) -> Result<Arc<str>, PackFault> {
        self.parameters.iter().find(|parameter| &***parameter == name).cloned().ok_or_else(|| {
            let known = self.parameters.iter().map(ToString::to_string).collect();
            PackFault::UnknownWord { what: "parameter", word: name.to_owned(), known }
        })
    }

    /// These names, and captures.
    pub(super) fn with_captures(mut self, names: impl IntoIterator<Item = &'static str>) -> Self {
        self.captures.extend(names.into_iter().map(Arc::from));
        self
    }

    /// Adds captures.
    pub(super) fn bind(&mut self, names: impl IntoIterator<Item = Arc<str>>) {
        self.captures.extend(names);
    }

    /// What a name stands for.
    pub(super) fn resolve(&self, name: &str) -> Result<Source, PackFault> {
        if let Some(capture) = self.captures.iter().find(|capture| &***capture == name) {
            return Ok(Source::Capture(Arc::clone(capture)));
        }
        if let Some(parameter) = name.strip_prefix("parameter.") {
            return self.parameter(parameter).map(Source::Parameter);
        }
        let subject = self.subject.filter(|kind| name.split('.').next() == Some(kind.name()));
        match (subject, name.split_once('.')) {
            (Some(kind), Some((_, rest))) => FieldPath::parse(kind, rest).map(Source::Field),
            _ => Err(PackFault::Unbound { name: name.to_owned(), known: self.known() }),
        }
    }

    /// Every name, for the list of what could have been meant.
    fn known(&self) -> Vec<String> {
        let captures = self.captures.iter().map(ToString::to_string);
        let fields = self.subject.into_iter().flat_map(|kind| {
            kind.fields().iter().map(move |field| format!("{}.{}", kind.name(), field.name))
        });
        captures.chain(fields).collect()
    }
}

impl FieldPath {
    /// Resolves the names behind that of the kind.
    fn parse(kind: Kind, path: &str) -> Result<Self, PackFault> {
        let mut fields: Vec<NamedField> = Vec::new();
        let mut at = kind;
        let mut rest = path;
        loop {
            let (name, behind) = match rest.split_once('.') {
                Some((name, behind)) => (name, Some(behind)),
                None => (rest, None),
            };
            let field = NamedField::of(at, name).ok_or_else(|| PackFault::UnknownField {
                kind: at.name(),
                field: name.to_owned(),
                known: at.fields().iter().map(|field| field.name).collect(),
            })?;
            fields.push(field);
            let senseless = |message: String| Err(PackFault::Senseless { message, help: None });
            match (field.ty, behind) {
                (Type::Fact(next), Some(behind)) => (at, rest) = (next, behind),
                (Type::Map | Type::Flags, Some(key)) => {
                    return Ok(Self { kind, fields, key: Some(key.to_owned()) });
                }
                (Type::Map | Type::Flags, None) => {
                    return senseless(format!("`{name}` has several texts: say which, `{name}.NAME`"));
                }
                (Type::Fact(_) | Type::Facts(_), _) => {
                    return senseless(format!("`{name}` is no text but another fact"));
                }
                (_, Some(behind)) => return senseless(format!("`{name}` has no part `{behind}`")),
                (_, None) => return Ok(Self { kind, fields, key: None }),
            }
        }
    }

    /// The text at the end of the way that begins at the fact of that index.
    pub fn find<'f>(&self, facts: &'f Facts, mut index: Index) -> Found<'f> {
        let Some((last, through)) = self.fields.split_last() else { return Found::Absent };
        for field in through {
            index = match (field.get)(facts, index) {
                FieldValue::Fact(_, next) => next,
                FieldValue::Unknown => return Found::Unknown,
                _ => return Found::Absent,
            };
        }
        match (last.get)(facts, index) {
            FieldValue::Absent | FieldValue::Fact(..) | FieldValue::Facts(..) => Found::Absent,
            FieldValue::Unknown | FieldValue::Texts { complete: false, .. } => Found::Unknown,
            FieldValue::Text(value) => Found::Value(value),
            FieldValue::Str(text) => Found::Text(Cow::Borrowed(text)),
            FieldValue::Texts { texts, complete: true } => {
                let texts: Vec<_> = texts.iter().map(Item::text).collect();
                Found::Text(Cow::Owned(texts.join(" ")))
            }
            FieldValue::Bool(yes) => Found::Text(Cow::Borrowed(if yes { "true" } else { "false" })),
            FieldValue::Number(number) => Found::Text(Cow::Owned(number.to_string())),
            FieldValue::Versions(versions) => Found::Text(Cow::Owned(versions.to_string())),
            FieldValue::Flags { flags, complete } => {
                let flag = flags.iter().find(|flag| Some(flag.name.as_str()) == self.key.as_deref());
                entry(flag.and_then(|flag| flag.value.as_ref()), complete)
            }
            FieldValue::Map(entries) => {
                entry(self.key.as_ref().and_then(|key| entries.get(key.as_str())), true)
            }
        }
    }
}

fn entry(value: Option<&Value>, complete: bool) -> Found<'_> {
    match value {
        Some(value) if value.is_known() => Found::Value(value),
        None if complete => Found::Absent,
        _ => Found::Unknown,
    }
}
