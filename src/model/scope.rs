//! Variables: what `ARG` and `ENV` have set at one point of a build, as BuildKit scopes them.
//!
//! A variable is known, declared without a value, or not known. What an image sets is not known unless packs say
//! so; hence nothing here is ever sure to be unset.

use std::rc::Rc;

use rpds::HashTrieMap;

use super::value::Value;
use crate::source::Location;

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

/// The platform arguments that BuildKit sets for every `FROM`, for a platform such as `linux/arm64/v8`.
pub(super) fn platform_arguments(platform: &str) -> Vec<(String, Value)> {
    let mut parts = platform.splitn(3, '/');
    let os = parts.next().unwrap_or_default();
    let architecture = parts.next().unwrap_or_default();
    let variant = parts.next().unwrap_or_default();
    let mut arguments = Vec::new();
    for side in ["BUILD", "TARGET"] {
        for (name, text) in [("PLATFORM", platform), ("OS", os), ("ARCH", architecture), ("VARIANT", variant)]
        {
            arguments.push((format!("{side}{name}"), Value::given(text, Location::default())));
        }
    }
    arguments
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn platforms_fall_into_parts() {
        let arguments = platform_arguments("linux/arm64/v8");
        let get = |name: &str| arguments.iter().find(|(key, _)| key == name).map(|(_, value)| &*value.text);
        assert_eq!(get("TARGETPLATFORM"), Some("linux/arm64/v8"));
        assert_eq!(get("TARGETARCH"), Some("arm64"));
        assert_eq!(get("BUILDVARIANT"), Some("v8"));
    }

    #[test]
    fn long_values_are_not_followed() {
        let mut scope = Scope::default();
        scope.set_environment("A", Value::given("x".repeat(LONGEST_VALUE + 1), Location::default()));
        assert!(!scope.value("A").unwrap().is_known());
    }
}
