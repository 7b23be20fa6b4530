//! Parameters of rules: what a rule leaves to the user, with what holds unless the user says otherwise.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::rule::Rule;
use crate::model::settings::{ParameterValue, Settings};

/// A parameter, as its rule declares it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Parameter {
    /// Its name.
    pub name: Arc<str>,
    /// What it says, in one line.
    pub doc: String,
    /// Its value unless the user gives one; a rule with a parameter that has none is silent.
    pub default: Option<ParameterValue>,
}

/// The parameters of one rule, as the settings have them.
#[derive(Clone, Copy, Debug)]
pub struct Parameters<'a> {
    rule: &'a Rule,
    settings: &'a Settings,
}

impl<'a> Parameters<'a> {
    /// The parameters of the rule under these settings.
    pub fn new(rule: &'a Rule, settings: &'a Settings) -> Self {
        Self { rule, settings }
    }

    /// Whether each of them has a value.
    pub fn are_complete(self) -> bool {
        self.rule.parameters.iter().all(|parameter| self.get(&parameter.name).is_some())
    }

    /// The value of one.
    pub fn get(self, name: &str) -> Option<&'a ParameterValue> {
        let given = self.settings.parameters.iter().rev();
        given
            .filter(|(rule, parameter, _)| parameter == name && self.rule.is_named(rule))
            .map(|(_, _, value)| value)
            .next()
            .or_else(|| {
                self.settings.shared.iter().find(|(shared, _)| shared == name).map(|(_, value)| value)
            })
            .or_else(|| {
                let declared = self.rule.parameters.iter().find(|parameter| &*parameter.name == name)?;
                declared.default.as_ref()
            })
    }

    /// The number that one is.
    pub(super) fn number(self, name: &str) -> Option<usize> {
        match self.get(name)? {
            ParameterValue::Number(number) => Some(*number),
            ParameterValue::Texts(_) => None,
        }
    }

    /// The texts that one has.
    pub(super) fn texts(self, name: &str) -> Option<&'a [String]> {
        match self.get(name)? {
            ParameterValue::Texts(texts) => Some(texts),
            ParameterValue::Number(_) => None,
        }
    }

    /// What one says, as a text.
    pub(super) fn text(self, name: &str) -> Option<String> {
        Some(match self.get(name)? {
            ParameterValue::Number(number) => number.to_string(),
            ParameterValue::Texts(texts) => texts.join(", "),
        })
    }
}
