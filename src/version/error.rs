//! What can be wrong with the text of a version or a specifier.

use std::ops::Range;

/// Text that is not a version, or not a specifier.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{fault}")]
pub struct VersionError {
    /// The bytes of the text that are at fault.
    pub range: Range<usize>,
    /// What is wrong with them.
    pub fault: VersionFault,
}

impl VersionError {
    pub(super) fn new(range: Range<usize>, fault: VersionFault) -> Self {
        Self { range, fault }
    }

    /// The same fault in a text in which this one begins at byte `offset`.
    #[must_use]
    pub fn shifted(self, offset: usize) -> Self {
        Self { range: self.range.start + offset..self.range.end + offset, ..self }
    }
}

/// The kinds of [`VersionError`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum VersionFault {
    /// No digit where the release should begin, or something after the end.
    #[error("`{0}` is not a version")]
    NotAVersion(String),
    /// A component that does not fit 64 bits.
    #[error("`{0}` is too large a number")]
    TooLarge(String),
    /// A version that no comparison operator precedes.
    #[error("`{0}` needs an operator such as `==`")]
    NoOperator(String),
    /// An operator that no version follows.
    #[error("`{0}` needs a version")]
    NoVersion(String),
    /// `.*` after an operator other than `==` and `!=`.
    #[error("`.*` goes with `==` and `!=` only")]
    PrefixNotAllowed,
    /// `.*` after something other than a plain release.
    #[error("`.*` goes after a plain release such as `1.2` only")]
    PrefixOfMore,
    /// `+local` after an operator other than `==` and `!=`.
    #[error("a local version goes with `==` and `!=` only")]
    LocalNotAllowed,
    /// `~=1`.
    #[error("`~=` needs at least two components, as in `~=1.0`")]
    CompatibleTooShort,
}
