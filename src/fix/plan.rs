//! One round of fixing: which of the proposed fixes can be made together.
//!
//! Takes findings, gives fixes that do not touch each other. Worse findings go first, then those that stand earlier;
//! what overlaps with a fix already chosen waits for the next round, when its finding has been made anew.

use std::collections::{BTreeMap, BTreeSet};

use camino::Utf8PathBuf;

use super::apply::with_line_endings_of;
use crate::diagnostic::{Checked, Diagnostic, Safety, Severity};
use crate::source::Span;

/// One replacement, in a file named by its path: findings of several Dockerfiles may edit the same file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct FileEdit {
    /// The file.
    pub path: Utf8PathBuf,
    /// The bytes that go.
    pub span: Span,
    /// The text that comes, with the line endings of the file.
    pub text: String,
}

/// The best fix of a finding.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Candidate {
    /// The rule that proposes it.
    pub rule: String,
    /// What the finding says.
    pub message: String,
    /// What the fix does.
    pub title: String,
    /// How bad the finding is.
    pub severity: Severity,
    /// How far the fix may be trusted.
    pub safety: Safety,
    /// The file of the finding.
    pub path: Utf8PathBuf,
    /// Where in that file the finding begins.
    pub offset: u32,
    /// What it changes.
    pub edits: Vec<FileEdit>,
}

/// What to do with the fixes of a round.
#[derive(Debug, Default)]
pub struct Plan {
    /// To be made now, together, best first.
    pub chosen: Vec<Candidate>,
    /// They touch what is chosen.
    pub waiting: Vec<Candidate>,
    /// They need more trust than the user gives.
    pub held: Vec<Candidate>,
}

/// Chooses the fixes to make, none of which is in `barred`.
pub fn plan(checked: &[&Checked], trust: Safety, barred: &BTreeSet<Candidate>) -> Plan {
    let mut candidates: Vec<Candidate> = checked
        .iter()
        .flat_map(|checked| {
            checked.diagnostics.iter().filter_map(|diagnostic| candidate(checked, diagnostic, trust))
        })
        .collect();
    candidates.sort_by(|a, b| {
        let place = |c: &Candidate| (c.path.clone(), c.offset, c.rule.clone());
        b.severity.cmp(&a.severity).then_with(|| place(a).cmp(&place(b)))
    });
    candidates.dedup();

    let mut plan = Plan::default();
    let mut taken = Taken::default();
    for candidate in candidates {
        if candidate.safety < trust {
            plan.held.push(candidate);
        } else if barred.contains(&candidate) {
        } else if candidate.edits.iter().all(|edit| taken.is_free(edit)) {
            candidate.edits.iter().for_each(|edit| taken.take(edit));
            plan.chosen.push(candidate);
        } else {
            plan.waiting.push(candidate);
        }
    }
    plan
}

/// The finding's first fix that may be made, or else its first one at all.
fn candidate(checked: &Checked, diagnostic: &Diagnostic, trust: Safety) -> Option<Candidate> {
    let trusted = diagnostic.fixes.iter().find(|fix| fix.safety >= trust);
    let fix = trusted.or_else(|| diagnostic.fixes.iter().find(|fix| fix.safety > Safety::Display))?;
    let path = |file| checked.sources.get(file).path().to_owned();
    let edits = fix
        .edits()
        .iter()
        .map(|edit| FileEdit {
            path: path(edit.file),
            span: edit.span,
            text: with_line_endings_of(checked.sources.get(edit.file), &edit.text),
        })
        .collect();
    Some(Candidate {
        rule: diagnostic.rule.clone(),
        message: diagnostic.message.clone(),
        title: fix.title.clone(),
        severity: diagnostic.severity,
        safety: fix.safety,
        path: path(diagnostic.at.file),
        offset: diagnostic.at.span.start,
        edits,
    })
}

/// The places that the chosen fixes change.
#[derive(Default)]
struct Taken {
    /// Replaced spans by file: start to end, disjoint.
    replaced: BTreeMap<Utf8PathBuf, BTreeMap<u32, u32>>,
    /// Insertions by file: the place and the texts.
    inserted: BTreeMap<Utf8PathBuf, BTreeSet<(u32, String)>>,
}

impl Taken {
    /// Whether the edit touches no edit taken.
    ///
    /// Different texts may be inserted at one place; the same text twice is rarely meant. Text inserted just where a
    /// replaced span begins has lost what it was put before.
    fn is_free(&self, edit: &FileEdit) -> bool {
        let Span { start, end } = edit.span;
        let replaced = self.replaced.get(&edit.path);
        let inserted = self.inserted.get(&edit.path);
        let before = |limit: u32| replaced.and_then(|spans| spans.range(..limit).next_back());
        if edit.span.is_empty() {
            before(start.saturating_add(1)).is_none_or(|(_, end)| *end <= start)
                && inserted.is_none_or(|places| !places.contains(&(start, edit.text.clone())))
        } else {
            before(end).is_none_or(|(_, end)| *end <= start)
                && inserted.is_none_or(|places| {
                    places.range((start, String::new())..(end, String::new())).next().is_none()
                })
        }
    }

    fn take(&mut self, edit: &FileEdit) {
        if edit.span.is_empty() {
            let places = self.inserted.entry(edit.path.clone()).or_default();
            places.insert((edit.span.start, edit.text.clone()));
        } else {
            let spans = self.replaced.entry(edit.path.clone()).or_default();
            spans.insert(edit.span.start, edit.span.end);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn edit(start: u32, end: u32, text: &str) -> FileEdit {
        FileEdit { path: "Dockerfile".into(), span: Span::new(start, end), text: text.to_owned() }
    }

    fn free_after(taken: &FileEdit, edit: &FileEdit) -> bool {
        let mut places = Taken::default();
        places.take(taken);
        places.is_free(edit)
    }

    #[test]
    fn edits_that_touch_wait() {
        assert!(!free_after(&edit(2, 5, "a"), &edit(4, 6, "b")));
        assert!(!free_after(&edit(2, 5, "a"), &edit(0, 9, "b")));
        assert!(!free_after(&edit(2, 5, "a"), &edit(2, 2, "b")));
        assert!(!free_after(&edit(2, 2, "a"), &edit(2, 5, "b")));
        assert!(!free_after(&edit(2, 2, "a"), &edit(2, 2, "a")));
    }

    #[test]
    fn neighbours_do_not_touch() {
        assert!(free_after(&edit(2, 5, "a"), &edit(5, 6, "b")));
        assert!(free_after(&edit(2, 5, "a"), &edit(5, 5, "b")));
        assert!(free_after(&edit(5, 5, "a"), &edit(2, 5, "b")));
        assert!(free_after(&edit(2, 2, "a"), &edit(2, 2, "b")));
        let elsewhere = FileEdit { path: "requirements.txt".into(), ..edit(2, 5, "b") };
        assert!(free_after(&edit(2, 5, "a"), &elsewhere));
    }
}
