//! The tree as the JSON of `dlint ast`: what BuildKit's parser says about the same file, in its own words.

use std::collections::BTreeMap;

use serde::Serialize;

use super::kind::InstructionKind;
use super::tree::{Args, DirectiveKind, Dockerfile, Escape, Heredoc, Instruction, Level, Stage};
use super::word::Word;
use crate::source::SourceFile;

/// A file.
#[derive(Clone, Debug, Serialize, PartialEq, Eq)]
pub struct Ast {
    /// Whether BuildKit accepts the file.
    pub ok: bool,
    /// What is wrong with it.
    pub error: Option<String>,
    /// The line that BuildKit names for it.
    pub error_line: Option<u32>,
    /// The escape character.
    pub escape: char,
    /// The parser directives by name in lower case.
    pub directives: BTreeMap<&'static str, String>,
    /// The instructions that are known.
    pub instructions: Vec<AstInstruction>,
    /// The build stages.
    pub stages: Vec<AstStage>,
}

/// An instruction.
#[derive(Clone, Debug, Serialize, PartialEq, Eq)]
pub struct AstInstruction {
    /// The command and its arguments.
    #[serde(flatten)]
    pub command: AstCommand,
    /// The first line.
    pub start_line: u32,
    /// The last line, heredocs included.
    pub end_line: u32,
    /// The heredocs.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub heredocs: Vec<AstHeredoc>,
}

/// A command and its arguments.
#[derive(Clone, Debug, Serialize, PartialEq, Eq)]
pub struct AstCommand {
    /// The keyword in lower case.
    pub cmd: String,
    /// The flags as text, quotes removed.
    pub flags: Vec<String>,
    /// The arguments: of ENV and LABEL, key, value and separator in turn.
    pub args: Vec<String>,
    /// Whether the arguments are in JSON form.
    pub json: bool,
    /// The instruction behind `ONBUILD`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub onbuild: Option<Box<AstCommand>>,
}

/// A heredoc.
#[derive(Clone, Debug, Serialize, PartialEq, Eq)]
pub struct AstHeredoc {
    /// The name that ends it.
    pub name: String,
    /// Whether variables in it are expanded.
    pub expand: bool,
    /// Whether leading tabs are removed.
    pub chomp: bool,
    /// The lines, tabs and line endings kept.
    pub content: String,
}

/// A build stage.
#[derive(Clone, Debug, Serialize, PartialEq, Eq)]
pub struct AstStage {
    /// The name in lower case.
    pub name: Option<String>,
    /// The image or stage it starts from.
    pub image: String,
    /// The value of `--platform`.
    pub platform: Option<String>,
    /// Its instructions, as places in [`Ast::instructions`].
    pub instructions: Vec<usize>,
}

/// The JSON form of a tree.
pub fn ast(file: &SourceFile, tree: &Dockerfile) -> Ast {
    let fault = tree.first_fault();
    let error = fault.map(|fault| match (fault.level, fault.line) {
        (Level::Instruction, Some(line)) => {
            format!("dockerfile parse error on line {line}: {}", fault.message)
        }
        _ => fault.message.clone(),
    });
    // BuildKit has no name for what it does not know, so places shift past unknown instructions.
    let mut places = vec![None; tree.instructions.len()];
    let mut instructions = Vec::with_capacity(tree.instructions.len());
    for (index, instruction) in tree.instructions.iter().enumerate() {
        if instruction.kind.is_some() {
            if let Some(place) = places.get_mut(index) {
                *place = Some(instructions.len());
            }
            instructions.push(self::instruction(file, instruction));
        }
    }
    let stages = tree.stages.iter().map(|stage| self::stage(stage, &places));
    let mut directives = BTreeMap::new();
    for directive in tree.directives.iter().take_while(|directive| !directive.indented) {
        directives.entry(directive_name(directive.kind)).or_insert_with(|| directive.value.text.clone());
    }
    // BuildKit gives back nothing of a text that it cannot read, the escape character included.
    let unread = fault.is_some_and(|fault| fault.level == Level::Text);
    let escape = if unread { Escape::default() } else { tree.escape };
    Ast {
        ok: fault.is_none(),
        error,
        error_line: fault.and_then(|fault| fault.line),
        escape: escape.char(),
        directives,
        stages: stages.collect(),
        instructions,
    }
}

fn directive_name(kind: DirectiveKind) -> &'static str {
    match kind {
        DirectiveKind::Syntax => "syntax",
        DirectiveKind::Escape => "escape",
        DirectiveKind::Check => "check",
    }
}

fn stage(stage: &Stage, places: &[Option<usize>]) -> AstStage {
    let instructions = places.get(stage.instructions.clone()).unwrap_or_default();
    AstStage {
        name: stage.name.clone(),
        image: stage.image.text.clone(),
        platform: stage.platform.as_ref().map(|platform| platform.text.clone()),
        instructions: instructions.iter().copied().flatten().collect(),
    }
}

fn instruction(file: &SourceFile, instruction: &Instruction) -> AstInstruction {
    let heredocs = match &instruction.onbuild {
        Some(inner) => &inner.heredocs,
        None => &instruction.heredocs,
    };
    AstInstruction {
        command: command(file, instruction),
        start_line: instruction.lines.0,
        end_line: instruction.lines.1,
        heredocs: heredocs.iter().map(heredoc).collect(),
    }
}

fn command(file: &SourceFile, instruction: &Instruction) -> AstCommand {
    let flags = instruction.flags.iter().map(|flag| match &flag.value {
        Some(value) => format!("--{}={}", flag.name.text, value.text),
        None => format!("--{}", flag.name.text),
    });
    AstCommand {
        cmd: match instruction.kind {
            Some(kind) => kind.name().to_lowercase(),
            None => instruction.keyword.text.to_lowercase(),
        },
        flags: flags.collect(),
        args: args(file, instruction),
        json: matches!(instruction.args, Args::Json(_)),
        onbuild: instruction.onbuild.as_deref().map(|inner| Box::new(command(file, inner))),
    }
}

fn args(file: &SourceFile, instruction: &Instruction) -> Vec<String> {
    let mut args: Vec<String> =
        instruction.check_type.iter().map(|check_type| check_type.text.clone()).collect();
    match &instruction.args {
        // The arguments of an unknown instruction are dropped, which leaves an empty one.
        Args::None if instruction.kind.is_none() => args.push(String::new()),
        Args::None => {}
        Args::Shell => args.push(Word::cut(file, &instruction.body, 0..instruction.body.as_str().len()).text),
        Args::Json(_) | Args::Words(_) | Args::Text(_) => {
            args.extend(instruction.words().iter().map(|word| word.text.clone()));
        }
        Args::Pairs(pairs) if instruction.kind == Some(InstructionKind::Arg) => {
            args.extend(pairs.iter().map(|pair| match &pair.value {
                Some(value) => format!("{}={}", pair.key.text, value.text),
                None => pair.key.text.clone(),
            }));
        }
        Args::Pairs(pairs) => {
            for pair in pairs {
                args.push(pair.key.text.clone());
                args.push(pair.value.as_ref().map(|value| value.text.clone()).unwrap_or_default());
                args.push(if pair.legacy { String::new() } else { "=".to_owned() });
            }
        }
    }
    args
}

fn heredoc(heredoc: &Heredoc) -> AstHeredoc {
    AstHeredoc {
        name: heredoc.name.clone(),
        expand: heredoc.expand,
        chomp: heredoc.chomp,
        content: heredoc.content.clone(),
    }
}
