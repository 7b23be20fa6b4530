//! The shell scripts of a Dockerfile, for a program that judges scripts, and what it says at the right place.
//!
//! The program itself is injected as a [`ScriptJudge`]: the engine starts nothing.

mod dialect;

use std::collections::BTreeSet;
use std::fmt::Debug;
use std::ops::Range;

use super::evaluate::Found;
use super::selection::{Selectable, Selection};
use crate::diagnostic::{Category, Diagnostic, Severity};
use crate::model::facts::{Facts, Index};
use crate::source::{FileId, Location, Mapped};
use crate::syntax::dockerfile::{Instruction, InstructionKind, Typed};
use dialect::Dialects;

pub use dialect::Dialect;

/// A script that a `RUN` instruction runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Script<'f> {
    /// Its text, without a `#!` line.
    pub text: Mapped,
    /// The shell that reads it.
    pub dialect: Dialect,
    /// Variables that the Dockerfile declares.
    pub variables: &'f BTreeSet<String>,
}

/// What is wrong in a script.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remark {
    /// The program's code for it: `SC2086`.
    pub code: String,
    /// How bad it is.
    pub severity: Severity,
    /// What is wrong.
    pub message: String,
    /// Bytes of the script.
    pub range: Range<usize>,
}

/// A program that judges scripts.
pub trait ScriptJudge: Debug + Sync {
    /// The pack that its rules have.
    fn pack(&self) -> &str;

