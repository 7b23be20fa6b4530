//! All simple commands of a script in source order, each with what surrounds it.
//!
//! This is how rules look at a script: most want every `pip install`, wherever it stands, and then ask
//! whether it stands in a loop, behind `||`, or in the middle of a pipe.

use super::tree::{
    AssignedValue, Branch, Command, Compound, CompoundKind, Expansion, ExpansionKind, Item, Part,
    Redirection, Script, ShellWord, SimpleCommand,
};

/// A simple command and where it stands.
#[derive(Clone, Copy, Debug)]
pub struct Found<'a> {
    /// The command.
    pub command: &'a SimpleCommand,
    /// The list in which it stands.
    pub script: &'a Script,
    /// Which item of that list it belongs to.
    pub index: usize,
    /// That item: its connector, and the pipeline of which the command is a part.
    pub item: &'a Item,
    /// The place of the command in the pipeline, from 0.
    pub position: usize,
    /// How many constructs stand around it; 0 at the top of the script.
    pub depth: usize,
    /// What those constructs are.
    pub within: Surroundings,
}

/// Something that can stand around a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Construct {
    /// The condition of `if`, `elif`, `while` or `until`.
    Condition = 1,
    /// A body that runs in some cases alone: of `if`, `else` or `case`.
    Branch = 1 << 1,
    /// The body or the condition of a loop.
    Loop = 1 << 2,
    /// The body of a function, which runs only where it is called.
    Function = 1 << 3,
    /// `( … )`
    Subshell = 1 << 4,
    /// `{ … }`
    Group = 1 << 5,
    /// `$(…)` or backticks: its output becomes text.
    Substitution = 1 << 6,
    /// `<(…)` or `>(…)`
    Process = 1 << 7,
    /// A list or coprocess that is not waited for.
    Background = 1 << 8,
    /// An `&&` or `||` at any level in front of it.
    Chain = 1 << 9,
    /// A pipeline of more than one command, at any level.
    Pipe = 1 << 10,
}

/// The set of [`Construct`]s around a command.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Surroundings(u16);

impl Surroundings {
    /// Whether that construct is among them.
    pub fn contains(self, construct: Construct) -> bool {
        self.0 & construct as u16 != 0
    }

    fn with(self, construct: Construct) -> Self {
        Self(self.0 | construct as u16)
    }

    fn with_if(self, condition: bool, construct: Construct) -> Self {
        if condition { self.with(construct) } else { self }
    }
}

impl Script {
    /// All simple commands in source order: those in bodies, conditions and substitutions too, the latter
    /// right after the command in whose words they stand.
    pub fn commands(&self) -> impl Iterator<Item = Found<'_>> {
        let mut visitor = Visitor { found: Vec::new() };
        visitor.script(self, Place::default());
        visitor.found.into_iter()
    }
}

/// What surrounds the node being visited.
#[derive(Clone, Copy, Default)]
struct Place {
    depth: usize,
    within: Surroundings,
}

impl Place {
    fn inside(self, construct: Construct) -> Self {
        Self { depth: self.depth + 1, within: self.within.with(construct) }
    }

    fn and(self, construct: Construct) -> Self {
        Self { depth: self.depth, within: self.within.with(construct) }
    }
}

/// The parser bounds how deep a tree is, so the visitor may recurse.
struct Visitor<'a> {
    found: Vec<Found<'a>>,
}

impl<'a> Visitor<'a> {
    fn script(&mut self, script: &'a Script, place: Place) {
        for (index, item) in script.items.iter().enumerate() {
            let chained = matches!(item.connector, super::Connector::And | super::Connector::Or);
            let within = place
                .within
                .with_if(chained, Construct::Chain)
                .with_if(item.background, Construct::Background)
                .with_if(item.pipeline.commands.len() > 1, Construct::Pipe);
            let place = Place { depth: place.depth, within };
            for (position, command) in item.pipeline.commands.iter().enumerate() {
                let at = At { script, index, item, position };
                self.command(command, at, place);
            }
        }
    }

    fn command(&mut self, command: &'a Command, at: At<'a>, place: Place) {
        match command {
            Command::Simple(simple) => {
                let At { script, index, item, position } = at;
                let Place { depth, within } = place;
                self.found.push(Found { command: simple, script, index, item, position, depth, within });
                self.simple(simple, place);
            }
            Command::Compound(compound) => self.compound(compound, at, place),
            Command::Function(function) => {
                self.command(&function.body, at, place.inside(Construct::Function));
            }
            Command::Opaque(_) => {}
        }
    }

    fn simple(&mut self, simple: &'a SimpleCommand, place: Place) {
        for assignment in &simple.assignments {
            match &assignment.value {
                AssignedValue::Word(word) => self.word(word, place),
                AssignedValue::Array(elements) => self.words(elements, place),
            }
        }
        self.words(&simple.words, place);
        self.redirections(&simple.redirections, place);
    }

