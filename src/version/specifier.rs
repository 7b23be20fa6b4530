//! Specifiers: an operator with a version, and lists of them.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::ops::Range;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{Version, VersionError, VersionFault};

/// One condition on a version, such as `>=2.1`.
///
/// Two specifiers are equal when they read alike up to the spelling of the version; `==1.0` and `==1.0.0` are
/// not, because `==1.0.*` and `==1.0.0.*` do not mean the same.
#[derive(Clone, Debug)]
pub enum Specifier {
    /// `==2.5.1`: this version, with any local part unless it names one.
    Equal(Version),
    /// `==2.5.*`: every version whose release begins like this.
    EqualPrefix(Version),
    /// `!=2.5.1`
    NotEqual(Version),
    /// `!=2.5.*`
    NotEqualPrefix(Version),
    /// `~=2.5.1`: at least this, and alike in all but the last number of the release.
    Compatible(Version),
    /// `<2.5.1`, which leaves out the pre-releases of 2.5.1.
    Less(Version),
    /// `<=2.5.1`
    AtMost(Version),
    /// `>2.5.1`, which leaves out the post-releases and local versions of 2.5.1.
    Greater(Version),
    /// `>=2.5.1`
    AtLeast(Version),
    /// `===text`: this text and no other, whatever the case of its letters.
    Identical(String),
}

/// A specifier, and where in the text that was parsed it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LocatedSpecifier {
    /// What it says.
    pub specifier: Specifier,
    /// The bytes of its operator.
    pub operator: Range<usize>,
    /// The bytes of its version, a final `.*` included.
    pub version: Range<usize>,
}

impl Specifier {
    /// conda's `=1.2`, which every release satisfies that begins like this.
    pub fn fuzzy(version: Version) -> Self {
        Self::EqualPrefix(version)
    }

    /// Reads one specifier.
    pub fn parse(text: &str) -> Result<Self, VersionError> {
        parse_one(text, 0).map(|located| located.specifier)
    }

    /// The operator as PEP 440 writes it.
    pub fn operator(&self) -> &'static str {
        match self {
            Self::Equal(_) | Self::EqualPrefix(_) => "==",
            Self::NotEqual(_) | Self::NotEqualPrefix(_) => "!=",
            Self::Compatible(_) => "~=",
            Self::Less(_) => "<",
            Self::AtMost(_) => "<=",
            Self::Greater(_) => ">",
            Self::AtLeast(_) => ">=",
            Self::Identical(_) => "===",
        }
    }

    /// The version after the operator, without `.*`; `None` for `===`, whose text need not be one.
    pub fn version(&self) -> Option<&Version> {
        match self {
            Self::Identical(_) => None,
            Self::Equal(version)
            | Self::EqualPrefix(version)
            | Self::NotEqual(version)
            | Self::NotEqualPrefix(version)
            | Self::Compatible(version)
            | Self::Less(version)
            | Self::AtMost(version)
            | Self::Greater(version)
            | Self::AtLeast(version) => Some(version),
        }
    }

    /// Whether `version` satisfies the specifier, pre-release or not.
    pub fn contains(&self, version: &Version) -> bool {
        match self {
            Self::Equal(wanted) => equals(version, wanted),
            Self::NotEqual(wanted) => !equals(version, wanted),
            Self::EqualPrefix(prefix) => begins_with(version, prefix.epoch(), prefix.release()),
            Self::NotEqualPrefix(prefix) => !begins_with(version, prefix.epoch(), prefix.release()),
            Self::Compatible(least) => {
                let prefix = least.release().split_last().map_or(&[][..], |(_, prefix)| prefix);
                version.cmp_public(least).is_ge() && begins_with(version, least.epoch(), prefix)
            }
            Self::AtMost(most) => version.cmp_public(most).is_le(),
            Self::AtLeast(least) => version.cmp_public(least).is_ge(),
            Self::Less(bound) if bound.is_pre_release() => version.cmp_public(bound).is_lt(),
            Self::Less(bound) => version.precedes_all_of(bound),
            Self::Greater(bound) => {
                let may_be_post = bound.post().is_some() || bound.dev().is_some();
                version.cmp_public(bound).is_gt() && (may_be_post || !version.same_before_post(bound))
            }
            Self::Identical(text) => version.normalized().eq_ignore_ascii_case(text),
        }
    }

    /// Whether it names a pre-release, and so asks for pre-releases. `!=` never does.
    pub fn asks_for_pre_releases(&self) -> bool {
        match self {
            Self::NotEqual(_) | Self::NotEqualPrefix(_) => false,
            Self::Identical(text) => Version::parse(text).is_ok_and(|version| version.is_pre_release()),
            _ => self.version().is_some_and(Version::is_pre_release),
        }
    }

    /// What equality and hash look at.
    fn key(&self) -> (std::mem::Discriminant<Self>, Option<&Version>, usize, Option<String>) {
        let text = if let Self::Identical(text) = self { Some(text.to_ascii_lowercase()) } else { None };
        let length = self.version().map_or(0, |version| version.release().len());
        (std::mem::discriminant(self), self.version(), length, text)
    }
}

