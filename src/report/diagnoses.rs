//! What `dlint diagnose` found, as JSON: a contract that scripts rely on. Fields may be added, none may change.

use std::io::{self, Write};

use serde::Serialize;

use super::json::JsonFix;
use crate::diagnose::Diagnosis;
use crate::source::{Location, Sources};

/// Writes one JSON object with all diagnoses, earliest cause first.
pub fn render_json(found: &[Diagnosis], sources: &Sources, out: &mut impl Write) -> io::Result<()> {
    let diagnoses = found.iter().map(|diagnosis| JsonDiagnosis::of(diagnosis, sources)).collect();
    serde_json::to_writer_pretty(&mut *out, &Document { diagnoses })?;
    writeln!(out)
}

#[derive(Serialize)]
struct Document<'a> {
    diagnoses: Vec<JsonDiagnosis<'a>>,
}

#[derive(Serialize)]
struct JsonDiagnosis<'a> {
    rule: &'a str,
    aliases: &'a [String],
    kind: &'static str,
    cause: &'a str,
    advice: Option<&'a str>,
    log_line: usize,
    log_text: &'a str,
    instruction: Option<JsonInstruction<'a>>,
    fixes: Vec<JsonFix<'a>>,
}

#[derive(Serialize)]
struct JsonInstruction<'a> {
    file: &'a str,
    line: u32,
}

impl<'a> JsonDiagnosis<'a> {
    fn of(diagnosis: &'a Diagnosis, sources: &'a Sources) -> Self {
        let instruction = |at: Location| {
            let file = sources.get(at.file);
            JsonInstruction { file: file.path().as_str(), line: file.position(at.span.start).line }
        };
        Self {
            rule: &diagnosis.rule,
            aliases: &diagnosis.aliases,
            kind: diagnosis.answer.name(),
            cause: &diagnosis.cause,
            advice: diagnosis.advice.as_deref(),
            log_line: diagnosis.log_line,
            log_text: &diagnosis.log_text,
            instruction: diagnosis.place.map(instruction),
            fixes: diagnosis.fixes.iter().map(|fix| JsonFix::of(fix, sources)).collect(),
        }
    }
}
