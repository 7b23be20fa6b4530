//! A whole file: directives, then one logical line after the other, then the stages.

use super::directives;
use super::heredoc;
use super::instruction::{Lowered, lower};
use super::kind::InstructionKind;
use super::lines::{Line, Lines, Logical};
use super::stages;
use super::tree::{Dockerfile, Fault, Heredoc, Instruction, Level};
use super::validate;
use crate::source::{BAD_BYTE, SourceFile, Span};

/// Reads a Dockerfile. Never fails: what BuildKit would refuse is in [`Dockerfile::faults`], and the
/// instructions around it are still read.
pub fn parse(file: &SourceFile) -> Dockerfile {
    let directives = directives::read(file);
    let mut lines = Lines::new(file, directives.escape, directives.lines);
    let mut tree = Dockerfile {
        directives: directives.list,
        escape: directives.escape,
        faults: directives.faults,
        ..Dockerfile::default()
    };
    let mut attached = 0;
    let mut in_stage = false;
    while let Some(line) = lines.next() {
        match line {
            Line::Blank => {}
            Line::Comment(comment, indented) => {
                let detaches = comment.text.is_empty() && !indented;
                tree.comments.push(comment);
                if detaches {
                    attached = tree.comments.len();
                }
            }
            Line::Logical(logical) => {
                read_instruction(file, &mut tree, &mut lines, logical, attached);
                attached = tree.comments.len();
                in_stage |= check_place(&mut tree, in_stage);
            }
        }
        tree.faults.extend(lines.take_faults());
    }
    if tree.instructions.is_empty() {
        tree.faults.push(no_instructions(lines.read()));
    }
    tree.stages = stages::collect(&tree.instructions);
    tree
}

fn read_instruction(
    file: &SourceFile,
    tree: &mut Dockerfile,
    lines: &mut Lines,
    mut logical: Logical,
    attached: usize,
) {
    let comments = attached..tree.comments.len();
    tree.comments.append(&mut logical.comments);
    let Lowered { mut instruction, fault } = lower(file, tree.escape, &logical, comments);
    let sound = fault.is_none();
    tree.faults.extend(fault);
    tree.faults.extend(lines.take_faults());
    if sound && heredoc::possible(&instruction) && logical.text.as_str().contains("<<") {
        read_heredocs(file, tree, lines, &logical, &mut instruction);
    }
    if sound {
        tree.faults.extend(validate::instruction(&instruction));
    }
    tree.instructions.push(instruction);
}

/// Checks that the last instruction may stand where it does. Says whether it begins a stage.
fn check_place(tree: &mut Dockerfile, in_stage: bool) -> bool {
    let Some(last) = tree.instructions.last() else { return false };
    match last.kind {
        Some(InstructionKind::From) => return true,
        Some(kind) if !in_stage && kind != InstructionKind::Arg => {
            tree.faults.push(validate::outside_stage(last));
        }
        _ => {}
    }
    false
}

/// Reads the heredocs that a line opens, and puts them on the instruction that names them.
fn read_heredocs(
    file: &SourceFile,
    tree: &mut Dockerfile,
    lines: &mut Lines,
    logical: &Logical,
    instruction: &mut Instruction,
) {
    let fault = |span, message, help: &str| Fault {
        span,
        message,
        help: Some(help.to_owned()),
        line: Some(logical.lines.0),
        level: Level::Text,
    };
    let openings = match heredoc::openings(&logical.text) {
        Ok(openings) => openings,
        Err((message, span)) => {
            tree.faults.push(fault(span, message, "close the quote in the heredoc's name"));
            return;
        }
    };
    let mut heredocs = Vec::with_capacity(openings.len());
    for (opening, span) in openings {
        let body = lines.heredoc(&opening.name, opening.chomp);
        if !body.closed {
            let help = format!("end it with a line that is `{}` and nothing else", opening.name);
            tree.faults.push(fault(span, "unterminated heredoc".to_owned(), &help));
        }
        // BuildKit stops at a line that is too long, and so does not find the terminator.
        tree.faults.extend(lines.take_faults().into_iter().map(|mut fault| {
            fault.line = Some(logical.lines.0);
            fault
        }));
        instruction.lines.1 = body.last_line;
        instruction.span.end = body.terminator.end;
        heredocs.push(Heredoc {
            name: opening.name,
            span,
            body: body.lines,
            expand: opening.expand,
            chomp: opening.chomp,
            content: content(file, body.lines),
            terminator: body.terminator,
            file_descriptor: opening.file_descriptor,
        });
    }
    let last_line = instruction.lines.1;
    let end = instruction.span.end;
    match &mut instruction.onbuild {
        Some(inner) => {
            inner.lines.1 = last_line;
            inner.span.end = end;
            inner.heredocs = heredocs;
        }
        None => instruction.heredocs = heredocs,
    }
}

/// The text of a heredoc's body. A byte that is not UTF-8 reads as U+FFFD, a real control-Z as itself.
fn content(file: &SourceFile, span: Span) -> String {
    let text = file.slice(span);
    if file.first_bad_byte().is_none() || !text.contains(BAD_BYTE) {
        return text.to_owned();
    }
    let real = |at: usize| file.bytes().get(span.start as usize + at) == Some(&(BAD_BYTE as u8));
    let characters = text.char_indices().map(|(at, character)| {
        if character == BAD_BYTE && !real(at) { char::REPLACEMENT_CHARACTER } else { character }
    });
    characters.collect()
}

fn no_instructions(lines: u32) -> Fault {
    Fault {
        span: Span::default(),
        message: "file with no instructions".to_owned(),
        help: Some("begin with `FROM` and an image".to_owned()),
        line: Some(lines),
        level: Level::Text,
    }
}
