//! Every kind of fact and its fields, declared once: what packs are checked against, what predicates read, and what
//! the JSON Schema of the pack format is made from.
//!
//! A field is a name, a type, a line of documentation and a function that reads it off the [`Facts`]. Adding a field
//! here is all that it takes for packs to use it.

mod build;
mod install;
mod list;
mod parts;

use std::collections::BTreeMap;

pub use list::List;
use serde::{Deserialize, Serialize};

use super::facts::{Facts, Flag, Index};
use super::value::{Text, Value};
use crate::source::{FileId, Location};
use crate::version::VersionSet;

/// A kind of fact: what a rule can be about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[expect(missing_docs, reason = "each is documented by `Kind::doc`")]
pub enum Kind {
    Stage,
    Instruction,
    Image,
    Command,
    Package,
    Variable,
    Mount,
    Copy,
    File,
    Source,
    Reference,
    Label,
    Port,
    Comment,
}

/// The type of a field, which decides which predicates it takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Type {
    /// One text.
    Text,
    /// A list of texts.
    Texts,
    /// Yes or no.
    Bool,
    /// A whole number.
    Number,
    /// A set of versions.
    Versions,
    /// Options with their values.
    Flags,
    /// Names with their texts.
    Map,
    /// One other fact.
    Fact(Kind),
    /// Other facts.
    Facts(Kind),
}

/// A field of a kind of fact.
#[derive(Clone, Copy, Debug)]
pub struct Field {
    /// Its name in packs, kebab-case.
    pub name: &'static str,
    /// Its type.
    pub ty: Type,
    /// What it says, in one line.
    pub doc: &'static str,
    /// Reads it off the fact of that index. An index without a fact gives [`FieldValue::Absent`].
    pub get: for<'f> fn(&'f Facts, Index) -> FieldValue<'f>,
}

