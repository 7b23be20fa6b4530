//! Patterns over facts: does this one match, and what does it bind?
//!
//! Answers are three-valued. What depends on something unknown is [`Verdict::Unknown`], and so is its negation:
//! a rule speaks only where it is sure.

use std::ops::RangeInclusive;
use std::sync::Arc;

use regex::Regex;
use serde::{Deserialize, Serialize};

use super::capture::Scene;
use super::field::NamedField;
use super::template::Template;
use crate::knowledge;
use crate::model::facts::Index;
use crate::model::schema::{FieldValue, Kind, List};
use crate::model::value::Value;
use crate::version::{Version, VersionSet};

/// An answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It matches.
    Yes,
    /// It does not.
    No,
    /// Nobody can tell.
    Unknown,
}

impl Verdict {
    fn not(self) -> Self {
        match self {
            Self::Yes => Self::No,
            Self::No => Self::Yes,
            Self::Unknown => Self::Unknown,
        }
    }

    /// All of them: `No` if one is, else `Unknown` if one is. Stops at the first `No`.
    pub fn all(verdicts: impl IntoIterator<Item = Self>) -> Self {
        let mut all = Self::Yes;
        for verdict in verdicts {
            match verdict {
                Self::No => return Self::No,
                Self::Unknown => all = Self::Unknown,
                Self::Yes => {}
            }
        }
        all
    }

    /// Any of them: `Yes` if one is, else `Unknown` if one is. Stops at the first `Yes`.
    pub fn any(verdicts: impl IntoIterator<Item = Self>) -> Self {
        Self::all(verdicts.into_iter().map(Self::not)).not()
    }
}

impl From<bool> for Verdict {
    fn from(yes: bool) -> Self {
        if yes { Self::Yes } else { Self::No }
    }
}

/// A pattern over one kind of fact: every test must hold.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Pattern {
    /// The kind of fact.
    pub kind: Kind,
    pub(super) tests: Vec<(NamedField, Test)>,
    pub(super) joined: Vec<Joined>,
}

/// Patterns over the same fact, joined by a word.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) enum Joined {
    /// One of them matches.
    Any(Vec<Pattern>),
    /// All of them match.
    All(Vec<Pattern>),
    /// None of them matches.
    Not(Vec<Pattern>),
}

/// A test of one value.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) enum Test {
    /// It does not hold.
    Not(Box<Test>),
    /// One of them holds.
    Any(Vec<Test>),
    /// All of them hold.
    All(Vec<Test>),
    /// Whether there is a value at all.
    Present(bool),
    /// The text is this one.
    Is(Template),
    /// The expression matches; its named groups are bound.
    Regex(Box<Expression>),
    /// The text begins so.
    Prefix(Template),
    /// The text ends so.
    Suffix(Template),
    /// The text has this in it.
    Contains(Template),
    /// The text is this path or a folder above it.
    Covers(Template),
    /// The text is one of a parameter's.
    Among(Arc<str>),
    /// The text is a version among these.
    Version(VersionSet),
    /// It is so.
    Bool(bool),
    /// The number lies in the range.
    Number(Range),
    /// Every admitted version is among these.
    Within(VersionSet),
    /// Some admitted version may be among these.
    Overlaps(VersionSet),
    /// This version is admitted.
    Admits(Version),
    /// Whether one version alone is admitted.
    Pinned(bool),
    /// One item is so.
    Has(Box<Test>),
    /// No item is so.
    Lacks(Box<Test>),
    /// Every item is so.
    Only(Box<Test>),
    /// There are so many items.
    Count(Range),
    /// The first item is so.
    First(Box<Test>),
    /// The last item is so.
    Last(Box<Test>),
    /// There is an entry or option of such a name with such a value.
    Entry(Box<Test>, Option<Box<Test>>),
    /// There is none.
    NoEntry(Box<Test>, Option<Box<Test>>),
    /// The entry of that name is so.
    Named(String, Box<Test>),
    /// The fact referred to is so.
    Fact(Box<Pattern>),
    /// One of the facts referred to is so.
    SomeFact(Box<Pattern>),
    /// None of the facts referred to is so.
    NoFact(Box<Pattern>),
}

