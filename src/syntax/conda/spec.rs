//! One conda spec.

use std::ops::Range;

use crate::source::{Mapped, Span};
use crate::syntax::requirements::{RequirementFaultKind, SpecifierPart, Text};
use crate::version::{Specifier, Specifiers, Version, VersionSet};

/// A package, and what is asked of its version and build.
#[derive(Clone, Debug, PartialEq)]
pub struct CondaSpec {
    /// All of it.
    pub span: Span,
    /// The channel before `::`, a platform after `/` included.
    pub channel: Option<Text>,
    /// The name as written; it may hold `*`.
    pub name: Text,
    /// Where the version stands, operators included: `=2.1.2` of `pytorch=2.1.2=py3.10*`. Where there is none,
    /// the empty span after the name, which is where a first one goes.
    pub constraint: Span,
    /// The comparisons in the version, in order.
    pub specifiers: Vec<SpecifierPart>,
    /// The versions admitted; `None` where conda's way of asking is not understood.
    pub versions: Option<VersionSet>,
    /// The build string, which may hold `*`.
    pub build: Option<Text>,
    /// The `key=value` pairs in brackets at the end, without quotes.
    pub fields: Vec<(Text, Text)>,
}

impl CondaSpec {
    /// The name in the form in which conda compares names.
    pub fn normalized_name(&self) -> String {
        self.name.text.to_ascii_lowercase()
    }
}

/// Text that is not what conda reads.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{kind}")]
pub struct CondaFault {
    /// The bytes at fault.
    pub span: Span,
    /// What is wrong with them.
    pub kind: CondaFaultKind,
}

/// The kinds of [`CondaFault`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CondaFaultKind {
    /// A file that is not YAML.
    #[error("{0}")]
    Yaml(String),
    /// A line under `pip:` that pip would refuse.
    #[error("{0}")]
    Requirement(RequirementFaultKind),
    /// Not the name of a package where one should be.
    #[error("a spec begins with the name of a package")]
    NoName,
    /// A bracket that nothing closes.
    #[error("nothing closes this `[`")]
    Unclosed,
}

/// Reads a spec.
pub(super) fn parse(source: &Mapped) -> Result<CondaSpec, CondaFault> {
    let text = source.as_str();
    let spanned = |range: Range<usize>| Text {
        text: text.get(range.clone()).unwrap_or_default().to_owned(),
        span: source.span(range),
    };
    let whole = trim(text, 0..text.len());
    let (body, fields) = split_fields(text, whole.clone())
        .ok_or_else(|| CondaFault { span: source.span(whole.clone()), kind: CondaFaultKind::Unclosed })?;
    let slice = |range: &Range<usize>| text.get(range.clone()).unwrap_or_default();
    let name_at = slice(&body).rfind("::").map_or(body.start, |at| body.start + at + 2);
    let channel = (name_at > body.start).then(|| {
        // `channel:namespace:name` has been out of use for years; what stands between the colons is dropped.
        let before = slice(&(body.start..name_at)).split(':').next().unwrap_or_default();
        spanned(body.start..body.start + before.len())
    });
    let rest = slice(&(name_at..body.end));
    let length = rest.find([' ', '=', '<', '>', '!', '~']).unwrap_or(rest.len());
    let name = name_at..name_at + length;
    let is_name = |name: &str| {
        name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.*".contains(&byte))
            && !name.is_empty()
            && !name.starts_with(['-', '.'])
    };
    if !is_name(slice(&name)) {
        return Err(CondaFault { span: source.span(whole), kind: CondaFaultKind::NoName });
    }
    let (version, build) = split_build(text, trim(text, name.end..body.end));
    let fields: Vec<_> = fields.into_iter().map(|(key, value)| (spanned(key), value)).collect();
    let field =
        |wanted: &str| fields.iter().find(|(key, _)| key.text == wanted).map(|(_, value)| value.clone());
    let has_build = build.is_some() || field("build").is_some();
    let version = if version.is_empty() { field("version").unwrap_or(version) } else { version };
    let parts = specifiers(source, version.clone(), has_build);
    Ok(CondaSpec {
        span: source.span(whole),
        channel: channel.or_else(|| field("channel").map(spanned)),
        name: spanned(name.clone()),
        constraint: if version.is_empty() {
            Span::at(source.span(name).end)
        } else {
            source.span(version.clone())
        },
        versions: versions(text, version, &parts),
        specifiers: parts.into_iter().map(|part| part.placed).collect(),
        build: build.or_else(|| field("build")).map(spanned),
        fields: fields.into_iter().map(|(key, value)| (key, spanned(value))).collect(),
    })
}

fn trim(text: &str, range: Range<usize>) -> Range<usize> {
    let inner = text.get(range.clone()).unwrap_or_default();
    let start = range.start + inner.len() - inner.trim_start().len();
    start..start + inner.trim().len()
}

type Pair = (Range<usize>, Range<usize>);

