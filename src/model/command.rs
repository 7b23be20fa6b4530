//! Commands as facts: the program, its subcommand, options and operands, and what it does to files.

use std::rc::Rc;

use smallvec::SmallVec;

use super::builder::Builder;
use super::call::{Call, assignment_name};
use super::facts::{Command, Index, Variable};
use super::options;
use super::paths::{self, Extent, Found, Source};
use super::run::{Placed, Surroundings};
use super::value::{Text, Value};
use crate::knowledge::{Installs, Program, Wrapping};
use crate::source::{Location, Span};

/// Endings of files that say what is installed, which commands may rewrite before an install reads them.
const LISTS: [&str; 7] = [".txt", ".in", ".yml", ".yaml", ".toml", ".cfg", ".py"];

/// Longer texts that commands write are not followed.
const LONGEST_TEXT: usize = 65_536;

impl<'a> Builder<'a> {
    /// Adds a command, and the packages that it installs.
    pub(super) fn command(&mut self, mut call: Call<'a>, placed: &Placed, around: &Surroundings<'a>) {
        let index = self.facts.commands.len();
        let mut assignments = placed.assignments.clone();
        assignments.extend(call.assignments.iter().filter_map(|word| self.word_assignment(word, around)));
        for assignment in &assignments {
            if let Some(variable) = self.facts.variables.get_mut(*assignment) {
                variable.command = Some(index);
            }
        }
        let line = options::read(call.program, call.arguments(), false);
        let lead = self.lead(&call).map(Box::new);
        let at = options::extent(&call.words);
        let words: Vec<Value> = std::mem::take(&mut call.words).into_iter().map(|word| word.value).collect();
        let mut operands = line.operands.iter().map(|operand| (call.head + operand) as u32).collect();
        let subcommand = call.program.and_then(|program| subcommand(program, &words, &mut operands));
        let through = around.through.iter().chain(&call.through);
        let mut command = Command {
            instruction: around.instruction,
            stage: self.current_stage(),
            program: call.name.clone(),
            called: call.called.clone(),
            through: through.map(|wrapper| wrapper.program.name.as_str().into()).collect(),
            lead,
            subcommand,
            flags: line.flags,
            operands,
            known: words.iter().all(Value::is_known),
            directory: paths::absolute(around.directory.as_deref()).map(Text::from),
            environment: Text::default(),
            writes: placed.writes.iter().map(|(file, _)| file.clone()).collect(),
            assignments,
            position: placed.position,
            connector: placed.connector,
            piped: placed.piped,
            conditional: placed.conditional,
            at,
            words,
            script_end: around.end,
        };
        command.environment = self.environment_of(&command, &call, around);
        let printed = if placed.writes.is_empty() { None } else { output(&call, &command, placed) };
        self.facts.commands.push(command);
        self.write_files(printed.as_ref(), placed, around);
        self.after_command(index, &call, around);
        self.mention(index, call.program, around);
    }

    /// What stands in front of a command to run it.
    fn lead(&self, call: &Call<'_>) -> Option<Value> {
        let start = call.through.first()?.called.written;
        let command = options::extent(&call.words);
        if start.file != command.file || start.span.start > command.span.start {
            return None;
        }
        let at = Location { file: start.file, span: Span::new(start.span.start, command.span.start) };
        Some(Value::literal(self.facts.sources.slice(at), at))
    }

    /// What a command installs or removes, or else may change.
    fn after_command(&mut self, index: Index, call: &Call<'a>, around: &Surroundings<'a>) {
        let Some(command) = self.facts.commands.get(index) else { return };
        let called = command.subcommand.as_ref();
        let installs = call.program.and_then(|program| {
            program.installs.iter().find(|installs| is_called(&installs.subcommand, called))
        });
        if let Some(installs) = installs {
            self.install(index, installs, around);
            return;
        }
        let removes = call.program.and_then(|program| {
            program.removes.iter().find(|(subcommand, _)| called.and_then(Value::known) == Some(subcommand))
        });
        if let Some((_, ecosystem)) = removes {
            self.remove(index, ecosystem);
            return;
        }
        if matches!(call.program.and_then(|program| program.wraps.as_ref()), Some(Wrapping::Module(_))) {
            self.interpret(index, around);
            return;
        }
        let changed: Vec<String> = command
            .operands()
            .filter_map(Value::known)
            .filter(|operand| LISTS.iter().any(|ending| operand.ends_with(ending)))
            .filter_map(|operand| paths::join(around.directory.as_deref(), operand))
            .collect();
        for path in changed {
            self.put(path, Extent::File, Source::Altered);
        }
    }

    /// `NAME=value` among the words of a wrapper such as `env`.
    fn word_assignment(&mut self, word: &Value, around: &Surroundings<'a>) -> Option<Index> {
        let name = assignment_name(&word.text)?;
        self.facts.variables.push(Variable {
            name: name.into(),
            value: Some(word.slice(name.len() + 1..word.text.len())),
            kind: "assignment",
            instruction: around.instruction,
            stage: self.current_stage(),
            command: None,
            at: word.written,
        });
        Some(self.facts.variables.len() - 1)
    }

