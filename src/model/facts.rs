//! The facts of one Dockerfile and what it installs: what rules look at.
//!
//! Facts are computed once. A text that is not there is `None`. A text that depends on something unknown (an `ARG`
//! without a value) is there with unknown pieces ([`Value::known`]): rules stay silent about what they cannot know.

use std::collections::BTreeMap;

use smallvec::SmallVec;

use super::value::{Text, Value};
use crate::source::{FileId, Location, Sources};
use crate::syntax::dockerfile::Dockerfile;
use crate::version::VersionSet;

/// Index of a fact in its list.
pub type Index = usize;

/// Everything known of one Dockerfile, the files that it reads from its context included.
#[derive(Clone, Debug, Default)]
pub struct Facts {
    /// The files, the Dockerfile first.
    pub sources: Sources,
    /// The Dockerfile's tree.
    pub tree: Dockerfile,
    /// Its stages, in order.
    pub stages: Vec<Stage>,
    /// Its instructions, in order; what stands under an `ONBUILD` follows it.
    pub instructions: Vec<Instruction>,
    /// The images that stages are built from, one a stage, and those that files are copied or mounted from.
    pub images: Vec<Image>,
    /// The commands that `RUN` instructions run, in the order of the text.
    pub commands: Vec<Command>,
    /// The packages that commands install, in order.
    pub packages: Vec<Package>,
    /// `ARG`, `ENV`, and what commands assign or export.
    pub variables: Vec<Variable>,
    /// `RUN --mount`.
    pub mounts: Vec<Mount>,
    /// `COPY` and `ADD`.
    pub copies: Vec<Copy>,
    /// Files of the context that were read, and those that could not be.
    pub files: Vec<ContextFile>,
    /// What `COPY` and `ADD` copy, source by source.
    pub copied: Vec<Copied>,
    /// What asks for variables, in order.
    pub references: Vec<Reference>,
    /// Words in which Docker cannot replace variables and remove quotes.
    pub unreadable: Vec<Unreadable>,
    /// `LABEL`, pair by pair.
    pub labels: Vec<Label>,
    /// `EXPOSE`, port by port.
    pub ports: Vec<Port>,
    /// The comments, in order.
    pub comments: Vec<Comment>,
    /// How most keywords are written: `upper` or `lower`.
    pub casing: &'static str,
}

impl Facts {
    /// The stage and those that it starts from, nearest first.
    pub fn chain(&self, stage: Index) -> impl Iterator<Item = Index> {
        // A stage starts from an earlier one.
        let parent = |stage: &Index| self.stages.get(*stage)?.parent.filter(|parent| parent < stage);
        std::iter::successors(Some(stage), parent)
    }
}

/// A word in which Docker cannot replace variables and remove quotes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unreadable {
    /// The instruction.
    pub instruction: Index,
    /// What is wrong.
    pub reason: String,
    /// The quote or the reference at fault.
    pub at: Location,
}

/// One stage.
#[derive(Clone, Debug, Default)]
pub struct Stage {
    /// The name after `AS`, lower case.
    pub name: Option<String>,
    /// The name as written.
    pub written_name: Option<Value>,
    /// The word `AS`.
    pub by: Option<Value>,
    /// `--platform`.
    pub platform: Option<Value>,
    /// The value of `--platform` as written.
    pub written_platform: Option<Value>,
    /// The operating system that `--platform` names.
    pub platform_system: Option<String>,
    /// The processor architecture that `--platform` names.
    pub platform_architecture: Option<String>,
    /// The image that it starts from; none when that is a stage.
    pub image: Option<Index>,
    /// The stage that it starts from.
    pub parent: Option<Index>,
    /// Stages from which it copies or mounts files.
    pub reads: Vec<Index>,
    /// Stages that start from it.
    pub children: Vec<Index>,
    /// Stages that copy or mount files from it.
    pub readers: Vec<Index>,
    /// Labels of the user's schema that neither it nor a stage before it in its chain has.
    pub missing_labels: Vec<Text>,
    /// Whether the target needs it.
    pub reached: bool,
    /// Whether it is the target.
    pub target: bool,
    /// Its instructions.
    pub instructions: Vec<Index>,
    /// The bytes of the whole stage.
    pub at: Location,
}

