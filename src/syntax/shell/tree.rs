//! The tree of a shell script: what a RUN will do, as far as its text says.
//!
//! Plain data, owned, made by [`parse`](super::parse). Every node has its [`Span`] in the file, from its
//! first to its last byte there; where a continuation or a comment was cut out between the two, the span
//! covers that as well. Text that a node quotes is held as [`Text`], whose bytes lie side by side in the
//! file, so that any part of it can be pointed at.
//!
//! What the parser does not understand is an opaque node, never a guess. Left out: alias and history
//! expansion, globs and brace expansion (both are literal text here), and the inner grammar of `[[ … ]]`
//! and `(( … ))`, of which the words and expansions are kept.

use crate::source::{Mapped, Span};

/// A list of commands: a whole script, or the body of a construct inside one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Script {
    /// The pipelines in source order.
    pub items: Vec<Item>,
    /// From the first to the last item; the brackets around a body do not belong to it.
    pub span: Span,
}

/// One pipeline of a list, and what joins it to the one before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// How this pipeline is joined to the one before.
    pub connector: Connector,
    /// The bytes of the connector itself; empty, at the start of the item, for the first one.
    pub connector_span: Span,
    /// What is run.
    pub pipeline: Pipeline,
    /// Whether `&` follows: the shell does not wait for it, nor for what `&&` and `||` join to it.
    pub background: bool,
    /// The bytes of the pipeline, without the connector.
    pub span: Span,
}

/// What joins an [`Item`] to the one before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Connector {
    /// Nothing: it is the first.
    First,
    /// `&&`: runs if the one before succeeded.
    And,
    /// `||`: runs if the one before failed.
    Or,
    /// `;` or newlines: runs whatever became of the one before.
    Sequence,
    /// `&`: runs while the one before still does.
    Background,
}

/// Commands joined by `|`, often just one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pipeline {
    /// Where `!` stands, which turns the status round.
    pub negated: Option<Span>,
    /// Where `time` stands, with its `-p` if there is one.
    pub timed: Option<Span>,
    /// The commands; there is at least one unless `!` or `time` stands alone.
    pub commands: Vec<Command>,
    /// The pipes between the commands: one fewer than there are commands.
    pub pipes: Vec<Pipe>,
    /// The whole pipeline.
    pub span: Span,
}

/// The `|` between two commands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pipe {
    /// Whether it is `|&`, which sends standard error along.
    pub with_stderr: bool,
    /// The operator.
    pub span: Span,
}

/// One command of a pipeline.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// A program, builtin or function with its arguments, or assignments alone.
    Simple(SimpleCommand),
    /// A construct that holds other commands.
    Compound(Compound),
    /// The definition of a function.
    Function(Function),
    /// Text that was not understood.
    Opaque(Span),
}

impl Command {
    /// The bytes of the command, its redirections included.
    pub fn span(&self) -> Span {
        match self {
            Self::Simple(simple) => simple.span,
            Self::Compound(compound) => compound.span,
            Self::Function(function) => function.span,
            Self::Opaque(span) => *span,
        }
    }
}

/// Assignments, words and redirections.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SimpleCommand {
    /// The assignments before the first word: `A=1 B=2 make`.
    pub assignments: Vec<Assignment>,
    /// The program and its arguments. Empty if there are assignments or redirections alone.
    pub words: Vec<ShellWord>,
    /// The redirections, wherever among the words they stand.
    pub redirections: Vec<Redirection>,
    /// From the first to the last of all these.
    pub span: Span,
}

/// `name=value`, `name+=value`, `name[index]=value` or `name=(…)`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assignment {
    /// The variable.
    pub name: Text,
    /// What stands between `[` and `]`, as it is written.
    pub index: Option<Text>,
    /// Whether it is `+=`.
    pub append: bool,
    /// What is assigned.
    pub value: AssignedValue,
    /// The whole assignment.
    pub span: Span,
}

