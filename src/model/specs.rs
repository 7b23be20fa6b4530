//! Operands that say little more than a name: of Debian's, Alpine's and npm's package managers.
//!
//! Their versions order otherwise than PEP 440 has it, so only a pin whose upstream version reads as a PEP 440
//! version becomes a version set; any other leaves the versions open.

use super::facts::Package;
use super::install::without_indexes;
use super::value::{Text, Value};
use crate::knowledge::OperandSyntax;
use crate::version::{Specifiers, Version, VersionSet};

/// The package that an operand names; `None` where its name is not known or it is an option.
pub(super) fn read(syntax: OperandSyntax, base: &Package, word: &Value) -> Option<Package> {
    let text = word.masked('0');
    if text.is_empty() {
        return None;
    }
    let is_path = syntax != OperandSyntax::NpmSpec && text.contains('/') && text.starts_with(['.', '/']);
    let is_url = text.contains("://");
    let end = if is_path || is_url { text.len() } else { name_end(syntax, &text) };
    let name = word.slice(0..end);
    let known = name.known()?;
    let specifier = word.slice(end..text.len());
    let reference = (is_path || is_url).then(|| word.clone());
    Some(Package {
        name: if reference.is_some() { Text::default() } else { known.to_ascii_lowercase().into() },
        versions: specifier.known().and_then(|text| versions(syntax, text)).unwrap_or_default(),
        written_name: reference.is_none().then_some(name),
        specifier: reference.is_none().then_some(specifier),
        url: reference,
        at: word.written,
        ..without_indexes(base)
    })
}

/// Where the name ends.
fn name_end(syntax: OperandSyntax, text: &str) -> usize {
    let separators: &[char] = match syntax {
        OperandSyntax::AptSpec => &['=', '/', ':'],
        OperandSyntax::ApkSpec => &['=', '<', '>', '~', '@'],
        // The name of a scope begins with `@`.
        OperandSyntax::NpmSpec => {
            return text.get(1..).and_then(|rest| rest.find('@')).map_or(text.len(), |at| at + 1);
        }
        _ => &[],
    };
    text.find(separators).unwrap_or(text.len())
}

/// The versions that a pin admits; comparisons are left open.
fn versions(syntax: OperandSyntax, specifier: &str) -> Option<VersionSet> {
    let version = match syntax {
        OperandSyntax::NpmSpec => specifier.strip_prefix('@')?,
        // Debian's may name an architecture first.
        OperandSyntax::AptSpec => specifier.split_once('=')?.1,
        _ => specifier.strip_prefix('=')?,
    };
    if let Some(prefix) = version.strip_suffix('*') {
        let prefix = prefix.trim_end_matches(['.', '-']);
        return Specifiers::parse(&format!("=={prefix}.*")).ok().map(VersionSet::from);
    }
    // An epoch stands before the upstream version, a revision of the packaging behind it.
    let upstream = version.split_once(':').map_or(version, |(_, rest)| rest);
    let upstream = upstream.split(['-', '~', '+']).next().unwrap_or_default();
    Version::parse(upstream).ok().map(VersionSet::exactly)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::{FileId, Location, Span};

    fn check(syntax: OperandSyntax, text: &str, name: &str, specifier: &str, versions: &str) {
        let at = Location { file: FileId(0), span: Span::new(0, text.len() as u32) };
        let package = read(syntax, &Package::default(), &Value::literal(text, at)).unwrap();
        let found = package.specifier.map(|specifier| specifier.text).unwrap_or_default();
        assert_eq!((package.name.as_str(), found.as_str()), (name, specifier));
        assert_eq!(package.versions.to_string(), versions);
    }

    #[test]
    fn names_and_versions() {
        use OperandSyntax::{ApkSpec, AptSpec, NpmSpec, Plain};
        check(AptSpec, "lib-x", "lib-x", "", "*");
        check(AptSpec, "lib-x=8.9.7.29-1+x12.2", "lib-x", "=8.9.7.29-1+x12.2", "==8.9.7.29");
        check(AptSpec, "x=1:2.3.*", "x", "=1:2.3.*", "*");
        check(AptSpec, "x=2.3.*", "x", "=2.3.*", "==2.3.*");
        check(AptSpec, "x:arm64", "x", ":arm64", "*");
        check(AptSpec, "./x.deb", "", "", "*");
        check(ApkSpec, "x=1.2.3-r0", "x", "=1.2.3-r0", "==1.2.3");
        check(ApkSpec, "x~=1.2", "x", "~=1.2", "*");
        check(ApkSpec, "x>1.2", "x", ">1.2", "*");
        check(NpmSpec, "@scope/name@1.2.3", "@scope/name", "@1.2.3", "==1.2.3");
        check(NpmSpec, "name", "name", "", "*");
        check(Plain, "a=b", "a=b", "", "*");
    }
}