/// One instruction.
#[derive(Clone, Debug, Default)]
pub struct Instruction {
    /// Lower case.
    pub keyword: Text,
    /// None before the first `FROM`.
    pub stage: Option<Index>,
    /// Flags, canonical name without dashes, with their value.
    pub flags: Vec<Flag>,
    /// `shell`, `exec` or `heredoc`; for instructions without these forms `plain`.
    pub form: &'static str,
    /// Arguments as Docker's parser gives them, variables replaced where Docker does; `key=value` is one argument.
    pub arguments: Vec<Value>,
    /// Keys and values of `ENV`, `LABEL` and `ARG`.
    pub pairs: BTreeMap<Text, Value>,
    /// The working directory in force, absolute; none where it is unknown.
    pub directory: Option<Text>,
    /// The user in force; none where the image says it.
    pub user: Option<Box<Value>>,
    /// The shell in force, program and options; empty for the image's own.
    pub shell: Vec<Text>,
    /// Its place among the top-level instructions of the tree.
    pub node: usize,
    /// Whether it stands under `ONBUILD`.
    pub onbuild: bool,
    /// Whether an `ONBUILD` of the stage from which its own starts brings it; it then stands at the `FROM`.
    pub triggered: bool,
    /// Of `ARG`, and of a `FROM` that names its stage: whether the comment right above begins with the name; none
    /// where there is no comment.
    pub described: Option<bool>,
    /// Whether its pair is written the old way, with a blank in place of `=`.
    pub legacy: bool,
    /// Such a pair as `key=value`, where that can be written.
    pub modern: Option<String>,
    /// Blank lines between its continued lines.
    pub blank_lines: Vec<Location>,
    /// The last line before its heredocs.
    pub last_line: Location,
    /// All of it.
    pub at: Location,
    /// The keyword.
    pub keyword_at: Location,
    /// What follows keyword and flags.
    pub arguments_at: Location,
}

/// A reference to an image.
#[derive(Clone, Debug, Default)]
pub struct Image {
    /// The instruction that refers to it.
    pub instruction: Index,
    /// The stage that is built from it, or in which it is read.
    pub stage: Option<Index>,
    /// `from`, `copy` or `mount`.
    pub role: &'static str,
    /// The whole reference.
    pub reference: Option<Value>,
    /// Registry host, if written.
    pub registry: Option<Value>,
    /// Repository with the registry (but without `docker.io/` and `library/`).
    pub repository: Option<Value>,
    /// Tag, if written.
    pub tag: Option<Value>,
    /// Digest, if written.
    pub digest: Option<Value>,
    /// `--platform`.
    pub platform: Option<Value>,
    /// What the tag says, by the image patterns of the packs.
    pub parts: BTreeMap<Text, Value>,
    /// The image pattern that knows it.
    pub pattern: Option<Index>,
    /// Whether the tag exists, where that is known.
    pub exists: Option<bool>,
    /// Of a `FROM`: whether it is a reference where nobody gives build arguments.
    pub default_valid: Option<bool>,
    /// Whether Docker accepts the reference; none where it is not known.
    pub valid: Option<bool>,
    /// The reference as written.
    pub at: Location,
}

/// An option with its value.
#[derive(Clone, Debug, Default)]
pub struct Flag {
    /// Canonical name, of a command's option with its dashes.
    pub name: Text,
    /// As written.
    pub spelling: Text,
    /// Its value: after `=`, glued, or the next word.
    pub value: Option<Value>,
    /// The option and its value.
    pub at: Location,
}

/// One simple command of a script.
#[derive(Clone, Debug, Default)]
pub struct Command {
    /// The instruction in whose script it stands.
    pub instruction: Index,
    /// The stage.
    pub stage: Option<Index>,
    /// The pack's name of the program, else the base name of the program word.
    pub program: Text,
    /// The program word as written: `/opt/venv/bin/pip`, `python3 -m pip`.
    pub called: Value,
    /// The programs that run it, outermost first: `sudo`, `env`, `conda`.
    pub through: Vec<Text>,
    /// The words of those programs as written in front of the command, up to its first word; none where they stand
    /// elsewhere, as `bash -c` does for the commands of its script.
    pub lead: Option<Box<Value>>,
    /// The subcommand, where the program has such; words joined by a blank for `env create`.
    pub subcommand: Option<Value>,
    /// Options.
    pub flags: Vec<Flag>,
    /// Places, among the words, of those that are neither options nor their values; the subcommand is not among them.
    pub operands: SmallVec<[u32; 4]>,
    /// Whether every word is known, so that what is not listed is not there.
    pub known: bool,
    /// The directory in which it runs; none where that is unknown.
    pub directory: Option<Text>,
    /// The environment for packages that it uses: empty for the image's own, else the folder of a virtual environment
    /// or the name of one that the tool manages.
    pub environment: Text,
    /// Files that its output is written to.
    pub writes: Vec<Value>,
    /// Assignments before it.
    pub assignments: Vec<Index>,
    /// Position in the script's list of commands, from 0, and their number.
    pub position: (usize, usize),
    /// How it is joined to the one before: `""`, `&&`, `||`, `;`, `|`, `&`.
    pub connector: &'static str,
    /// Whether its output goes on to a further command of its pipeline.
    pub piped: bool,
    /// Inside `if`, a loop, a function, a substitution …
    pub conditional: bool,
    /// The whole command, wrappers excluded.
    pub at: Location,
    /// The words in the order written, program words first.
    pub words: Vec<Value>,
    /// End of the script in which it stands: where a further command is added.
    pub script_end: Location,
}

