//! Finds the comments that silence rules, and where each of them counts.

use std::collections::HashMap;

use super::comment::{self, Extent, Form, Ignore};
use super::{Reach, Suppression, Suppressions};
use crate::model::facts::Facts;
use crate::model::settings::Settings;
use crate::source::{FileId, Location, SourceFile, Span};
use crate::syntax::dockerfile::{Comment, DirectiveKind, Instruction, InstructionKind, Typed};

/// The Dockerfile is the first of all files.
const DOCKERFILE: FileId = FileId(0);

impl<'f> Suppressions<'f> {
    /// Reads the comments of all files.
    pub(super) fn read(facts: &'f Facts, settings: &Settings) -> Self {
        let tree = &facts.tree;
        let mut reader = Reader { all: Self::default(), facts, settings };
        reader.all.instructions = tree.instructions.iter().map(|instruction| instruction.span).collect();
        reader.all.stages = tree.stages.iter().map(|stage| stage.instructions.start).collect();
        reader.directives();
        reader.above_instructions();
        reader.between_lines();
        for instruction in &tree.instructions {
            reader.in_heredocs(instruction);
        }
        if settings.hadolint {
            reader.forget_what_hadolint_forgets();
        }
        for (file, _) in facts.sources.iter().skip(1) {
            reader.in_packages(file);
        }
        reader.all
    }
}

struct Reader<'f, 's> {
    all: Suppressions<'f>,
    facts: &'f Facts,
    settings: &'s Settings,
}

