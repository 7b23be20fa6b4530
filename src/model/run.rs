//! `RUN`: which script it runs, in which shell, and what each command of that script finds: variables, directory,
//! wrappers.

use std::rc::Rc;

use super::builder::Builder;
use super::call::{self, Wrapper};
use super::command::environment_options;
use super::expand::{DOCKERFILE, place, plain};
use super::facts::{Index, Variable};
use super::flow::{connector, end_of, input, is_conditional, is_piped, writes, written_as_is};
use super::paths;
use super::value::Value;
use super::words::{self, Setting, ShellScope, Word};
use crate::knowledge::Wrapping;
use crate::source::{FileId, Location, Mapped, Span};
use crate::syntax::dockerfile::{self as tree, Heredoc, Run};
use crate::syntax::shell::{self, AssignedValue, Found};

/// Scripts within scripts (`sh -c '…'`) are read no deeper than this.
const DEEPEST: usize = 8;

/// Shells whose scripts are read as such.
const SHELLS: [&str; 6] = ["sh", "bash", "dash", "ash", "ksh", "zsh"];

/// What a command of a script finds.
#[derive(Clone, Debug)]
pub(super) struct Surroundings<'k> {
    pub(super) instruction: Index,
    pub(super) file: FileId,
    pub(super) scope: ShellScope,
    pub(super) directory: Option<String>,
    /// A virtual environment that the script has activated.
    pub(super) activated: Option<String>,
    pub(super) through: Vec<Wrapper<'k>>,
    pub(super) conditional: bool,
    depth: usize,
    pub(super) end: Location,
}

/// One command of a script, as the walk hands it on.
#[derive(Clone, Debug)]
pub(super) struct Placed {
    pub(super) position: (usize, usize),
    pub(super) connector: &'static str,
    pub(super) piped: bool,
    pub(super) conditional: bool,
    pub(super) assignments: Vec<Index>,
    /// Where its output goes, and whether that is appended.
    pub(super) writes: Vec<(Value, bool)>,
    /// What is fed to it.
    pub(super) input: Option<Value>,
}

/// What is taken back where a construct ends.
enum Undo {
    Directory(Option<String>),
    Activated(Option<String>),
    Variable(String, Option<Setting>),
}

impl<'a> Builder<'a> {
    /// `RUN` with its mounts.
    pub(super) fn run(&mut self, run: &Run<'_>, tree: &tree::Instruction, instruction: Index) {
        let before = self.layers.last().map_or(0, |layers| layers.placements.len());
        for mount in &run.mounts {
            self.mount(mount, instruction);
        }
        let mounted = self.layers.last().map_or(0, |layers| layers.placements.len());
        self.run_command(run, tree, instruction);
        if let Some(layers) = self.layers.last_mut() {
            layers.placements.drain(before..mounted.min(layers.placements.len()));
        }
    }

    fn run_command(&mut self, run: &Run<'_>, tree: &tree::Instruction, instruction: Index) {
        let mut around = Surroundings {
            instruction,
            file: DOCKERFILE,
            scope: ShellScope::new(Rc::clone(&self.state.scope)),
            directory: self.state.directory.clone(),
            activated: None,
            through: Vec::new(),
            conditional: false,
            depth: 0,
            end: place(tree.span),
        };
        if let tree::Command::Exec(words) = run.command {
            around.end = place(Span::at(tree.span.end));
            let fields = words.iter().enumerate();
            let fields = fields.map(|(place, word)| Word { value: plain(word), written: Some(place) });
            let written = |place| words.get(place).map(tree::Word::mapped);
            self.call(fields.collect(), &written, &Placed::alone(), &around);
            return;
        }
        let Some(through) = self.shell() else { return };
        around.through = through;
        let script = match run.script() {
            Some(heredoc) => match script_of(self.heredoc_text(heredoc)) {
                Some(script) => script,
                None => return,
            },
            None => self.with_heredocs(&tree.body, &tree.heredocs),
        };
        let end = if run.script().is_some() { script.full_span().end } else { tree.body.full_span().end };
        around.end = place(Span::at(end));
        self.script(&script, &mut around);
    }

