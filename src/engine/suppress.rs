//! Comments that silence rules: `# dlint ignore=pip/no-cache-dir,DL3008 until=2027-01-31; the mirror is slow`.
//!
//! Above an instruction one counts for that instruction and for what it installs; between the lines of an instruction,
//! or of the script of a heredoc, for the next line; `stage ignore` for the stage, `global ignore` for the whole file.
//! In a file of packages it counts for its own line, or, alone on a line, for the next. Comments of hadolint and of
//! BuildKit are understood as well.
//!
//! Takes the findings, keeps those that no comment silences, and adds what is to be said about the comments
//! themselves (`report`).

mod comment;
mod places;
mod report;

use std::collections::HashMap;

use super::evaluate::Found;
use super::roster::Roster;
use super::selection::{Selectable, Selection};
use crate::model::facts::Facts;
use crate::model::settings::Settings;
use crate::source::{FileId, Location, Span};
use comment::{Form, Ignore};

/// A comment that silences rules, or should.
#[derive(Debug)]
struct Suppression<'f> {
    /// From the `#` to the end of the line.
    at: Location,
    /// What the offsets in `ignore` count from.
    start: u32,
    /// What it says; nothing where it only looks like one.
    ignore: Option<Ignore<'f>>,
    /// Its last day is over.
    expired: bool,
    /// Whether people are told about it: text that a script writes into another file may only look like one.
    judged: bool,
    /// For each name, whether it silenced a finding.
    used: Vec<bool>,
}

/// Where a comment counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Reach {
    Everything,
    File(FileId),
    /// By its index in the tree.
    Stage(usize),
    /// By its index in the tree.
    Instruction(usize),
    /// Counted from 1.
    Line(FileId, u32),
}

/// The comments of one check that silence rules.
#[derive(Debug, Default)]
struct Suppressions<'f> {
    list: Vec<Suppression<'f>>,
    by_reach: HashMap<Reach, Vec<usize>>,
    /// Spans of the instructions of the tree.
    instructions: Vec<Span>,
    /// The first instruction of each stage.
    stages: Vec<usize>,
}

/// The findings that no comment silences, and those about the comments.
pub(super) fn apply(
    facts: &Facts,
    found: Vec<Found>,
    roster: &Roster<'_>,
    settings: &Settings,
    selection: &Selection,
) -> Vec<Found> {
    if settings.without_comments {
        return found;
    }
    let mut comments = Suppressions::read(facts, settings);
    if comments.list.is_empty() {
        return found;
    }
    let mut kept: Vec<Found> = found.into_iter().filter(|found| !comments.silence(facts, found)).collect();
    let about = report::findings(facts, &comments.list, roster, selection);
    let about = about.into_iter().map(|diagnostic| Found { diagnostic, instruction: None });
    kept.extend(about.filter(|found| !comments.silence(facts, found)));
    kept
}

impl Suppressions<'_> {
    /// Whether a comment silences the finding. Every one that does counts as used.
    fn silence(&mut self, facts: &Facts, found: &Found) -> bool {
        let finding = &found.diagnostic;
        let Location { file, span } = finding.at;
        let subject = found.instruction.and_then(|index| facts.instructions.get(index));
        let node = subject.map(|instruction| instruction.node);
        let here = if file == FileId::default() { self.instruction_at(span.start) } else { None };
        let here = here.filter(|here| Some(*here) != node);
        let line = facts.sources.get(file).position(span.start).line;
        let mut reaches = vec![Reach::Everything, Reach::File(file), Reach::Line(file, line)];
        for instruction in [node, here].into_iter().flatten() {
            reaches.push(Reach::Instruction(instruction));
            reaches.extend(self.stage_of(instruction).map(Reach::Stage));
        }
        let rule = Selectable {
            id: &finding.rule,
            aliases: &finding.aliases,
            category: finding.category,
            severity: finding.severity,
            default: true,
        };
        let mut silenced = false;
        for index in reaches.iter().filter_map(|reach| self.by_reach.get(reach)).flatten() {
            let Some(comment) = self.list.get_mut(*index).filter(|comment| !comment.expired) else {
                continue;
            };
            let Some(ignore) = &comment.ignore else { continue };
            for ((name, _), used) in ignore.names.iter().zip(&mut comment.used) {
                if means(name, ignore.form, rule) {
                    (*used, silenced) = (true, true);
                }
            }
        }
        silenced
    }

    fn instruction_at(&self, offset: u32) -> Option<usize> {
        let index = self.instructions.partition_point(|span| span.start <= offset).checked_sub(1)?;
        self.instructions.get(index).is_some_and(|span| offset < span.end).then_some(index)
    }

    fn stage_of(&self, instruction: usize) -> Option<usize> {
        self.stages.partition_point(|first| *first <= instruction).checked_sub(1)
    }
}

/// Whether a name in a comment means the rule. Other tools' comments mean what those tools know, in the case in which
/// they write it; `all` of BuildKit means its own checks.
fn means(name: &str, form: Form, rule: Selectable<'_>) -> bool {
    match form {
        Form::Dlint => rule.is_called(name),
        Form::Hadolint => rule.id == name || rule.aliases.iter().any(|alias| alias == name),
        Form::Check if name == "all" => rule.aliases.iter().any(|alias| is_check(alias)),
        Form::Check => rule.aliases.iter().any(|alias| alias == name),
    }
}

/// Whether a name is built as those of BuildKit's checks are: `JSONArgsRecommended`.
fn is_check(name: &str) -> bool {
    let letters = name.bytes().all(|byte| byte.is_ascii_alphabetic());
    letters
        && name.starts_with(|first: char| first.is_ascii_uppercase())
        && name.bytes().any(|byte| byte.is_ascii_lowercase())
}