impl<'f> Reader<'f, '_> {
    fn dockerfile(&self) -> &'f SourceFile {
        self.facts.sources.get(DOCKERFILE)
    }

    /// Adds a comment that counts there.
    fn add(&mut self, at: Location, start: u32, ignore: Option<Ignore<'f>>, reach: Reach, judged: bool) {
        let last_day = ignore.as_ref().and_then(Ignore::last_day);
        let expired = self.settings.today.zip(last_day).is_some_and(|(today, last)| last < today);
        let used = vec![false; ignore.as_ref().map_or(0, |ignore| ignore.names.len())];
        self.all.by_reach.entry(reach).or_default().push(self.all.list.len());
        self.all.list.push(Suppression { at, start, ignore, expired, judged, used });
    }

    /// Adds the comment at the place if it silences rules, or looks like that.
    fn add_text(&mut self, at: Location, judged: bool, reach: impl FnOnce(&Self, Extent) -> Option<Reach>) {
        let text = self.facts.sources.slice(at);
        let ignore = comment::parse(text);
        if ignore.is_none() && !comment::is_near_miss(text) {
            return;
        }
        let extent = ignore.as_ref().map_or(Extent::Next, |ignore| ignore.extent);
        // A comment that counts nowhere silences nothing, and that is said of it.
        let reach = reach(self, extent).unwrap_or(Reach::Line(at.file, 0));
        self.add(at, at.span.start, ignore, reach, judged);
    }

    /// BuildKit's `# check=…` at the top.
    fn directives(&mut self) {
        let directives = self.facts.tree.directives.iter();
        for directive in directives.filter(|it| it.kind == DirectiveKind::Check && it.effective) {
            let at = Location { file: DOCKERFILE, span: directive.span };
            let value = self.dockerfile().slice(directive.value.span);
            if let Some(ignore) = comment::parse_check(value) {
                self.add(at, directive.value.span.start, Some(ignore), Reach::Everything, true);
            }
        }
    }

    fn above_instructions(&mut self) {
        let tree = &self.facts.tree;
        let mut owner: HashMap<u32, usize> = HashMap::new();
        for (index, instruction) in tree.instructions.iter().enumerate() {
            owner.extend(tree.comments_of(instruction).iter().map(|comment| (comment.line, index)));
        }
        for comment in tree.comments.iter().filter(|comment| !comment.inside) {
            let below = owner.get(&comment.line).copied();
            let at = Location { file: DOCKERFILE, span: comment.span };
            self.add_text(at, true, |reader, extent| match extent {
                Extent::File => Some(Reach::Everything),
                Extent::Stage => reader.all.stage_of(below?).map(Reach::Stage),
                Extent::Next => below.map(Reach::Instruction),
            });
        }
    }

    /// hadolint heeds its comments only on the line above an instruction, one above `FROM` for a stage, and with
    /// nothing but a further `#` behind the names.
    fn forget_what_hadolint_forgets(&mut self) {
        let Self { all, facts, .. } = self;
        let lines: HashMap<u32, Option<InstructionKind>> =
            facts.tree.instructions.iter().map(|next| (next.lines.0, next.kind)).collect();
        let dockerfile = facts.sources.get(DOCKERFILE);
        let is_heeded = |comment: &Suppression<'_>| {
            let Some(ignore) = comment.ignore.as_ref().filter(|ignore| ignore.form == Form::Hadolint) else {
                return true;
            };
            let below = lines.get(&(dockerfile.position(comment.at.span.start).line + 1));
            ignore.strict
                && match ignore.extent {
                    Extent::File => true,
                    Extent::Stage => below == Some(&Some(InstructionKind::From)),
                    Extent::Next => below.is_some(),
                }
        };
        for comment in all.list.iter_mut().filter(|comment| !is_heeded(comment)) {
            (comment.ignore, comment.judged) = (None, false);
        }
    }

    /// Comments between the continued lines of an instruction: each counts for the next line that is none.
    fn between_lines(&mut self) {
        let file = self.dockerfile();
        let inside: Vec<&Comment> =
            self.facts.tree.comments.iter().filter(|comment| comment.inside).collect();
        // From the last one up, so that each finds where the one below it counts.
        let mut targets: HashMap<u32, u32> = HashMap::new();
        for comment in inside.iter().rev() {
            let mut line = comment.line + 1;
            while file.line_span(line).is_some_and(|span| file.slice(span).trim().is_empty()) {
                line += 1;
            }
            targets.insert(comment.line, targets.get(&line).copied().unwrap_or(line));
        }
        for comment in inside {
            let at = Location { file: DOCKERFILE, span: comment.span };
            let target = targets.get(&comment.line).copied().unwrap_or(comment.line + 1);
            let around = self.all.instruction_at(comment.span.start);
            self.add_text(at, true, |reader, extent| reader.reach_of_line(extent, around, target));
        }
    }

    fn reach_of_line(&self, extent: Extent, around: Option<usize>, line: u32) -> Option<Reach> {
        match extent {
            Extent::File => Some(Reach::Everything),
            Extent::Stage => self.all.stage_of(around?).map(Reach::Stage),
            Extent::Next => Some(Reach::Line(DOCKERFILE, line)),
        }
    }

    /// Comments in the heredocs of a command.
    fn in_heredocs(&mut self, instruction: &Instruction) {
        let run = instruction.onbuild.as_deref().unwrap_or(instruction);
        if run.kind != Some(InstructionKind::Run) {
            return;
        }
        // Behind a command the text is what that command reads, perhaps to write it to a file.
        let judged = matches!(run.typed(), Some(Typed::Run(run)) if run.script().is_some());
        let around = self.all.instruction_at(instruction.span.start);
        for heredoc in &run.heredocs {
            for (at, target) in lone_comments(self.dockerfile(), DOCKERFILE, heredoc.body) {
                self.add_text(at, judged, |reader, extent| reader.reach_of_line(extent, around, target));
            }
        }
    }

    /// Comments in a file of packages.
    fn in_packages(&mut self, file: FileId) {
        let source = self.facts.sources.get(file);
        let whole = Span::new(0, source.text().len() as u32);
        let alone = lone_comments(source, file, whole);
        let reach = |extent, line| match extent {
            Extent::File | Extent::Stage => Reach::File(file),
            Extent::Next => Reach::Line(file, line),
        };
        for (at, target) in alone {
            self.add_text(at, true, |_, extent| Some(reach(extent, target)));
        }
        for line in 1..=source.line_count() {
            let Some(span) = source.line_span(line) else { continue };
            let text = source.slice(span).trim_end();
            // A `#` may also stand in an address, so each is looked at.
            let behind = text.match_indices(" #").map(|(index, _)| index + 1);
            let mut behind = behind.filter(|index| !text.get(..*index).unwrap_or_default().trim().is_empty());
            let is_one = |index: &usize| {
                let comment = text.get(*index..).unwrap_or_default();
                comment::parse(comment).is_some() || comment::is_near_miss(comment)
            };
            if !text.trim_start().starts_with('#')
                && let Some(index) = behind.find(is_one)
            {
                let at = Span::new(span.start + index as u32, span.start + text.len() as u32);
                self.add_text(Location { file, span: at }, true, |_, extent| Some(reach(extent, line)));
            }
        }
    }
}

/// The comments that are alone on a line of the file within `span`, and the next line that is neither blank nor such.
fn lone_comments(source: &SourceFile, file: FileId, span: Span) -> Vec<(Location, u32)> {
    let mut found = Vec::new();
    let mut waiting = Vec::new();
    let first = source.position(span.start).line;
    for line in first..=source.line_count() {
        let Some(at) = source.line_span(line).filter(|at| at.start < span.end) else { break };
        let text = source.slice(at);
        let comment = text.trim();
        if comment.starts_with('#') {
            let start = at.start + (text.len() - text.trim_start().len()) as u32;
            let span = Span::new(start, start + comment.len() as u32);
            waiting.push(Location { file, span });
        } else if !comment.is_empty() {
            found.extend(waiting.drain(..).map(|at| (at, line)));
        }
    }
    found.extend(waiting.into_iter().map(|at| (at, 0)));
    found
}
