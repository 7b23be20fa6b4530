//! Rounds of fixing until the text is still.
//!
//! Takes a group of Dockerfiles that share files, and a function that checks one of them. Gives the final bytes of
//! each file and what became of each proposed fix. Nothing is written.
//!
//! After every round the result is checked again. A fix that keeps Docker from reading the file, that leaves its
//! finding standing, or that brings a finding as bad as the one it mends is taken back and reported as a defect of
//! its rule; where several fixes were made at once, halving finds the culprits.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use camino::{Utf8Path, Utf8PathBuf};

use super::apply::apply;
use super::overlay::{ChangedFiles, Overlay};
use super::plan::{Candidate, plan};
use super::verdict::{Findings, Regression};
use crate::diagnostic::{Checked, Safety};
use crate::model::context::Context;
use crate::source::{FileId, Position, SourceFile, Span};

/// Rounds after which the rules are said to disagree. Real files are still after two or three.
const MAX_ROUNDS: usize = 20;

/// Checks of one group after which no further fix is tried: enough to halve out dozens of defective fixes.
const MAX_CHECKS: usize = 1000;

/// A file may grow to this many times its size, and by [`GROWTH_ALLOWANCE`] bytes.
const MAX_GROWTH: usize = 4;

/// See [`MAX_GROWTH`]; room for small files.
const GROWTH_ALLOWANCE: usize = 64 * 1024;

/// Where a file begins.
const START: Position = Position { line: 1, column: 1 };

/// One Dockerfile to fix.
pub struct Target<'a> {
    /// What the first check of it gave.
    pub checked: Checked,
    /// Where its other files are.
    pub context: &'a dyn Context,
    /// Checks it.
    pub check: &'a (dyn Fn(SourceFile, &dyn Context) -> Checked + Sync),
}

/// What fixing gave.
#[derive(Debug, Default)]
pub struct Fixed {
    /// The files that changed, by path.
    pub files: Vec<Changed>,
    /// The last check of each target, over the changed files.
    pub checked: Vec<Arc<Checked>>,
    /// What became of the fixes: those applied in order, then those that were not.
    pub attempts: Vec<Attempt>,
    /// The rules that were still changing the text when the bound on rounds or growth was reached.
    pub unsettled: Vec<String>,
}

/// A file and its new bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Changed {
    /// The path under which the user knows it.
    pub path: Utf8PathBuf,
    /// The bytes that were read.
    pub before: Vec<u8>,
    /// The bytes to write.
    pub after: Vec<u8>,
}

/// A proposed fix and what became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempt {
    /// The rule that proposed it.
    pub rule: String,
    /// What it does.
    pub title: String,
    /// The file of the finding.
    pub path: Utf8PathBuf,
    /// Where the finding stood in the text of its round.
    pub position: Position,
    /// What it changes, in the text of its round.
    pub changes: Vec<Change>,
    /// What became of it.
    pub outcome: Outcome,
}

/// One replacement as texts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The file.
    pub path: Utf8PathBuf,
    /// The text that goes.
    pub old: String,
    /// The text that comes.
    pub new: String,
    /// Where it stands.
    pub position: Position,
}

/// What became of a fix. Nothing is dropped without a reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It was made.
    Applied,
    /// It needs no more than this trust, and has less.
    Held {
        /// How far it may be trusted.
        needs: Safety,
    },
    /// It was not reached: it touches another fix, or the bound on rounds, growth or checks came first.
    Skipped,
    /// It was taken back.
    RolledBack(Regression),
}