/// A regular expression with the names that it binds.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Expression {
    pub regex: knowledge::Expression,
    pub names: Vec<Arc<str>>,
}

impl Expression {
    pub(super) fn new(regex: Regex) -> Self {
        let names = regex.capture_names().flatten().map(Arc::from).collect();
        Self { regex: regex.into(), names }
    }
}

/// A range of whole numbers, both ends included.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Range {
    /// The least.
    pub min: Bound,
    /// The most.
    pub max: Bound,
}

/// An end of a range.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Bound {
    /// This number.
    Number(usize),
    /// What a parameter of the rule says.
    Parameter(Arc<str>),
}

impl Bound {
    fn resolve(&self, scene: &Scene<'_>) -> Option<usize> {
        match self {
            Self::Number(number) => Some(*number),
            Self::Parameter(name) => scene.parameters?.number(name),
        }
    }
}

impl Range {
    /// One or more.
    pub const SOME: Self = Self { min: Bound::Number(1), max: Bound::Number(usize::MAX) };

    /// This number alone.
    pub(super) fn of(number: usize) -> Self {
        Self { min: Bound::Number(number), max: Bound::Number(number) }
    }

    /// The range as numbers; `None` where a parameter has none.
    pub fn resolve(&self, scene: &Scene<'_>) -> Option<RangeInclusive<usize>> {
        Some(self.min.resolve(scene)?..=self.max.resolve(scene)?)
    }

    /// Whether the number lies in it.
    fn holds(&self, number: usize, scene: &Scene<'_>) -> Verdict {
        self.resolve(scene).map_or(Verdict::Unknown, |range| range.contains(&number).into())
    }
}

impl Pattern {
    /// A pattern that every fact of the kind matches: for what is looked for by its place alone.
    pub(super) fn any(kind: Kind) -> Self {
        Self { kind, tests: Vec::new(), joined: Vec::new() }
    }

    /// A pattern. Tests that are cheap come first, as most facts fail one of them; what tests bind keeps its order.
    pub(super) fn new(kind: Kind, mut tests: Vec<(NamedField, Test)>, joined: Vec<Joined>) -> Self {
        tests.sort_by_key(|(_, test)| !test.is_cheap());
        Self { kind, tests, joined }
    }

    /// Whether the fact of that index matches. Binds captures when it does, and only then.
    pub fn test(&self, index: Index, scene: &mut Scene<'_>) -> Verdict {
        let mark = scene.captures.mark();
        let facts = scene.facts;
        let mut verdict = Verdict::all(
            self.tests.iter().map(|(field, test)| test.holds(&(field.get)(facts, index), scene)),
        );
        for joined in &self.joined {
            verdict = match verdict {
                Verdict::No => Verdict::No,
                so_far => Verdict::all([so_far, joined.test(index, scene)]),
            };
        }
        if verdict != Verdict::Yes {
            scene.captures.unbind(mark);
        }
        verdict
    }

    /// The texts of which the field is one wherever the pattern matches for sure, if it or each of the patterns that it
    /// joins says so in plain words: what dispatch is indexed by.
    pub fn sure_texts(&self, field: &str) -> Option<Vec<&str>> {
        let joined = || {
            self.joined.iter().find_map(|joined| match joined {
                Joined::Any(patterns) => {
                    let texts = patterns.iter().map(|pattern| pattern.sure_texts(field));
                    texts.collect::<Option<Vec<_>>>().map(|texts| texts.concat())
                }
                Joined::All(patterns) => patterns.iter().find_map(|pattern| pattern.sure_texts(field)),
                Joined::Not(_) => None,
            })
        };
        self.plain_texts(field).or_else(joined)
    }

    /// The texts of which the field must be one, if the pattern itself says so in plain words: what conditions are
    /// indexed by. A fact of which nobody knows the field then counts as one that does not match.
    pub fn plain_texts(&self, field: &str) -> Option<Vec<&str>> {
        let (_, test) = self.tests.iter().find(|(tested, _)| tested.name == field)?;
        match test {
            Test::Is(template) => Some(vec![template.literal()?]),
            Test::Any(tests) => tests
                .iter()
                .map(|test| match test {
                    Test::Is(template) => template.literal(),
                    _ => None,
                })
                .collect(),
            _ => None,
        }
    }

