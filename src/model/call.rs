//! Which program a command runs, behind whatever runs it: `sudo`, `env A=b`, `bash -c '…'`, `python -m`.
//!
//! All of this is read by the packs' knowledge of programs; none is named here.

use super::facts::Flag;
use super::options::{self, CommandLine};
use super::value::{Text, Value};
use super::words::Word;
use crate::knowledge::{Knowledge, Program, Wrapping};

/// Programs that run programs are followed no deeper than this.
const DEEPEST: usize = 16;

/// A command with its wrappers taken off.
#[derive(Clone, Debug, Default)]
pub(super) struct Call<'k> {
    /// What packs know of the program.
    pub(super) program: Option<&'k Program>,
    /// The packs' name of it, else its base name.
    pub(super) name: Text,
    /// The words that call it.
    pub(super) called: Value,
    /// The wrappers, outermost first.
    pub(super) through: Vec<Wrapper<'k>>,
    /// All its words, from the first of `called`.
    pub(super) words: Vec<Word>,
    /// How many of the words call it.
    pub(super) head: usize,
    /// `NAME=value` words before it.
    pub(super) assignments: Vec<Value>,
    /// The place, among the words as written, of the script that it is given in place of a program.
    pub(super) script: Option<usize>,
}

/// A program that runs another one.
#[derive(Clone, Debug)]
pub(super) struct Wrapper<'k> {
    pub(super) program: &'k Program,
    /// Its own options.
    pub(super) flags: Vec<Flag>,
    /// The words that call it.
    pub(super) called: Value,
}

impl Call<'_> {
    /// The words after the program's name.
    pub(super) fn arguments(&self) -> &[Word] {
        self.words.get(self.head..).unwrap_or_default()
    }
}

/// What runs when these words do.
pub(super) fn resolve(words: Vec<Word>, knowledge: &Knowledge) -> Call<'_> {
    let mut call = Call { words, ..Call::default() };
    name(&mut call, knowledge);
    for _ in 0..DEEPEST {
        let Some(program) = call.program else { break };
        let unwrapped = match &program.wraps {
            Some(Wrapping::Command) => unwrap_command(&mut call, program, 0, knowledge),
            Some(Wrapping::Subcommand(subcommand)) => {
                unwrap_subcommand(&mut call, program, subcommand, knowledge)
            }
            Some(Wrapping::Operands(count)) => unwrap_operands(&mut call, program, *count, knowledge),
            Some(Wrapping::Script(option)) => unwrap_script(&mut call, program, option),
            Some(Wrapping::Module(option)) => unwrap_module(&mut call, program, option, knowledge),
            None => false,
        };
        if call.script.is_some() || !(unwrapped || unwrap_family(&mut call, program, knowledge)) {
            break;
        }
    }
    call
}

/// The program that a word calls, whatever folder stands before its name.
pub(super) fn program_called<'k>(word: &Value, knowledge: &'k Knowledge) -> Option<&'k Program> {
    let base = word.known()?.rsplit('/').next()?;
    knowledge.programs.called(base)
}

/// Recognises the program of the first word.
fn name<'k>(call: &mut Call<'k>, knowledge: &'k Knowledge) {
    let Some(first) = call.words.first() else { return };
    let base = first.value.text.rsplit('/').next().unwrap_or_default();
    call.head = 1;
    call.called = first.value.clone();
    call.program = program_called(&first.value, knowledge);
    call.name = call.program.map_or(base, |program| &program.name).into();
}

/// Takes off a wrapper whose own words end before `rest` of the arguments.
fn take_off<'k>(call: &mut Call<'k>, program: &'k Program, flags: Vec<Flag>, rest: usize) {
    call.through.push(Wrapper { program, flags, called: call.called.clone() });
    call.words.drain(..(call.head + rest).min(call.words.len()));
}

