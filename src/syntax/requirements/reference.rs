//! URLs, repositories and paths, and what their text tells of the package: a wheel's name, a revision.

use super::Text;
use crate::source::Mapped;
use crate::version::Version;

/// What is installed instead of a release from an index.
#[derive(Clone, Debug, PartialEq)]
pub struct Reference {
    /// What it refers to.
    pub kind: ReferenceKind,
    /// The URL or path as written, without extras.
    pub text: Text,
    /// The last part of its path.
    pub file: Text,
    /// The revision after `@`, of a repository.
    pub revision: Option<Text>,
    /// The value of `#egg=`.
    pub egg: Option<Text>,
    /// What its file name says, if that is a wheel's.
    pub wheel: Option<WheelName>,
}

/// The kinds of [`Reference`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReferenceKind {
    /// A file to download.
    Url,
    /// A repository to check out.
    Repository,
    /// A file or folder.
    Path,
}

/// The name of a wheel file, taken apart.
#[derive(Clone, Debug, PartialEq)]
pub struct WheelName {
    /// The package, as the file spells it.
    pub name: Text,
    /// The version, `%2B` read as `+`.
    pub version: Version,
    /// The version as written.
    pub version_text: Text,
    /// The build tag.
    pub build: Option<String>,
    /// The Python tag, such as `cp310` or `py2.py3`.
    pub python: Text,
    /// The ABI tag, such as `cp310` or `none`.
    pub abi: String,
    /// The platform tag, such as `linux_x86_64` or `any`.
    pub platform: String,
}

/// The version control systems whose name may stand before `+` in a URL.
const REPOSITORIES: [&str; 4] = ["git", "hg", "svn", "bzr"];

/// The endings by which pip knows a file that it can install.
const ARCHIVES: [&str; 12] = [
    ".whl",
    ".zip",
    ".tar.gz",
    ".tgz",
    ".tar",
    ".tar.bz2",
    ".tbz",
    ".tar.xz",
    ".txz",
    ".tlz",
    ".tar.lz",
    ".tar.lzma",
];

impl Reference {
    /// Reads a URL or a path.
    pub(super) fn parse(source: &Mapped) -> Self {
        let text = source.as_str();
        let piece = |from: usize, to: usize| Text {
            text: text.get(from..to).unwrap_or_default().to_owned(),
            span: source.span(from..to),
        };
        let kind = match scheme(text) {
            Some(scheme) if is_repository(scheme) => ReferenceKind::Repository,
            Some(_) => ReferenceKind::Url,
            None => ReferenceKind::Path,
        };
        let fragment = text.find('#').unwrap_or(text.len());
        let egg = egg(text, fragment).map(|range| piece(range.0, range.1));
        let address = text.get(..fragment).unwrap_or_default();
        let address = address.split('?').next().unwrap_or_default();
        let file = address.rfind(['/', '\\']).map_or(0, |slash| slash + 1);
        let file_name = address.get(file..).unwrap_or_default();
        let revision = (kind == ReferenceKind::Repository)
            .then(|| file_name.find('@').map(|at| piece(file + at + 1, address.len())))
            .flatten();
        let is_file = kind != ReferenceKind::Repository;
        let wheel = is_file.then(|| WheelName::parse(&source.slice(file..address.len()))).flatten();
        let text = piece(0, text.len());
        Self { kind, file: piece(file, address.len()), text, revision, egg, wheel }
    }

    /// Whether the file calls itself a wheel without having a wheel's name.
    pub(super) fn is_misnamed_wheel(&self) -> bool {
        self.kind != ReferenceKind::Repository
            && self.wheel.is_none()
            && ends_with(&self.file.text, ".whl")
            && !self.file.text.contains("${")
    }

    /// The name of the package, where the text tells it.
    pub(super) fn name(&self) -> Option<Text> {
        let egg = self.egg.as_ref().filter(|egg| !egg.text.is_empty());
        self.wheel.as_ref().map(|wheel| &wheel.name).or(egg).cloned()
    }
}

