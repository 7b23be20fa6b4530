//! Environment markers: the condition after `;`.

use std::collections::BTreeMap;

use super::scan::Scanner;
use super::{RequirementFault, RequirementFaultKind, normalize_name};
use crate::version::{Specifier, Version, VersionSet};

/// How deep brackets may be nested.
const MAX_DEPTH: usize = 64;

/// A condition on the environment into which something is installed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Marker {
    /// All hold.
    And(Vec<Marker>),
    /// One holds.
    Or(Vec<Marker>),
    /// One comparison.
    Comparison(Comparison),
}

/// `python_version >= "3.8"`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Comparison {
    /// What stands before the operator.
    pub left: MarkerOperand,
    /// The operator.
    pub relation: Relation,
    /// What stands after it.
    pub right: MarkerOperand,
}

/// One side of a comparison.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MarkerOperand {
    /// A variable, by its present name (`os_name`, not `os.name`).
    Variable(&'static str),
    /// A text in quotes.
    Literal(String),
}

/// The operators of markers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Relation {
    Equal,
    NotEqual,
    Less,
    AtMost,
    Greater,
    AtLeast,
    Compatible,
    Identical,
    In,
    NotIn,
}

/// Spelling and meaning of the operators that are signs.
const SIGNS: [(&str, Relation); 8] = [
    ("==", Relation::Equal),
    ("!=", Relation::NotEqual),
    ("<", Relation::Less),
    ("<=", Relation::AtMost),
    (">", Relation::Greater),
    (">=", Relation::AtLeast),
    ("~=", Relation::Compatible),
    ("===", Relation::Identical),
];

/// Every spelling of a variable and its present name.
const VARIABLES: [(&str, &str); 18] = [
    ("python_version", "python_version"),
    ("python_full_version", "python_full_version"),
    ("os_name", "os_name"),
    ("os.name", "os_name"),
    ("sys_platform", "sys_platform"),
    ("sys.platform", "sys_platform"),
    ("platform_release", "platform_release"),
    ("platform_system", "platform_system"),
    ("platform_version", "platform_version"),
    ("platform.version", "platform_version"),
    ("platform_machine", "platform_machine"),
    ("platform.machine", "platform_machine"),
    ("platform_python_implementation", "platform_python_implementation"),
    ("platform.python_implementation", "platform_python_implementation"),
    ("python_implementation", "platform_python_implementation"),
    ("implementation_name", "implementation_name"),
    ("implementation_version", "implementation_version"),
    ("extra", "extra"),
];

/// What is known of the environment into which something is installed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Environment {
    values: BTreeMap<String, String>,
}

impl Environment {
    /// An environment of which nothing is known.
    pub fn new() -> Self {
        Self::default()
    }

    /// `CPython` on Linux, with nothing known of its version or of the machine, and no extra asked for.
    pub fn linux() -> Self {
        let known = [
            ("os_name", "posix"),
            ("sys_platform", "linux"),
            ("platform_system", "Linux"),
            ("implementation_name", "cpython"),
            ("platform_python_implementation", "CPython"),
            ("extra", ""),
        ];
        Self { values: known.map(|(name, value)| (name.to_owned(), value.to_owned())).into() }
    }

    /// Sets a variable.
    #[must_use]
    pub fn with(mut self, variable: &str, value: &str) -> Self {
        self.values.insert(variable.to_owned(), value.to_owned());
        self
    }

    /// Sets the version of Python, as far as it is known: `3.11`, or `3.11.4`.
    #[must_use]
    pub fn with_python(mut self, version: &Version) -> Self {
        if version.release().len() > 2 {
            self = self.with("python_full_version", version.as_str());
        }
        if version.minor().is_some() {
            self = self.with("python_version", version.truncated(2).as_str());
        }
        self
    }

    /// The value of a variable, if it is known.
    pub fn get(&self, variable: &str) -> Option<&str> {
        self.values.get(variable).map(String::as_str)
    }
}