impl Command {
    /// Words that are neither options nor their values.
    pub fn operands(&self) -> impl DoubleEndedIterator<Item = &Value> {
        self.operands.iter().filter_map(|place| self.words.get(*place as usize))
    }
}

/// One package that a command installs, or a constraint on one.
#[derive(Clone, Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a field of its own that rules ask for")]
pub struct Package {
    /// The command that installs it.
    pub command: Option<Index>,
    /// The stage.
    pub stage: Option<Index>,
    /// `pypi`, `conda`, `apt` …
    pub ecosystem: Text,
    /// Normalised for its ecosystem.
    pub name: Text,
    /// As written.
    pub written_name: Option<Value>,
    /// Versions admitted.
    pub versions: VersionSet,
    /// The version specifiers as written (`==2.1.0`), empty at the place after the name if there are none; none
    /// where there can be none (a path, an address).
    pub specifier: Option<Value>,
    /// Local version label of a pin: `cu121`.
    pub local: Option<String>,
    /// Extras.
    pub extras: Vec<Text>,
    /// Whether its marker holds; none when that depends on something unknown.
    pub applies: Option<bool>,
    /// The marker as written.
    pub marker: Option<Value>,
    /// URL, path or version-control address, if it is one.
    pub url: Option<Value>,
    /// Python tag of a wheel file: `cp310`.
    pub wheel_python: Option<String>,
    /// A constraint narrows versions without installing.
    pub constraint: bool,
    /// Whether `--hash` pins the file.
    pub hashed: bool,
    /// Package indexes in force; empty: the ecosystem's own.
    pub indexes: Vec<Value>,
    /// Whether the ecosystem's own index is replaced.
    pub index_replaced: bool,
    /// Pages of package files in force.
    pub find_links: Vec<Value>,
    /// The environment into which it goes: empty for the image's own.
    pub environment: Text,
    /// The install that it belongs to: packages of one call are resolved together.
    pub call: usize,
    /// `command`, `requirements`, `constraints`, `conda`, `project`.
    pub origin: &'static str,
    /// The file that names it; none where the command does.
    pub file: Option<Index>,
    /// Whether a later command of the stage removes it from its environment.
    pub removed: bool,
    /// The whole requirement as written.
    pub at: Location,
}

/// A variable that is set.
#[derive(Clone, Debug, Default)]
pub struct Variable {
    /// Its name.
    pub name: Text,
    /// Its value; none for an `ARG` that neither the file nor the user gives one.
    pub value: Option<Value>,
    /// `arg`, `env`, `assignment` (before a command) or `export`.
    pub kind: &'static str,
    /// The instruction.
    pub instruction: Index,
    /// The stage; none before the first `FROM`.
    pub stage: Option<Index>,
    /// The command, for assignments.
    pub command: Option<Index>,
    /// Name and value as written.
    pub at: Location,
}

/// `RUN --mount=…`.
#[derive(Clone, Debug, Default)]
pub struct Mount {
    /// The instruction.
    pub instruction: Index,
    /// The stage.
    pub stage: Option<Index>,
    /// `bind`, `cache`, `tmpfs`, `secret`, `ssh`.
    pub kind: String,
    /// Where it appears.
    pub target: Option<Value>,
    /// What appears.
    pub source: Option<Value>,
    /// The stage or image it comes from.
    pub from: Option<Value>,
    /// All that was written, by key.
    pub options: BTreeMap<Text, Value>,
    /// The flag.
    pub at: Location,
}

