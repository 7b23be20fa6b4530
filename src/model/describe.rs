//! Instructions as facts: keyword, flags, form and arguments, and what holds where they stand.

use compact_str::format_compact;

use super::builder::Builder;
use super::expand::{DOCKERFILE, expand, place, plain};
use super::facts::{Flag, Instruction};
use super::value::{Text, Value};
use super::{notes, paths};
use crate::source::{Location, Span};
use crate::syntax::dockerfile::{self as tree, Args, InstructionKind, Pair, Word};

impl Builder<'_> {
    /// The fact of an instruction itself.
    pub(super) fn describe(&self, tree: &tree::Instruction, node: usize) -> Instruction {
        let scope = &self.state.scope;
        // RUN, CMD and the like leave variables to the shell.
        let expands = |word: &Word| match tree.kind {
            Some(InstructionKind::Maintainer) | None => plain(word),
            Some(kind) if runs(kind) => plain(word),
            Some(InstructionKind::From) => expand(word, &self.globals, self.escape),
            Some(_) => expand(word, scope, self.escape),
        };
        let flag = |flag: &tree::Flag| Flag {
            name: flag.name.text.as_str().into(),
            spelling: format_compact!("--{}", flag.name.text),
            value: flag.value.as_ref().map(|value| match tree.kind {
                Some(InstructionKind::From) => expand(value, &self.globals, self.escape),
                _ => expand(value, scope, self.escape),
            }),
            at: place(flag.span),
        };
        let mut fact = Instruction {
            keyword: tree.keyword.text.to_ascii_lowercase().into(),
            stage: self.current_stage(),
            flags: tree.flags.iter().map(flag).collect(),
            form: form(tree),
            directory: paths::absolute(self.state.directory.as_deref()).map(Text::from),
            user: self.state.user.clone().map(Box::new),
            shell: self.state.shell.iter().map(|word| word.text.as_str().into()).collect(),
            node,
            blank_lines: tree.blank_lines.iter().map(|line| place(*line)).collect(),
            last_line: self.last_line(tree),
            at: self.here(tree.span),
            keyword_at: self.here(tree.keyword.span),
            arguments_at: self.here(tree.body.full_span()),
            ..Instruction::default()
        };
        match &tree.args {
            Args::None => {}
            Args::Shell => {
                let body = Value::mapped(&tree.body, DOCKERFILE);
                if !body.text.is_empty() {
                    fact.arguments = vec![body];
                }
            }
            Args::Json(_) | Args::Words(_) | Args::Text(_) => {
                fact.arguments = tree.words().iter().map(expands).collect();
            }
            Args::Pairs(pairs) => {
                fact.legacy = pairs.iter().any(|pair| pair.legacy);
                fact.modern = pairs.first().filter(|pair| pair.legacy).and_then(|pair| self.modern(pair));
                for pair in pairs {
                    let key = expands(&pair.key);
                    let value = pair.value.as_ref().map(expands);
                    fact.arguments.push(assignment(&key, value.as_ref(), pair.span()));
                    fact.pairs.insert(key.text, value.unwrap_or_else(|| Value::empty(place(pair.span()))));
                }
            }
        }
        fact
    }

    /// A pair with a blank in place of `=`, written with `=`.
    fn modern(&self, pair: &Pair) -> Option<String> {
        let written = |word: &Word| self.facts.sources.slice(place(word.span));
        notes::modern(pair, written(&pair.key), written(pair.value.as_ref()?))
    }

    /// The last line of an instruction before its heredocs, without what ends it.
    fn last_line(&self, tree: &tree::Instruction) -> Location {
        let file = self.facts.sources.get(DOCKERFILE);
        let first_body = tree.heredocs.first().map(|heredoc| file.position(heredoc.body.start).line - 1);
        let span = file.line_span(first_body.unwrap_or(tree.lines.1)).unwrap_or(tree.span);
        let text = file.slice(span);
        let start = span.start + (text.len() - text.trim_start().len()) as u32;
        let end = span.start + text.trim_end().len() as u32;
        self.here(Span::new(start.min(end), end))
    }
}

/// Whether its arguments are a command, or what runs commands.
fn runs(kind: InstructionKind) -> bool {
    matches!(
        kind,
        InstructionKind::Run
            | InstructionKind::Cmd
            | InstructionKind::Entrypoint
            | InstructionKind::Shell
            | InstructionKind::Healthcheck
    )
}

/// In which form the arguments are written.
fn form(tree: &tree::Instruction) -> &'static str {
    match &tree.args {
        _ if !tree.heredocs.is_empty() => "heredoc",
        Args::Json(_) if tree.kind.is_some_and(runs) => "exec",
        Args::Shell => "shell",
        _ => "plain",
    }
}

/// `key=value` as one text.
fn assignment(key: &Value, value: Option<&Value>, span: Span) -> Value {
    let mut text = Value::empty(place(span));
    text.append(key);
    if let Some(value) = value {
        text.push("=", None);
        text.append(value);
    }
    text
}
