//! `setup.cfg` and `setup.py`: projects that say what they need in older ways.
//!
//! `setup.cfg` is read like `pyproject.toml`. A `setup.py` is a program; of it this room knows the names
//! that it uses ([`identifiers`]) and the lists that it writes out literally ([`parse_script`]), and it runs
//! nothing.

mod config;
mod script;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use super::pyproject::Project;
use crate::source::SourceFile;

/// Reads a `setup.cfg`.
pub fn parse_config(file: &SourceFile) -> Project {
    config::parse(file)
}

/// Reads a `setup.py`: the lists `install_requires` and `setup_requires`, and `python_requires`, where they
/// are written out as literals.
pub fn parse_script(file: &SourceFile) -> Project {
    script::parse(file)
}

/// The identifiers of a Python program, keywords included, that stand outside comments and strings.
pub fn identifiers(program: &str) -> BTreeSet<&str> {
    script::identifiers(program)
}