impl Marker {
    /// Whether the condition holds; `None` where that depends on something not known.
    pub fn evaluate(&self, environment: &Environment) -> Option<bool> {
        let decided_by = |markers: &[Self], decisive: bool| {
            let mut verdict = Some(!decisive);
            for marker in markers {
                match marker.evaluate(environment) {
                    Some(found) if found == decisive => return Some(decisive),
                    Some(_) => {}
                    None => verdict = None,
                }
            }
            verdict
        };
        match self {
            Self::And(markers) => decided_by(markers, false),
            Self::Or(markers) => decided_by(markers, true),
            Self::Comparison(comparison) => comparison.evaluate(environment),
        }
    }
}

impl Comparison {
    fn evaluate(&self, environment: &Environment) -> Option<bool> {
        use MarkerOperand::{Literal, Variable};
        match (&self.left, &self.right) {
            (Variable(name @ "python_full_version"), Literal(text)) if environment.get(name).is_none() => {
                self.evaluate_series(environment, text)
            }
            (Variable(name), Literal(text)) => self.compare(name, environment.get(name)?, text),
            (Literal(text), Variable(name)) => self.compare(name, text, environment.get(name)?),
            // Nothing that PEP 508 gives a meaning.
            _ => None,
        }
    }

    /// Compares as versions if the variable is one and the other side can be, and else as texts. Texts have
    /// no order.
    fn compare(&self, variable: &str, left: &str, right: &str) -> Option<bool> {
        let is_version = matches!(
            variable,
            "python_version" | "python_full_version" | "implementation_version" | "platform_release"
        );
        if is_version
            && let Some(specifier) = self.specifier(right)
            && let Ok(version) = Version::parse(left)
        {
            return Some(specifier.contains(&version));
        }
        if variable == "extra" {
            return self.compare_texts(&normalize_name(left), &normalize_name(right));
        }
        self.compare_texts(left, right)
    }

    fn compare_texts(&self, left: &str, right: &str) -> Option<bool> {
        match self.relation {
            Relation::Equal | Relation::AtMost | Relation::AtLeast => Some(left == right),
            Relation::NotEqual => Some(left != right),
            Relation::Less | Relation::Greater => Some(false),
            Relation::In => Some(right.contains(left)),
            Relation::NotIn => Some(!right.contains(left)),
            Relation::Compatible | Relation::Identical => None,
        }
    }

    /// Compares the full version of Python where no more than `3.11` is known of it: what holds for every
    /// 3.11.x, or for none, is still certain.
    fn evaluate_series(&self, environment: &Environment, text: &str) -> Option<bool> {
        let series = Version::parse(environment.get("python_version")?).ok()?;
        let possible = VersionSet::from(Specifier::EqualPrefix(series));
        let wanted = VersionSet::from(self.specifier(text)?);
        if possible.is_within_for_sure(&wanted) {
            return Some(true);
        }
        possible.and(&wanted).is_empty_for_sure().then_some(false)
    }

    /// The comparison as a specifier, if its operator has one and `version` can stand in it.
    fn specifier(&self, version: &str) -> Option<Specifier> {
        let (sign, _) = SIGNS.iter().find(|(_, relation)| *relation == self.relation)?;
        Specifier::parse(&format!("{sign}{version}")).ok()
    }
}

/// Reads a whole marker.
pub(super) fn parse(scanner: &mut Scanner<'_>) -> Result<Marker, RequirementFault> {
    let marker = parse_or(scanner, 0)?;
    if scanner.is_done() { Ok(marker) } else { Err(scanner.unexpected("`and`, `or` or the end")) }
}

fn parse_or(scanner: &mut Scanner<'_>, depth: usize) -> Result<Marker, RequirementFault> {
    let first = parse_and(scanner, depth)?;
    let mut all = vec![first];
    while eat_word(scanner, "or") {
        all.push(parse_and(scanner, depth)?);
    }
    Ok(single_or(all, Marker::Or))
}

