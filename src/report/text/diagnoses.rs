//! What `dlint diagnose` found, as people read it: the cause at the instruction that failed, the line of the log, and
//! the way out.

use std::io::{self, Write};

use super::canvas::{Canvas, Texts};
use super::{Drawing, Layout, draw, handler, printable, push_paragraph};
use crate::diagnose::Diagnosis;
use crate::diagnostic::{Fix, Safety, Severity};
use crate::rules::Answer;
use crate::source::Sources;

/// Writes all diagnoses, earliest cause first; `log` is what the user calls the log.
pub fn render_text(
    found: &[Diagnosis],
    sources: &Sources,
    log: &str,
    layout: Layout,
    out: &mut impl Write,
) -> io::Result<()> {
    let Some((first, rest)) = found.split_first() else {
        return writeln!(out, "{}: nothing in it says why something failed", printable(log));
    };
    write!(out, "{}", drawn(first, sources, layout))?;
    let mut text = String::new();
    let line = format!("line {} of {log}: {}", first.log_line, first.log_text.trim());
    push_paragraph(&mut text, "log", &printable(&line), layout);
    for fix in &first.fixes {
        push_paragraph(&mut text, "help", &printable(&offer(fix)), layout);
    }
    if let Some(advice) = first.advice.as_ref() {
        let word = if first.fixes.is_empty() { "help" } else { "note" };
        push_paragraph(&mut text, word, &printable(advice), layout);
    }
    match first.answer {
        Answer::Retry => push_paragraph(&mut text, "note", "the same build may well succeed now", layout),
        Answer::Environment => push_paragraph(&mut text, "note", "no change of the files mends it", layout),
        Answer::Edit | Answer::Ask => {}
    }
    for other in rest {
        let line = format!("line {} tells of it as well: {} ({})", other.log_line, other.cause, other.rule);
        push_paragraph(&mut text, "also", &printable(&line), layout);
    }
    write!(out, "{text}")
}

/// The cause at its instruction.
fn drawn(diagnosis: &Diagnosis, sources: &Sources, layout: Layout) -> String {
    let texts = Texts::default();
    let canvas = Canvas::new(sources, diagnosis.place.iter().map(|at| at.file), &texts);
    let labels = diagnosis.place.and_then(|at| canvas.label(at.file, at.span, None));
    let names = diagnosis.aliases.join(", ");
    let names = if names.is_empty() { names } else { format!(" ({names})") };
    let drawing = Drawing {
        message: printable(&diagnosis.cause),
        code: Some(format!("{}{names}", diagnosis.rule)),
        severity: Severity::Error,
        labels: labels.into_iter().collect(),
        canvas,
    };
    draw(&drawing, &handler(layout))
}

/// What the repair does, and how far it may be trusted.
fn offer(fix: &Fix) -> String {
    match fix.safety {
        Safety::Safe => format!("{} (`--apply`)", fix.title),
        Safety::Unsafe => format!("{} (`--apply`; it may change what the image does)", fix.title),
        Safety::Display => fix.title.clone(),
    }
}
