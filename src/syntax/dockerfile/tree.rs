//! The owned tree of a Dockerfile.
//!
//! Every node has its span in the file as it is on disk. Text is what BuildKit's parser yields (continuations
//! joined, flag quotes removed, JSON strings decoded); the span covers what stands in the file for it, and a
//! [`Word`] can tell for each byte of its text where that stands.
//!
//! The tree holds what was written, faulty or not; what it means is read off it by
//! `Instruction::typed`, and what BuildKit would refuse is listed in [`Dockerfile::faults`].

use std::ops::Range;

use super::kind::InstructionKind;
use super::word::Word;
use crate::source::{Mapped, Span};

/// One Dockerfile.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Dockerfile {
    /// The parser directives at the top (`# syntax=…`, `# escape=…`, `# check=…`), in order.
    pub directives: Vec<Directive>,
    /// The escape character in force.
    pub escape: Escape,
    /// Every comment that is not a directive, in order, those between continued lines included.
    pub comments: Vec<Comment>,
    /// Every instruction in order, unknown and faulty ones included.
    pub instructions: Vec<Instruction>,
    /// The build stages in order.
    pub stages: Vec<Stage>,
    /// What BuildKit would refuse, in order of appearance. Empty for a file it accepts.
    pub faults: Vec<Fault>,
}

impl Dockerfile {
    /// The fault that BuildKit would report: it reads the whole file before it looks at what the
    /// instructions mean, so the first fault of the text comes before any other.
    pub fn first_fault(&self) -> Option<&Fault> {
        self.faults.iter().find(|fault| fault.level == Level::Text).or_else(|| self.faults.first())
    }

    /// The comments attached to an instruction, as BuildKit counts them: those above it since the last
    /// instruction or the last empty `#`, blank lines notwithstanding.
    pub fn comments_of(&self, instruction: &Instruction) -> &[Comment] {
        self.comments.get(instruction.comments.clone()).unwrap_or_default()
    }

    /// The instructions before the first `FROM`: the global `ARG`s, in a file without faults.
    pub fn preamble(&self) -> &[Instruction] {
        let end = self.stages.first().map_or(self.instructions.len(), |stage| stage.instructions.start);
        self.instructions.get(..end).unwrap_or_default()
    }

    /// The instructions of a stage, its `FROM` first.
    pub fn instructions_of(&self, stage: &Stage) -> &[Instruction] {
        self.instructions.get(stage.instructions.clone()).unwrap_or_default()
    }
}

/// The character that continues lines and takes the meaning from the next character.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Escape {
    /// `\`, unless the file says otherwise.
    #[default]
    Backslash,
    /// `` ` ``, for files full of Windows paths.
    Backtick,
}

impl Escape {
    /// The character itself.
    pub fn char(self) -> char {
        match self {
            Self::Backslash => '\\',
            Self::Backtick => '`',
        }
    }
}

/// A parser directive: `# syntax=docker/dockerfile:1`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Directive {
    /// Which one.
    pub kind: DirectiveKind,
    /// The name as written.
    pub name: Word,
    /// The value, blanks around it removed.
    pub value: Word,
    /// The line, its ending left out.
    pub span: Span,
    /// The line's number, counted from 1.
    pub line: u32,
    /// Whether blanks stand before the `#`.
    pub indented: bool,
    /// Whether the build heeds it: `syntax` and `check` are not seen once a directive is indented, and one
    /// that is repeated or wrong is a fault.
    pub effective: bool,
}

/// The directives that BuildKit knows. A line with any other name is a comment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DirectiveKind {
    /// The frontend image that parses the file.
    Syntax,
    /// The escape character.
    Escape,
    /// What `docker build --check` looks at.
    Check,
}

/// A comment line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Comment {
    /// What follows the `#`, blanks around it removed.
    pub text: String,
    /// From the `#` to the end of the line, its ending left out.
    pub span: Span,
    /// The line's number, counted from 1.
    pub line: u32,
    /// Whether it stands between the continued lines of an instruction.
    pub inside: bool,
}

/// One instruction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Instruction {
    /// From the keyword to the end of its last line or of its last heredoc's terminator; the last line
    /// ending is left out.
    pub span: Span,
    /// Its first and last line, counted from 1, as BuildKit counts them: comments of an open continuation
    /// and heredocs included.
    pub lines: (u32, u32),
    /// The keyword as written.
    pub keyword: Word,
    /// Which instruction it is; `None` for one that Docker does not know.
    pub kind: Option<InstructionKind>,
    /// The flags in order. A bare `--` that ended them is not among them.
    pub flags: Vec<Flag>,
    /// `CMD` or `NONE` after `HEALTHCHECK`, as written; no other instruction has one.
    pub check_type: Option<Word>,
    /// The arguments, by form.
    pub args: Args,
    /// The logical text after keyword, flags and check type, blanks around it removed, continuations joined.
    /// In shell form it is the command.
    pub body: Mapped,
    /// The heredocs in order, on the instruction that names them: behind `ONBUILD` on the inner one.
    pub heredocs: Vec<Heredoc>,
    /// The instruction behind `ONBUILD`.
    pub onbuild: Option<Box<Instruction>>,
    /// The comments attached to it, as a range of [`Dockerfile::comments`].
    pub comments: Range<usize>,
    /// The blank lines between its continued lines (deprecated by Docker), line endings included.
    pub blank_lines: Vec<Span>,
}

