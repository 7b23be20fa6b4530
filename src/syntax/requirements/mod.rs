//! Requirement files as pip reads them, and the requirements in them (PEP 508).
//!
//! Takes a file, or one operand of a command line, and gives requirements and options in which everything
//! that a fix could want to replace has its span. It reads what pip reads: continuations, comments,
//! `${VARIABLES}`, quoting of option values, direct references and bare paths, wheel names. What is not
//! valid becomes a fault, and the lines around it are still read.
//!
//! It looks at no other file: whether a path exists, and what an included file says, is for others to find
//! out.

mod line;
mod marker;
mod option;
mod reference;
mod requirement;
mod scan;
#[cfg(test)]
mod tests;

pub use marker::{Comparison, Environment, Marker, MarkerOperand, Relation};
pub use option::{FileOption, OptionKind};
pub use reference::{Reference, ReferenceKind, WheelName};
pub use requirement::{Requirement, SpecifierPart};

use crate::source::{Mapped, SourceFile, Span};
use crate::version::VersionFault;

/// A piece of text and where it stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Text {
    /// The text, without quotes that stood round it.
    pub text: String,
    /// The bytes that stand for it.
    pub span: Span,
}

/// A requirement file.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RequirementsFile {
    /// What it says, in order.
    pub entries: Vec<Entry>,
    /// What pip would refuse.
    pub faults: Vec<RequirementFault>,
    /// Where a first line would be put: the beginning, after a byte order mark.
    pub top: u32,
    /// How its lines end: `"\n"`, or `"\r\n"` if its first line ends so.
    pub line_ending: &'static str,
}

impl RequirementsFile {
    /// The requirements, editable ones included.
    pub fn requirements(&self) -> impl Iterator<Item = &Requirement> {
        self.entries.iter().filter_map(|entry| match &entry.kind {
            EntryKind::Requirement(requirement) => Some(&**requirement),
            EntryKind::Option(_) => None,
        })
    }

    /// The options that stand on lines of their own.
    pub fn options(&self) -> impl Iterator<Item = &FileOption> {
        self.entries.iter().filter_map(|entry| match &entry.kind {
            EntryKind::Option(option) => Some(option),
            EntryKind::Requirement(_) => None,
        })
    }
}

/// A requirement or an option of a file.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// What it is.
    pub kind: EntryKind,
    /// All of it, from its first to its last byte.
    pub span: Span,
    /// The lines on which it stands, with their endings. Options that share a line share this span.
    pub lines: Span,
    /// The comment after it, from its `#`.
    pub comment: Option<Span>,
}

/// What an [`Entry`] is.
#[derive(Clone, Debug, PartialEq)]
pub enum EntryKind {
    /// Something to install.
    Requirement(Box<Requirement>),
    /// `--index-url …`, `-r …` and the like.
    Option(FileOption),
}

/// Text that pip would refuse.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{kind}")]
pub struct RequirementFault {
    /// The bytes at fault.
    pub span: Span,
    /// What is wrong with them.
    pub kind: RequirementFaultKind,
}

/// The kinds of [`RequirementFault`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RequirementFaultKind {
    /// Not the name of a package where one should be.
    #[error("a requirement begins with the name of a package")]
    NoName,
    /// Something after the requirement, or in the place of a part of it.
    #[error("`{found}` is not understood here; expected {expected}")]
    Unexpected {
        /// What stands there.
        found: String,
        /// What could.
        expected: &'static str,
    },
    /// A bracket or quotation mark that nothing closes.
    #[error("nothing closes this `{0}`")]
    Unclosed(char),
    /// `name @` without more.
    #[error("a URL belongs after `@`")]
    NoUrl,
    /// A specifier that is not one.
    #[error("{0}")]
    Version(VersionFault),
    /// A name that no marker has.
    #[error("`{0}` is not a marker variable")]
    UnknownVariable(String),
    /// Brackets within brackets, beyond reason.
    #[error("the marker is nested too deeply")]
    TooDeep,
    /// An option that requirement files do not have.
    #[error("a requirement file has no option `{0}`")]
    UnknownOption(String),
    /// An option that lacks its value.
    #[error("`{0}` needs a value")]
    NoValue(&'static str),
    /// A file name that ends in `.whl` and has not the form of a wheel's name.
    #[error("`{0}` is not the name of a wheel")]
    WheelName(String),
}

/// Reads a requirement file.
pub fn parse(file: &SourceFile) -> RequirementsFile {
    line::parse(file)
}

/// Reads one line of a requirement file that stands elsewhere, such as under `pip:` in a conda environment.
/// It gives no entry if there is nothing on it, and several if it holds several options.
pub fn parse_line(text: &Mapped) -> Result<Vec<Entry>, RequirementFault> {
    line::parse_one(text)
}

/// Reads one requirement, as pip takes it from a line or from its command line: a name with its
/// specifiers, a URL, or a path.
///
/// A caller whose text stands in no file gives it the offset 0; the spans are then ranges of that text.
pub fn parse_requirement(text: &Mapped) -> Result<Requirement, RequirementFault> {
    requirement::parse(text)
}

/// Reads a marker that stands by itself.
pub fn parse_marker(text: &Mapped) -> Result<Marker, RequirementFault> {
    marker::parse(&mut scan::Scanner::new(text).trimmed())
}

/// Reads the value of `--editable`: a path or the URL of a repository.
pub fn parse_editable(text: &Mapped) -> Result<Requirement, RequirementFault> {
    requirement::parse_editable(text)
}

/// A package's name as PEP 503 compares names: lower case, with `-` for every run of `-`, `_` and `.`.
pub fn normalize_name(name: &str) -> String {
    let mut normal = String::with_capacity(name.len());
    for next in name.chars() {
        match next {
            '-' | '_' | '.' if normal.ends_with('-') => {}
            '-' | '_' | '.' => normal.push('-'),
            _ => normal.push(next.to_ascii_lowercase()),
        }
    }
    normal
}
