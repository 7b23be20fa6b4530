//! Comments that silence rules: `# dlint ignore=pip/no-cache-dir,DL3008 because …`.
//!
//! One on the lines before an instruction, or between its continued lines, counts for that instruction and for what
//! it installs; `# dlint global ignore=…` counts for the whole file. In a file of packages it counts for its own line,
//! or, alone on a line, for the next. hadolint's comments and BuildKit's `check=skip=…` are understood as well.

use std::collections::HashMap;

use super::selection::Selectable;
use crate::diagnostic::Diagnostic;
use crate::model::facts::{Facts, Index};
use crate::source::{FileId, Location, Sources, Span};
use crate::syntax::dockerfile::DirectiveKind;

/// A comment's names, and for which part of its file they count.
#[derive(Debug, Default, PartialEq, Eq)]
struct Ignore<'t> {
    global: bool,
    names: Vec<&'t str>,
}

/// The comments of one check that silence rules.
#[derive(Debug, Default)]
pub(super) struct Suppressions<'f> {
    global: Vec<&'f str>,
    by_instruction: HashMap<usize, Vec<&'f str>>,
    /// By file and line counted from 1.
    by_line: HashMap<(FileId, u32), Vec<&'f str>>,
    /// Spans of the instructions of the tree.
    spans: Vec<Span>,
}

impl<'f> Suppressions<'f> {
    /// Reads the comments of all files.
    pub(super) fn new(facts: &'f Facts) -> Self {
        let mut all = Self {
            spans: facts.tree.instructions.iter().map(|instruction| instruction.span).collect(),
            ..Self::default()
        };
        for directive in
            facts.tree.directives.iter().filter(|directive| directive.kind == DirectiveKind::Check)
        {
            all.global.extend(skipped(directive.value.as_str()));
        }
        for (index, instruction) in facts.tree.instructions.iter().enumerate() {
            for comment in facts.tree.comments_of(instruction) {
                all.add(&comment.text, Some(index));
            }
        }
        for comment in &facts.tree.comments {
            let around = comment.inside.then(|| all.instruction_at(comment.span.start)).flatten();
            all.add(&comment.text, around);
        }
        for (file, _) in facts.sources.iter().skip(1) {
            all.add_lines(&facts.sources, file);
        }
        all
    }

    fn add(&mut self, comment: &'f str, instruction: Option<usize>) {
        let Some(ignore) = parse(comment) else { return };
        if ignore.global {
            self.global.extend(ignore.names);
        } else if let Some(index) = instruction {
            self.by_instruction.entry(index).or_default().extend(ignore.names);
        }
    }

    /// Reads the comments of a file of packages.
    fn add_lines(&mut self, sources: &'f Sources, file: FileId) {
        let source = sources.get(file);
        for line in 1..=source.line_count() {
            let Some(span) = source.line_span(line) else { continue };
            let Some((before, comment)) = source.slice(span).split_once('#') else { continue };
            let Some(ignore) = parse(comment.trim()) else { continue };
            if ignore.global {
                self.by_line.entry((file, 0)).or_default().extend(ignore.names);
                continue;
            }
            let meant = if before.trim().is_empty() { line + 1 } else { line };
            self.by_line.entry((file, meant)).or_default().extend(ignore.names);
        }
    }

    fn instruction_at(&self, offset: u32) -> Option<usize> {
        let after = self.spans.partition_point(|span| span.start <= offset);
        let index = after.checked_sub(1)?;
        self.spans.get(index).is_some_and(|span| offset < span.end).then_some(index)
    }

    /// Whether a comment silences the finding. `instruction` is that of its subject, if it is known.
    pub(super) fn silence(&self, facts: &Facts, finding: &Diagnostic, instruction: Option<Index>) -> bool {
        let rule = Selectable {
            id: &finding.rule,
            aliases: &finding.aliases,
            category: finding.category,
            severity: finding.severity,
            default: true,
        };
        let means = |names: &[&str]| names.iter().any(|name| rule.is_called(name));
        let Location { file, span } = finding.at;
        let node =
            instruction.and_then(|index| facts.instructions.get(index)).map(|instruction| instruction.node);
        let here = if file == FileId::default() { self.instruction_at(span.start) } else { None };
        let instructions = [node, here];
        let mut around =
            instructions.into_iter().flatten().filter_map(|index| self.by_instruction.get(&index));
        let line = facts.sources.get(file).position(span.start).line;
        let mut lines = [0, line].into_iter().filter_map(|line| self.by_line.get(&(file, line)));
        means(&self.global) || around.any(|names| means(names)) || lines.any(|names| means(names))
    }
}

/// Reads a comment without its `#`.
fn parse(comment: &str) -> Option<Ignore<'_>> {
    if let Some(value) = comment.trim_start().strip_prefix("check=") {
        return Some(Ignore { global: false, names: skipped(value) });
    }
    let mut rest = comment.trim_start();
    rest = rest.strip_prefix("dlint").or_else(|| rest.strip_prefix("hadolint"))?;
    let words = rest.strip_prefix([' ', '\t', ':'])?.trim_start();
    let (global, words) = match words.strip_prefix("global") {
        Some(words) => (true, words.trim_start()),
        None => (false, words),
    };
    let names = words.strip_prefix("ignore")?.trim_start().strip_prefix('=')?;
    Some(Ignore { global, names: list(names) })
}

/// The names of a list with commas; blanks may stand around the commas, and what follows the last name is a remark.
fn list(text: &str) -> Vec<&str> {
    let mut names = Vec::new();
    let mut rest = text.trim_start();
    loop {
        let end = rest.find([',', ' ', '\t', '\r', '\n']).unwrap_or(rest.len());
        let (name, after) = rest.split_at(end);
        if !name.is_empty() {
            names.push(name);
        }
        match after.trim_start().strip_prefix(',') {
            Some(after) => rest = after.trim_start(),
            None => return names,
        }
    }
}

/// The names of BuildKit's `skip=A,B;error=true`.
fn skipped(value: &str) -> Vec<&str> {
    value.split(';').filter_map(|part| part.trim().strip_prefix("skip=")).flat_map(list).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_are_read_as_they_are_written() {
        let names = |comment| parse(comment).map(|ignore| (ignore.global, ignore.names));
        assert_eq!(names("dlint ignore=pip/x, DL3042 why not"), Some((false, vec!["pip/x", "DL3042"])));
        assert_eq!(names("dlint global ignore = pip"), Some((true, vec!["pip"])));
        assert_eq!(names("hadolint ignore=DL3006,SC2086"), Some((false, vec!["DL3006", "SC2086"])));
        assert_eq!(names("hadolint ignore=DL3006 # reason"), Some((false, vec!["DL3006"])));
        assert_eq!(
            names("check=skip=JSONArgsRecommended // why"),
            Some((false, vec!["JSONArgsRecommended"]))
        );
        assert_eq!(names("check=skip=A,B;error=true"), Some((false, vec!["A", "B"])));
        assert_eq!(names("dlintignore=x"), None);
        assert_eq!(names("we ignore=x"), None);
    }
}
