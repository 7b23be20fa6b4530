//! What patterns bind while they match, and what templates read of it.

use std::sync::Arc;

use super::names::{FieldPath, Found, Source};
use super::parameter::Parameters;
use super::template::Template;
use crate::model::facts::{Facts, Index};
use crate::model::schema::Kind;
use crate::model::value::Value;

/// The names bound so far, in order.
#[derive(Clone, Debug, Default)]
pub struct Captures {
    bound: Vec<(Arc<str>, Value)>,
}

impl Captures {
    /// Binds a name. The first binding of a name stays.
    pub fn bind(&mut self, name: Arc<str>, value: Value) {
        if self.get(&name).is_none() {
            self.bound.push((name, value));
        }
    }

    /// Binds a name to a text that no file says.
    pub fn bind_text(&mut self, name: &str, text: String) {
        self.bind(Arc::from(name), Value::nowhere(text));
    }

    /// What a name is bound to.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.bound.iter().find(|(bound, _)| &**bound == name).map(|(_, value)| value)
    }

    /// What is bound, in the order in which it was.
    pub fn values(&self) -> impl Iterator<Item = &Value> {
        self.bound.iter().map(|(_, value)| value)
    }

    /// The names that are bound, in the order in which they were.
    pub fn names(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.bound.iter().map(|(name, value)| (&**name, value))
    }

    /// The template with its captures filled; `None` where one of them is not bound, or it asks for more.
    pub fn fill(&self, template: &Template) -> Option<String> {
        template.render(|source| match source {
            Source::Capture(name) => self.get(name).map(|value| value.text.to_string()),
            Source::Field(_) | Source::Parameter(_) => None,
        })
    }

    /// How many names are bound: what [`Captures::unbind`] returns to.
    pub(super) fn mark(&self) -> usize {
        self.bound.len()
    }

    /// Forgets what was bound since the mark.
    pub(super) fn unbind(&mut self, mark: usize) {
        self.bound.truncate(mark);
    }
}

/// What a pattern or a template sees besides the value that it is about.
#[derive(Debug)]
pub struct Scene<'f> {
    /// All facts.
    pub facts: &'f Facts,
    /// The fact that the rule is about; none while a subject is being looked for, and for stack rules.
    pub subject: Option<(Kind, Index)>,
    /// What has been bound.
    pub captures: Captures,
    /// The parameters of the rule; none where no rule is at work.
    pub parameters: Option<Parameters<'f>>,
}

impl<'f> Scene<'f> {
    /// A scene in which nothing is bound yet.
    pub fn new(facts: &'f Facts, subject: Option<(Kind, Index)>) -> Self {
        Self { facts, subject, captures: Captures::default(), parameters: None }
    }

    /// The text that a name stands for. What is absent reads as the empty text; `None`: nobody can tell.
    pub fn text(&self, source: &Source) -> Option<String> {
        match source {
            Source::Capture(name) => self.captures.get(name).map(|value| value.text.to_string()),
            Source::Parameter(name) => self.parameters?.text(name),
            Source::Field(path) => match path.find(self.facts, self.subject_of(path)?) {
                Found::Absent => Some(String::new()),
                Found::Unknown => None,
                Found::Value(value) => Some(value.text.to_string()),
                Found::Text(text) => Some(text.into_owned()),
            },
        }
    }

    /// The value that a name stands for, if it knows where it was written.
    pub fn value(&self, source: &Source) -> Option<&Value> {
        match source {
            Source::Capture(name) => self.captures.get(name),
            Source::Parameter(_) => None,
            Source::Field(path) => match path.find(self.facts, self.subject_of(path)?) {
                Found::Value(value) => Some(value),
                _ => None,
            },
        }
    }

    /// The subject, if the way begins at its kind: the variant of a rule may be about another one.
    fn subject_of(&self, path: &FieldPath) -> Option<Index> {
        self.subject.filter(|(kind, _)| *kind == path.kind).map(|(_, index)| index)
    }

    /// The template with its places filled; `None` where one of them is unknown.
    pub fn render(&self, template: &Template) -> Option<String> {
        template.render(|source| self.text(source))
    }
}