    /// The names that a match may bind.
    pub(super) fn captures(&self) -> Vec<Arc<str>> {
        let mut names = Vec::new();
        for (_, test) in &self.tests {
            test.captures(&mut names);
        }
        for joined in &self.joined {
            if let Joined::Any(patterns) | Joined::All(patterns) = joined {
                names.extend(patterns.iter().flat_map(Self::captures));
            }
        }
        names
    }
}

impl Joined {
    fn test(&self, index: Index, scene: &mut Scene<'_>) -> Verdict {
        match self {
            Self::Any(patterns) => Verdict::any(patterns.iter().map(|pattern| pattern.test(index, scene))),
            Self::All(patterns) => Verdict::all(patterns.iter().map(|pattern| pattern.test(index, scene))),
            Self::Not(patterns) => {
                let mark = scene.captures.mark();
                let any = Verdict::any(patterns.iter().map(|pattern| pattern.test(index, scene)));
                scene.captures.unbind(mark);
                any.not()
            }
        }
    }
}

impl Test {
    /// Whether it is a plain comparison that neither binds a name nor asks for one.
    fn is_cheap(&self) -> bool {
        match self {
            Self::Present(_) | Self::Bool(_) | Self::Pinned(_) | Self::Number(_) => true,
            Self::Is(wanted) | Self::Prefix(wanted) | Self::Suffix(wanted) => wanted.literal().is_some(),
            Self::Not(test) => test.is_cheap(),
            Self::Any(tests) | Self::All(tests) => tests.iter().all(Self::is_cheap),
            _ => false,
        }
    }

    /// Adds the names that the test may bind.
    fn captures(&self, names: &mut Vec<Arc<str>>) {
        match self {
            Self::Regex(expression) => names.extend(expression.names.iter().cloned()),
            Self::Any(tests) | Self::All(tests) => tests.iter().for_each(|test| test.captures(names)),
            Self::Has(test) | Self::First(test) | Self::Last(test) | Self::Named(_, test) => {
                test.captures(names);
            }
            Self::Entry(name, value) => {
                name.captures(names);
                if let Some(value) = value {
                    value.captures(names);
                }
            }
            Self::Fact(pattern) | Self::SomeFact(pattern) => names.extend(pattern.captures()),
            _ => {}
        }
    }

    /// Whether the value is so.
    fn holds(&self, value: &FieldValue<'_>, scene: &mut Scene<'_>) -> Verdict {
        match (self, value) {
            (Self::Not(test), _) => {
                let mark = scene.captures.mark();
                let verdict = test.holds(value, scene).not();
                scene.captures.unbind(mark);
                verdict
            }
            (Self::Any(tests), _) => Verdict::any(tests.iter().map(|test| test.holds(value, scene))),
            (Self::All(tests), _) => {
                let mark = scene.captures.mark();
                let verdict = Verdict::all(tests.iter().map(|test| test.holds(value, scene)));
                if verdict != Verdict::Yes {
                    scene.captures.unbind(mark);
                }
                verdict
            }
            (Self::Present(yes), _) => (matches!(value, FieldValue::Absent) != *yes).into(),
            (_, FieldValue::Unknown) => Verdict::Unknown,
            (Self::Bool(yes), FieldValue::Bool(value)) => (yes == value).into(),
            (Self::Number(range), FieldValue::Number(number)) => {
                usize::try_from(*number).map_or(Verdict::No, |number| range.holds(number, scene))
            }
            (_, FieldValue::Text(text)) => self.holds_for_text(&text.text, Some(text), scene),
            (_, FieldValue::Str(text)) => self.holds_for_text(text, None, scene),
            (_, FieldValue::Versions(versions)) => self.holds_for_versions(versions),
            (Self::Fact(pattern), FieldValue::Fact(_, index)) => pattern.test(*index, scene),
            (Self::SomeFact(pattern), FieldValue::Facts(_, indices)) => {
                Verdict::any(indices.iter().map(|index| pattern.test(*index, scene)))
            }
            (Self::NoFact(pattern), FieldValue::Facts(_, indices)) => {
                Verdict::any(indices.iter().map(|index| pattern.test(*index, scene))).not()
            }
            (Self::Count(range), FieldValue::Facts(_, indices)) => range.holds(indices.len(), scene),
            _ => self.holds_for_items(value, scene),
        }
    }