/// What an [`Assignment`] assigns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AssignedValue {
    /// A word; one without parts for `name=`.
    Word(ShellWord),
    /// The elements of `name=(…)`.
    Array(Vec<ShellWord>),
}

/// A construct that holds other commands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Compound {
    /// Which construct, and what it holds.
    pub kind: CompoundKind,
    /// The redirections behind it, which hold for all within.
    pub redirections: Vec<Redirection>,
    /// The construct with its redirections.
    pub span: Span,
}

/// Which construct a [`Compound`] is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CompoundKind {
    /// `( … )`
    Subshell(Script),
    /// `{ …; }`
    Group(Script),
    /// `if …; then …; elif …; else …; fi`
    If {
        /// The `if` and each `elif`.
        branches: Vec<Branch>,
        /// The body of `else`.
        otherwise: Option<Script>,
    },
    /// `for name in …; do …; done`
    For {
        /// The variable.
        variable: Text,
        /// The words after `in`; `None` without `in`: the positional parameters.
        words: Option<Vec<ShellWord>>,
        /// What is repeated.
        body: Script,
    },
    /// `for ((…; …; …)); do …; done`
    ForArithmetic {
        /// What stands between `((` and `))`.
        header: Vec<Part>,
        /// What is repeated.
        body: Script,
    },
    /// `select name in …; do …; done`
    Select {
        /// The variable.
        variable: Text,
        /// The words after `in`; `None` without `in`: the positional parameters.
        words: Option<Vec<ShellWord>>,
        /// What is repeated.
        body: Script,
    },
    /// `while …; do …; done`, or `until`.
    While {
        /// Whether it is `until`.
        until: bool,
        /// What decides whether to go on.
        condition: Script,
        /// What is repeated.
        body: Script,
    },
    /// `case … in …) …;; esac`
    Case {
        /// What is compared.
        subject: ShellWord,
        /// The arms in order.
        arms: Vec<CaseArm>,
    },
    /// `[[ … ]]`: its operands and operators, each as a word.
    Test(Vec<ShellWord>),
    /// `(( … ))`: its text and the expansions in it.
    Arithmetic(Vec<Part>),
    /// `coproc [name] command`
    Coprocess {
        /// The name, which only a compound command can be given.
        name: Option<Text>,
        /// What is run.
        command: Box<Command>,
    },
}

/// An `if` or `elif` with its body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Branch {
    /// What decides.
    pub condition: Script,
    /// What follows `then`.
    pub body: Script,
}

/// One arm of a `case`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaseArm {
    /// The patterns, of which one has to match.
    pub patterns: Vec<ShellWord>,
    /// What is run then.
    pub body: Script,
    /// How it ends: `;;`, `;&`, `;;&`, or nothing for a last arm.
    pub end: Option<Text>,
    /// The whole arm.
    pub span: Span,
}

/// `name() …` or `function name …`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Function {
    /// The name.
    pub name: Text,
    /// What a call runs.
    pub body: Box<Command>,
    /// The whole definition.
    pub span: Span,
}

/// `2> file` and its like.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Redirection {
    /// What stands before the operator: a number, or `{name}`.
    pub descriptor: Option<Text>,
    /// Which operator.
    pub operator: RedirectionOperator,
    /// The file, the descriptor, the delimiter of a here-document or the text of a here-string.
    pub target: ShellWord,
    /// What `<<` and `<<-` feed.
    pub here_document: Option<HereDocument>,
    /// From descriptor to target; the body of a here-document does not belong to it.
    pub span: Span,
}

/// The operator of a [`Redirection`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RedirectionOperator {
    /// `<`
    Input,
    /// `>`
    Output,
    /// `>>`
    Append,
    /// `>|`
    Clobber,
    /// `<>`
    ReadWrite,
    /// `<&`
    DuplicateInput,
    /// `>&`
    DuplicateOutput,
    /// `&>`
    OutputBoth,
    /// `&>>`
    AppendBoth,
    /// `<<`
    HereDocument,
    /// `<<-`
    HereDocumentTabs,
    /// `<<<`
    HereString,
}