impl Instruction {
    /// The flags called `name`, which is case-sensitive and written without `--`.
    pub fn flags_named<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Flag> {
        self.flags.iter().filter(move |flag| flag.name.text == name)
    }

    /// The value of the first flag called `name`.
    pub fn flag(&self, name: &str) -> Option<&Word> {
        self.flags.iter().find(|flag| flag.name.text == name)?.value.as_ref()
    }

    /// The command in shell form: of RUN, CMD, ENTRYPOINT and HEALTHCHECK.
    pub fn shell(&self) -> Option<&Mapped> {
        matches!(self.args, Args::Shell).then_some(&self.body)
    }

    /// The command in exec form: the elements of a JSON array.
    pub fn exec(&self) -> Option<&[Word]> {
        match &self.args {
            Args::Json(words) => Some(words),
            _ => None,
        }
    }

    /// The pairs of ENV, LABEL and ARG.
    pub fn pairs(&self) -> &[Pair] {
        match &self.args {
            Args::Pairs(pairs) => pairs,
            _ => &[],
        }
    }

    /// The arguments as words, whether they were written as a list, as JSON or as one text.
    pub fn words(&self) -> &[Word] {
        match &self.args {
            Args::Json(words) | Args::Words(words) => words,
            Args::Text(word) => std::slice::from_ref(word),
            Args::None | Args::Shell | Args::Pairs(_) => &[],
        }
    }
}

/// A flag: `--from=build`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flag {
    /// The whole flag as it stands in the file.
    pub span: Span,
    /// The name without `--`.
    pub name: Word,
    /// What follows the first `=`, quotes and escapes removed; `None` where there is no `=`.
    pub value: Option<Word>,
}

/// The arguments of an instruction, by the form in which they were written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Args {
    /// No argument at all, an unknown instruction, or `ONBUILD` (see [`Instruction::onbuild`]).
    #[default]
    None,
    /// One command for a shell: [`Instruction::body`].
    Shell,
    /// A JSON array of strings, decoded.
    Json(Vec<Word>),
    /// Words between blanks; there are no quotes in this form.
    Words(Vec<Word>),
    /// Keys and values, of ENV, LABEL and ARG. Quotes are kept, as expansion removes them.
    Pairs(Vec<Pair>),
    /// The whole rest as one value, of USER, WORKDIR, STOPSIGNAL and MAINTAINER.
    Text(Word),
}

/// A key and its value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pair {
    /// The key, quotes kept.
    pub key: Word,
    /// The value, quotes kept; `None` for an `ARG` without a default.
    pub value: Option<Word>,
    /// Whether it was written the old way, with a blank in place of `=` (ENV and LABEL).
    pub legacy: bool,
}

impl Pair {
    /// The whole pair.
    pub fn span(&self) -> Span {
        self.value.as_ref().map_or(self.key.span, |value| self.key.span.to(value.span))
    }
}

/// A heredoc.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Heredoc {
    /// The name that ends it, quotes removed.
    pub name: String,
    /// The word that opens it: `<<-"EOF"`, a leading file descriptor included.
    pub span: Span,
    /// The lines between the instruction and the terminator, line endings included.
    pub body: Span,
    /// Whether variables in the body are expanded: the name was not quoted.
    pub expand: bool,
    /// Whether leading tabs are removed (`<<-`); [`Heredoc::content`] still has them.
    pub chomp: bool,
    /// The text of [`Heredoc::body`]; a byte that is not UTF-8 reads as U+FFFD.
    pub content: String,
    /// The terminator, leading tabs and line ending left out; empty at the end of the file where it is missing.
    pub terminator: Span,
    /// The number before `<<`.
    pub file_descriptor: Option<u32>,
}

/// A build stage: a `FROM` and what follows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stage {
    /// The name as other instructions find it, in lower case.
    pub name: Option<String>,
    /// The name as written.
    pub alias: Option<Word>,
    /// The image, or the stage, it starts from.
    pub image: Word,
    /// The value of `--platform`.
    pub platform: Option<Word>,
    /// Its instructions as a range of [`Dockerfile::instructions`], the `FROM` first.
    pub instructions: Range<usize>,
}

/// Something that BuildKit refuses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// What is wrong, in the file.
    pub span: Span,
    /// What is wrong, in the words of BuildKit.
    pub message: String,
    /// What to do about it.
    pub help: Option<String>,
    /// The line BuildKit names; `None` where it names none.
    pub line: Option<u32>,
    /// When BuildKit sees it.
    pub level: Level,
}

/// The steps of BuildKit that can refuse a file, in their order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Reading the text. The first fault ends it.
    Text,
    /// Reading one instruction: names, flags, numbers of arguments.
    Instruction,
    /// Sorting the instructions into stages.
    Stage,
}

/// A top-level piece of a file. In order, the pieces are the file, byte for byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Piece {
    /// What it is.
    pub kind: PieceKind,
    /// Its bytes, line endings included.
    pub span: Span,
}

/// What a [`Piece`] is; numbers index the list of that name in [`Dockerfile`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PieceKind {
    /// A byte order mark.
    Mark,
    /// A parser directive.
    Directive(usize),
    /// A comment between instructions.
    Comment(usize),
    /// Blank lines.
    Blank,
    /// An instruction with its comments and heredocs.
    Instruction(usize),
}