    /// The programs through which the shell in force runs a script; `None` where it does not read what we read.
    fn shell(&self) -> Option<Vec<Wrapper<'a>>> {
        if self.state.shell.is_empty() {
            return Some(Vec::new());
        }
        let mut words: Vec<Word> =
            self.state.shell.iter().map(|word| Word { value: plain(word), written: None }).collect();
        // Stands for the script.
        words.push(Word { value: Value::unknown("", Location::default()), written: Some(words.len()) });
        let mut call = call::resolve(words, self.knowledge);
        if call.script.is_some() {
            call.through.pop();
            return Some(call.through);
        }
        let base = call.called.text.rsplit('/').next().unwrap_or_default();
        SHELLS.contains(&base).then_some(call.through)
    }

    /// The command with the bodies of its heredocs behind it, as the shell gets it.
    fn with_heredocs(&self, body: &Mapped, heredocs: &[Heredoc]) -> Mapped {
        let mut script = body.clone();
        for heredoc in heredocs {
            if !script.as_str().ends_with('\n') {
                script.push("\n", heredoc.body.start.saturating_sub(1));
            }
            script.append(&self.heredoc_text(heredoc));
            script.push(&heredoc.name, heredoc.terminator.start);
        }
        script
    }

    /// Reads a script and hands on its commands.
    pub(super) fn script(&mut self, text: &Mapped, around: &mut Surroundings<'a>) {
        if around.depth >= DEEPEST {
            return;
        }
        let script = shell::parse(text);
        let commands: Vec<Found<'_>> = script.commands().collect();
        let count = commands.iter().filter(|found| !found.command.words.is_empty()).count();
        let mut position = 0;
        let mut undo: Vec<(u32, Undo)> = Vec::new();
        for found in commands {
            while let Some((_, change)) = undo.pop_if(|(end, _)| *end <= found.command.span.start) {
                around.take_back(change);
            }
            let assignments = self.assign(&found, around, &mut undo);
            if found.command.words.is_empty() {
                continue;
            }
            let fields = words::fields(&found.command.words, &around.scope, around.file);
            self.builtin(&fields, &found, around, &mut undo);
            let placed = Placed {
                position: (position, count),
                connector: connector(&found),
                piped: is_piped(&found),
                conditional: around.conditional || is_conditional(&found),
                assignments,
                writes: writes(found.command, around),
                input: input(found.command, around),
            };
            position += 1;
            let written = |place: usize| found.command.words.get(place).map(|word| word.unquoted().text);
            self.call(fields, &written, &placed, around);
        }
        while let Some((_, change)) = undo.pop() {
            around.take_back(change);
        }
    }

    /// One command: what its wrappers run, or the script that it is given. `written` gives the word at a place as it was
    /// before expansion.
    fn call(
        &mut self,
        fields: Vec<Word>,
        written: &dyn Fn(usize) -> Option<Mapped>,
        placed: &Placed,
        around: &Surroundings<'a>,
    ) {
        let mut call = call::resolve(fields, self.knowledge);
        if call.words.is_empty() {
            return;
        }
        let takes_script =
            matches!(call.program.and_then(|program| program.wraps.as_ref()), Some(Wrapping::Script(_)));
        let fed = placed.input.as_ref().filter(|_| takes_script && call.arguments().is_empty());
        let fed = fed.and_then(written_as_is);
        if let (Some(program), true) = (call.program, fed.is_some()) {
            call.through.push(Wrapper { program, flags: Vec::new(), called: call.called.clone() });
        }
        let Some(script) = call.script.and_then(written).or(fed) else {
            self.command(call, placed, around);
            return;
        };
        let mut inside = around.clone();
        inside.depth += 1;
        inside.conditional |= placed.conditional;
        inside.through.append(&mut call.through);
        inside.end = Location { file: around.file, span: Span::at(script.full_span().end) };
        for index in &placed.assignments {
            if let Some(variable) = self.facts.variables.get(*index) {
                inside.scope.set(&variable.name, variable.value.clone().unwrap_or_default());
            }
        }
        self.script(&script, &mut inside);
    }

    /// What stands before the words of a command: variables of the script where there are no words, else of the
    /// command alone.
    fn assign(
        &mut self,
        found: &Found<'_>,
        around: &mut Surroundings<'a>,
        undo: &mut Vec<(u32, Undo)>,
    ) -> Vec<Index> {
        let mut indexes = Vec::new();
        for assignment in &found.command.assignments {
            let word = match &assignment.value {
                AssignedValue::Word(word) if !assignment.append && assignment.index.is_none() => Some(word),
                _ => None,
            };
            let at = Location { file: around.file, span: assignment.span };
            let value = match word {
                Some(word) => words::whole(word, &around.scope, around.file),
                None => Value::unknown(assignment.name.value.as_str(), at),
            };
            indexes.push(self.facts.variables.len());
            self.set_variable(&assignment.name.value, value.clone(), "assignment", at, around.instruction);
            if found.command.words.is_empty() {
                around.set(&assignment.name.value, value, found, undo);
            }
        }
        indexes
    }

    fn set_variable(
        &mut self,
        name: &str,
        value: Value,
        kind: &'static str,
        at: Location,
        instruction: Index,
    ) {
        self.facts.variables.push(Variable {
            name: name.into(),
            value: Some(value),
            kind,
            instruction,
            stage: self.current_stage(),
            command: None,
            at,
        });
    }

    /// The builtins that change what later commands of the script find.
    fn builtin(
        &mut self,
        fields: &[Word],
        found: &Found<'_>,
        around: &mut Surroundings<'a>,
        undo: &mut Vec<(u32, Undo)>,
    ) {
        let Some((name, arguments)) = fields.split_first() else { return };
        match name.value.known() {
            Some("cd" | "pushd") => {
                let path = arguments.iter().find(|word| !word.value.text.starts_with('-'));
                let path = path.and_then(|word| word.value.known());
                let directory = path.and_then(|path| paths::join(around.directory.as_deref(), path));
                let before = std::mem::replace(&mut around.directory, directory);
                undo.extend(end_of(found, before, None).map(|(end, before)| (end, Undo::Directory(before))));
            }
            Some("popd") => around.directory = None,
            Some("export" | "readonly" | "declare" | "typeset" | "local") => {
                for argument in arguments {
                    let Some(name) = call::assignment_name(&argument.value.text) else { continue };
                    let value = argument.value.slice(name.len() + 1..argument.value.text.len());
                    let at = argument.value.written;
                    self.set_variable(name, value.clone(), "export", at, around.instruction);
                    around.set(name, value, found, undo);
                }
            }
            _ => {
                let Some(activated) = self.activated_by(name, arguments, around) else { return };
                let before = around.activated.replace(activated);
                undo.extend(end_of(found, before, None).map(|(end, before)| (end, Undo::Activated(before))));
            }
        }
    }

    /// The environment that a command activates for the rest of the script: `. /opt/venv/bin/activate`,
    /// `source activate name`, and `tool activate name` of a tool that knows environments.
    fn activated_by(&self, name: &Word, arguments: &[Word], around: &Surroundings<'a>) -> Option<String> {
        let first = arguments.first()?.value.known()?;
        let second = || arguments.get(1).and_then(|word| word.value.known());
        let is_sourced = matches!(name.value.known()?, "." | "source");
        if is_sourced && let Some(folder) = first.strip_suffix("/bin/activate").filter(|_| second().is_none())
        {
            return paths::join(around.directory.as_deref(), folder);
        }
        let knows = call::program_called(&name.value, self.knowledge)
            .is_some_and(|program| environment_options(program).next().is_some());
        let activates =
            (is_sourced && paths::base_name(first) == "activate") || (knows && first == "activate");
        activates.then(second)?.map(str::to_owned)
    }
}

