//! From what a failing step said to diagnoses: which fit, in which order, in which words, with which repairs.

use std::cmp::Reverse;

use super::failure::Failure;
use super::matcher::{Hit, Matcher};
use super::{Diagnosis, Subject, bind, place};
use crate::engine::Repairs;
use crate::knowledge::Expression;
use crate::model::facts::Index;
use crate::rules::{Captures, DiagnosisRule, Phase, Template};

/// One diagnosis that fits.
struct Found<'p> {
    rule: &'p DiagnosisRule,
    /// The line that says so, where it goes by one.
    hit: Option<&'p Hit>,
    captures: Captures,
}

/// The diagnoses that fit, earliest cause first; the first one has its repairs.
pub(super) fn explain(failure: &Failure, matcher: &Matcher<'_>, subject: &Subject<'_>) -> Vec<Diagnosis> {
    let instruction = subject.build.and_then(|build| place::failing(failure, build.facts));
    let repairs = subject.build.map(|build| Repairs::new(build.facts, subject.packs, build.settings));
    let mut found = fitting(failure, matcher, instruction, repairs.as_ref());
    // A step that ended did not stall, whatever it asked on the way, unless nothing else tells why.
    if !failure.stalled && found.iter().any(|one| !one.rule.stalls) {
        found.retain(|one| !one.rule.stalls);
    }
    let line = |found: &Found<'_>| found.hit.map_or(failure.line, |hit| hit.line);
    found.sort_by_key(|one| (Reverse(one.rule.rank), line(one)));
    let mut diagnoses = Vec::with_capacity(found.len());
    for (place, Found { rule, hit, mut captures }) in found.into_iter().enumerate() {
        let told = captures.names().map(|(name, value)| (name.to_owned(), plain(&value.text))).collect();
        bind::bind_all(&rule.binds, &mut captures, subject);
        // What follows from the first goes with it.
        let fixes = repairs.as_ref().filter(|_| place == 0).map(|repairs| {
            let at = instruction.or_else(|| where_to_mend(rule, failure, subject));
            repairs.fixes(&rule.repairs, at, &captures)
        });
        diagnoses.push(Diagnosis {
            rule: rule.id.clone(),
            aliases: rule.aliases.clone(),
            cause: say(&rule.cause, &captures).unwrap_or_else(|| rule.summary.clone()),
            advice: say(&rule.advice, &captures),
            answer: rule.answer,
            log_line: hit.map_or(failure.line, |hit| hit.line),
            log_text: hit.map(|hit| plain(&hit.text)).unwrap_or_default(),
            captures: told,
            place: subject
                .build
                .and_then(|build| build.facts.instructions.get(instruction?))
                .map(|instruction| instruction.at),
            fixes: fixes.unwrap_or_default(),
        });
    }
    diagnoses
}

/// Every diagnosis that the failure fits, in the order of the packs.
fn fitting<'m>(
    failure: &'m Failure,
    matcher: &Matcher<'m>,
    instruction: Option<Index>,
    repairs: Option<&Repairs<'_>>,
) -> Vec<Found<'m>> {
    let mut found = Vec::new();
    for (index, &rule) in matcher.rules().iter().enumerate() {
        // What a client says stands outside of steps; in one, a program means another client.
        let client = rule.phases.iter().all(|phase| *phase == Phase::Client) && failure.step.is_some();
        if client || failure.stalled && !rule.stalls || !fits_step(rule, failure) {
            continue;
        }
        let (true, hit) = matcher.verdict(index, &failure.hits) else { continue };
        let mut captures = Captures::default();
        for (name, text) in hit.iter().flat_map(|hit| &hit.captures) {
            captures.bind_text(name, text.clone());
        }
        let holds = match repairs {
            Some(repairs) => repairs.holds(&rule.guard, instruction, &mut captures),
            None => rule.guard.requires.is_empty() && rule.guard.unless.is_empty(),
        };
        if holds {
            found.push(Found { rule, hit, captures });
        }
    }
    found
}

/// Whether the diagnosis is about steps of this exit status and instruction.
fn fits_step(rule: &DiagnosisRule, failure: &Failure) -> bool {
    let status = rule.exit.is_empty() || failure.status.is_some_and(|status| rule.exit.contains(&status));
    let step = |wanted: &Expression| failure.step.as_deref().is_some_and(|step| wanted.is_match(step));
    status && rule.step.as_ref().is_none_or(step)
}

/// What ran in the image failed in no instruction; it is mended before the first one that runs something.
fn where_to_mend(rule: &DiagnosisRule, failure: &Failure, subject: &Subject<'_>) -> Option<Index> {
    let ran = !failure.by_builder && rule.phases.contains(&Phase::Run);
    place::first_run(subject.build.filter(|_| ran)?.facts)
}

/// The first of the texts whose places are all known.
fn say(templates: &[Template], captures: &Captures) -> Option<String> {
    templates.iter().find_map(|template| captures.fill(template)).map(|text| plain(&text))
}

/// The text without what addresses carry for their user: `https://me:secret@host` is told as `https://***@host`.
fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once("://") {
        plain.push_str(before);
        plain.push_str("://");
        let end =
            behind.find(|letter: char| letter == '/' || letter.is_whitespace() || "'\"`<>".contains(letter));
        let host = behind.get(..end.unwrap_or(behind.len())).unwrap_or_default();
        rest = behind;
        if let Some(at) = host.rfind('@') {
            plain.push_str("***");
            rest = behind.get(at..).unwrap_or_default();
        }
    }
    plain.push_str(rest);
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_are_not_told() {
        let cases = [
            (
                "from https://me:se@cret@git.corp/a and ssh://git@host",
                "from https://***@git.corp/a and ssh://***@host",
            ),
            ("https://example.org/a@b", "https://example.org/a@b"),
            ("no address", "no address"),
        ];
        for (text, expected) in cases {
            assert_eq!(plain(text), expected);
        }
    }
}
