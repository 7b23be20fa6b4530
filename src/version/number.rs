//! One version, and the order of versions.

use std::cmp::Ordering;
use std::fmt::{self, Write as _};
use std::hash::{Hash, Hasher};
use std::str::FromStr;
use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{VersionError, parse};

/// A version as PEP 440 defines it: `[epoch!]release[pre][post][dev][+local]`.
///
/// It keeps the text it was written as, which is what `Display` gives. Equality, order and hash are those of
/// PEP 440, so `1.0`, `v1.0` and `1.0.0` are equal.
#[derive(Clone)]
pub struct Version {
    parts: Arc<Parts>,
}

/// Epoch, release without trailing zeros, pre, post and dev, each in a form that orders as PEP 440 says.
type Key<'a> = (u64, &'a [u64], (u8, Option<Pre>), Option<u64>, (bool, u64));

/// What a version is made of.
#[derive(Clone, Debug, Default)]
pub(super) struct Parts {
    /// As written, without surrounding white space.
    pub(super) text: String,
    pub(super) epoch: u64,
    /// Never empty.
    pub(super) release: Vec<u64>,
    pub(super) pre: Option<Pre>,
    pub(super) post: Option<u64>,
    pub(super) dev: Option<u64>,
    /// Lower case, its segments separated by dots, numbers without leading zeros.
    pub(super) local: Option<String>,
}

/// The pre-release part of a version, such as `rc1`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Pre {
    /// Alpha, beta or release candidate.
    pub kind: PreKind,
    /// Its number; 0 where none is written.
    pub number: u64,
}

/// The kinds of pre-release, earliest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PreKind {
    /// `a`, `alpha`
    Alpha,
    /// `b`, `beta`
    Beta,
    /// `rc`, `c`, `pre`, `preview`
    Candidate,
}

impl PreKind {
    fn letters(self) -> &'static str {
        match self {
            Self::Alpha => "a",
            Self::Beta => "b",
            Self::Candidate => "rc",
        }
    }
}

impl Version {
    /// Reads a version; white space around it is allowed.
    pub fn parse(text: &str) -> Result<Self, VersionError> {
        parse::version(text).map(Self::from_parts)
    }

    /// The version whose release is `release` and that has no other part. An empty list reads as `[0]`.
    pub fn from_release(release: &[u64]) -> Self {
        let release = if release.is_empty() { vec![0] } else { release.to_vec() };
        Self::written(Parts { release, ..Parts::default() })
    }

    fn from_parts(parts: Parts) -> Self {
        Self { parts: Arc::new(parts) }
    }

    /// A version from parts that nobody has written yet: its text is the normalised one.
    pub(super) fn written(parts: Parts) -> Self {
        let mut version = Self::from_parts(parts);
        let text = version.normalized();
        Arc::make_mut(&mut version.parts).text = text;
        version
    }

    /// As it was written.
    pub fn as_str(&self) -> &str {
        &self.parts.text
    }

    /// The epoch, 0 where none is written.
    pub fn epoch(&self) -> u64 {
        self.parts.epoch
    }

    /// The numbers of the release, as many as were written; never empty.
    pub fn release(&self) -> &[u64] {
        &self.parts.release
    }

    /// The first number of the release.
    pub fn major(&self) -> u64 {
        self.parts.release.first().copied().unwrap_or(0)
    }

    /// The second number of the release, if it was written.
    pub fn minor(&self) -> Option<u64> {
        self.parts.release.get(1).copied()
    }

    /// The pre-release part.
    pub fn pre(&self) -> Option<Pre> {
        self.parts.pre
    }

    /// The number of the post-release.
    pub fn post(&self) -> Option<u64> {
        self.parts.post
    }

    /// The number of the development release.
    pub fn dev(&self) -> Option<u64> {
        self.parts.dev
    }

    /// The local part without its `+`, normalised: `cu121` of `2.5.1+cu121`.
    pub fn local(&self) -> Option<&str> {
        self.parts.local.as_deref()
    }

    /// Whether this is a pre-release or a development release.
    pub fn is_pre_release(&self) -> bool {
        self.parts.pre.is_some() || self.parts.dev.is_some()
    }

    /// The version without its local part.
    #[must_use]
    pub fn without_local(&self) -> Self {
        if self.parts.local.is_none() {
            return self.clone();
        }
        let text = self.parts.text.split('+').next().unwrap_or_default().to_owned();
        Self::from_parts(Parts { text, local: None, ..Parts::clone(&self.parts) })
    }

    /// The plain release of at most `count` numbers (at least one) that this version begins with, in its
    /// epoch: `3.11` of `3.11.4rc1` for 2.
    #[must_use]
    pub fn truncated(&self, count: usize) -> Self {
        let release = self.parts.release.iter().copied().take(count.max(1)).collect();
        Self::written(Parts { epoch: self.parts.epoch, release, ..Parts::default() })
    }

    /// The normalised spelling: `1.0rc1.post2+ubuntu.1` for `v1.0-c.1-2+Ubuntu_01`.
    pub fn normalized(&self) -> String {
        let Parts { epoch, release, pre, post, dev, local, .. } = &*self.parts;
        let mut text = String::new();
        // Writing to a string cannot fail.
        let _ = (|| -> fmt::Result {
            if *epoch != 0 {
                write!(text, "{epoch}!")?;
            }
            for (index, number) in release.iter().enumerate() {
                write!(text, "{}{number}", if index == 0 { "" } else { "." })?;
            }
            if let Some(pre) = pre {
                write!(text, "{}{}", pre.kind.letters(), pre.number)?;
            }
            if let Some(post) = post {
                write!(text, ".post{post}")?;
            }
            if let Some(dev) = dev {
                write!(text, ".dev{dev}")?;
            }
            if let Some(local) = local {
                write!(text, "+{local}")?;
            }
            Ok(())
        })();
        text
    }

