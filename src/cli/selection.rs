//! What the command line and the configuration say about rules, put together and checked against the packs.

use super::args::RuleArguments;
use super::config::{Config, Named};
use super::failure::{Failure, Spot};
use crate::engine::Selection;
use crate::rules::{Packs, nearest};

/// The selection that both make together: `--select` takes the place of the configuration's, `--ignore` adds to it.
///
/// To ignore a rule that there is not does no harm, and projects that come from another linter do; any other name
/// that means no rule is a failure.
pub(super) fn selection(
    arguments: &RuleArguments,
    config: &Config,
    packs: &Packs,
) -> Result<Selection, Failure> {
    let configured = config.select.iter().map(|named| named.name.clone());
    let select = if arguments.select.is_empty() { configured.collect() } else { arguments.select.clone() };
    let ignored = config.ignore.iter().map(|named| named.name.clone());
    let selection = Selection {
        select,
        extend: config.extend_select.iter().map(|named| named.name.clone()).collect(),
        ignore: ignored.chain(arguments.ignore.iter().cloned()).collect(),
        severity: config.severity.iter().map(|(named, level)| (named.name.clone(), *level)).collect(),
    };
    let unknown = selection.unknown(packs);
    if let Some(name) = arguments.select.iter().find(|name| unknown.contains(&name.as_str())) {
        return Err(Failure::Plain(format!("--select: {}; {}", unknown_rule(name), help(name, packs))));
    }
    if config.foreign {
        return Ok(selection);
    }
    // Those of overrides that no file meant must be right as well.
    let parts = config.overrides.iter();
    let overridden = parts
        .clone()
        .flat_map(|part| part.extend_select.iter().chain(part.severity.iter().map(|(named, _)| named)));
    let severities = config.severity.iter().map(|(named, _)| named);
    let mut names: Vec<&Named> =
        config.select.iter().chain(&config.extend_select).chain(severities).chain(overridden).collect();
    names.sort_by_key(|named| named.span);
    names.dedup_by_key(|named| named.span);
    let all =
        Selection { select: names.iter().map(|named| named.name.clone()).collect(), ..Selection::default() };
    let unknown = all.unknown(packs);
    let spots: Vec<Spot> = names
        .into_iter()
        .filter(|named| unknown.contains(&named.name.as_str()))
        .map(|named| Spot {
            span: named.span,
            message: unknown_rule(&named.name),
            help: Some(help(&named.name, packs)),
        })
        .collect();
    match &config.file {
        Some(file) if !spots.is_empty() => Err(Failure::Broken(Box::new(file.clone()), spots)),
        _ => Ok(selection),
    }
}

/// The fault of a name that means no rule.
pub(super) fn unknown_rule(name: &str) -> String {
    format!("no rule is called `{name}`")
}

/// What the name may have been meant to be.
pub(super) fn help(name: &str, packs: &Packs) -> String {
    let mut names: Vec<&str> = packs.packs.iter().map(|pack| pack.name.as_str()).collect();
    for rule in &packs.rules {
        names.push(&rule.id);
        names.extend(rule.aliases.iter().map(String::as_str));
    }
    match nearest(name, &names) {
        Some(near) => format!("did you mean `{near}`?"),
        None => "`dlint rules list` shows them".to_owned(),
    }
}