impl Surroundings<'_> {
    fn set(&mut self, name: &str, value: Value, found: &Found<'_>, undo: &mut Vec<(u32, Undo)>) {
        let before = self.scope.set(name, value);
        let change = end_of(found, before, Some(Setting::Unknown));
        undo.extend(change.map(|(end, before)| (end, Undo::Variable(name.to_owned(), before))));
    }

    fn take_back(&mut self, change: Undo) {
        match change {
            Undo::Directory(directory) => self.directory = directory,
            Undo::Activated(activated) => self.activated = activated,
            Undo::Variable(name, before) => self.scope.restore(&name, before),
        }
    }
}

impl Placed {
    /// The only command of an exec form.
    fn alone() -> Self {
        Self {
            position: (0, 1),
            connector: "",
            piped: false,
            conditional: false,
            assignments: Vec::new(),
            writes: Vec::new(),
            input: None,
        }
    }
}

/// The script in a heredoc; `None` where its first line names an interpreter that is no shell.
fn script_of(content: Mapped) -> Option<Mapped> {
    let first = content.as_str().lines().next().unwrap_or_default();
    if let Some(interpreter) = first.trim_start().strip_prefix("#!") {
        // `#!/usr/bin/env -S name` names it among the words of `env`.
        let is_shell = |word: &str| SHELLS.contains(&word.rsplit('/').next().unwrap_or_default());
        if !interpreter.split_whitespace().any(is_shell) {
            return None;
        }
    }
    Some(content)
}
