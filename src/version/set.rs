//! Sets of versions: what is still possible.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Specifier, Specifiers, Version, bounds};

/// The versions that are still possible, given everything that narrows them.
///
/// It is kept as it came about: a list of conditions that all hold, each of which is a list of alternatives.
/// The releases that exist are known to the caller, who asks [`VersionSet::contains`] about each of them; so
/// nothing here computes with intervals, except to tell that a set is empty for sure.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct VersionSet {
    conditions: Vec<Vec<Specifiers>>,
}

impl VersionSet {
    /// Every version.
    pub fn all() -> Self {
        Self::default()
    }

    /// What `==version` admits: that version, with any local part unless it has one itself.
    pub fn exactly(version: Version) -> Self {
        Self::from(Specifier::Equal(version))
    }

    /// The listed versions, each as in [`VersionSet::exactly`]. The empty list admits nothing.
    pub fn one_of(versions: impl IntoIterator<Item = Version>) -> Self {
        Self::any_of(versions.into_iter().map(|version| [Specifier::Equal(version)].into_iter().collect()))
    }

    /// What at least one of the alternatives admits. The empty list admits nothing.
    pub fn any_of(alternatives: impl IntoIterator<Item = Specifiers>) -> Self {
        let alternatives: Vec<_> = alternatives.into_iter().collect();
        if alternatives.iter().any(Specifiers::is_empty) {
            return Self::all();
        }
        Self { conditions: vec![alternatives] }
    }

    /// What both admit.
    #[must_use]
    pub fn and(&self, other: &Self) -> Self {
        let mut both = self.clone();
        for condition in &other.conditions {
            if !both.conditions.contains(condition) {
                both.conditions.push(condition.clone());
            }
        }
        both
    }

    /// Whether `version` is in the set, pre-release or not. This is the question about a version that is
    /// there already.
    pub fn contains(&self, version: &Version) -> bool {
        self.conditions
            .iter()
            .all(|alternatives| alternatives.iter().any(|specifiers| specifiers.contains(version)))
    }

    /// Whether an installer that looks for a version would take this one: a pre-release only if something in
    /// the set names one.
    pub fn admits(&self, version: &Version) -> bool {
        self.contains(version) && (!version.is_pre_release() || self.asks_for_pre_releases())
    }

    /// Whether something in the set names a pre-release.
    pub fn asks_for_pre_releases(&self) -> bool {
        self.conditions.iter().flatten().any(Specifiers::asks_for_pre_releases)
    }

    /// The single version that the set names with `==`, if it does. Whatever is in the set is that version,
    /// or a local version of it.
    pub fn pinned(&self) -> Option<&Version> {
        bounds::pin(&self.sure())
    }

    /// Every specifier that the set is made of, those of alternatives included.
    pub fn specifiers(&self) -> impl Iterator<Item = &Specifier> {
        self.conditions.iter().flatten().flatten()
    }

    /// Whether nothing narrows the set.
    pub fn is_any(&self) -> bool {
        self.conditions.is_empty()
    }

    /// Whether no version whatever is in the set. `false` means that there is one, or that it is not known.
    pub fn is_empty_for_sure(&self) -> bool {
        let sure = self.sure();
        bounds::is_empty(&sure)
            || self.conditions.iter().any(|alternatives| {
                alternatives.iter().all(|specifiers| {
                    let together: Vec<_> = sure.iter().copied().chain(specifiers).collect();
                    bounds::is_empty(&together)
                })
            })
    }

    /// Whether every version in this set is in `other`. `false` means that one is not, or that it is not
    /// known.
    pub fn is_within_for_sure(&self, other: &Self) -> bool {
        let sure = self.sure();
        other.conditions.iter().all(|outer| {
            if self.conditions.contains(outer) {
                return true;
            }
            let one_outer_holds = |inner: &[&Specifier]| {
                outer.iter().any(|specifiers| specifiers.iter().all(|outer| bounds::lie_within(inner, outer)))
            };
            one_outer_holds(&sure)
                || self.conditions.iter().any(|alternatives| {
                    alternatives.iter().all(|specifiers| {
                        let together: Vec<_> = sure.iter().copied().chain(specifiers).collect();
                        one_outer_holds(&together)
                    })
                })
        })
    }

    /// The specifiers that hold without alternative.
    fn sure(&self) -> Vec<&Specifier> {
        self.conditions
            .iter()
            .filter_map(|alternatives| match alternatives.as_slice() {
                [specifiers] => Some(specifiers),
                _ => None,
            })
            .flatten()
            .collect()
    }
}

impl From<Specifiers> for VersionSet {
    fn from(specifiers: Specifiers) -> Self {
        Self::any_of([specifiers])
    }
}

impl From<Specifier> for VersionSet {
    fn from(specifier: Specifier) -> Self {
        [specifier].into_iter().collect::<Specifiers>().into()
    }
}

/// `>=2.1,<2.3`, with alternatives as `==3.8 | ==3.9`; `*` for all versions.
impl fmt::Display for VersionSet {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_any() {
            return formatter.write_str("*");
        }
        for (index, alternatives) in self.conditions.iter().enumerate() {
            let words: Vec<_> = alternatives.iter().map(Specifiers::to_string).collect();
            let separator = if index == 0 { "" } else { "," };
            match words.as_slice() {
                [only] => write!(formatter, "{separator}{only}")?,
                [] => write!(formatter, "{separator}none")?,
                _ if self.conditions.len() == 1 => formatter.write_str(&words.join(" | "))?,
                _ => write!(formatter, "{separator}({})", words.join(" | "))?,
            }
        }
        Ok(())
    }
}