/// `sudo -E NAME=value command …`, where the options begin after `skip` arguments.
fn unwrap_command<'k>(
    call: &mut Call<'k>,
    program: &'k Program,
    skip: usize,
    knowledge: &'k Knowledge,
) -> bool {
    let arguments = call.arguments().get(skip..).unwrap_or_default();
    let line = options::read(Some(program), arguments, true);
    let Some(mut rest) = line.operands.first().copied() else { return false };
    let mut assignments = Vec::new();
    while let Some(word) = arguments.get(rest).filter(|word| is_assignment(&word.value)) {
        assignments.push(word.value.clone());
        rest += 1;
    }
    if rest >= arguments.len() {
        return false;
    }
    call.assignments.extend(assignments);
    take_off(call, program, line.flags, skip + rest);
    name(call, knowledge);
    true
}

/// `tool run -n x command …`.
fn unwrap_subcommand<'k>(
    call: &mut Call<'k>,
    program: &'k Program,
    subcommand: &str,
    knowledge: &'k Knowledge,
) -> bool {
    let arguments = call.arguments();
    let line = options::read(Some(program), arguments, true);
    let Some(first) = line.operands.first().copied() else { return false };
    let runs = arguments.get(first).is_some_and(|word| word.value.known() == Some(subcommand));
    runs && unwrap_command(call, program, first + 1, knowledge)
}

/// `tool -x operand command …`.
fn unwrap_operands<'k>(
    call: &mut Call<'k>,
    program: &'k Program,
    count: usize,
    knowledge: &'k Knowledge,
) -> bool {
    let line = options::read(Some(program), call.arguments(), true);
    let Some(first) = line.operands.first().copied() else { return false };
    unwrap_command(call, program, first + count, knowledge)
}

/// `shell -c 'script'`.
fn unwrap_script<'k>(call: &mut Call<'k>, program: &'k Program, option: &str) -> bool {
    let CommandLine { flags, values, .. } = options::read(Some(program), call.arguments(), true);
    let given = |flag: &Flag| flag.name == option || flag.spelling == option;
    let word = values.iter().find(|(_, flag)| flags.get(*flag).is_some_and(given));
    let Some((word, _)) = word.copied() else { return false };
    call.script = call.arguments().get(word).and_then(|word| word.written);
    if call.script.is_some() {
        take_off(call, program, flags, word);
    }
    false
}

/// `interpreter -m module …`.
fn unwrap_module<'k>(
    call: &mut Call<'k>,
    program: &'k Program,
    option: &str,
    knowledge: &'k Knowledge,
) -> bool {
    let line = options::read(Some(program), call.arguments(), true);
    let given = |flag: &Flag| flag.name == option || flag.spelling == option;
    let Some(index) = line.flags.iter().position(given) else { return false };
    let Some(module) = line.flags.get(index).and_then(|flag| flag.value.as_ref()).and_then(Value::known)
    else {
        return false;
    };
    let Some(found) = knowledge.programs.module(module) else { return false };
    let word = line.values.iter().find(|(_, flag)| *flag == index).map(|(word, _)| *word);
    // A module glued to its option leaves no word of its own; its option then ends the head.
    let Some(word) = word else { return false };
    call.head += word + 1;
    call.called = joined(call.words.get(..call.head).unwrap_or_default());
    call.program = Some(found);
    call.name = found.name.as_str().into();
    true
}

/// `tool member …`, where the member is a program of its own.
fn unwrap_family<'k>(call: &mut Call<'k>, program: &'k Program, knowledge: &'k Knowledge) -> bool {
    let mut members = knowledge.programs.members(&program.name).peekable();
    if members.peek().is_none() {
        return false;
    }
    let line = options::read(Some(program), call.arguments(), true);
    let Some(first) = line.operands.first().copied() else { return false };
    let Some(text) = call.arguments().get(first).and_then(|word| word.value.known()) else { return false };
    let Some(member) = members.find(|member| member.is_called(text)) else { return false };
    take_off(call, program, line.flags, first);
    name(call, knowledge);
    call.program = Some(member);
    call.name = member.name.as_str().into();
    true
}

/// Whether the word is `NAME=value`.
fn is_assignment(value: &Value) -> bool {
    assignment_name(&value.text).is_some_and(|name| value.slice(0..name.len() + 1).is_known())
}

