//! What the configuration says about parameters of rules, checked against the packs.

use super::config::{Config, Named};
use super::failure::{Failure, Spot};
use super::selection::{help, unknown_rule};
use crate::model::settings::ParameterValue;
use crate::rules::{Packs, Parameter, nearest};

/// Rule, parameter and value, as the settings have them.
pub(super) type Given = (String, String, ParameterValue);

/// The parameters that the configuration gives.
pub(super) fn parameters(config: &Config, packs: &Packs) -> Result<Vec<Given>, Failure> {
    let mut given = Vec::new();
    let mut spots = Vec::new();
    for (rule, parameter, value) in &config.parameters {
        match fault(rule, parameter, value, packs) {
            Some(spot) => spots.push(spot),
            None => given.push((rule.name.clone(), parameter.name.clone(), value.clone())),
        }
    }
    match &config.file {
        Some(file) if !spots.is_empty() => Err(Failure::Broken(Box::new(file.clone()), spots)),
        _ => Ok(given),
    }
}

fn fault(rule: &Named, parameter: &Named, value: &ParameterValue, packs: &Packs) -> Option<Spot> {
    let mut called = packs.rules.iter().filter(|known| known.is_named(&rule.name)).peekable();
    if called.peek().is_none() {
        let message = unknown_rule(&rule.name);
        return Some(Spot { span: rule.span, message, help: Some(help(&rule.name, packs)) });
    }
    let known: Vec<&Parameter> = called.flat_map(|rule| &rule.parameters).collect();
    let Some(declared) = known.iter().find(|known| *known.name == parameter.name) else {
        let names: Vec<&str> = known.iter().map(|known| &*known.name).collect();
        let message = format!("`{}` has no parameter `{}`", rule.name, parameter.name);
        let help = match nearest(&parameter.name, &names) {
            Some(near) => Some(format!("did you mean `{near}`?")),
            None => (!names.is_empty()).then(|| format!("known: {}", names.join(", "))),
        };
        return Some(Spot { span: parameter.span, message, help });
    };
    let wanted = match (declared.default.as_ref()?, value) {
        (ParameterValue::Number(_), ParameterValue::Texts(_)) => "a whole number",
        (ParameterValue::Texts(_), ParameterValue::Number(_)) => "a text or a list of texts",
        _ => return None,
    };
    Some(Spot { span: parameter.span, message: format!("`{}` is {wanted}", parameter.name), help: None })
}