fn parse_and(scanner: &mut Scanner<'_>, depth: usize) -> Result<Marker, RequirementFault> {
    let first = parse_atom(scanner, depth)?;
    let mut all = vec![first];
    while eat_word(scanner, "and") {
        all.push(parse_atom(scanner, depth)?);
    }
    Ok(single_or(all, Marker::And))
}

/// The only marker of a list, or the list put together.
fn single_or(mut markers: Vec<Marker>, together: fn(Vec<Marker>) -> Marker) -> Marker {
    match markers.pop() {
        Some(only) if markers.is_empty() => only,
        last => {
            markers.extend(last);
            together(markers)
        }
    }
}

/// A comparison, or a marker in brackets.
fn parse_atom(scanner: &mut Scanner<'_>, depth: usize) -> Result<Marker, RequirementFault> {
    scanner.skip_space();
    let open = scanner.at;
    if !scanner.eat('(') {
        let left = parse_operand(scanner)?;
        let relation = parse_relation(scanner)?;
        let right = parse_operand(scanner)?;
        return Ok(Marker::Comparison(Comparison { left, relation, right }));
    }
    if depth == MAX_DEPTH {
        return Err(scanner.fault(open..scanner.at, RequirementFaultKind::TooDeep));
    }
    let marker = parse_or(scanner, depth + 1)?;
    if scanner.eat(')') {
        scanner.skip_space();
        return Ok(marker);
    }
    if scanner.is_done() {
        return Err(scanner.fault(open..open + 1, RequirementFaultKind::Unclosed('(')));
    }
    Err(scanner.unexpected("`and`, `or` or `)`"))
}

/// A variable or a text in quotes, and the white space around it.
fn parse_operand(scanner: &mut Scanner<'_>) -> Result<MarkerOperand, RequirementFault> {
    scanner.skip_space();
    let start = scanner.at;
    let operand = if let Some(quote @ ('"' | '\'')) = scanner.peek() {
        scanner.eat(quote);
        let text = scanner.take_while(|next| next != quote);
        if !scanner.eat(quote) {
            return Err(scanner.fault(start..start + 1, RequirementFaultKind::Unclosed(quote)));
        }
        MarkerOperand::Literal(scanner.text(text).to_owned())
    } else {
        let range = scanner.take_while(|next| next.is_ascii_alphanumeric() || matches!(next, '_' | '.'));
        let written = scanner.text(range.clone());
        if written.is_empty() {
            return Err(scanner.unexpected("a marker variable or a text in quotes"));
        }
        let Some((_, name)) = VARIABLES.iter().find(|(spelling, _)| *spelling == written) else {
            return Err(scanner.fault(range, RequirementFaultKind::UnknownVariable(written.to_owned())));
        };
        MarkerOperand::Variable(name)
    };
    scanner.skip_space();
    Ok(operand)
}

fn parse_relation(scanner: &mut Scanner<'_>) -> Result<Relation, RequirementFault> {
    let mut ahead = scanner.clone();
    let sign = ahead.take_while(|next| matches!(next, '<' | '>' | '=' | '!' | '~'));
    let sign = ahead.text(sign);
    if let Some((_, relation)) = SIGNS.iter().find(|(spelling, _)| *spelling == sign) {
        *scanner = ahead;
        return Ok(*relation);
    }
    if eat_word(scanner, "in") {
        return Ok(Relation::In);
    }
    if eat_word(&mut ahead, "not") {
        ahead.skip_space();
        if eat_word(&mut ahead, "in") {
            *scanner = ahead;
            return Ok(Relation::NotIn);
        }
    }
    Err(scanner.unexpected("a comparison operator"))
}

/// Moves over a word that is not part of a longer one.
fn eat_word(scanner: &mut Scanner<'_>, word: &str) -> bool {
    let mut ahead = scanner.clone();
    let range = ahead.take_while(|next| next.is_ascii_alphanumeric() || next == '_');
    let found = ahead.text(range) == word;
    if found {
        *scanner = ahead;
    }
    found
}