    /// The remarks on each of the scripts of one Dockerfile, in their order; fewer where it fails.
    fn judge(&self, scripts: &[Script<'_>]) -> Vec<Vec<Remark>>;
}

/// What the judge finds in the scripts of the Dockerfile.
pub(super) fn findings(facts: &Facts, judge: &dyn ScriptJudge, selection: &Selection) -> Vec<Found> {
    if !may_speak(judge.pack(), selection) {
        return Vec::new();
    }
    let variables = variables(facts);
    let (places, scripts): (Vec<Index>, Vec<Script<'_>>) = scripts(facts, &variables).into_iter().unzip();
    if scripts.is_empty() {
        return Vec::new();
    }
    let mut found = Vec::new();
    for ((instruction, script), remarks) in places.into_iter().zip(&scripts).zip(judge.judge(&scripts)) {
        let made = remarks.into_iter().filter_map(|remark| finding(judge.pack(), remark, script, selection));
        found.extend(made.map(|diagnostic| Found { diagnostic, instruction: Some(instruction) }));
    }
    found
}

fn category(severity: Severity) -> Category {
    if severity >= Severity::Warning { Category::Correctness } else { Category::Style }
}

fn finding(pack: &str, remark: Remark, script: &Script<'_>, selection: &Selection) -> Option<Diagnostic> {
    let Remark { code, severity, message, range } = remark;
    let rule = format!("{pack}/{code}");
    let aliases = vec![code];
    let category = category(severity);
    let selectable = Selectable { id: &rule, aliases: &aliases, category, severity, default: true };
    let severity = selection.severity_of(selectable)?;
    let at = Location { file: FileId::default(), span: script.text.span(range) };
    let (note, related, fixes) = (None, Vec::new(), Vec::new());
    Some(Diagnostic { rule, aliases, category, severity, message, note, at, related, fixes })
}

/// Whether the selection lets any of the judge's rules speak, as far as names tell.
fn may_speak(pack: &str, selection: &Selection) -> bool {
    let groups = [pack, "all", Category::Correctness.name(), Category::Style.name()];
    let means = |name: &String| groups.contains(&name.as_str()) || name.starts_with(pack) || is_code(name);
    let selected = selection.select.is_empty() || selection.select.iter().chain(&selection.extend).any(means);
    let ignored = selection.ignore.iter().any(|name| name == pack || name == "all");
    selected && !ignored
}

/// Whether a name may mean findings in scripts: a code, alone or behind a pack.
pub(super) fn may_be_judged(name: &str) -> bool {
    is_code(name.split_once('/').map_or(name, |(_, code)| code)) || name == SHELL_PACK
}

/// The pack that a judge of shell scripts has; a name that users may give whether or not the judge is there.
const SHELL_PACK: &str = "shellcheck";

/// Whether a name is a code of a shell finding, `SC2086`, in any case.
pub(super) fn is_code(name: &str) -> bool {
    let (letters, digits) = name.split_at_checked(2).unwrap_or_default();
    letters.eq_ignore_ascii_case("SC")
        && !digits.is_empty()
        && digits.bytes().all(|byte| byte.is_ascii_digit())
}

/// The names that `ARG` and `ENV` declare anywhere, and those that Docker knows without being told.
fn variables(facts: &Facts) -> BTreeSet<String> {
    let proxies = ["http_proxy", "https_proxy", "ftp_proxy", "no_proxy", "all_proxy"];
    let mut names: BTreeSet<String> = proxies.map(str::to_owned).into();
    let keywords = ["arg", "env"];
    let declaring = facts.instructions.iter().filter(|next| keywords.contains(&next.keyword.as_str()));
    let declared = declaring.flat_map(|instruction| instruction.pairs.keys());
    names.extend(declared.filter(|name| is_variable(name)).map(ToString::to_string));
    names
}

fn is_variable(name: &str) -> bool {
    let rest = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    rest && !name.starts_with(|first: char| first.is_ascii_digit()) && !name.is_empty()
}

/// Every script with the instruction that runs it, in order.
fn scripts<'f>(facts: &Facts, variables: &'f BTreeSet<String>) -> Vec<(Index, Script<'f>)> {
    let dialects = Dialects::new(facts);
    let mut scripts = Vec::new();
    for (index, instruction) in facts.instructions.iter().enumerate() {
        let Some(node) = facts.tree.instructions.get(instruction.node) else { continue };
        let run = if instruction.onbuild { node.onbuild.as_deref() } else { Some(node) };
        let Some(run) = run.filter(|run| run.kind == Some(InstructionKind::Run)) else { continue };
        let Some(dialect) = dialects.of(instruction) else { continue };
        let read = text(facts, run).and_then(|text| dialect::of_text(text, dialect));
        scripts.extend(read.map(|(text, dialect)| (index, Script { text, dialect, variables })));
    }
    scripts
}

/// The script of a `RUN`: its command with its heredocs behind it, or the heredoc where there is no command.
fn text(facts: &Facts, run: &Instruction) -> Option<Mapped> {
    let body = run.shell()?;
    let file = facts.sources.get(FileId::default());
    if let Some(Typed::Run(typed)) = run.typed()
        && let Some(heredoc) = typed.script()
    {
        return Some(Mapped::verbatim(file.slice(heredoc.body), heredoc.body.start));
    }
    let mut script = body.clone();
    for heredoc in &run.heredocs {
        let text = file.slice(heredoc.body);
        script.push("\n", heredoc.body.start.saturating_sub(1));
        script.push(text, heredoc.body.start);
        script.push(&heredoc.name, heredoc.terminator.start);
    }
    Some(script)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_known() {
        assert!(is_code("SC2086") && is_code("sc1"));
        assert!(!is_code("SC") && !is_code("SCx") && !is_code("DL3008") && !is_code("é"));
    }

    #[test]
    fn variables_have_names_that_shells_allow() {
        assert!(is_variable("a_1") && is_variable("_"));
        assert!(!is_variable("1a") && !is_variable("a-b") && !is_variable(""));
    }

    #[test]
    fn a_judge_is_asked_only_where_it_may_be_heard() {
        let speaks = |select: &[&str], ignore: &[&str]| {
            let own = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect();
            let selection = Selection { select: own(select), ignore: own(ignore), ..Selection::default() };
            may_speak("judge", &selection)
        };
        assert!(
            speaks(&[], &[])
                && speaks(&["SC2086"], &[])
                && speaks(&["judge/SC1"], &[])
                && speaks(&["style"], &[])
        );
        assert!(!speaks(&["pip"], &[]) && !speaks(&[], &["judge"]));
    }
}
