//! What the log of a failed build, or of a command that failed in an image, means, and what would mend it.
//!
//! Takes a log as text, from whichever builder, and the packs; where there is a Dockerfile, its facts. Gives
//! diagnoses, earliest cause first, with edits of the files that say what failed. It knows no engine and no socket:
//! whoever has a log can ask.

mod bind;
mod explain;
mod failure;
mod json;
mod lines;
mod marks;
mod matcher;
mod place;
mod reader;

pub use lines::without_escapes;

use std::io::{self, BufRead};

use crate::diagnostic::Fix;
use crate::model::context::Context;
use crate::model::facts::Facts;
use crate::model::settings::Settings;
use crate::rules::{Answer, DiagnosisRule, Packs, Phase};
use crate::source::Location;

use explain::explain;
use json::RawJson;
use matcher::Matcher;
use reader::Reader;

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
    // What a client says may stand in any log.
    let meant = |phase| [phase, Phase::Client];
    let wanted = |rule: &DiagnosisRule| {
        subject.phase.is_none_or(|phase| meant(phase).iter().any(|phase| rule.phases.contains(phase)))
    };
    let matcher = Matcher::new(&subject.packs.diagnoses, wanted);
    let mut reader = Reader::new(&matcher);
    let mut json = RawJson::default();
    lines::each_line(log, |number, line| match json.lines(line) {
        Some(lines) => lines.iter().for_each(|line| reader.read(number, line)),
        None => reader.read(number, line),
    })?;
    Ok(reader.finish().map(|failure| explain(&failure, &matcher, subject)).unwrap_or_default())
}