/// Applies fixes that may be trusted at least as far as `trust`, until none is left.
pub fn converge(targets: &[Target<'_>], trust: Safety) -> Fixed {
    let checked: Vec<_> = targets.iter().map(|target| Arc::new(target.checked.clone())).collect();
    let originals = original_files(&checked);
    let mut state = State { targets, checked, changed: ChangedFiles::new(), checks: 0 };
    let mut attempts = Vec::new();
    let mut barred: BTreeSet<Candidate> = BTreeSet::new();
    let mut rolled_back = Vec::new();
    let mut unsettled = Vec::new();

    for round in 0.. {
        let plan = plan(&state.diagnosed(), trust, &barred);
        let last = plan.chosen.is_empty() || round == MAX_ROUNDS || state.has_outgrown(&originals);
        if last {
            unsettled = rules_of(&plan.chosen);
            let skipped = plan.chosen.iter().chain(&plan.waiting).map(|fix| (fix, Outcome::Skipped));
            let held = plan.held.iter().map(|fix| (fix, Outcome::Held { needs: fix.safety }));
            attempts.extend(skipped.chain(held).map(|(fix, outcome)| state.attempt(fix, outcome)));
            break;
        }
        let mut settled = Settled::default();
        let before = state.checked.clone();
        state.settle(&plan.chosen, &mut settled);
        let applied = settled.accepted.iter().map(|fix| attempt(&before, fix, Outcome::Applied));
        attempts.extend(applied);
        if !settled.accepted.is_empty() {
            // The text has changed: what failed may now succeed, and stands elsewhere.
            barred.clear();
            rolled_back.clear();
        }
        for (fix, outcome) in settled.rejected {
            rolled_back.push(attempt(&before, &fix, outcome));
            barred.insert(fix);
        }
    }
    attempts.append(&mut rolled_back);
    Fixed { files: state.changes(&originals), checked: state.checked, attempts, unsettled }
}

/// The fixes of a round, judged.
#[derive(Default)]
struct Settled {
    accepted: Vec<Candidate>,
    rejected: Vec<(Candidate, Outcome)>,
}

/// The files and findings between two rounds.
struct State<'a> {
    targets: &'a [Target<'a>],
    checked: Vec<Arc<Checked>>,
    changed: ChangedFiles,
    checks: usize,
}

impl State<'_> {
    fn diagnosed(&self) -> Vec<&Checked> {
        self.checked.iter().map(Arc::as_ref).collect()
    }

    /// Makes the fixes that do no harm, together where that goes well and else in halves.
    ///
    /// All edits of a round are in terms of its first text, so each trial starts from there.
    fn settle(&mut self, chosen: &[Candidate], settled: &mut Settled) {
        let start = (self.checked.clone(), self.changed.clone());
        let mut pending = vec![chosen];
        while let Some(part) = pending.pop() {
            let mut trial = settled.accepted.clone();
            trial.extend_from_slice(part);
            match self.try_out(&start, &trial, part) {
                Ok((checked, changed)) => {
                    (self.checked, self.changed) = (checked, changed);
                    settled.accepted = trial;
                }
                Err(regression) => match part {
                    [single] => settled.rejected.push((single.clone(), Outcome::RolledBack(regression))),
                    _ if self.checks > MAX_CHECKS => {
                        settled.rejected.extend(part.iter().map(|fix| (fix.clone(), Outcome::Skipped)));
                    }
                    _ => {
                        let (first, second) = part.split_at(part.len() / 2);
                        pending.extend([second, first]);
                    }
                },
            }
        }
    }

    /// The state after all of `trial`, if `part` of it did no harm on top of the present one.
    fn try_out(
        &mut self,
        (checked, changed): &(Vec<Arc<Checked>>, ChangedFiles),
        trial: &[Candidate],
        part: &[Candidate],
    ) -> Result<(Vec<Arc<Checked>>, ChangedFiles), Regression> {
        let mut changed = changed.clone();
        let edited = edited_files(checked, trial).ok_or(Regression::OutOfRange)?;
        let touched: BTreeSet<Utf8PathBuf> = edited.keys().cloned().collect();
        changed.extend(edited);
        let checked = self.check_again(checked, &changed, &touched);
        let after: Vec<&Checked> = checked.iter().map(Arc::as_ref).collect();
        match Findings::of(&after).regression(&Findings::of(&self.diagnosed()), trial, part) {
            Some(regression) => Err(regression),
            None => Ok((checked, changed)),
        }
    }

    /// Checks the targets that read one of the touched files; the others stay as they are.
    fn check_again(
        &mut self,
        checked: &[Arc<Checked>],
        changed: &ChangedFiles,
        touched: &BTreeSet<Utf8PathBuf>,
    ) -> Vec<Arc<Checked>> {
        let mut result = Vec::with_capacity(checked.len());
        for (target, checked) in self.targets.iter().zip(checked) {
            let reads_touched = checked.sources.iter().any(|(_, file)| touched.contains(file.path()));
            let dockerfile = checked.sources.iter().find(|(id, _)| *id == FileId(0));
            result.push(match dockerfile {
                Some((_, file)) if reads_touched => {
                    self.checks += 1;
                    let bytes = changed.get(file.path()).map_or(file.bytes(), Vec::as_slice);
                    let overlay = Overlay { base: target.context, changed };
                    Arc::new((target.check)(SourceFile::new(file.path(), bytes), &overlay))
                }
                _ => Arc::clone(checked),
            });
        }
        result
    }

    fn attempt(&self, fix: &Candidate, outcome: Outcome) -> Attempt {
        attempt(&self.checked, fix, outcome)
    }

    fn has_outgrown(&self, originals: &BTreeMap<Utf8PathBuf, Vec<u8>>) -> bool {
        self.changed.iter().any(|(path, bytes)| {
            let before = originals.get(path).map_or(0, Vec::len);
            bytes.len() > before.saturating_mul(MAX_GROWTH).saturating_add(GROWTH_ALLOWANCE)
        })
    }

    fn changes(&self, originals: &BTreeMap<Utf8PathBuf, Vec<u8>>) -> Vec<Changed> {
        let changed = self.changed.iter().filter_map(|(path, after)| {
            let before = originals.get(path)?.clone();
            Some(Changed { path: path.clone(), before, after: after.clone() })
        });
        changed.filter(|changed| changed.before != changed.after).collect()
    }
}

