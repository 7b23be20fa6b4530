//! Findings that are dlint's own and no pack's: files that cannot be read as what they are.
//!
//! They have names like any rule, so that they can be selected, ignored and explained.

use crate::diagnostic::{Category, Diagnostic, Severity};
use crate::model::facts::{Facts, Index};
use crate::source::{FileId, Location, Span};

use super::selection::{Selectable, Selection};

/// A rule that is dlint's own.
#[derive(Clone, Copy, Debug)]
pub struct OwnRule {
    /// `pack/rule`.
    pub id: &'static str,
    /// Kind of trouble.
    pub category: Category,
    /// How bad it is.
    pub severity: Severity,
    /// What is wrong, in one line.
    pub summary: &'static str,
    /// What fails and when.
    pub why: &'static str,
}

/// Docker cannot read the Dockerfile.
pub(super) const INVALID: OwnRule = OwnRule {
    id: "syntax/invalid",
    category: Category::Syntax,
    severity: Severity::Error,
    summary: "Docker cannot read the Dockerfile",
    why: "BuildKit refuses the file before it builds anything. What dlint could still read is checked.",
};

/// Bytes that are not UTF-8.
pub(super) const ENCODING: OwnRule = OwnRule {
    id: "syntax/encoding",
    category: Category::Syntax,
    severity: Severity::Warning,
    summary: "the file is not UTF-8",
    why: "BuildKit reads each byte that is not UTF-8 as U+FFFD, so names and texts with such bytes end up in the \
          image garbled.",
};

/// A file of packages that is not there.
pub(super) const MISSING_FILE: OwnRule = OwnRule {
    id: "syntax/missing-file",
    category: Category::Correctness,
    severity: Severity::Warning,
    summary: "a file that a command reads is not in the build context",
    why: "The command that installs from the file fails, unless an earlier instruction makes it.",
};

/// A file of packages that cannot be understood.
pub(super) const REQUIREMENTS: OwnRule = OwnRule {
    id: "syntax/requirements",
    category: Category::Syntax,
    severity: Severity::Error,
    summary: "a file of packages cannot be read",
    why: "The tool that installs from the file stops at what it cannot read, and the build with it.",
};

/// A panic of dlint.
pub(super) const INTERNAL: OwnRule = OwnRule {
    id: "dlint/internal",
    category: Category::Correctness,
    severity: Severity::Error,
    summary: "dlint failed on this file",
    why: "This is a defect of dlint, not of the file. The other files were checked.",
};

/// A comment that silences nothing.
pub const UNUSED_SUPPRESSION: OwnRule = OwnRule {
    id: "dlint/unused-suppression",
    category: Category::Style,
    severity: Severity::Info,
    summary: "a comment silences rules that have nothing to say there",
    why: "It would silence the next finding of its rules unseen, and it tells readers of a problem that is gone. Only \
          names whose rules were checked are reported.",
};

/// A comment that should silence something but names no rule.
pub(super) const INVALID_SUPPRESSION: OwnRule = OwnRule {
    id: "dlint/invalid-suppression",
    category: Category::Correctness,
    severity: Severity::Warning,
    summary: "a comment that silences rules cannot be understood",
    why: "It silences nothing, though somebody meant it to. Rules are named by their id (`pip/no-cache-dir`), an alias \
          (`DL3042`), their pack, or `all`.",
};

/// A comment whose last day is over.
pub(super) const EXPIRED_SUPPRESSION: OwnRule = OwnRule {
    id: "dlint/expired-suppression",
    category: Category::Style,
    severity: Severity::Warning,
    summary: "the last day of a comment that silences rules is over",
    why: "Somebody wanted to look at it again by that day. Its rules speak again; mend what they say, or give a new day.",
};

/// All of them.
pub const RULES: [OwnRule; 8] = [
    INVALID,
    ENCODING,
    MISSING_FILE,
    REQUIREMENTS,
    INTERNAL,
    UNUSED_SUPPRESSION,
    INVALID_SUPPRESSION,
    EXPIRED_SUPPRESSION,
];

impl OwnRule {
    /// The rule as it is selected.
    pub fn selectable(&self) -> Selectable<'static> {
        Selectable {
            id: self.id,
            aliases: &[],
            category: self.category,
            severity: self.severity,
            default: true,
        }
    }

    /// A finding of this rule, if it is to speak.
    pub(super) fn finding(&self, selection: &Selection, at: Location, message: String) -> Option<Diagnostic> {
        Some(Diagnostic {
            rule: self.id.to_owned(),
            aliases: Vec::new(),
            category: self.category,
            severity: selection.severity_of(self.selectable())?,
            message,
            note: Some(self.why.to_owned()),
            at,
            related: Vec::new(),
            fixes: Vec::new(),
        })
    }
}

/// The findings about files that cannot be read as what they are.
pub(super) fn findings(facts: &Facts, selection: &Selection) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for fault in &facts.tree.faults {
        let message = match &fault.help {
            Some(help) => format!("{}; {help}", fault.message),
            None => fault.message.clone(),
        };
        let at = Location { file: FileId::default(), span: fault.span };
        found.extend(INVALID.finding(selection, at, message));
    }
    // Docker looks only at the stages that it needs.
    let needed =
        |stage: Option<Index>| stage.is_none_or(|it| facts.stages.get(it).is_some_and(|it| it.reached));
    for word in &facts.unreadable {
        if facts.instructions.get(word.instruction).is_some_and(|it| needed(it.stage)) {
            found.extend(INVALID.finding(selection, word.at, word.reason.clone()));
        }
    }
    for (file, source) in facts.sources.iter() {
        if let Some(offset) = source.first_bad_byte() {
            let at = Location { file, span: Span::new(offset, offset + 1) };
            found.extend(ENCODING.finding(selection, at, "this byte is not UTF-8".to_owned()));
        }
    }
    for file in &facts.files {
        if file.exists == Some(false) {
            let message = format!("`{}` is not in the build context", file.path);
            found.extend(MISSING_FILE.finding(selection, file.at, message));
        } else if let Some(fault) = &file.fault {
            found.extend(REQUIREMENTS.finding(selection, file.at, format!("`{}`: {fault}", file.path)));
        }
    }
    found
}