    /// What PEP 440 compares first. The local part comes after it, see [`compare_locals`].
    fn key(&self) -> Key<'_> {
        let Parts { epoch, release, pre, post, dev, .. } = &*self.parts;
        let length = release.iter().rposition(|number| *number != 0).map_or(0, |index| index + 1);
        // A development release of the release itself comes before its first alpha.
        let stage = match (pre, post, dev) {
            (None, None, Some(_)) => 0,
            (Some(_), _, _) => 1,
            (None, _, _) => 2,
        };
        let dev = (dev.is_none(), dev.unwrap_or(0));
        (*epoch, release.get(..length).unwrap_or_default(), (stage, *pre), *post, dev)
    }

    /// The same version with its local part left out of the comparison.
    pub(super) fn cmp_public(&self, other: &Self) -> Ordering {
        self.key().cmp(&other.key())
    }

    /// Whether this lies before the first development release of `bound`, and so before `bound` and all
    /// that leads up to it.
    pub(super) fn precedes_all_of(&self, bound: &Self) -> bool {
        let (epoch, release, (stage, pre), post, _) = bound.key();
        let stage = if pre.is_none() && post.is_none() { 0 } else { stage };
        self.key() < (epoch, release, (stage, pre), post, (false, 0))
    }

    /// Whether both are the same but for post, dev and local parts.
    pub(super) fn same_before_post(&self, other: &Self) -> bool {
        let (epoch, release, (_, pre), ..) = self.key();
        let (other_epoch, other_release, (_, other_pre), ..) = other.key();
        (epoch, release, pre) == (other_epoch, other_release, other_pre)
    }

    /// The first development release of this version; of one that is a pre-release, itself.
    pub(super) fn first_dev(&self) -> Self {
        if self.is_pre_release() {
            return self.without_local();
        }
        Self::written(Parts { dev: Some(0), local: None, ..Parts::clone(&self.parts) })
    }
}

/// Segment by segment: text before numbers, text by its letters, numbers by their value, and the longer of
/// two that begin alike is the later.
fn compare_locals(left: &str, right: &str) -> Ordering {
    let segments = |local: &str| -> Vec<(bool, usize, String)> {
        local
            .split('.')
            .map(|segment| {
                let number = segment.bytes().all(|byte| byte.is_ascii_digit());
                // Without leading zeros, the longer number is the larger.
                (number, if number { segment.len() } else { 0 }, segment.to_owned())
            })
            .collect()
    };
    segments(left).cmp(&segments(right))
}

impl Ord for Version {
    fn cmp(&self, other: &Self) -> Ordering {
        self.cmp_public(other).then_with(|| match (self.local(), other.local()) {
            (Some(left), Some(right)) => compare_locals(left, right),
            (left, right) => left.is_some().cmp(&right.is_some()),
        })
    }
}

impl PartialOrd for Version {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Version {
    fn eq(&self, other: &Self) -> bool {
        self.key() == other.key() && self.local() == other.local()
    }
}

impl Eq for Version {}

impl Hash for Version {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.key().hash(state);
        self.local().hash(state);
    }
}

impl fmt::Display for Version {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(&self.parts.text)
    }
}

impl fmt::Debug for Version {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Version({})", self.parts.text)
    }
}

impl FromStr for Version {
    type Err = VersionError;

    fn from_str(text: &str) -> Result<Self, VersionError> {
        Self::parse(text)
    }
}

impl Serialize for Version {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.parts.text)
    }
}

impl<'de> Deserialize<'de> for Version {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn version(text: &str) -> Version {
        Version::parse(text).unwrap()
    }

    #[test]
    fn keeps_its_text_and_knows_its_normal_form() {
        let odd = version(" v1.0-C.1-2.DEV+Ubuntu_01 ");
        assert_eq!(odd.to_string(), "v1.0-C.1-2.DEV+Ubuntu_01");
        assert_eq!(odd.normalized(), "1.0rc1.post2.dev0+ubuntu.1");
        assert_eq!(version("1!2.0a").normalized(), "1!2.0a0");
        assert_eq!(format!("{:>8}|", version("22.04")), "   22.04|");
    }

    #[test]
    fn has_parts() {
        let torch = version("2.5.1+cu121");
        assert_eq!((torch.major(), torch.minor()), (2, Some(5)));
        assert_eq!(torch.local(), Some("cu121"));
        assert_eq!(torch.without_local().to_string(), "2.5.1");
        assert_eq!(torch.truncated(2).to_string(), "2.5");
        assert_eq!(torch.truncated(0).to_string(), "2");
        assert_eq!(version("525.60.13").release(), [525, 60, 13]);
        assert!(version("1.0.dev1").is_pre_release() && !version("1.0.post1").is_pre_release());
        assert_eq!(Version::from_release(&[12, 1]), version("12.1"));
    }

    #[test]
    fn equal_versions_hash_alike() {
        let set: std::collections::HashSet<_> =
            ["1", "1.0", "v1.0.0", "1.0+a.01", "1.0+A-1"].map(version).into();
        assert_eq!(set.len(), 2);
    }

    #[test]
    fn serde_reads_and_writes_text() {
        let json = serde_json::to_string(&version("2.5.1+cu121")).unwrap();
        assert_eq!(json, "\"2.5.1+cu121\"");
        assert_eq!(serde_json::from_str::<Version>(&json).unwrap(), version("2.5.1+cu121"));
        assert!(serde_json::from_str::<Version>("\"latest\"").is_err());
    }
}
