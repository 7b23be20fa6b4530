//! Every program that packs know, found by what calls it: a word, a module's name, or the family that it belongs to.

use std::collections::HashMap;
use std::ops::Deref;

use serde::{Deserialize, Serialize};

use super::program::{Name, Program};

/// The programs in pack order. Where several are called the same, the first is meant.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(from = "Vec<Program>", into = "Vec<Program>")]
pub struct Programs {
    list: Vec<Program>,
    /// The place in the list of the first program of each exact name.
    exact: HashMap<String, usize>,
    /// The places of those that are called by a pattern as well.
    patterns: Vec<usize>,
    modules: HashMap<String, usize>,
    /// The places of the members of each family.
    members: HashMap<String, Vec<usize>>,
}

impl Programs {
    /// Adds a program.
    pub fn push(&mut self, program: Program) {
        let place = self.list.len();
        for name in &program.called {
            if let Name::Exact(name) = name {
                self.exact.entry(name.clone()).or_insert(place);
            }
        }
        if program.called.iter().any(|name| matches!(name, Name::Pattern(_))) {
            self.patterns.push(place);
        }
        for module in &program.module {
            self.modules.entry(module.clone()).or_insert(place);
        }
        for family in &program.under {
            self.members.entry(family.clone()).or_default().push(place);
        }
        self.list.push(program);
    }

    /// The program that is called by that base name.
    pub fn called(&self, name: &str) -> Option<&Program> {
        let exact = self.exact.get(name).copied();
        let before = |place: &&usize| exact.is_none_or(|exact| **place < exact);
        let mut patterns = self.patterns.iter().take_while(before).filter_map(|place| self.list.get(*place));
        patterns.find(|program| program.is_called(name)).or_else(|| self.list.get(exact?))
    }

    /// The program that an interpreter runs as that module.
    pub fn module(&self, name: &str) -> Option<&Program> {
        self.list.get(*self.modules.get(name)?)
    }

    /// The programs that are subcommands of the one of that name.
    pub fn members(&self, family: &str) -> impl Iterator<Item = &Program> {
        let places = self.members.get(family).into_iter().flatten();
        places.filter_map(|place| self.list.get(*place))
    }
}

impl Deref for Programs {
    type Target = [Program];

    fn deref(&self) -> &[Program] {
        &self.list
    }
}

impl From<Vec<Program>> for Programs {
    fn from(list: Vec<Program>) -> Self {
        let mut programs = Self::default();
        for program in list {
            programs.push(program);
        }
        programs
    }
}

impl From<Programs> for Vec<Program> {
    fn from(programs: Programs) -> Self {
        programs.list
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::knowledge::Expression;

    #[test]
    fn the_first_that_is_called_so_is_meant() {
        let exact = |name: &str| Name::Exact(name.to_owned());
        let pattern = || Name::Pattern(Expression::new("^a[0-9]$").unwrap());
        let program = |name: &str, called| Program { name: name.to_owned(), called, ..Program::default() };
        let programs = Programs::from(vec![
            program("first", vec![exact("a1"), exact("b")]),
            program("second", vec![exact("c"), pattern()]),
            program("third", vec![exact("a2"), exact("b")]),
        ]);
        let called = |name| programs.called(name).map(|program| program.name.as_str());
        let expected = [Some("first"), Some("second"), Some("second"), Some("first"), Some("second"), None];
        assert_eq!(["a1", "a2", "a3", "b", "c", "d"].map(called), expected);
    }
}