/// What a field says of one fact.
#[derive(Clone, Debug)]
pub enum FieldValue<'f> {
    /// There is none.
    Absent,
    /// There is one, but nobody can say which: no predicate holds, nor its negation.
    Unknown,
    /// A known text that knows where it was written.
    Text(&'f Value),
    /// A text that stands nowhere as such.
    Str(&'f str),
    /// Texts.
    Texts {
        /// The known ones, in order.
        texts: List<'f>,
        /// Whether these are all, so that what is not among them is not there.
        complete: bool,
    },
    /// Yes or no.
    Bool(bool),
    /// A whole number.
    Number(i64),
    /// Versions.
    Versions(&'f VersionSet),
    /// Options.
    Flags {
        /// The known ones, in order. A value may still be unknown ([`Value::known`]).
        flags: &'f [Flag],
        /// Whether these are all.
        complete: bool,
    },
    /// Names with their texts, each of which may be unknown ([`Value::known`]).
    Map(&'f BTreeMap<Text, Value>),
    /// Another fact.
    Fact(Kind, Index),
    /// Other facts, in order.
    Facts(Kind, Vec<Index>),
}

/// One text of a list.
#[derive(Clone, Copy, Debug)]
pub enum Item<'f> {
    /// A known text that knows where it was written.
    Text(&'f Value),
    /// A text that stands nowhere as such.
    Str(&'f str),
}

impl<'f> Item<'f> {
    /// The text.
    pub fn text(self) -> &'f str {
        match self {
            Self::Text(value) => &value.text,
            Self::Str(text) => text,
        }
    }
}

impl<'f> From<Item<'f>> for FieldValue<'f> {
    fn from(item: Item<'f>) -> Self {
        match item {
            Item::Text(value) => Self::Text(value),
            Item::Str(text) => Self::Str(text),
        }
    }
}

/// Where a fact stands in the order of the build: facts are compared by the instruction or command of the Dockerfile
/// that brings them, then by their own place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Order {
    bringer: u32,
    file: FileId,
    start: u32,
}

impl Kind {
    /// All kinds, in the order in which documentation lists them.
    pub const ALL: [Self; 14] = [
        Self::Stage,
        Self::Instruction,
        Self::Image,
        Self::Command,
        Self::Package,
        Self::Variable,
        Self::Mount,
        Self::Copy,
        Self::File,
        Self::Source,
        Self::Reference,
        Self::Label,
        Self::Port,
        Self::Comment,
    ];

    /// Its name in packs.
    pub fn name(self) -> &'static str {
        match self {
            Self::Stage => "stage",
            Self::Instruction => "instruction",
            Self::Image => "image",
            Self::Command => "command",
            Self::Package => "package",
            Self::Variable => "variable",
            Self::Mount => "mount",
            Self::Copy => "copy",
            Self::File => "file",
            Self::Source => "source",
            Self::Reference => "reference",
            Self::Label => "label",
            Self::Port => "port",
            Self::Comment => "comment",
        }
    }

    /// The kind of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// What it is, in one line.
    pub fn doc(self) -> &'static str {
        match self {
            Self::Stage => "A build stage: a `FROM` and what follows it",
            Self::Instruction => "An instruction of the Dockerfile",
            Self::Image => "An image that a stage starts from, or that files are copied or mounted from",
            Self::Command => "A command that a `RUN` instruction runs",
            Self::Package => "A package that a command installs, or a constraint on one",
            Self::Variable => "A variable that `ARG`, `ENV` or a shell sets",
            Self::Mount => "A `--mount` of a `RUN` instruction",
            Self::Copy => "A `COPY` or `ADD` instruction",
            Self::File => "A file of the build context that a command reads",
            Self::Source => "What a `COPY` or `ADD` copies: one of its sources",
            Self::Reference => "A reference to a variable, where Docker replaces it",
            Self::Label => "A key and its value in a `LABEL` instruction",
            Self::Port => "A port, or a range of ports, of an `EXPOSE` instruction",
            Self::Comment => "A comment of the Dockerfile",
        }
    }

    /// Its fields, in the order in which documentation lists them.
    pub fn fields(self) -> &'static [Field] {
        match self {
            Self::Stage => build::STAGE,
            Self::Instruction => build::INSTRUCTION,
            Self::Image => build::IMAGE,
            Self::Command => install::COMMAND,
            Self::Package => install::PACKAGE,
            Self::Variable => build::VARIABLE,
            Self::Mount => build::MOUNT,
            Self::Copy => build::COPY,
            Self::File => install::FILE,
            Self::Source => parts::SOURCE,
            Self::Reference => parts::REFERENCE,
            Self::Label => parts::LABEL,
            Self::Port => parts::PORT,
            Self::Comment => parts::COMMENT,
        }
    }

    /// The field of that name.
    pub fn field(self, name: &str) -> Option<&'static Field> {
        self.fields().iter().find(|field| field.name == name)
    }

    /// How many facts of the kind there are.
    pub fn count(self, facts: &Facts) -> usize {
        match self {
            Self::Stage => facts.stages.len(),
            Self::Instruction => facts.instructions.len(),
            Self::Image => facts.images.len(),
            Self::Command => facts.commands.len(),
            Self::Package => facts.packages.len(),
            Self::Variable => facts.variables.len(),
            Self::Mount => facts.mounts.len(),
            Self::Copy => facts.copies.len(),
            Self::File => facts.files.len(),
            Self::Source => facts.copied.len(),
            Self::Reference => facts.references.len(),
            Self::Label => facts.labels.len(),
            Self::Port => facts.ports.len(),
            Self::Comment => facts.comments.len(),
        }
    }

    /// Where the fact stands; the start of the Dockerfile for an index without a fact.
    pub fn at(self, facts: &Facts, index: Index) -> Location {
        match self {
            Self::Stage => facts.stages.get(index).map(|stage| stage.at),
            Self::Instruction => facts.instructions.get(index).map(|instruction| instruction.at),
            Self::Image => facts.images.get(index).map(|image| image.at),
            Self::Command => facts.commands.get(index).map(|command| command.at),
            Self::Package => facts.packages.get(index).map(|package| package.at),
            Self::Variable => facts.variables.get(index).map(|variable| variable.at),
            Self::Mount => facts.mounts.get(index).map(|mount| mount.at),
            Self::Copy => facts.copies.get(index).map(|copy| copy.at),
            Self::File => facts.files.get(index).map(|file| file.at),
            Self::Source => facts.copied.get(index).map(|source| source.text.written),
            Self::Reference => facts.references.get(index).map(|reference| reference.at),
            Self::Label => facts.labels.get(index).map(|label| label.at),
            Self::Port => facts.ports.get(index).map(|port| port.text.written),
            Self::Comment => facts.comments.get(index).map(|comment| comment.at),
        }
        .unwrap_or_default()
    }

    /// The command to which the fact belongs; a command belongs to itself.
    pub fn command(self, facts: &Facts, index: Index) -> Option<Index> {
        match self {
            Self::Command => Some(index),
            Self::Package => facts.packages.get(index)?.command,
            Self::Variable => facts.variables.get(index)?.command,
            Self::File => facts.files.get(index)?.command,
            Self::Stage
            | Self::Instruction
            | Self::Image
            | Self::Mount
            | Self::Copy
            | Self::Source
            | Self::Reference
            | Self::Label
            | Self::Port
            | Self::Comment => None,
        }
    }

    /// The instruction to which the fact belongs: that of its command, for a stage its `FROM`.
    pub fn instruction(self, facts: &Facts, index: Index) -> Option<Index> {
        match self {
            Self::Stage => facts.stages.get(index)?.instructions.first().copied(),
            Self::Instruction => Some(index),
            Self::Image => Some(facts.images.get(index)?.instruction),
            Self::Command => Some(facts.commands.get(index)?.instruction),
            Self::Variable => Some(facts.variables.get(index)?.instruction),
            Self::Mount => Some(facts.mounts.get(index)?.instruction),
            Self::Copy => Some(facts.copies.get(index)?.instruction),
            Self::Source => Some(facts.copied.get(index)?.instruction),
            Self::Reference => Some(facts.references.get(index)?.instruction),
            Self::Label => Some(facts.labels.get(index)?.instruction),
            Self::Port => Some(facts.ports.get(index)?.instruction),
            Self::Comment => facts.comments.get(index)?.instruction,
            Self::Package | Self::File => {
                let command = self.command(facts, index)?;
                Some(facts.commands.get(command)?.instruction)
            }
        }
    }

    /// The stage to which the fact belongs; none before the first `FROM`.
    pub fn stage(self, facts: &Facts, index: Index) -> Option<Index> {
        if self == Self::Stage {
            return Some(index);
        }
        let instruction = self.instruction(facts, index)?;
        facts.instructions.get(instruction)?.stage
    }

    /// Where the fact stands in the order of the build.
    pub fn order(self, facts: &Facts, index: Index) -> Order {
        let Location { file, span } = self.at(facts, index);
        let command = self.command(facts, index).and_then(|command| facts.commands.get(command));
        let instruction =
            self.instruction(facts, index).and_then(|instruction| facts.instructions.get(instruction));
        let bringer = command
            .map(|command| command.at)
            .filter(|at| at.file == FileId::default())
            .or(instruction.map(|instruction| instruction.at))
            .map_or(span.start, |at| at.span.start);
        Order { bringer, file, start: span.start }
    }
}