    fn compound(&mut self, compound: &'a Compound, at: At<'a>, place: Place) {
        let branch = place.inside(Construct::Branch);
        let repeated = place.inside(Construct::Loop);
        match &compound.kind {
            CompoundKind::Subshell(body) => self.script(body, place.inside(Construct::Subshell)),
            CompoundKind::Group(body) => self.script(body, place.inside(Construct::Group)),
            CompoundKind::If { branches, otherwise } => {
                for Branch { condition, body } in branches {
                    self.script(condition, place.inside(Construct::Condition));
                    self.script(body, branch);
                }
                if let Some(body) = otherwise {
                    self.script(body, branch);
                }
            }
            CompoundKind::For { words, body, .. } | CompoundKind::Select { words, body, .. } => {
                self.words(words.as_deref().unwrap_or_default(), place);
                self.script(body, repeated);
            }
            CompoundKind::ForArithmetic { header, body } => {
                self.parts(header, place);
                self.script(body, repeated);
            }
            CompoundKind::While { condition, body, .. } => {
                self.script(condition, repeated.and(Construct::Condition));
                self.script(body, repeated);
            }
            CompoundKind::Case { subject, arms } => {
                self.word(subject, place);
                for arm in arms {
                    self.words(&arm.patterns, place);
                    self.script(&arm.body, branch);
                }
            }
            CompoundKind::Test(words) => self.words(words, place),
            CompoundKind::Arithmetic(parts) => self.parts(parts, place),
            CompoundKind::Coprocess { command, .. } => {
                self.command(command, at, place.inside(Construct::Background));
            }
        }
        self.redirections(&compound.redirections, place);
    }

    fn redirections(&mut self, redirections: &'a [Redirection], place: Place) {
        for redirection in redirections {
            self.word(&redirection.target, place);
            if let Some(document) = &redirection.here_document {
                self.parts(&document.parts, place);
            }
        }
    }

    fn words(&mut self, words: &'a [ShellWord], place: Place) {
        for word in words {
            self.word(word, place);
        }
    }

    fn word(&mut self, word: &'a ShellWord, place: Place) {
        self.parts(&word.parts, place);
    }

    fn parts(&mut self, parts: &'a [Part], place: Place) {
        for part in parts {
            match part {
                Part::Literal(_) | Part::Escaped(_) | Part::Tilde(_) => {}
                Part::Quoted(quoted) => self.parts(&quoted.parts, place),
                Part::Expansion(expansion) => self.expansion(expansion, place),
                Part::Array { elements, .. } => self.words(elements, place),
            }
        }
    }

    fn expansion(&mut self, expansion: &'a Expansion, place: Place) {
        match &expansion.kind {
            ExpansionKind::Parameter(parameter) => self.words(&parameter.arguments, place),
            ExpansionKind::Command { script, .. } => {
                self.script(script, place.inside(Construct::Substitution));
            }
            ExpansionKind::Arithmetic(parts) => self.parts(parts, place),
            ExpansionKind::Process(script) => self.script(script, place.inside(Construct::Process)),
            ExpansionKind::Opaque => {}
        }
    }
}

/// Which command of which list is being visited.
#[derive(Clone, Copy)]
struct At<'a> {
    script: &'a Script,
    index: usize,
    item: &'a Item,
    position: usize,
}

#[cfg(test)]
mod tests {
    use super::super::{Connector, parse};
    use super::*;
    use crate::source::Mapped;

    fn found<'a>(script: &'a Script, name: &str) -> Found<'a> {
        let is_named = |found: &Found| found.command.words.first().is_some_and(|word| word.is(name));
        script.commands().find(is_named).unwrap()
    }

    #[test]
    fn commands_know_what_surrounds_them() {
        use Construct::{Background, Branch, Chain, Condition, Function, Loop, Pipe, Subshell, Substitution};
        let text = "a && if b; then c $(d); fi; while e; do (f); done; g() { h; }; i | j; k && l &";
        let script = parse(&Mapped::verbatim(text, 0));
        let all = [Condition, Branch, Loop, Function, Subshell, Substitution, Background, Chain, Pipe];
        let check = |name: &str, depth: usize, expected: &[Construct]| {
            let found = found(&script, name);
            let within: Vec<_> =
                all.into_iter().filter(|construct| found.within.contains(*construct)).collect();
            assert_eq!((found.depth, within.as_slice()), (depth, expected), "around {name}");
        };
        check("a", 0, &[]);
        check("b", 1, &[Condition, Chain]);
        check("c", 1, &[Branch, Chain]);
        check("d", 2, &[Branch, Substitution, Chain]);
        check("e", 1, &[Condition, Loop]);
        check("f", 2, &[Loop, Subshell]);
        check("h", 2, &[Function]);
        check("j", 0, &[Pipe]);
        check("k", 0, &[Background]);
        check("l", 0, &[Background, Chain]);
    }

    #[test]
    fn commands_know_their_neighbours() {
        let script = parse(&Mapped::verbatim("a; b | c || d", 0));
        let c = found(&script, "c");
        assert_eq!((c.index, c.position, c.item.pipeline.commands.len()), (1, 1, 2));
        assert_eq!(c.item.connector, Connector::Sequence);
        let next = c.script.items.get(c.index + 1).map(|item| (item.connector, item.connector_span));
        assert_eq!(next, Some((Connector::Or, crate::source::Span::new(9, 11))));
    }
}
