//! Where the places that rules name stand in the files.

use super::scope::FactRef;
use crate::model::facts::{Command, Facts, Instruction};
use crate::rules::{Anchor, Place, Scene};
use crate::source::{Location, Span};

/// The location of a place; `None` where the subject has no such place, or no file says it.
pub(super) fn locate(place: &Place, scene: &Scene<'_>) -> Option<Location> {
    match place {
        Place::Text(source) => {
            let value = scene.value(source)?;
            // A value that no file says has no pieces, or pieces without a place.
            value.pieces().iter().any(|piece| piece.at.is_some()).then_some(value.written).or_else(|| {
                (value.text.is_empty() && value.written != Location::default()).then_some(value.written)
            })
        }
        Place::Anchor(anchor) => anchored(*anchor, scene.facts, scene.subject?),
        Place::Flag(name) => flag(name, scene.facts, scene.subject?),
    }
}

fn anchored(anchor: Anchor, facts: &Facts, subject: FactRef) -> Option<Location> {
    let command = || command(facts, subject);
    let instruction = || instruction(facts, subject);
    match anchor {
        Anchor::Subject => Some(subject.0.at(facts, subject.1)),
        Anchor::Program => Some(command()?.called.written),
        Anchor::Subcommand => {
            let command = command()?;
            Some(command.subcommand.as_ref().map_or(command.called.written, |subcommand| subcommand.written))
        }
        Anchor::Command => Some(command()?.at),
        Anchor::LastOperand => {
            let command = command()?;
            let last =
                command.operands().next_back().or(command.subcommand.as_ref()).unwrap_or(&command.called);
            Some(last.written)
        }
        Anchor::Script => Some(command()?.script_end),
        Anchor::Instruction => Some(instruction()?.at),
        Anchor::Keyword => Some(instruction()?.keyword_at),
        Anchor::Line => lines(facts, instruction()?.at),
        Anchor::Arguments => Some(instruction()?.arguments_at),
        Anchor::BlankLines => instruction()?.blank_lines.first().copied(),
        Anchor::LastLine => Some(instruction()?.last_line),
    }
}

/// The command to which the subject belongs.
pub(super) fn command(facts: &Facts, subject: FactRef) -> Option<&Command> {
    facts.commands.get(subject.0.command(facts, subject.1)?)
}

/// The instruction to which the subject belongs.
pub(super) fn instruction(facts: &Facts, subject: FactRef) -> Option<&Instruction> {
    facts.instructions.get(subject.0.instruction(facts, subject.1)?)
}

/// The option of that name: of the subject's command, or else of its instruction.
fn flag(name: &str, facts: &Facts, subject: FactRef) -> Option<Location> {
    let flags = match command(facts, subject) {
        Some(command) => &command.flags,
        None => &instruction(facts, subject)?.flags,
    };
    let wanted = name.trim_start_matches('-');
    flags
        .iter()
        .find(|flag| flag.name.trim_start_matches('-') == wanted || flag.spelling == name)
        .map(|flag| flag.at)
}

/// The whole lines on which a location stands, the last line ending included.
pub(super) fn lines(facts: &Facts, at: Location) -> Option<Location> {
    let file = facts.sources.get(at.file);
    let line = |offset: u32| file.line_span(file.position(offset).line);
    let first = line(at.span.start)?;
    let last = line(at.span.end.saturating_sub(1).max(at.span.start))?;
    Some(Location { file: at.file, span: Span::new(first.start, last.end) })
}
