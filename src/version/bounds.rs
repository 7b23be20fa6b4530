//! What can be said for sure about all versions that a list of specifiers admits.
//!
//! Everything here errs on one side: a `true` is certain, a `false` means "not known".

use super::number::{Parts, Version};
use super::specifier::Specifier;

/// A lowest and a highest version between which everything admitted lies.
#[derive(Debug, Default)]
struct Bounds {
    lower: Option<Bound>,
    upper: Option<Bound>,
}

/// One end. Where it is not inclusive, the version itself is not admitted.
#[derive(Clone, Debug)]
struct Bound {
    version: Version,
    inclusive: bool,
}

/// Whether no version at all satisfies every one of the specifiers.
pub(super) fn is_empty(specifiers: &[&Specifier]) -> bool {
    if let Some(pin) = pin(specifiers) {
        return specifiers.iter().any(|specifier| excludes(specifier, pin));
    }
    Bounds::of(specifiers).is_empty()
}

/// Whether every version that satisfies all of `inner` satisfies `outer` as well.
pub(super) fn lie_within(inner: &[&Specifier], outer: &Specifier) -> bool {
    if inner.contains(&outer) || is_empty(inner) {
        return true;
    }
    if let Some(pin) = pin(inner) {
        return outer.contains(pin) && (pin.local().is_some() || ignores_local(outer, pin));
    }
    let bounds = Bounds::of(inner);
    let (lower, upper) = (bounds.lower.as_ref(), bounds.upper.as_ref());
    match outer {
        Specifier::Equal(_) | Specifier::Identical(_) => false,
        Specifier::NotEqual(version) => bounds.and(Bounds::exactly(version)).is_empty(),
        Specifier::NotEqualPrefix(version) => {
            bounds.and(Bounds::prefix(version, version.release())).is_empty()
        }
        Specifier::EqualPrefix(_) | Specifier::Compatible(_) => {
            let outer = Bounds::of_one(outer);
            outer.lower.is_some_and(|outer| reaches(lower, &outer, Version::gt))
                && outer.upper.is_some_and(|outer| reaches(upper, &outer, Version::lt))
        }
        Specifier::AtLeast(version) => reaches(lower, &Bound::at(version, true), Version::gt),
        Specifier::AtMost(version) => reaches(upper, &Bound::at(version, true), Version::lt),
        Specifier::Less(version) => reaches(upper, &Bound::at(&version.first_dev(), false), Version::lt),
        // Post-releases of the version may be left out, so a bound that is one is not far enough in.
        Specifier::Greater(version) => {
            lower.is_some_and(|lower| lower.version > *version && !lower.version.same_before_post(version))
        }
    }
}

/// The one version that the specifiers name with `==`. Where several do, one with a local part comes first,
/// since it is the narrowest.
pub(super) fn pin<'a>(specifiers: &[&'a Specifier]) -> Option<&'a Version> {
    let mut pins = specifiers.iter().filter_map(|specifier| match specifier {
        Specifier::Equal(version) => Some(version),
        _ => None,
    });
    let first = pins.next()?;
    if first.local().is_some() { Some(first) } else { pins.find(|pin| pin.local().is_some()).or(Some(first)) }
}

/// Whether neither `pin` nor, if it has no local part, any local version of it satisfies the specifier.
fn excludes(specifier: &Specifier, pin: &Version) -> bool {
    if specifier.contains(pin) {
        return false;
    }
    match specifier {
        // `==1.0` and `==1.0+cu121` have the latter in common.
        Specifier::Equal(other) if pin.local().is_none() => other.cmp_public(pin).is_ne(),
        Specifier::Identical(text) => match Version::parse(text) {
            Ok(other) if pin.local().is_none() => other.cmp_public(pin).is_ne(),
            // Installers disagree about texts that are not versions.
            other => other.is_ok(),
        },
        _ => true,
    }
}