/// The new bytes of every file that the fixes edit; `None` where an edit does not fit.
fn edited_files(checked: &[Arc<Checked>], fixes: &[Candidate]) -> Option<ChangedFiles> {
    let mut edits: BTreeMap<&Utf8Path, Vec<(Span, &str)>> = BTreeMap::new();
    for edit in fixes.iter().flat_map(|fix| &fix.edits) {
        edits.entry(&edit.path).or_default().push((edit.span, &edit.text));
    }
    let mut result = ChangedFiles::new();
    for (path, mut edits) in edits {
        edits.sort_by_key(|(span, _)| *span);
        let file = find_file(checked, path)?;
        result.insert(path.to_owned(), apply(file.bytes(), &edits)?);
    }
    Some(result)
}

fn find_file<'a>(checked: &'a [Arc<Checked>], path: &Utf8Path) -> Option<&'a SourceFile> {
    let mut files = checked.iter().flat_map(|checked| checked.sources.iter());
    files.find(|(_, file)| file.path() == path).map(|(_, file)| file)
}

fn original_files(checked: &[Arc<Checked>]) -> BTreeMap<Utf8PathBuf, Vec<u8>> {
    let files = checked.iter().flat_map(|checked| checked.sources.iter());
    files.map(|(_, file)| (file.path().to_owned(), file.bytes().to_vec())).collect()
}

fn attempt(checked: &[Arc<Checked>], fix: &Candidate, outcome: Outcome) -> Attempt {
    let file = find_file(checked, &fix.path);
    let position = file.map_or(START, |file| file.position(fix.offset));
    let changes = fix.edits.iter().map(|edit| {
        let file = find_file(checked, &edit.path);
        Change {
            path: edit.path.clone(),
            old: file.map_or_else(String::new, |file| file.slice(edit.span).to_owned()),
            new: edit.text.clone(),
            position: file.map_or(START, |file| file.position(edit.span.start)),
        }
    });
    Attempt {
        rule: fix.rule.clone(),
        title: fix.title.clone(),
        path: fix.path.clone(),
        position,
        changes: changes.collect(),
        outcome,
    }
}