/// `COPY` or `ADD`.
#[derive(Clone, Debug, Default)]
pub struct Copy {
    /// The instruction.
    pub instruction: Index,
    /// The stage.
    pub stage: Option<Index>,
    /// `copy` or `add`.
    pub keyword: &'static str,
    /// Sources; a heredoc counts by its name.
    pub sources: Vec<Value>,
    /// Destination as written, variables replaced.
    pub destination: Option<Value>,
    /// Destination as an absolute path of the image, where that is known; a folder ends in `/` if it was written so.
    pub target: Option<String>,
    /// The stage or image it copies from.
    pub from: Option<Value>,
    /// The stage it copies from.
    pub from_stage: Option<Index>,
    /// All of it.
    pub at: Location,
}

/// A source of `COPY` or `ADD`.
#[derive(Clone, Debug, Default)]
pub struct Copied {
    /// The instruction.
    pub instruction: Index,
    /// The `COPY` or `ADD`.
    pub copy: Index,
    /// The source, variables replaced.
    pub text: Value,
    /// Its path in the build context, without `.` and `..`; none if it comes from elsewhere.
    pub path: Option<String>,
    /// Whether `.dockerignore` leaves it out of the build context.
    pub ignored: bool,
}

/// A reference to a variable in a place where Docker replaces it.
#[derive(Clone, Debug, Default)]
pub struct Reference {
    /// The instruction.
    pub instruction: Index,
    /// The variable.
    pub name: String,
    /// Whether `ARG` or `ENV` says it: before the first `FROM` for one in a `FROM`, else in the stage or those that it
    /// starts from.
    pub defined: bool,
    /// Whether it has a value.
    pub set: bool,
    /// The key of the pair in which it stands.
    pub pair: Option<String>,
    /// The most similar name of a variable, where it is not defined and one is similar.
    pub suggestion: Option<String>,
    /// The reference, `$` and braces included.
    pub at: Location,
}

/// A pair of `LABEL`.
#[derive(Clone, Debug, Default)]
pub struct Label {
    /// The instruction.
    pub instruction: Index,
    /// The key.
    pub key: Value,
    /// The value.
    pub value: Value,
    /// Its type by the user's schema; none where it is not part of that.
    pub kind: Option<String>,
    /// Whether the value is of that type; none where there is none or the value is not known.
    pub valid: Option<bool>,
    /// Whether the user allows no labels but those of the schema.
    pub strict: bool,
    /// Key and value.
    pub at: Location,
}

/// A port, or a range of ports, of `EXPOSE`.
#[derive(Clone, Debug, Default)]
pub struct Port {
    /// The instruction.
    pub instruction: Index,
    /// All of it.
    pub text: Value,
    /// The port or range that the container listens on.
    pub container: Value,
    /// What stands before it: an address or a port of the host; empty if nothing does.
    pub host: Value,
    /// The protocol, if written.
    pub protocol: Option<Value>,
}

/// A comment.
#[derive(Clone, Debug, Default)]
pub struct Comment {
    /// The instruction inside which it stands, or else the next one.
    pub instruction: Option<Index>,
    /// Whether it stands between the continued lines of an instruction.
    pub inside: bool,
    /// From the `#` on.
    pub at: Location,
}

/// A file of the build context that the Dockerfile uses.
#[derive(Clone, Debug, Default)]
pub struct ContextFile {
    /// Its path in the context.
    pub path: String,
    /// Its text, if it could be read.
    pub file: Option<FileId>,
    /// `requirements`, `constraints`, `conda`, `project`, `setup`.
    pub kind: &'static str,
    /// Whether it is there; none where there is no telling.
    pub exists: Option<bool>,
    /// Why it could not be read or understood.
    pub fault: Option<String>,
    /// Where it is referred to.
    pub at: Location,
    /// The command that uses it.
    pub command: Option<Index>,
    /// Names that its program text uses (of a `setup.py`): what a pack can ask for.
    pub identifiers: Vec<Text>,
}

/// How a keyword is written: `upper`, `lower` or `mixed`.
pub fn casing(keyword: &str) -> &'static str {
    let lower = keyword.chars().any(char::is_lowercase);
    let upper = keyword.chars().any(char::is_uppercase);
    match (lower, upper) {
        (true, true) => "mixed",
        (true, false) => "lower",
        _ => "upper",
    }
}
