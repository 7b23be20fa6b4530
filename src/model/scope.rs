//! Variables: what `ARG` and `ENV` have set at one point of a build, as BuildKit scopes them.
//!
//! A variable is known, declared without a value, or not known. What an image sets is not known unless packs say
//! so; hence nothing here is ever sure to be unset.

use std::rc::Rc;

use rpds::HashTrieMap;

use super::value::Value;

/// Longer values are not followed: a value that mentions itself twice doubles with every line.
const LONGEST_VALUE: usize = 4096;

/// What is known of a variable.
#[derive(Clone, Debug)]
pub(super) enum Binding {
    /// It has this value, of which pieces may be unknown.
    Set(Rc<Value>),
    /// An `ARG` that nobody gives a value: a default (`${NAME:-x}`) counts, but the name alone says nothing, as it
    /// waits for a build argument.
    Declared,
}

/// The variables in force at one point. A copy shares what it does not change, as every stage begins with all that its
/// parent set.
#[derive(Clone, Debug, Default)]
pub(super) struct Scope {
    arguments: HashTrieMap<Rc<str>, Binding>,
    environment: HashTrieMap<Rc<str>, Rc<Value>>,
}

impl Scope {
    /// What is known of a variable; `ENV` wins over `ARG`.
    pub(super) fn get(&self, name: &str) -> Option<Binding> {
        match self.environment.get(name) {
            Some(value) => Some(Binding::Set(Rc::clone(value))),
            None => self.arguments.get(name).cloned(),
        }
    }

    /// The value of a variable, if it has one.
    pub(super) fn value(&self, name: &str) -> Option<Rc<Value>> {
        match self.get(name)? {
            Binding::Set(value) => Some(value),
            Binding::Declared => None,
        }
    }

    /// The names of all of them.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.environment.keys().chain(self.arguments.keys()).map(|name| &**name)
    }

    /// Declares an `ARG`.
    pub(super) fn set_argument(&mut self, name: &str, binding: Binding) {
        let binding = match binding {
            Binding::Set(value) => Binding::Set(bounded(name, value)),
            Binding::Declared => Binding::Declared,
        };
        self.arguments.insert_mut(name.into(), binding);
    }

    /// Sets an `ENV`.
    pub(super) fn set_environment(&mut self, name: &str, value: Value) {
        self.environment.insert_mut(name.into(), bounded(name, Rc::new(value)));
    }
}

/// The value, or an unknown one where it is too long.
pub(super) fn bounded(name: &str, value: Rc<Value>) -> Rc<Value> {
    if value.text.len() <= LONGEST_VALUE {
        return value;
    }
    Rc::new(Value::unknown(format!("${{{name}}}"), value.written))
}

/// The text, or none where it is too long.
pub(super) fn bounded_text(text: String) -> String {
    if text.len() <= LONGEST_VALUE { text } else { String::new() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Location;

    #[test]
    fn long_values_are_not_followed() {
        let mut scope = Scope::default();
        scope.set_environment("A", Value::given("x".repeat(LONGEST_VALUE + 1), Location::default()));
        assert!(!scope.value("A").unwrap().is_known());
    }
}
