//! Whether a change made things better: the findings before and after it, compared.

use std::collections::{BTreeMap, BTreeSet};

use camino::Utf8Path;

use super::plan::Candidate;
use crate::diagnostic::{Checked, Severity};
use crate::engine::UNUSED_SUPPRESSION;
use crate::source::FileId;
use crate::syntax::dockerfile;

/// What was wrong with a fix that was taken back; each is a defect of the rule that proposed it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Regression {
    /// An edit lies outside of its file.
    OutOfRange,
    /// Docker could read the file before and cannot after.
    BreaksSyntax {
        /// What Docker says.
        fault: String,
    },
    /// The finding that it should mend is still there.
    Ineffective,
    /// It brings a finding at least as bad as the one that it mends.
    Brings {
        /// The rule of the new finding.
        rule: String,
        /// What it says.
        message: String,
    },
}

impl std::fmt::Display for Regression {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::OutOfRange => write!(formatter, "it edits past the end of a file"),
            Self::BreaksSyntax { fault } => write!(formatter, "Docker could not read the result: {fault}"),
            Self::Ineffective => write!(formatter, "the finding stays"),
            Self::Brings { rule, message } => write!(formatter, "it brings `{rule}`: {message}"),
        }
    }
}

/// What is compared: everything that one state of the files gives.
pub(super) struct Findings<'a> {
    /// How many findings each rule has.
    counts: BTreeMap<&'a str, usize>,
    /// Rule, message, file, offset.
    places: BTreeSet<(&'a str, &'a str, &'a Utf8Path, u32)>,
    checked: Vec<&'a Checked>,
}

impl<'a> Findings<'a> {
    pub(super) fn of(checked: &[&'a Checked]) -> Self {
        let mut counts = BTreeMap::new();
        let mut places = BTreeSet::new();
        for checked in checked {
            for diagnostic in &checked.diagnostics {
                let path = checked.sources.get(diagnostic.at.file).path();
                let place =
                    (diagnostic.rule.as_str(), diagnostic.message.as_str(), path, diagnostic.at.span.start);
                // A file that several Dockerfiles install is found faulty once.
                if places.insert(place) {
                    *counts.entry(diagnostic.rule.as_str()).or_default() += 1;
                }
            }
        }
        Self { counts, places, checked: checked.to_vec() }
    }

    /// What speaks against `part` of the fixes that were made, the others having been judged before. The verdict on
    /// several is only a suspicion: any of them may be the one.
    pub(super) fn regression(
        &self,
        before: &Self,
        made: &[Candidate],
        part: &[Candidate],
    ) -> Option<Regression> {
        self.broken_syntax(before)
            .or_else(|| self.ineffective(made, part))
            .or_else(|| self.brought(before, part))
    }

    fn broken_syntax(&self, before: &Self) -> Option<Regression> {
        self.checked.iter().zip(&before.checked).find_map(|(after, before)| {
            if std::ptr::eq(*after, *before) {
                return None;
            }
            let fault = first_fault(after)?;
            first_fault(before).is_none().then_some(Regression::BreaksSyntax { fault })
        })
    }

    fn ineffective(&self, made: &[Candidate], part: &[Candidate]) -> Option<Regression> {
        let shifts = Shifts::of(made);
        let stays = |candidate: &Candidate| {
            shifts.moved(&candidate.path, candidate.offset).into_iter().any(|offset| {
                let place = (&*candidate.rule, &*candidate.message, candidate.path.as_path(), offset);
                self.places.contains(&place)
            })
        };
        part.iter().any(stays).then_some(Regression::Ineffective)
    }

    fn brought(&self, before: &Self, part: &[Candidate]) -> Option<Regression> {
        let limit = part.iter().map(|candidate| candidate.severity).min().unwrap_or(Severity::Style);
        let findings = self.checked.iter().flat_map(|checked| &checked.diagnostics);
        // What a fix mended, no comment need silence any more.
        let findings = findings.filter(|diagnostic| diagnostic.rule != UNUSED_SUPPRESSION.id);
        findings.filter(|diagnostic| diagnostic.severity >= limit).find_map(|diagnostic| {
            let rule = diagnostic.rule.as_str();
            let more = self.counts.get(rule) > before.counts.get(rule);
            more.then(|| Regression::Brings { rule: rule.to_owned(), message: diagnostic.message.clone() })
        })
    }
}

/// What keeps Docker from reading the Dockerfile.
fn first_fault(checked: &Checked) -> Option<String> {
    let file = checked.sources.iter().find(|(id, _)| *id == FileId(0))?.1;
    dockerfile::parse(file).first_fault().map(|fault| fault.message.clone())
}

/// How far edits move what stands behind them.
struct Shifts<'a> {
    /// By file: the end of each edit, whether it is an insertion, and the growth up to and with it.
    edits: BTreeMap<&'a Utf8Path, Vec<(u32, bool, i64)>>,
}

impl<'a> Shifts<'a> {
    fn of(candidates: &'a [Candidate]) -> Self {
        let mut edits: BTreeMap<&Utf8Path, Vec<(u32, bool, i64)>> = BTreeMap::new();
        for edit in candidates.iter().flat_map(|candidate| &candidate.edits) {
            let growth = i64::from(edit.text.len() as u32) - i64::from(edit.span.len());
            edits.entry(&edit.path).or_default().push((edit.span.end, edit.span.is_empty(), growth));
        }
        for edits in edits.values_mut() {
            edits.sort_unstable();
            let mut sum = 0;
            for (_, _, growth) in edits {
                sum += *growth;
                *growth = sum;
            }
        }
        Self { edits }
    }

    /// Where the offset is after the edits. Text inserted just there may come to stand before it or after it.
    fn moved(&self, path: &Utf8Path, offset: u32) -> [u32; 2] {
        let edits = self.edits.get(path).map_or(&[][..], Vec::as_slice);
        [true, false].map(|insertion_follows| {
            let before = edits.partition_point(|(end, insertion, _)| {
                *end < offset || (*end == offset && !(*insertion && insertion_follows))
            });
            let growth = before.checked_sub(1).and_then(|index| edits.get(index)).map_or(0, |edit| edit.2);
            u32::try_from(i64::from(offset) + growth).unwrap_or(u32::MAX)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::plan::FileEdit;
    use super::*;
    use crate::diagnostic::Safety;
    use crate::source::Span;

    #[test]
    fn places_move_with_the_edits_before_them() {
        let edit = |start, end, text: &str| FileEdit {
            path: "Dockerfile".into(),
            span: Span::new(start, end),
            text: text.to_owned(),
        };
        let candidate = Candidate {
            rule: "p/r".to_owned(),
            message: String::new(),
            title: String::new(),
            severity: Severity::Style,
            safety: Safety::Safe,
            path: "Dockerfile".into(),
            offset: 0,
            edits: vec![edit(2, 4, "abcd"), edit(8, 8, "xyz")],
        };
        let candidates = [candidate];
        let shifts = Shifts::of(&candidates);
        let moved = |offset| shifts.moved(Utf8Path::new("Dockerfile"), offset);
        assert_eq!(moved(1), [1, 1]);
        assert_eq!(moved(4), [6, 6]);
        assert_eq!(moved(8), [10, 13]);
        assert_eq!(moved(9), [14, 14]);
        assert_eq!(shifts.moved(Utf8Path::new("other"), 9), [9, 9]);
    }
}
