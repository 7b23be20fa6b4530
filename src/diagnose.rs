//! What the log of a failed build, or of a command that failed in an image, means, and what would mend it.
//!
//! Takes a log as text, from whichever builder, and the packs; where there is a Dockerfile, its facts. Gives
//! diagnoses, earliest cause first, with edits of the files that say what failed. It knows no engine and no socket:
//! whoever has a log can ask.

mod bind;
mod lines;
mod marks;
mod matcher;
mod place;
mod reader;

use std::io::{self, BufRead};

use crate::diagnostic::Fix;
use crate::engine::Repairs;
use crate::model::context::Context;
use crate::model::facts::{Facts, Index};
use crate::model::settings::Settings;
use crate::rules::{Answer, Captures, DiagnosisRule, Packs, Phase};
use crate::source::Location;

use matcher::{Hit, Matcher};
use reader::{Failure, Reader};

/// What a log is about.
#[derive(Clone, Copy)]
pub struct Subject<'s> {
    /// What is known of logs.
    pub packs: &'s Packs,
    /// When the log was written; none where that is not known.
    pub phase: Option<Phase>,
    /// The build that it is about, where that is at hand.
    pub build: Option<Build<'s>>,
}

/// The Dockerfile of a log, and what belongs to it.
#[derive(Clone, Copy)]
pub struct Build<'s> {
    /// Its facts.
    pub facts: &'s Facts,
    /// The files of its build context.
    pub context: &'s dyn Context,
    /// The assumptions under which its facts were read.
    pub settings: &'s Settings,
}

/// One cause that a log tells of.
#[derive(Clone, Debug)]
pub struct Diagnosis {
    /// `pack/diagnosis`.
    pub rule: String,
    /// Other names.
    pub aliases: Vec<String>,
    /// What went wrong, in words.
    pub cause: String,
    /// What a person can do, where there is something to say.
    pub advice: Option<String>,
    /// What answers it.
    pub answer: Answer,
    /// The line of the log that tells of it, from 1.
    pub log_line: usize,
    /// What that line says.
    pub log_text: String,
    /// What the log says, by the names of the diagnosis.
    pub captures: Vec<(String, String)>,
    /// The instruction that failed, where a Dockerfile is at hand and it was found there.
    pub place: Option<Location>,
    /// What would mend it, best first; of the first diagnosis alone, as what follows from it goes with it.
    pub fixes: Vec<Fix>,
}

/// What a log means: the earliest cause first, which is the one to act on.
pub fn diagnose(log: &str, subject: &Subject<'_>) -> Vec<Diagnosis> {
    // Text in memory can always be read.
    diagnose_from(log.as_bytes(), subject).unwrap_or_default()
}

/// The same for a log of any length, which is read once and not kept.
///
/// Errors: those of the reader.
pub fn diagnose_from(log: impl BufRead, subject: &Subject<'_>) -> io::Result<Vec<Diagnosis>> {
    let wanted = |rule: &DiagnosisRule| subject.phase.is_none_or(|phase| rule.phases.contains(&phase));
    let matcher = Matcher::new(&subject.packs.diagnoses, wanted);
    let mut reader = Reader::new(&matcher);
    lines::each_line(log, |number, line| reader.read(number, line))?;
    Ok(reader.finish().map(|failure| explain(&failure, &matcher, subject)).unwrap_or_default())
}

/// One diagnosis that fits.
struct Found<'p> {
    rule: &'p DiagnosisRule,
    hit: Option<Hit>,
    captures: Captures,
}

fn explain(failure: &Failure, matcher: &Matcher<'_>, subject: &Subject<'_>) -> Vec<Diagnosis> {
    let instruction = subject.build.and_then(|build| place::failing(failure, build.facts));
    let repairs = subject.build.map(|build| Repairs::new(build.facts, subject.packs, build.settings));
    let mut found: Vec<Found<'_>> = Vec::new();
    // What ran in the image has no instruction; it is mended before the first one that runs something.
    let first_run = || place::first_run(subject.build?.facts).filter(|_| !failure.by_builder);
    for (index, rule) in matcher.rules().iter().enumerate() {
        if failure.stalled && !rule.stalls || !fits_step(rule, failure) {
            continue;
        }
        let (true, hit) = matcher.verdict(index, &failure.hits) else { continue };
        let mut captures = Captures::default();
        for (name, text) in hit.iter().flat_map(|hit| &hit.captures) {
            captures.bind_text(name, text.clone());
        }
        let guarded = !rule.guard.requires.is_empty() || !rule.guard.unless.is_empty();
        let holds = match &repairs {
            Some(repairs) => repairs.holds(&rule.guard, instruction, &mut captures),
            None => !guarded,
        };
        if holds {
            found.push(Found { rule, hit: hit.cloned(), captures });
        }
    }
    let line = |found: &Found<'_>| found.hit.as_ref().map_or(failure.line, |hit| hit.line);
    // A step that ended did not stall, whatever it asked on the way, unless nothing else tells why.
    if !failure.stalled && found.iter().any(|one| !one.rule.stalls) {
        found.retain(|one| !one.rule.stalls);
    }
    found.sort_by_key(|one| (std::cmp::Reverse(one.rule.rank), line(one)));
    let tell = |(place, one): (usize, Found<'_>)| {
        let run = first_run().filter(|_| one.rule.phases.contains(&Phase::Run));
        let repairs = repairs.as_ref().filter(|_| place == 0).map(|repairs| (repairs, instruction.or(run)));
        tell(one, failure, instruction, subject, repairs)
    };
    found.into_iter().enumerate().map(tell).collect()
}

/// Whether the diagnosis is about steps of this exit status and instruction.
fn fits_step(rule: &DiagnosisRule, failure: &Failure) -> bool {
    let status = rule.exit.is_empty() || failure.status.is_some_and(|status| rule.exit.contains(&status));
    let step = |expression: &crate::knowledge::Expression| {
        failure.step.as_deref().is_some_and(|step| expression.is_match(step))
    };
    status && rule.step.as_ref().is_none_or(step)
}

fn tell(
    found: Found<'_>,
    failure: &Failure,
    instruction: Option<Index>,
    subject: &Subject<'_>,
    repairs: Option<(&Repairs<'_>, Option<Index>)>,
) -> Diagnosis {
    let Found { rule, hit, mut captures } = found;
    let told = captures.names().map(|(name, value)| (name.to_owned(), value.text.to_string())).collect();
    bind::bind_all(&rule.binds, &mut captures, subject);
    let say =
        |templates: &[crate::rules::Template]| templates.iter().find_map(|template| captures.fill(template));
    let place = || {
        let facts = subject.build?.facts;
        Some(facts.instructions.get(instruction?)?.at)
    };
    Diagnosis {
        rule: rule.id.clone(),
        aliases: rule.aliases.clone(),
        cause: say(&rule.cause).unwrap_or_else(|| rule.summary.clone()),
        advice: say(&rule.advice),
        answer: rule.answer,
        log_line: hit.as_ref().map_or(failure.line, |hit| hit.line),
        log_text: hit.map(|hit| hit.text).unwrap_or_default(),
        captures: told,
        place: place(),
        fixes: repairs.map(|(repairs, at)| repairs.fixes(&rule.repairs, at, &captures)).unwrap_or_default(),
    }
}