/// Declares a field.
const fn field(
    name: &'static str,
    ty: Type,
    doc: &'static str,
    get: for<'f> fn(&'f Facts, Index) -> FieldValue<'f>,
) -> Field {
    Field { name, ty, doc, get }
}

/// Reads one entry of a list of facts.
fn of<'f, T>(list: &'f [T], index: Index, read: impl FnOnce(&'f T) -> FieldValue<'f>) -> FieldValue<'f> {
    list.get(index).map_or(FieldValue::Absent, read)
}

fn value(value: &Value) -> FieldValue<'_> {
    if value.is_known() { FieldValue::Text(value) } else { FieldValue::Unknown }
}

fn text(text: Option<&Value>) -> FieldValue<'_> {
    text.map_or(FieldValue::Absent, value)
}

fn string(text: Option<&str>) -> FieldValue<'_> {
    text.map_or(FieldValue::Absent, FieldValue::Str)
}

fn known_string(text: Option<&str>) -> FieldValue<'_> {
    text.map_or(FieldValue::Unknown, FieldValue::Str)
}

fn known_bool(answer: Option<bool>) -> FieldValue<'static> {
    answer.map_or(FieldValue::Unknown, FieldValue::Bool)
}

fn number(number: usize) -> FieldValue<'static> {
    FieldValue::Number(i64::try_from(number).unwrap_or(i64::MAX))
}