    fn holds_for_text(&self, text: &str, value: Option<&Value>, scene: &mut Scene<'_>) -> Verdict {
        let compare = |template: &Template, scene: &Scene<'_>, holds: fn(&str, &str) -> bool| match template
            .literal()
        {
            Some(wanted) => holds(text, wanted).into(),
            None => scene.render(template).map_or(Verdict::Unknown, |wanted| holds(text, &wanted).into()),
        };
        match self {
            Self::Is(wanted) => compare(wanted, scene, |text, wanted| text == wanted),
            Self::Prefix(wanted) => compare(wanted, scene, |text, wanted| text.starts_with(wanted)),
            Self::Suffix(wanted) => compare(wanted, scene, |text, wanted| text.ends_with(wanted)),
            Self::Contains(wanted) => compare(wanted, scene, |text, wanted| text.contains(wanted)),
            Self::Covers(wanted) => compare(wanted, scene, covers),
            Self::Among(name) => match scene.parameters.and_then(|parameters| parameters.texts(name)) {
                Some(texts) => texts.iter().any(|wanted| is_like(text, wanted)).into(),
                None => Verdict::Unknown,
            },
            Self::Regex(expression) => bind_groups(expression, text, value, scene).into(),
            Self::Version(versions) => {
                Version::parse(text).map_or(Verdict::Unknown, |version| versions.contains(&version).into())
            }
            Self::Number(range) => text.parse().map_or(Verdict::No, |number| range.holds(number, scene)),
            _ => Verdict::No,
        }
    }

    fn holds_for_versions(&self, versions: &VersionSet) -> Verdict {
        match self {
            Self::Within(set) => versions.is_within_for_sure(set),
            Self::Overlaps(set) => !versions.and(set).is_empty_for_sure(),
            Self::Admits(version) => versions.contains(version),
            Self::Pinned(yes) => versions.pinned().is_some() == *yes,
            _ => false,
        }
        .into()
    }

    /// Lists, options and maps; what is absent counts as an empty list.
    fn holds_for_items(&self, value: &FieldValue<'_>, scene: &mut Scene<'_>) -> Verdict {
        let items = Items(value);
        let complete = items.complete();
        let doubt = if complete { Verdict::No } else { Verdict::Unknown };
        match self {
            Self::Has(test) => Verdict::any([items.some(test, scene), doubt]),
            Self::Lacks(test) => {
                let mark = scene.captures.mark();
                let verdict = Verdict::any([items.some(test, scene), doubt]).not();
                scene.captures.unbind(mark);
                verdict
            }
            Self::Only(test) => {
                let all = Verdict::all(items.entries().map(|(text, _)| test.holds(&text, scene)));
                Verdict::all([all, doubt.not()])
            }
            Self::Count(range) if complete => range.holds(items.entries().count(), scene),
            Self::First(test) if complete => {
                items.entries().next().map_or(Verdict::No, |(text, _)| test.holds(&text, scene))
            }
            Self::Last(test) if complete => {
                items.entries().next_back().map_or(Verdict::No, |(text, _)| test.holds(&text, scene))
            }
            Self::Count(_) | Self::First(_) | Self::Last(_) => Verdict::Unknown,
            Self::Entry(name, value) => {
                Verdict::any([items.some_entry(name, value.as_deref(), scene), doubt])
            }
            Self::NoEntry(name, value) => {
                let mark = scene.captures.mark();
                let verdict = Verdict::any([items.some_entry(name, value.as_deref(), scene), doubt]).not();
                scene.captures.unbind(mark);
                verdict
            }
            Self::Named(name, test) => {
                let is_named = |(text, _): &(_, _)| matches!(text, FieldValue::Str(key) if key == name);
                match items.entries().find(is_named) {
                    Some((_, value)) => test.holds(&value, scene),
                    None if complete => test.holds(&FieldValue::Absent, scene),
                    None => Verdict::Unknown,
                }
            }
            _ => Verdict::No,
        }
    }
}

