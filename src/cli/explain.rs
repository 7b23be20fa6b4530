//! `dlint explain`: one rule's page.

use std::io::Write;

use super::Ending;
use super::args::ExplainArguments;
use super::failure::Failure;
use super::output::Output;
use super::packs::load_packs;
use super::selection::{help, unknown_rule};
use crate::fix::Changed;
use crate::fix::diff::render_diff;
use crate::model::settings::ParameterValue;
use crate::rules::{Example, Packs, Parameter, Rule};

/// Prints the page of the rule, or those of the rules that share the alias.
pub(super) fn run(arguments: &ExplainArguments, output: &mut Output) -> Result<Ending, Failure> {
    let packs = match load_packs(&arguments.packs) {
        Ok(packs) => packs,
        Err(failures) => return Ok(Ending { failures, ..Ending::CLEAN }),
    };
    for rule in find(&packs, &arguments.rule)? {
        output.write_all(page(rule).as_bytes())?;
    }
    Ok(Ending::CLEAN)
}

/// The rules of that id or alias, of which there is at least one.
pub(super) fn find<'a>(packs: &'a Packs, name: &str) -> Result<Vec<&'a Rule>, Failure> {
    let is_called = |rule: &&Rule| rule.is_called(name) && rule.pack() != name;
    let found: Vec<&Rule> = packs.rules.iter().filter(is_called).collect();
    if found.is_empty() {
        return Err(Failure::Plain(format!("{}; {}", unknown_rule(name), help(name, packs))));
    }
    Ok(found)
}

fn page(rule: &Rule) -> String {
    let mut facts = vec![rule.severity.name(), rule.category.name()];
    facts.extend(rule.aliases.iter().map(String::as_str));
    if !rule.default {
        facts.push("off unless selected");
    }
    let mut parts = vec![format!("{}: {}", rule.id, rule.summary), facts.join(" · ")];
    parts.push(rule.why.trim().to_owned());
    if !rule.parameters.is_empty() {
        let lines: Vec<_> = rule.parameters.iter().map(parameter).collect();
        parts.push(format!("Set under [rule.\"{}\"]:\n{}", rule.id, indented(&lines.join("\n"))));
    }
    parts.extend(rule.examples.iter().map(example));
    if !rule.see.is_empty() {
        parts.push(format!("See:\n{}", indented(&rule.see.join("\n"))));
    }
    parts.retain(|part| !part.is_empty());
    format!("{}\n", parts.join("\n\n"))
}

/// A parameter, with what it is unless set.
fn parameter(parameter: &Parameter) -> String {
    let default = match &parameter.default {
        None => "silent unless set".to_owned(),
        Some(ParameterValue::Number(number)) => number.to_string(),
        Some(ParameterValue::Texts(texts)) => texts.join(", "),
    };
    format!("{}: {} [{default}]", parameter.name, parameter.doc)
}

/// The example's files, or what the fix does to them.
fn example(example: &Example) -> String {
    let heading = match (example.bad, &example.fixed) {
        (false, _) => "Nothing to report:",
        (true, None) => "Reported:",
        (true, Some(_)) if example.takes_unsafe => "Reported, and mended by `dlint fix --unsafe`:",
        (true, Some(_)) => "Reported, and mended by `dlint fix`:",
    };
    let mut texts = vec![shown("Dockerfile", &example.text, example.fixed.as_deref())];
    for (path, text) in &example.files {
        let fixed =
            example.fixed_files.iter().find(|(fixed, _)| fixed == path).map(|(_, text)| text.as_str());
        texts.push(format!("{path}:\n{}", shown(path, text, fixed)));
    }
    format!("{heading}\n{}", indented(&texts.join("\n")))
}

/// The text, as a diff where the fix changes it.
fn shown(path: &str, text: &str, fixed: Option<&str>) -> String {
    let Some(fixed) = fixed.filter(|fixed| *fixed != text) else { return text.trim_end().to_owned() };
    let changed = Changed { path: path.into(), before: text.into(), after: fixed.into() };
    let diff = String::from_utf8_lossy(&render_diff(&changed)).into_owned();
    diff.lines().filter(|line| !is_diff_heading(line)).collect::<Vec<_>>().join("\n")
}

fn is_diff_heading(line: &str) -> bool {
    ["--- a/", "+++ b/", "@@ "].iter().any(|heading| line.starts_with(heading))
}

fn indented(text: &str) -> String {
    text.lines().map(|line| format!("    {line}")).collect::<Vec<_>>().join("\n")
}