/// The lines that a here-document feeds to a command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HereDocument {
    /// Whether the delimiter was quoted, so that nothing in the body is expanded.
    pub quoted: bool,
    /// The body: literal text and expansions. With `<<-` the leading tabs are still there.
    pub parts: Vec<Part>,
    /// The body without the line of the delimiter.
    pub span: Span,
}

/// One word, as the shell sees it before expansion.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ShellWord {
    /// The parts, which follow each other without a gap.
    pub parts: Vec<Part>,
    /// The whole word, quotes included.
    pub span: Span,
}

/// A part of a word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// Text that stands for itself; globs and braces outside quotes are such text too.
    Literal(Text),
    /// `\x`, which stands for `x`; or a backslash and a newline, which stand for nothing.
    Escaped(Text),
    /// `~` or `~user` at the beginning of a word.
    Tilde(Text),
    /// `'…'`, `"…"`, `$'…'` or `$"…"`
    Quoted(Quoted),
    /// `$x`, `${…}`, `$(…)`, `` `…` ``, `$((…))`, `<(…)`
    Expansion(Expansion),
    /// The elements of `name=(…)` where that is an argument, as in `declare -a name=(…)`.
    Array {
        /// The elements.
        elements: Vec<ShellWord>,
        /// From `(` to `)`.
        span: Span,
    },
}

impl Part {
    /// The bytes of the part, quotes included.
    pub fn span(&self) -> Span {
        match self {
            Self::Literal(text) | Self::Escaped(text) | Self::Tilde(text) => text.span,
            Self::Quoted(quoted) => quoted.span,
            Self::Expansion(expansion) => expansion.span,
            Self::Array { span, .. } => *span,
        }
    }
}

/// Text that lies in one piece in the file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Text {
    /// What it stands for. Except for an escape this is byte for byte what the file has.
    pub value: String,
    /// Where it stands.
    pub span: Span,
}

/// A quoted part of a word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quoted {
    /// Which quotes.
    pub style: QuoteStyle,
    /// What is between them: literals and escapes, in double quotes expansions too.
    pub parts: Vec<Part>,
    /// The whole, quotes included.
    pub span: Span,
}

/// Which quotes a [`Quoted`] part has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum QuoteStyle {
    /// `'…'`
    Single,
    /// `"…"`
    Double,
    /// `$'…'`: the escapes of C, decoded here.
    Ansi,
    /// `$"…"`: as double quotes, and translated.
    Localized,
}

/// Text that the shell replaces.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expansion {
    /// By what.
    pub kind: ExpansionKind,
    /// The expansion as it is written.
    pub source: Mapped,
    /// Where it stands.
    pub span: Span,
}

/// What an [`Expansion`] is replaced by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ExpansionKind {
    /// `$name` or `${…}`: the value of a variable.
    Parameter(Parameter),
    /// `$(…)` or `` `…` ``: the output of a script.
    Command {
        /// The script.
        script: Script,
        /// Whether it stands in backticks.
        backticks: bool,
    },
    /// `$((…))`: the text between, and the expansions in it.
    Arithmetic(Vec<Part>),
    /// `<(…)` or `>(…)`: the name of a pipe.
    Process(Script),
    /// Something that was not understood.
    Opaque,
}

/// The inside of `$name` or `${…}`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parameter {
    /// The variable: a name, a number, or one of `@*#?-$!`.
    pub name: Text,
    /// What stands before the name.
    pub prefix: Option<ParameterPrefix>,
    /// What stands between `[` and `]`, as it is written.
    pub index: Option<Text>,
    /// The operator behind the name: `:-`, `##`, `//`, `^^`, …; `@Q` and its like with their letter.
    pub operator: Option<Text>,
    /// The words behind the operator: at most one, two for `/` and for `:offset:length`.
    pub arguments: Vec<ShellWord>,
}

/// What stands before the name in `${…}`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ParameterPrefix {
    /// `${#name}`: the length.
    Length,
    /// `${!name}`: the variable whose name is the value.
    Indirect,
}