/// The items of a list, or the names and values of options or of a map.
struct Items<'v, 'f>(&'v FieldValue<'f>);

impl<'f> Items<'_, 'f> {
    /// Whether these are all.
    fn complete(&self) -> bool {
        match self.0 {
            FieldValue::Texts { complete, .. } | FieldValue::Flags { complete, .. } => *complete,
            _ => true,
        }
    }

    /// Each with its value; an item of a list has none.
    fn entries(&self) -> impl DoubleEndedIterator<Item = (FieldValue<'f>, FieldValue<'f>)> {
        let (texts, flags, map) = match self.0 {
            FieldValue::Texts { texts, .. } => (Some(*texts), &[][..], None),
            FieldValue::Flags { flags, .. } => (None, *flags, None),
            FieldValue::Map(map) => (None, &[][..], Some(*map)),
            _ => (None, &[][..], None),
        };
        let known = |value: &'f Value| {
            if value.is_known() { FieldValue::Text(value) } else { FieldValue::Unknown }
        };
        let texts = texts.into_iter().flat_map(List::iter).map(|text| (text.into(), FieldValue::Absent));
        let flags = flags.iter().map(move |flag| {
            (FieldValue::Str(&flag.name), flag.value.as_ref().map_or(FieldValue::Absent, known))
        });
        let map = map.into_iter().flatten().map(move |(name, value)| (FieldValue::Str(name), known(value)));
        texts.chain(flags).chain(map)
    }

    fn some(&self, test: &Test, scene: &mut Scene<'_>) -> Verdict {
        Verdict::any(self.entries().map(|(text, _)| test.holds(&text, scene)))
    }

    fn some_entry(&self, name: &Test, value: Option<&Test>, scene: &mut Scene<'_>) -> Verdict {
        Verdict::any(self.entries().map(|(text, own)| match name.holds(&text, scene) {
            Verdict::Yes => value.map_or(Verdict::Yes, |value| value.holds(&own, scene)),
            other => other,
        }))
    }
}

/// Whether the text is as wanted, where `*` stands for any text.
fn is_like(text: &str, wanted: &str) -> bool {
    let Some((start, rest)) = wanted.split_once('*') else { return text == wanted };
    let Some(mut text) = text.strip_prefix(start) else { return false };
    let (middle, end) = rest.rsplit_once('*').map_or(("", rest), |(middle, end)| (middle, end));
    for part in middle.split('*') {
        let Some(at) = text.find(part) else { return false };
        text = text.get(at + part.len()..).unwrap_or_default();
    }
    text.ends_with(end)
}

/// Whether `folder` is `path` or a folder above it.
fn covers(folder: &str, path: &str) -> bool {
    let folder = folder.trim_end_matches('/');
    path.strip_prefix(folder).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

fn bind_groups(expression: &Expression, text: &str, value: Option<&Value>, scene: &mut Scene<'_>) -> bool {
    if expression.names.is_empty() {
        return expression.regex.is_match(text);
    }
    let Some(groups) = expression.regex.captures(text) else { return false };
    for name in &expression.names {
        let bound = groups.name(name).map_or_else(Value::default, |group| match value {
            Some(value) => value.slice(group.range()),
            None => Value::nowhere(group.as_str()),
        });
        scene.captures.bind(Arc::clone(name), bound);
    }
    true
}

#[cfg(test)]
mod tests {
    use super::is_like;

    #[test]
    fn stars_stand_for_any_text() {
        for (text, wanted) in
            [("a", "a"), ("ab", "a*"), ("ab", "*b"), ("abc", "*b*"), ("a.b.c", "a*.*c"), ("", "*")]
        {
            assert!(is_like(text, wanted), "{text} {wanted}");
        }
        for (text, wanted) in [("a", "b"), ("ab", "b*"), ("ab", "*a"), ("a", "a*a"), ("abc", "*c*b*")] {
            assert!(!is_like(text, wanted), "{text} {wanted}");
        }
    }
}