/// Cuts `[key=value, key='value']` off the end. `None` where a bracket is open.
fn split_fields(text: &str, range: Range<usize>) -> Option<(Range<usize>, Vec<Pair>)> {
    let inner = text.get(range.clone()).unwrap_or_default();
    let Some(open) = inner.find('[') else { return Some((range, Vec::new())) };
    let list = inner.get(open + 1..)?.strip_suffix(']')?;
    let mut fields = Vec::new();
    let mut quote = None;
    let mut start = range.start + open + 1;
    let base = start;
    for (at, next) in list.char_indices().chain([(list.len(), ',')]) {
        match next {
            '\'' | '"' if quote.is_none() => quote = Some(next),
            _ if quote == Some(next) => quote = None,
            ',' if quote.is_none() || at == list.len() => {
                fields.extend(field(text, start..base + at));
                start = base + at + 1;
            }
            _ => {}
        }
    }
    Some((trim(text, range.start..range.start + open), fields))
}

/// `key=value`, the value without quotes.
fn field(text: &str, range: Range<usize>) -> Option<Pair> {
    let equals = range.start + text.get(range.clone())?.find('=')?;
    let mut value = trim(text, equals + 1..range.end);
    let written = text.get(value.clone())?;
    if written.len() > 1 && written.starts_with(['\'', '"']) && written.ends_with(['\'', '"']) {
        value = value.start + 1..value.end - 1;
    }
    Some((trim(text, range.start..equals), value))
}

/// Splits `=2.1.2=py3.10*` or `2.1.2 py3.10*` into version and build.
fn split_build(text: &str, range: Range<usize>) -> (Range<usize>, Option<Range<usize>>) {
    let inner = text.get(range.clone()).unwrap_or_default();
    // A separator is a `=` or a space that no operator or list goes before, and no version follows.
    let separator = inner.char_indices().rev().find(|(at, next)| {
        let before = inner.get(..*at).unwrap_or_default();
        let after = inner.get(at + next.len_utf8()..).unwrap_or_default();
        matches!(next, '=' | ' ')
            && !before.is_empty()
            && !before.ends_with(['=', '!', '|', ',', '<', '>', '~', ' '])
            && !after.is_empty()
            && !after.contains(['=', ',', '|', '<', '>', '~', ' ', '!'])
    });
    match separator {
        Some((at, _)) => (trim(text, range.start..range.start + at), Some(range.start + at + 1..range.end)),
        None => (range, None),
    }
}

/// A comparison, and which alternative it belongs to.
struct Part {
    placed: SpecifierPart,
    alternative: usize,
    /// `*`, which says nothing.
    is_any: bool,
}

/// The comparisons of a version: alternatives separated by `|`, each a list separated by `,`.
fn specifiers(source: &Mapped, range: Range<usize>, exact: bool) -> Vec<Part> {
    let text = source.as_str();
    let mut parts = Vec::new();
    let mut start = range.start;
    let mut alternative = 0;
    let inner = text.get(range.clone()).unwrap_or_default();
    for piece in inner.split_inclusive([',', '|']) {
        let body = trim(text, start..start + piece.trim_end_matches([',', '|']).len());
        let written = text.get(body.clone()).unwrap_or_default();
        let length = written.find(|next| !"<>=!~".contains(next)).unwrap_or(written.len());
        let version = trim(text, body.start + length..body.end);
        let operator = written.get(..length).unwrap_or_default();
        let operand = text.get(version.clone()).unwrap_or_default();
        parts.push(Part {
            placed: SpecifierPart {
                specifier: specifier(operator, operand, exact),
                span: source.span(body.clone()),
                operator: source.span(body.start..body.start + length),
                version: source.span(version),
            },
            alternative,
            is_any: operator.trim_start_matches('=').is_empty() && operand == "*",
        });
        alternative += usize::from(piece.ends_with('|'));
        start += piece.len();
    }
    parts
}

/// What one comparison means. `exact` is whether a build follows, which makes `=1.2` mean no more than 1.2.
fn specifier(operator: &str, operand: &str, exact: bool) -> Option<Specifier> {
    let (version, starred) = match operand.strip_suffix(".*") {
        Some(prefix) => (prefix, true),
        None => (operand, false),
    };
    let version = Version::parse(version).ok()?;
    Some(match operator {
        "=" if starred || !exact => Specifier::fuzzy(version),
        "" | "==" if starred => Specifier::EqualPrefix(version),
        "" | "=" | "==" => Specifier::Equal(version),
        "!=" if starred => Specifier::NotEqualPrefix(version),
        "!=" => Specifier::NotEqual(version),
        "<" => Specifier::Less(version),
        "<=" => Specifier::AtMost(version),
        ">" => Specifier::Greater(version),
        // conda reads `>=1.2.*` as `>=1.2`.
        ">=" => Specifier::AtLeast(version),
        "~=" if version.release().len() > 1 => Specifier::Compatible(version),
        _ => return None,
    })
}

/// The set that the comparisons make, unless one of them is not understood.
fn versions(text: &str, range: Range<usize>, parts: &[Part]) -> Option<VersionSet> {
    // Brackets change what `,` and `|` hold together.
    if text.get(range).unwrap_or_default().contains(['(', ')', '^', '$']) {
        return None;
    }
    let mut alternatives: Vec<Vec<Specifier>> = Vec::new();
    for part in parts {
        alternatives.resize_with(part.alternative + 1, Vec::new);
        if let Some(alternative) = alternatives.last_mut().filter(|_| !part.is_any) {
            alternative.push(part.placed.specifier.clone()?);
        }
    }
    if alternatives.is_empty() {
        return Some(VersionSet::all());
    }
    Some(VersionSet::any_of(alternatives.into_iter().map(|all| all.into_iter().collect::<Specifiers>())))
}
