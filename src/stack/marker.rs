//! Markers that ask for the version of the interpreter, which is known only once an environment is put together.
//!
//! Takes a package and the versions of the interpreter; says whether the requirement counts. What stays unknown does
//! not count: pins that may not hold accuse nobody.

use crate::model::facts::Package;
use crate::model::settings::Settings;
use crate::model::value::Value;
use crate::source::Mapped;
use crate::syntax::requirements::{Environment, parse_marker};
use crate::version::{Specifier, Version, VersionSet};

/// Whether a requirement counts under an interpreter of one of these versions.
pub fn applies(package: &Package, interpreter: Option<&VersionSet>, settings: &Settings) -> bool {
    if let Some(applies) = package.applies {
        return applies;
    }
    let marker = package.marker.as_ref().and_then(Value::known);
    let marker = marker.and_then(|text| parse_marker(&Mapped::verbatim(text, 0)).ok());
    let version = interpreter.and_then(only);
    let holds = marker
        .zip(version)
        .and_then(|(marker, version)| marker.evaluate(&machine(settings).with_python(&version)));
    holds == Some(true)
}

/// The one version, or release line, that a set admits.
fn only(set: &VersionSet) -> Option<Version> {
    let mut specifiers = set.specifiers();
    match (specifiers.next(), specifiers.next()) {
        (Some(Specifier::EqualPrefix(version)), None) => Some(version.clone()),
        _ => set.pinned().cloned(),
    }
}

/// What markers may ask about the machine for which the image is built.
fn machine(settings: &Settings) -> Environment {
    let platform = settings.platform.as_deref().unwrap_or("linux/amd64");
    let machine = match platform.split('/').nth(1) {
        Some("amd64") => Some("x86_64"),
        Some("arm64") => Some("aarch64"),
        _ => None,
    };
    machine.into_iter().fold(Environment::linux(), |known, machine| known.with("platform_machine", machine))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Location;
    use crate::version::Specifiers;

    fn counts(marker: &str, interpreter: &str) -> bool {
        let package =
            Package { marker: Some(Value::literal(marker, Location::default())), ..Package::default() };
        let set = VersionSet::from(Specifiers::parse(interpreter).unwrap());
        applies(&package, Some(&set), &Settings::default())
    }

    #[test]
    fn the_interpreter_decides() {
        assert!(counts("python_version >= '3.8'", "==3.10.*"));
        assert!(!counts("python_version < '3.8'", "==3.10.*"));
        assert!(counts("python_version < '3.11' and platform_machine == 'x86_64'", "==3.10"));
    }

    #[test]
    fn what_is_not_known_does_not_count() {
        assert!(!counts("python_version >= '3.8'", ">=3.8"));
        assert!(!counts("python_full_version >= '3.10.4'", "==3.10.*"));
        assert!(!counts("platform_release == '6'", "==3.10.*"));
        let package = Package { applies: Some(true), ..Package::default() };
        assert!(applies(&package, None, &Settings::default()));
    }
}