    /// The files that a command's output goes to, and that output, where it is known.
    fn write_files(&mut self, printed: Option<&Value>, placed: &Placed, around: &Surroundings<'a>) {
        for (file, appends) in &placed.writes {
            let Some(path) = file.known().and_then(|file| paths::join(around.directory.as_deref(), file))
            else {
                continue;
            };
            let text = printed.filter(|_| !placed.conditional);
            let before = if *appends { self.text_at(&path) } else { Some(Value::default()) };
            let source = match (before, text) {
                (Some(mut before), Some(text)) if before.text.len() + text.text.len() < LONGEST_TEXT => {
                    if before.text.is_empty() {
                        before.written = text.written;
                    }
                    before.append(text);
                    Source::Text(Rc::new(before))
                }
                _ => Source::Unknown,
            };
            self.put(path, Extent::File, source);
        }
    }

    /// The text of the Dockerfile that stands at a path of the image.
    fn text_at(&mut self, path: &str) -> Option<Value> {
        match self.look_up(path).found {
            Found::Text(text) => Some((*text).clone()),
            _ => None,
        }
    }
}

/// Takes the subcommand off the operands, which are places among the words: two where packs say so.
fn subcommand(program: &Program, words: &[Value], operands: &mut SmallVec<[u32; 4]>) -> Option<Value> {
    let operand = |operands: &SmallVec<[u32; 4]>, place: usize| words.get(*operands.get(place)? as usize);
    let first = operand(operands, 0).filter(|_| program.subcommands)?;
    let second = operand(operands, 1);
    operands.remove(0);
    let installs = program.installs.iter().flat_map(|installs| &installs.subcommand);
    let removes = program.removes.iter().map(|(subcommand, _)| subcommand);
    let is_pair = |name: &String| {
        let second = second.map_or("", |second| second.text.as_str());
        name.split_once(' ').is_some_and(|(one, two)| one == first.text && two == second)
    };
    let Some(second) = second.filter(|_| installs.chain(removes).any(is_pair)) else {
        return Some(first.clone());
    };
    operands.remove(0);
    let mut both = Value::empty(options::together(first.written, second.written));
    both.append(first);
    both.push(" ", None);
    both.append(second);
    Some(both)
}

/// Whether one of the subcommands that packs list is called.
pub(super) fn is_called(subcommands: &[String], called: Option<&Value>) -> bool {
    match called {
        None => subcommands.is_empty(),
        Some(called) => called.known().is_some_and(|called| subcommands.iter().any(|name| name == called)),
    }
}

/// What a command prints, where that can be read off its words: the builtins that print, and `cat` fed by a
/// here-document.
fn output(call: &Call<'_>, command: &Command, placed: &Placed) -> Option<Value> {
    let words = command.words.get(call.head..).unwrap_or_default();
    if !words.iter().all(Value::is_known) {
        return None;
    }
    match call.name.as_str() {
        "cat" if words.is_empty() => placed.input.clone(),
        "echo" => {
            let escapes = words.first().is_some_and(|word| word.text.starts_with("-e"));
            let words = if escapes { words.get(1..).unwrap_or_default() } else { words };
            let mut text = lines(words, escapes)?;
            text.push("\n", None);
            Some(text)
        }
        "printf" if !words.iter().any(|word| word.text.contains('%')) => lines(words.get(..1)?, true),
        _ => None,
    }
}

/// Words joined by blanks, `\n` read as a new line; `None` where there are other escapes.
fn lines(words: &[Value], escapes: bool) -> Option<Value> {
    let places = words.iter().map(|word| word.written);
    let mut text = Value::empty(places.reduce(options::together).unwrap_or_default());
    for (index, word) in words.iter().enumerate() {
        if index > 0 {
            text.push(" ", None);
        }
        if !escapes {
            text.append(word);
            continue;
        }
        let mut at = 0;
        while let Some(found) = word.text.get(at..)?.find('\\') {
            if !word.text.get(at + found + 1..)?.starts_with('n') {
                return None;
            }
            text.append(&word.slice(at..at + found));
            text.push("\n", None);
            at += found + 2;
        }
        text.append(&word.slice(at..word.text.len()));
    }
    Some(text)
}

/// The options of a call that are in a list of canonical names.
pub(super) fn values_of<'c>(command: &'c Command, names: &[String]) -> Vec<&'c Value> {
    let listed = command.flags.iter().filter(|flag| names.iter().any(|name| *name == flag.name));
    listed.filter_map(|flag| flag.value.as_ref()).collect()
}

/// Every option by which any installing call of a program names an environment.
pub(super) fn environment_options(program: &Program) -> impl Iterator<Item = &String> {
    program.installs.iter().flat_map(|Installs { environment, .. }| environment)
}
