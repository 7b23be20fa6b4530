//! How the commands of a script hang together: what joins them, whether they may be skipped, how long their effects
//! last, what is fed to them and where their output goes.

use super::run::Surroundings;
use super::value::Value;
use super::words;
use crate::source::Mapped;
use crate::syntax::shell::{self, Connector, Construct, Found, SimpleCommand};

/// Where the effect of a command ends, and what holds from there on: what held before, where another shell felt it,
/// or something unknown, where it may not have run. `None` where the effect lasts.
pub(super) fn end_of<T>(found: &Found<'_>, before: T, unknown: T) -> Option<(u32, T)> {
    let within =
        |constructs: &[Construct]| constructs.iter().any(|construct| found.within.contains(*construct));
    if within(&[Construct::Pipe, Construct::Background]) {
        return Some((found.item.span.end, before));
    }
    if within(&[Construct::Subshell, Construct::Substitution, Construct::Process]) {
        return Some((found.script.span.end, before));
    }
    is_conditional(found).then_some((found.script.span.end, unknown))
}

/// Whether a command may be skipped or repeated.
pub(super) fn is_conditional(found: &Found<'_>) -> bool {
    let constructs = [
        Construct::Condition,
        Construct::Branch,
        Construct::Loop,
        Construct::Function,
        Construct::Substitution,
        Construct::Process,
    ];
    constructs.iter().any(|construct| found.within.contains(*construct))
        || found.item.connector == Connector::Or
}

pub(super) fn connector(found: &Found<'_>) -> &'static str {
    if found.position > 0 {
        return "|";
    }
    match found.item.connector {
        Connector::First => "",
        Connector::And => "&&",
        Connector::Or => "||",
        Connector::Sequence => ";",
        Connector::Background => "&",
    }
}

/// Whether a further command of its pipeline reads what it prints.
pub(super) fn is_piped(found: &Found<'_>) -> bool {
    found.position + 1 < found.item.pipeline.commands.len()
}

pub(super) fn writes(command: &SimpleCommand, around: &Surroundings<'_>) -> Vec<(Value, bool)> {
    use shell::RedirectionOperator as Operator;
    let mut writes = Vec::new();
    for redirection in &command.redirections {
        let appends = match redirection.operator {
            Operator::Output | Operator::Clobber | Operator::OutputBoth => false,
            Operator::Append | Operator::AppendBoth => true,
            _ => continue,
        };
        let is_output = redirection.descriptor.as_ref().is_none_or(|descriptor| descriptor.value == "1");
        if is_output {
            writes.push((words::whole(&redirection.target, &around.scope, around.file), appends));
        }
    }
    writes
}

pub(super) fn input(command: &SimpleCommand, around: &Surroundings<'_>) -> Option<Value> {
    let redirection =
        command.redirections.iter().rev().find(|redirection| redirection.here_document.is_some())?;
    let document = redirection.here_document.as_ref()?;
    if redirection.operator == shell::RedirectionOperator::HereDocumentTabs {
        return None;
    }
    words::document(document, &around.scope, around.file)
}

/// A text that stands in a file in one piece, to be read again.
pub(super) fn written_as_is(value: &Value) -> Option<Mapped> {
    let mut text = Mapped::default();
    for piece in value.pieces().iter() {
        let at = piece.at.filter(|_| !piece.brought)?;
        text.push(value.text.get(piece.range())?, at.span.start);
    }
    Some(text)
}