fn rules_of(fixes: &[Candidate]) -> Vec<String> {
    let rules: BTreeSet<&String> = fixes.iter().map(|fix| &fix.rule).collect();
    rules.into_iter().cloned().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::{Category, Diagnostic, Edit, Fix, Severity};
    use crate::model::context::NoContext;
    use crate::source::{Location, Sources};

    /// A rule for tests: each `from` in the text is a finding that is mended by writing `to`.
    #[derive(Clone, Copy)]
    struct Toy(&'static str, Severity, Safety, &'static str, &'static str);

    fn check(toys: &[Toy], file: SourceFile) -> Checked {
        let mut diagnostics = Vec::new();
        for Toy(rule, severity, safety, from, to) in toys {
            for (start, text) in file.text().match_indices(from) {
                let span = Span::from(start..start + text.len());
                let edit = Edit { file: FileId(0), span, text: (*to).to_owned() };
                diagnostics.push(Diagnostic {
                    rule: (*rule).to_owned(),
                    aliases: Vec::new(),
                    category: Category::Style,
                    severity: *severity,
                    message: format!("found {from}"),
                    note: None,
                    at: Location { file: FileId(0), span },
                    related: Vec::new(),
                    fixes: Fix::new("mend", *safety, vec![edit]).into_iter().collect(),
                });
            }
        }
        let mut sources = Sources::default();
        sources.add(file);
        Checked { sources, diagnostics }
    }

    fn fixed(toys: &[Toy], text: &str, trust: Safety) -> (String, Fixed) {
        let check = |file: SourceFile, _: &dyn Context| check(toys, file);
        let checked = check(SourceFile::new("Dockerfile", text.as_bytes()), &NoContext);
        let fixed = converge(&[Target { checked, context: &NoContext, check: &check }], trust);
        let after = fixed.files.first().map_or(text.to_owned(), |changed| {
            assert_eq!(changed.before, text.as_bytes());
            String::from_utf8(changed.after.clone()).unwrap()
        });
        (after, fixed)
    }

    fn outcomes(fixed: &Fixed) -> Vec<(&str, &Outcome)> {
        fixed.attempts.iter().map(|attempt| (attempt.rule.as_str(), &attempt.outcome)).collect()
    }

    const WARN: Severity = Severity::Warning;

    #[test]
    fn rounds_follow_until_the_text_is_still() {
        let toys =
            [Toy("t/a", WARN, Safety::Safe, "aa", "b"), Toy("t/b", Severity::Info, Safety::Safe, "bb", "c")];
        let (text, fixed) = fixed(&toys, "# aaaa aa\n", Safety::Safe);
        assert_eq!(text, "# c b\n");
        assert!(fixed.checked.iter().all(|checked| checked.diagnostics.is_empty()));
        assert!(fixed.unsettled.is_empty());
    }

    #[test]
    fn what_needs_more_trust_is_held() {
        let toys = [Toy("t/a", WARN, Safety::Unsafe, "a", "b"), Toy("t/c", WARN, Safety::Display, "c", "d")];
        let (text, report) = fixed(&toys, "a c", Safety::Safe);
        assert_eq!(text, "a c");
        assert_eq!(outcomes(&report), [("t/a", &Outcome::Held { needs: Safety::Unsafe })]);
        assert_eq!(fixed(&toys, "a c", Safety::Unsafe).0, "b c");
    }

    #[test]
    fn overlapping_fixes_wait_for_the_worse() {
        let toys = [
            Toy("t/style", Severity::Style, Safety::Safe, "ab", "x"),
            Toy("t/error", Severity::Error, Safety::Safe, "bc", "y"),
        ];
        assert_eq!(fixed(&toys, "abc", Safety::Safe).0, "ay");
    }

    #[test]
    fn a_defective_fix_is_taken_back_and_the_others_stay() {
        let toys = [
            Toy("t/good", WARN, Safety::Safe, "a", "b"),
            Toy("t/bad", WARN, Safety::Safe, "c", "dd"),
            Toy("t/new", WARN, Safety::Display, "dd", ""),
            Toy("t/idle", WARN, Safety::Safe, "e", "e"),
        ];
        let (text, fixed) = fixed(&toys, "a c a e a", Safety::Safe);
        assert_eq!(text, "b c b e b");
        let brings = Regression::Brings { rule: "t/new".to_owned(), message: "found dd".to_owned() };
        let mut last: Vec<_> = outcomes(&fixed).split_off(3);
        last.sort_by_key(|(rule, _)| *rule);
        assert_eq!(
            last,
            [
                ("t/bad", &Outcome::RolledBack(brings)),
                ("t/idle", &Outcome::RolledBack(Regression::Ineffective))
            ]
        );
    }

    #[test]
    fn a_lesser_finding_may_come() {
        let toys = [
            Toy("t/error", Severity::Error, Safety::Safe, "a", "b"),
            Toy("t/info", Severity::Info, Safety::Display, "b", ""),
        ];
        assert_eq!(fixed(&toys, "a", Safety::Safe).0, "b");
    }

    #[test]
    fn what_a_rejected_fix_kept_waiting_is_tried() {
        let toys = [
            Toy("t/bad", Severity::Error, Safety::Safe, "abc", "abcabc"),
            Toy("t/good", WARN, Safety::Safe, "bc", "x"),
        ];
        assert_eq!(fixed(&toys, "abc", Safety::Safe).0, "ax");
    }

    #[test]
    fn rules_that_never_rest_are_named() {
        let toys = [
            Toy("t/a", WARN, Safety::Safe, "a", " b"),
            Toy("t/b", Severity::Info, Safety::Safe, "b", " c"),
            Toy("t/c", Severity::Style, Safety::Safe, "c", " a"),
        ];
        let (_, endless) = fixed(&toys[..2], "a", Safety::Safe);
        assert!(endless.unsettled.is_empty());
        // The way back up is a regression, so the ring is cut where it closes.
        let (text, ring) = fixed(&toys, "a", Safety::Safe);
        assert_eq!(text, "  c");
        assert!(matches!(outcomes(&ring).last(), Some(("t/c", Outcome::RolledBack(_)))));
        // A finding that only moves is not the same one; growth ends that.
        let (_, growing) = fixed(&[Toy("t/g", WARN, Safety::Safe, "g", " g")], "g", Safety::Safe);
        assert_eq!(growing.unsettled, ["t/g"]);
    }
}
