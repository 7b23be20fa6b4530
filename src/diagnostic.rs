//! What dlint has to say: findings, where they stand, and the edits that would mend them.
//!
//! `engine` makes diagnostics, `fix` applies their edits, `report` tells people and tools about them.

mod embedded;

pub use embedded::Embedded;

use serde::{Deserialize, Serialize};

use crate::source::{FileId, Location, Sources, Span};

/// How bad it is. Ordered, so that a threshold is a comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Severity {
    /// A matter of taste.
    Style,
    /// Good to know.
    Info,
    /// Likely to hurt.
    Warning,
    /// The build, the image or a security promise breaks.
    Error,
}

/// What kind of trouble it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Category {
    /// Docker cannot read the file.
    Syntax,
    /// It does not do what it says.
    Correctness,
    /// Versions that cannot work together; every version conflict and nothing else.
    Compat,
    /// Tomorrow's build may give another image.
    Reproducibility,
    /// The image is larger than it need be.
    Size,
    /// The build is slower than it need be.
    Speed,
    /// It opens a door.
    Security,
    /// It reads worse than it could.
    Style,
}

/// How far a fix may be trusted. Ordered, so that a threshold is a comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Safety {
    /// Shown, never applied.
    Display,
    /// Parses and reads well, but may change what the image does: asked for, or proved by a build.
    Unsafe,
    /// The image behaves as before and comments survive.
    Safe,
}

/// Gives each value of a type the word that packs, reports and people use for it.
macro_rules! words {
    ($type:ident: $($value:ident = $word:literal),+) => {
        impl $type {
            /// The words, in the order in which people are told about them.
            pub const NAMES: &'static [&'static str] = &[$($word),+];
            /// Every word with its value.
            pub const WORDS: &'static [(&'static str, Self)] = &[$(($word, Self::$value)),+];

            /// The word for it.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$value => $word),+
                }
            }
        }
    };
}

pub(crate) use words;

words!(Severity: Error = "error", Warning = "warning", Info = "info", Style = "style");
words!(Category: Syntax = "syntax", Correctness = "correctness", Compat = "compat", Reproducibility = "reproducibility",
    Size = "size", Speed = "speed", Security = "security", Style = "style");
words!(Safety: Safe = "safe", Unsafe = "unsafe", Display = "display");

/// One replacement in the original bytes of one file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Edit {
    /// The file.
    pub file: FileId,
    /// The bytes that go; empty for an insertion.
    pub span: Span,
    /// The text that comes.
    pub text: String,
}

/// A titled set of edits that stand or fall together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fix {
    /// What it does, in the imperative: `Use torchvision 0.20.1`.
    pub title: String,
    /// How far it may be trusted.
    pub safety: Safety,
    edits: Vec<Edit>,
}

impl Fix {
    /// A fix whose edits are sorted and disjoint; `None` where two of them touch the same bytes or there is none.
    pub fn new(title: impl Into<String>, safety: Safety, mut edits: Vec<Edit>) -> Option<Self> {
        edits.sort();
        edits.dedup();
        let overlap = edits.windows(2).any(|pair| match pair {
            [a, b] => a.file == b.file && b.span.start < a.span.end.max(a.span.start + 1),
            _ => false,
        });
        (!overlap && !edits.is_empty()).then(|| Self { title: title.into(), safety, edits })
    }

    /// The edits, sorted by file and place.
    pub fn edits(&self) -> &[Edit] {
        &self.edits
    }
}

/// A further place that belongs to a finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Related {
    /// The place.
    pub at: Location,
    /// What it has to do with the finding.
    pub message: String,
}

/// One finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// `pack/rule`.
    pub rule: String,
    /// Other tools' names for the rule.
    pub aliases: Vec<String>,
    /// Kind of trouble.
    pub category: Category,
    /// How bad it is.
    pub severity: Severity,
    /// What is wrong, in one line.
    pub message: String,
    /// What fails, when, and with which words; a paragraph for those who ask.
    pub note: Option<String>,
    /// The place to look at.
    pub at: Location,
    /// Further places.
    pub related: Vec<Related>,
    /// What would mend it, best first.
    pub fixes: Vec<Fix>,
}

/// What the check of one Dockerfile gave: the files it read, and the findings in them, sorted by file, offset and
/// rule.
#[derive(Clone, Debug, Default)]
pub struct Checked {
    /// The files, the Dockerfile first.
    pub sources: Sources,
    /// The findings.
    pub diagnostics: Vec<Diagnostic>,
}