/// A wanted version without a local part is satisfied by every local version of it.
fn equals(version: &Version, wanted: &Version) -> bool {
    if wanted.local().is_some() { version == wanted } else { version.cmp_public(wanted).is_eq() }
}

/// Whether the release, with zeros after it, begins with `prefix`.
fn begins_with(version: &Version, epoch: u64, prefix: &[u64]) -> bool {
    let release = version.release().iter().copied().chain(std::iter::repeat(0));
    version.epoch() == epoch && release.zip(prefix).all(|(number, wanted)| number == *wanted)
}

impl PartialEq for Specifier {
    fn eq(&self, other: &Self) -> bool {
        self.key() == other.key()
    }
}

impl Eq for Specifier {}

impl Hash for Specifier {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.key().hash(state);
    }
}

impl fmt::Display for Specifier {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.operator())?;
        match self {
            Self::Identical(text) => formatter.write_str(text),
            Self::EqualPrefix(version) | Self::NotEqualPrefix(version) => write!(formatter, "{version}.*"),
            _ => self.version().map_or(Ok(()), |version| write!(formatter, "{version}")),
        }
    }
}

/// A list of specifiers, all of which must hold; the empty list always does.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Specifiers {
    list: Vec<Specifier>,
}

impl Specifiers {
    /// Reads a list separated by commas; a comma after the last is allowed.
    pub fn parse(text: &str) -> Result<Self, VersionError> {
        Ok(Self::parse_located(text)?.into_iter().map(|located| located.specifier).collect())
    }

    /// Reads a list as [`Specifiers::parse`] does, and tells where each specifier stands in `text`.
    pub fn parse_located(text: &str) -> Result<Vec<LocatedSpecifier>, VersionError> {
        let mut located = Vec::new();
        let mut start = 0;
        let pieces: Vec<&str> = text.split(',').collect();
        for (index, piece) in pieces.iter().enumerate() {
            let last = index + 1 == pieces.len();
            if !(last && piece.trim().is_empty()) {
                located.push(parse_one(piece, start)?);
            }
            start += piece.len() + 1;
        }
        Ok(located)
    }

    /// The specifiers in the order in which they were written.
    pub fn iter(&self) -> std::slice::Iter<'_, Specifier> {
        self.list.iter()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// Whether `version` satisfies all of them, pre-release or not.
    pub fn contains(&self, version: &Version) -> bool {
        self.list.iter().all(|specifier| specifier.contains(version))
    }

    /// Whether an installer would take `version`: it satisfies all of them, and if it is a pre-release, one
    /// of them asks for such.
    pub fn admits(&self, version: &Version) -> bool {
        self.contains(version) && (!version.is_pre_release() || self.asks_for_pre_releases())
    }

    /// Whether one of them names a pre-release.
    pub fn asks_for_pre_releases(&self) -> bool {
        self.list.iter().any(Specifier::asks_for_pre_releases)
    }
}