impl WheelName {
    /// Reads `name-version[-build]-python-abi-platform.whl`.
    pub fn parse(source: &Mapped) -> Option<Self> {
        let stem = source.as_str().get(..source.as_str().len().checked_sub(".whl".len())?)?;
        if !ends_with(source.as_str(), ".whl") {
            return None;
        }
        let mut pieces = Vec::new();
        let mut start = 0;
        for piece in stem.split('-') {
            pieces.push((start, piece));
            start += piece.len() + 1;
        }
        let (name, version, build, python, abi, platform) = match *pieces.as_slice() {
            [name, version, python, abi, platform] => (name, version, None, python, abi, platform),
            [name, version, build, python, abi, platform] => {
                (name, version, Some(build), python, abi, platform)
            }
            _ => return None,
        };
        let spanned = |(start, text): (usize, &str)| Text {
            text: text.to_owned(),
            span: source.span(start..start + text.len()),
        };
        // In wheel names `_` stands for the `-` of a version.
        let decoded = version.1.replace("%2B", "+").replace("%2b", "+").replace('_', "-");
        Some(Self {
            name: spanned(name),
            version: Version::parse(&decoded).ok()?,
            version_text: spanned(version),
            build: build.map(|(_, build)| build.to_owned()),
            python: spanned(python),
            abi: abi.1.to_owned(),
            platform: platform.1.to_owned(),
        })
    }
}

/// The range of the value of `egg=` in the fragment that begins at `#`.
fn egg(text: &str, fragment: usize) -> Option<(usize, usize)> {
    let mut start = fragment + 1;
    for field in text.get(start..)?.split('&') {
        if let Some(value) = field.strip_prefix("egg=") {
            let from = start + "egg=".len();
            let length = value.find('[').unwrap_or(value.len());
            return Some((from, from + length));
        }
        start += field.len() + 1;
    }
    None
}

/// What stands before the first `:`, if that has the form of a scheme.
fn scheme(text: &str) -> Option<&str> {
    let (scheme, _) = text.split_once(':')?;
    let has_form = scheme.len() > 1
        && scheme.starts_with(|first: char| first.is_ascii_alphabetic())
        && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.'));
    has_form.then_some(scheme)
}

fn is_repository(scheme: &str) -> bool {
    let system = scheme.split('+').next().unwrap_or_default().to_ascii_lowercase();
    REPOSITORIES.contains(&system.as_str())
}

/// Whether pip takes the text for a URL rather than for a name.
pub(super) fn is_url(text: &str) -> bool {
    scheme(text).is_some_and(|scheme| {
        is_repository(scheme)
            || ["http", "https", "file", "ftp"].contains(&scheme.to_ascii_lowercase().as_str())
    })
}

/// Whether pip takes the text for a path: it has a slash or begins with a dot, or ends like an archive. A
/// text with `@` is a path only if what stands before that looks like one.
pub(super) fn is_path(text: &str) -> bool {
    let text = text.split(';').next().unwrap_or_default().trim_end();
    let (text, _) = split_extras(text);
    let looks_like_path = |text: &str| text.contains('/') || text.starts_with('.');
    let is_archive = ARCHIVES.iter().any(|ending| ends_with(text, ending));
    if let Some((before, _)) = text.split_once('@') {
        return looks_like_path(before);
    }
    looks_like_path(text) || is_archive
}

/// Whether `text` ends in `ending`, whatever its case.
fn ends_with(text: &str, ending: &str) -> bool {
    let start = text.len().saturating_sub(ending.len());
    text.get(start..).is_some_and(|end| end.eq_ignore_ascii_case(ending))
}

/// `./package[extra]` as the path and the extras in their brackets.
pub(super) fn split_extras(text: &str) -> (&str, &str) {
    let open = text.ends_with(']').then(|| text.rfind('[')).flatten().filter(|open| *open > 0);
    text.split_at(open.unwrap_or(text.len()))
}