/// All texts of a list.
fn all(texts: List<'_>) -> FieldValue<'_> {
    FieldValue::Texts { texts, complete: true }
}

/// The known texts of a list; it is complete if the caller says so and each of them is known.
fn texts(texts: List<'_>, complete: bool) -> FieldValue<'_> {
    FieldValue::Texts { complete: complete && texts.iter().count() == texts.places(), texts }
}

fn fact(kind: Kind, index: Option<Index>) -> FieldValue<'static> {
    index.map_or(FieldValue::Absent, |index| FieldValue::Fact(kind, index))
}

/// The facts of a list that belong to `owner`; in the list, owners come in order.
fn belonging<T>(kind: Kind, list: &[T], owner: Index, owner_of: impl Fn(&T) -> Index) -> FieldValue<'static> {
    let start = list.partition_point(|fact| owner_of(fact) < owner);
    let end = list.partition_point(|fact| owner_of(fact) <= owner);
    FieldValue::Facts(kind, (start..end).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::facts;
    use crate::source::{SourceFile, Sources};

    #[test]
    fn names_are_unique_and_kebab_case() {
        for kind in Kind::ALL {
            assert_eq!(Kind::from_name(kind.name()), Some(kind));
            for (index, field) in kind.fields().iter().enumerate() {
                let kebab = field.name.chars().all(|c| c.is_ascii_lowercase() || c == '-');
                assert!(kebab && !field.doc.is_empty(), "{}.{}", kind.name(), field.name);
                let first = kind.fields().iter().position(|other| other.name == field.name);
                assert_eq!(first, Some(index), "{}.{} twice", kind.name(), field.name);
            }
        }
    }

    #[test]
    fn no_fact_gives_no_value() {
        let facts = Facts::default();
        for kind in Kind::ALL {
            for field in kind.fields() {
                assert!(matches!((field.get)(&facts, 7), FieldValue::Absent), "{}", field.name);
            }
            assert_eq!(kind.at(&facts, 7), Location::default());
        }
    }

    #[test]
    fn every_value_has_the_declared_type() {
        let mut sources = Sources::default();
        sources.add(SourceFile::new("Dockerfile", ""));
        let facts = Facts {
            sources,
            stages: vec![facts::Stage::default()],
            instructions: vec![facts::Instruction::default()],
            images: vec![facts::Image::default()],
            commands: vec![facts::Command::default()],
            packages: vec![facts::Package::default()],
            variables: vec![facts::Variable::default()],
            mounts: vec![facts::Mount::default()],
            copies: vec![facts::Copy::default()],
            files: vec![facts::ContextFile::default()],
            copied: vec![facts::Copied::default()],
            references: vec![facts::Reference::default()],
            labels: vec![facts::Label::default()],
            ports: vec![facts::Port::default()],
            comments: vec![facts::Comment::default()],
            ..Facts::default()
        };
        for kind in Kind::ALL {
            for field in kind.fields() {
                let fits = match (field.get)(&facts, 0) {
                    FieldValue::Absent | FieldValue::Unknown => true,
                    FieldValue::Text(_) | FieldValue::Str(_) => field.ty == Type::Text,
                    FieldValue::Texts { .. } => field.ty == Type::Texts,
                    FieldValue::Bool(_) => field.ty == Type::Bool,
                    FieldValue::Number(_) => field.ty == Type::Number,
                    FieldValue::Versions(_) => field.ty == Type::Versions,
                    FieldValue::Flags { .. } => field.ty == Type::Flags,
                    FieldValue::Map(_) => field.ty == Type::Map,
                    FieldValue::Fact(kind, _) => field.ty == Type::Fact(kind),
                    FieldValue::Facts(kind, _) => field.ty == Type::Facts(kind),
                };
                assert!(fits, "{}.{}", kind.name(), field.name);
            }
        }
    }
}