/// Reads `text`, which begins at byte `start` of the whole.
fn parse_one(text: &str, start: usize) -> Result<LocatedSpecifier, VersionError> {
    const OPERATORS: [&str; 8] = ["===", "==", "!=", "~=", "<=", ">=", "<", ">"];
    let operator_at = start + (text.len() - text.trim_start().len());
    let text = text.trim();
    let whole = operator_at..operator_at + text.len();
    let found = OPERATORS.iter().find_map(|operator| Some((*operator, text.strip_prefix(operator)?)));
    let Some((operator, rest)) = found else {
        return Err(VersionError::new(whole, VersionFault::NoOperator(text.to_owned())));
    };
    let operand = rest.trim_start();
    let version_range = whole.end - operand.len()..whole.end;
    if operand.is_empty() {
        return Err(VersionError::new(whole, VersionFault::NoVersion(operator.to_owned())));
    }
    let specifier = build(operator, operand).map_err(|error| error.shifted(version_range.start))?;
    Ok(LocatedSpecifier {
        specifier,
        operator: operator_at..operator_at + operator.len(),
        version: version_range,
    })
}

/// The specifier for an operator and what follows it.
fn build(operator: &str, operand: &str) -> Result<Specifier, VersionError> {
    let whole = 0..operand.len();
    if operator == "===" {
        return match operand.find(|next: char| next.is_whitespace() || matches!(next, ';' | ')')) {
            None => Ok(Specifier::Identical(operand.to_owned())),
            Some(at) => Err(VersionError::new(at..whole.end, VersionFault::NotAVersion(operand.to_owned()))),
        };
    }
    if let Some(prefix) = operand.strip_suffix(".*") {
        let version = Version::parse(prefix)?;
        let plain = !version.is_pre_release()
            && version.post().is_none()
            && version.local().is_none()
            && version.as_str() == prefix;
        return match operator {
            "==" | "!=" if !plain => Err(VersionError::new(whole, VersionFault::PrefixOfMore)),
            "==" => Ok(Specifier::EqualPrefix(version)),
            "!=" => Ok(Specifier::NotEqualPrefix(version)),
            _ => Err(VersionError::new(whole, VersionFault::PrefixNotAllowed)),
        };
    }
    let version = Version::parse(operand)?;
    match operator {
        "==" => return Ok(Specifier::Equal(version)),
        "!=" => return Ok(Specifier::NotEqual(version)),
        _ if version.local().is_some() => {
            return Err(VersionError::new(whole, VersionFault::LocalNotAllowed));
        }
        _ => {}
    }
    Ok(match operator {
        "~=" if version.release().len() < 2 => {
            return Err(VersionError::new(whole, VersionFault::CompatibleTooShort));
        }
        "~=" => Specifier::Compatible(version),
        "<=" => Specifier::AtMost(version),
        ">=" => Specifier::AtLeast(version),
        "<" => Specifier::Less(version),
        _ => Specifier::Greater(version),
    })
}

impl FromIterator<Specifier> for Specifiers {
    fn from_iter<I: IntoIterator<Item = Specifier>>(specifiers: I) -> Self {
        Self { list: specifiers.into_iter().collect() }
    }
}

impl<'a> IntoIterator for &'a Specifiers {
    type Item = &'a Specifier;
    type IntoIter = std::slice::Iter<'a, Specifier>;

    fn into_iter(self) -> Self::IntoIter {
        self.list.iter()
    }
}

impl fmt::Display for Specifiers {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, specifier) in self.list.iter().enumerate() {
            write!(formatter, "{}{specifier}", if index == 0 { "" } else { "," })?;
        }
        Ok(())
    }
}

impl FromStr for Specifiers {
    type Err = VersionError;

    fn from_str(text: &str) -> Result<Self, VersionError> {
        Self::parse(text)
    }
}

impl Serialize for Specifiers {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Specifiers {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).map_err(serde::de::Error::custom)
    }
}