/// The name that `NAME=value` assigns to.
pub(super) fn assignment_name(text: &str) -> Option<&str> {
    let (name, _) = text.split_once('=')?;
    let letters = |c: char| c == '_' || c.is_ascii_alphanumeric();
    let is_name = name.starts_with(|c: char| !c.is_ascii_digit()) && name.chars().all(letters);
    is_name.then_some(name)
}

/// Several words as one text.
fn joined(words: &[Word]) -> Value {
    let mut value = Value::empty(options::extent(words));
    for (index, word) in words.iter().enumerate() {
        if index > 0 {
            value.push(" ", None);
        }
        value.append(&word.value);
    }
    value
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::knowledge::Name;
    use crate::source::{FileId, Location, Mapped, Span};
    use crate::syntax::shell;

    fn program(name: &str, wraps: Option<Wrapping>) -> Program {
        Program {
            name: name.to_owned(),
            called: vec![Name::Exact(name.to_owned())],
            valued: vec!["-u".to_owned()],
            wraps,
            ..Program::default()
        }
    }

    fn knowledge() -> Knowledge {
        let mut member = program("get", None);
        member.module = vec!["getter".to_owned()];
        member.under = vec!["suite".to_owned()];
        let programs = vec![
            program("as", Some(Wrapping::Command)),
            program("limit", Some(Wrapping::Operands(1))),
            program("box", Some(Wrapping::Subcommand("run".to_owned()))),
            program("shell", Some(Wrapping::Script("-c".to_owned()))),
            program("snake", Some(Wrapping::Module("-m".to_owned()))),
            program("suite", None),
            member,
        ];
        Knowledge { programs: programs.into(), ..Knowledge::default() }
    }

    /// `through | called | arguments`, or the script.
    fn check(line: &str, expected: &str) {
        let script = shell::parse(&Mapped::verbatim(line, 0));
        let scope = super::super::words::ShellScope::default();
        let found = script.commands().next().unwrap();
        let words = super::super::words::fields(&found.command.words, &scope, FileId(0));
        let knowledge = knowledge();
        let call = resolve(words, &knowledge);
        let through: Vec<_> = call.through.iter().map(|wrapper| wrapper.program.name.as_str()).collect();
        let found = if let Some(script) = call.script {
            format!("{} | {}", through.join(" "), found.command.words[script].unquoted().text.as_str())
        } else {
            let rest: Vec<_> = call.arguments().iter().map(|word| word.value.text.as_str()).collect();
            format!("{} | {}: {} | {}", through.join(" "), call.name, call.called.text, rest.join(" "))
        };
        assert_eq!(found, expected, "{line}");
    }

    #[test]
    fn wrappers_come_off() {
        check("other -x a", " | other: other | -x a");
        check("as -E -u me A=b /bin/get x", "as | get: /bin/get | x");
        check("as as get x", "as as | get: get | x");
        check("as -l", " | as: as | -l");
        check("box run -u name get x", "box | get: get | x");
        check("limit -u x 60 get x", "limit | get: get | x");
        check("limit 60", " | limit: limit | 60");
        check("box list run", " | box: box | list run");
        check("suite get -x", "suite | get: get | -x");
        check("suite other -x", " | suite: suite | other -x");
    }

    #[test]
    fn scripts_and_modules_are_found() {
        check("shell -ec 'get $A'", "shell | get $A");
        check("as shell -c 'a && b'", "as shell | a && b");
        check("shell file", " | shell: shell | file");
        check("snake3 -m getter x", " | snake3: snake3 | -m getter x");
        check("/bin/snake -v -m getter -x y", " | get: /bin/snake -v -m getter | -x y");
        check("snake -m nothing x", " | snake: snake | -m nothing x");
    }

    #[test]
    fn a_command_stands_where_it_is_written() {
        let at = |start, end| Location { file: FileId(0), span: Span::new(start, end) };
        let words = vec![
            Word { value: Value::literal("as", at(0, 2)), written: None },
            Word { value: Value::literal("get", at(3, 6)), written: None },
        ];
        assert_eq!(options::extent(&resolve(words, &knowledge()).words), at(3, 6));
    }
}