/// Whether the specifier, which `version` satisfies, is satisfied by every local version of it.
fn ignores_local(specifier: &Specifier, version: &Version) -> bool {
    match specifier {
        Specifier::NotEqual(other) => other.local().is_none() || other.cmp_public(version).is_ne(),
        Specifier::Identical(_) => false,
        _ => true,
    }
}

/// Whether the inner end is there and lies no further out than the outer one.
fn reaches(inner: Option<&Bound>, outer: &Bound, is_further_in: fn(&Version, &Version) -> bool) -> bool {
    let Some(inner) = inner else { return false };
    is_further_in(&inner.version, &outer.version)
        || (inner.version == outer.version && (outer.inclusive || !inner.inclusive))
}

impl Bound {
    fn at(version: &Version, inclusive: bool) -> Self {
        Self { version: version.without_local(), inclusive }
    }
}

impl Bounds {
    fn of(specifiers: &[&Specifier]) -> Self {
        specifiers.iter().fold(Self::default(), |bounds, specifier| bounds.and(Self::of_one(specifier)))
    }

    fn of_one(specifier: &Specifier) -> Self {
        match specifier {
            Specifier::Equal(version) => Self::exactly(version),
            Specifier::EqualPrefix(version) => Self::prefix(version, version.release()),
            Specifier::Compatible(version) => {
                let prefix = version.release().split_last().map_or(&[][..], |(_, prefix)| prefix);
                Self { lower: Some(Bound::at(version, true)), ..Self::prefix(version, prefix) }
            }
            Specifier::Less(version) => {
                Self { lower: None, upper: Some(Bound::at(&version.first_dev(), false)) }
            }
            Specifier::AtMost(version) => Self { lower: None, upper: Some(Bound::at(version, true)) },
            Specifier::Greater(version) => Self { lower: Some(Bound::at(version, false)), upper: None },
            Specifier::AtLeast(version) => Self { lower: Some(Bound::at(version, true)), upper: None },
            Specifier::NotEqual(_) | Specifier::NotEqualPrefix(_) | Specifier::Identical(_) => {
                Self::default()
            }
        }
    }

    /// The versions equal to this one but for a local part. Local versions lie above the upper end; no
    /// specifier that bounds from below tells them apart.
    fn exactly(version: &Version) -> Self {
        Self { lower: Some(Bound::at(version, true)), upper: Some(Bound::at(version, true)) }
    }

    /// From the first development release of `prefix` up to that of the next release of this length.
    fn prefix(version: &Version, prefix: &[u64]) -> Self {
        let Some((last, front)) = prefix.split_last() else { return Self::default() };
        let first_dev = |release| {
            Version::written(Parts { epoch: version.epoch(), release, dev: Some(0), ..Parts::default() })
        };
        let upper = last.checked_add(1).map(|next| {
            let release = front.iter().copied().chain([next]).collect();
            Bound::at(&first_dev(release), false)
        });
        Self { lower: Some(Bound::at(&first_dev(prefix.to_vec()), true)), upper }
    }

    /// The narrower of the two at each end.
    fn and(self, other: Self) -> Self {
        Self {
            lower: narrower(self.lower, other.lower, Version::gt),
            upper: narrower(self.upper, other.upper, Version::lt),
        }
    }

    fn is_empty(&self) -> bool {
        match (&self.lower, &self.upper) {
            (Some(lower), Some(upper)) if lower.version == upper.version => {
                !(lower.inclusive && upper.inclusive)
            }
            (Some(lower), Some(upper)) => lower.version > upper.version,
            _ => false,
        }
    }
}

fn narrower(
    left: Option<Bound>,
    right: Option<Bound>,
    is_narrower: fn(&Version, &Version) -> bool,
) -> Option<Bound> {
    match (left, right) {
        (Some(left), Some(right)) => {
            let takes_left = is_narrower(&left.version, &right.version)
                || (left.version == right.version && !left.inclusive);
            Some(if takes_left { left } else { right })
        }
        (left, right) => left.or(right),
    }
}
