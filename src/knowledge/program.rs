//! The syntax of a tool's command line, as data.

use serde::{Deserialize, Serialize};

use super::packed::Expression;

/// A name in full, or a pattern over names.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum Name {
    /// Exactly this.
    Exact(String),
    /// Whatever the anchored expression matches.
    Pattern(Expression),
}

impl Name {
    /// Whether the name is meant.
    pub fn is(&self, name: &str) -> bool {
        match self {
            Self::Exact(exact) => exact == name,
            Self::Pattern(pattern) => pattern.is_match(name),
        }
    }
}

/// How one tool's command line is read.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Program {
    /// The name that rules use, however the tool was called.
    pub name: String,
    /// Base names under which it is called, whatever directory stands before them.
    pub called: Vec<Name>,
    /// Modules under which an interpreter runs it (`python -m NAME`); the interpreters are programs whose
    /// [`Wrapping`] is [`Wrapping::Module`].
    pub module: Vec<String>,
    /// Programs of which it is a subcommand: the `uv` of `uv pip install`.
    pub under: Vec<String>,
    /// Whether the first operand is a subcommand.
    pub subcommands: bool,
    /// Options that take a value, by every spelling.
    pub valued: Vec<String>,
    /// Spelling to canonical name of an option: `-r` to `--requirement`.
    pub aliases: Vec<(String, String)>,
    /// Whether what follows is itself a command.
    pub wraps: Option<Wrapping>,
    /// Which of its calls install packages.
    pub installs: Vec<Installs>,
    /// Which of its calls remove packages: subcommand and ecosystem.
    pub removes: Vec<(String, String)>,
}

impl Program {
    /// Whether one of its names is meant.
    pub fn is_called(&self, name: &str) -> bool {
        self.called.iter().any(|called| called.is(name))
    }
}

/// What a program that runs another one does with its words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Wrapping {
    /// After its own options (and `NAME=value` words) comes a command: `sudo`, `env`, `time`.
    Command,
    /// The same, but only after this subcommand: `conda run`.
    Subcommand(String),
    /// The same, but only after so many operands: `timeout 60`, `gosu user`.
    Operands(usize),
    /// The word after this option is a shell script: `bash -c`.
    Script(String),
    /// The word after this option names a module that is a program: `python -m`.
    Module(String),
}

/// How the operands of an installing call are read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum OperandSyntax {
    /// PEP 508 requirements, paths, URLs.
    Requirement,
    /// `name=version=build`, `channel::name>=1`.
    CondaSpec,
    /// `name`, `name=version`, `name/release`.
    AptSpec,
    /// `name`, `name=version`, `name~version`, `name>version`.
    ApkSpec,
    /// `name`, `name@version`, `@scope/name@range`.
    NpmSpec,
    /// A name and nothing more.
    #[default]
    Plain,
}

/// A call that installs packages.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Installs {
    /// The subcommands that install; empty for a program without subcommands. Two words for `env create`.
    pub subcommand: Vec<String>,
    /// Which world of names the packages belong to: `pypi`, `conda`, `apt` …
    pub ecosystem: String,
    /// How the operands are read.
    pub operands: OperandSyntax,
    /// Options whose value is a file of packages to install (canonical names).
    pub requirement_files: Vec<String>,
    /// Options whose value is a file that narrows versions without installing.
    pub constraint_files: Vec<String>,
    /// Options whose value is itself a package to install: `--editable`.
    pub requirement_options: Vec<String>,
    /// Options that replace the package index.
    pub index: Vec<String>,
    /// Options that add a package index.
    pub extra_index: Vec<String>,
    /// Options that add a page or folder of package files.
    pub find_links: Vec<String>,
    /// Environment variables that say the same as `index`, `extra_index` and `find_links`.
    pub index_variables: Vec<String>,
    /// See `index_variables`.
    pub extra_index_variables: Vec<String>,
    /// See `index_variables`.
    pub find_links_variables: Vec<String>,
    /// Options that name the environment into which is installed.
    pub environment: Vec<String>,
    /// Options under which dependencies are not looked at: `--no-deps`.
    pub without_dependencies: Vec<String>,
}
