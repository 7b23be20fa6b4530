//! Which instruction of the Dockerfile a log says has failed.

use super::failure::Failure;
use crate::model::facts::{Facts, Index, Instruction};

/// The failing instruction: by the line that the builder quotes, by what it repeats of it, or, where several read
/// the same, by their stage or number as well.
pub(super) fn failing(failure: &Failure, facts: &Facts) -> Option<Index> {
    let by_line = failure.dockerfile_line.and_then(|line| at_line(facts, line));
    let Some(step) = failure.step.as_deref() else { return by_line };
    let step = Named::read(step);
    if let Some(image) = step.image {
        return by_line.or_else(|| from_image(facts, image));
    }
    let said = collapsed(step.text);
    let own = |index: &Index| facts.instructions.get(*index).is_some_and(|it| !it.onbuild && !it.triggered);
    let mut same: Vec<Index> = (0..facts.instructions.len())
        .filter(own)
        .filter(|index| facts.instructions.get(*index).is_some_and(|it| reads(facts, it, &said)))
        .collect();
    if let Some(line) = by_line.filter(|line| same.is_empty() || same.contains(line)) {
        return Some(line);
    }
    if same.len() > 1 {
        let in_stage: Vec<Index> =
            same.iter().copied().filter(|index| is_stage(facts, *index, &step)).collect();
        if !in_stage.is_empty() {
            same = in_stage;
        }
    }
    if let (true, Some(number)) = (same.len() > 1, failure.number) {
        // The classic builder counts every instruction from the first, those before the first `FROM` too.
        let counted: Vec<Index> = (0..facts.instructions.len()).filter(own).collect();
        let named = number.checked_sub(1).and_then(|place| counted.get(place)).copied();
        return named.filter(|index| same.contains(index));
    }
    match same.as_slice() {
        [one] => Some(*one),
        _ => None,
    }
}

/// The first instruction of the target's stage that runs something, or that follows its `FROM`.
pub(super) fn first_run(facts: &Facts) -> Option<Index> {
    let stage = facts.stages.iter().find(|stage| stage.target).or(facts.stages.last())?;
    let own = |index: &Index| facts.instructions.get(*index).is_some_and(|it| !it.onbuild && !it.triggered);
    let mut written = stage.instructions.iter().copied().filter(own).skip(1).peekable();
    let next = written.peek().copied();
    written.find(|index| facts.instructions.get(*index).is_some_and(|it| it.keyword == "run")).or(next)
}

/// What a builder calls a step.
struct Named<'l> {
    /// The stage, where it says one.
    stage: Option<&'l str>,
    /// The image whose data it loads, where it does that.
    image: Option<&'l str>,
    /// The instruction.
    text: &'l str,
}

impl<'l> Named<'l> {
    fn read(name: &'l str) -> Self {
        let plain = Self { stage: None, image: None, text: name };
        let Some((inside, text)) = name.strip_prefix('[').and_then(|rest| rest.split_once("] ")) else {
            return plain;
        };
        let image = text.strip_prefix("load metadata for ");
        let mut words: Vec<&str> = inside.split_whitespace().collect();
        words.retain(|word| !word.contains('/'));
        Self { stage: words.last().copied(), image, text }
    }
}

/// The instruction on whose lines that line is.
fn at_line(facts: &Facts, line: u32) -> Option<Index> {
    let file = facts.instructions.first()?.at.file;
    let source = facts.sources.get(file);
    facts.instructions.iter().position(|instruction| {
        let first = source.position(instruction.at.span.start).line;
        let last = source.position(instruction.at.span.end.saturating_sub(1)).line;
        !instruction.onbuild && !instruction.triggered && (first..=last).contains(&line)
    })
}

/// The only `FROM`, or the first, of that image.
fn from_image(facts: &Facts, image: &str) -> Option<Index> {
    let wanted = canonical(image);
    let found = facts.images.iter().find(|one| {
        let reference = one.reference.as_ref().and_then(|reference| reference.known());
        reference.is_some_and(|reference| canonical(reference) == wanted)
    })?;
    Some(found.instruction)
}

/// A reference without what is understood: the registry and namespace of official images, the usual tag.
fn canonical(reference: &str) -> &str {
    let plain = reference.strip_prefix("docker.io/").unwrap_or(reference);
    let plain = plain.strip_prefix("library/").unwrap_or(plain);
    plain.strip_suffix(":latest").unwrap_or(plain)
}

/// Whether the instruction is the one that the builder repeats, as written or with its variables replaced.
fn reads(facts: &Facts, instruction: &Instruction, said: &str) -> bool {
    let written = written(facts, instruction);
    if written.eq_ignore_ascii_case(said) || same_from_keyword(&written, said) {
        return true;
    }
    // Of a heredoc, the beginning of the body is told in brackets.
    let beginning = said.split_once(" (").map(|(before, _)| before);
    if instruction.form == "heredoc" && beginning.is_some_and(|before| written.starts_with(before)) {
        return true;
    }
    let arguments: Vec<&str> = instruction.arguments.iter().map(|argument| argument.text.as_str()).collect();
    let Some((keyword, rest)) = said.split_once(' ') else { return false };
    let rest = collapsed(&without_flags(rest));
    keyword.eq_ignore_ascii_case(&instruction.keyword) && rest == collapsed(&arguments.join(" "))
}

/// The keyword may be written in another case, and builders tell flags apart.
fn same_from_keyword(written: &str, said: &str) -> bool {
    let parts = |text: &str| {
        text.split_once(' ')
            .map(|(keyword, rest)| (keyword.to_ascii_lowercase(), collapsed(&without_flags(rest))))
    };
    parts(written).is_some() && parts(written) == parts(said)
}

fn without_flags(text: &str) -> String {
    let mut rest = text;
    while let Some(flag) = rest.strip_prefix("--") {
        rest = flag.split_once(' ').map_or("", |(_, behind)| behind.trim_start());
    }
    rest.to_owned()
}

/// The instruction as one line: continued lines joined, comments between them dropped, blanks collapsed.
fn written(facts: &Facts, instruction: &Instruction) -> String {
    let escape = facts.tree.escape.char();
    let mut text = String::new();
    for line in facts.sources.slice(instruction.at).lines() {
        if line.trim_start().starts_with('#') {
            continue;
        }
        let line = line.trim_end();
        text.push_str(line.strip_suffix(escape).unwrap_or(line));
        text.push_str(if line.ends_with(escape) { "" } else { " " });
    }
    collapsed(&text)
}

fn collapsed(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Whether the instruction is part of the stage that the builder names: by its name, or `stage-2` by its number.
fn is_stage(facts: &Facts, index: Index, step: &Named<'_>) -> bool {
    let stage = facts.instructions.get(index).and_then(|instruction| instruction.stage);
    let (Some(stage), Some(said)) = (stage, step.stage) else { return false };
    let name = facts.stages.get(stage).and_then(|stage| stage.name.as_deref());
    match name {
        Some(name) => name == said,
        None => said.strip_prefix("stage-").and_then(|number| number.parse().ok()) == Some(stage),
    }
}
