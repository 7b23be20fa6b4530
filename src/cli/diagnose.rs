//! `dlint diagnose`: what the log of a failed build means, and what would mend it.

use std::fs::File;
use std::io::{self, BufRead, BufReader};

use camino::{Utf8Path, Utf8PathBuf};

use super::args::{DiagnoseArguments, DiagnoseFormat};
use super::config::Config;
use super::context::DiskContext;
use super::failure::Failure;
use super::files::{self, STDIN};
use super::output::Output;
use super::packs::load_packs;
use super::settings::settings;
use super::{Ending, Verdict, talk};
use crate::diagnose::{Build, Diagnosis, Subject, diagnose_from};
use crate::diagnostic::Safety;
use crate::fix::apply::changed_by;
use crate::fix::write::write;
use crate::model;
use crate::model::facts::Facts;
use crate::report::diagnoses::render_json;
use crate::report::text::diagnoses::render_text;
use crate::source::Sources;

/// The Dockerfile that is looked for where none is named.
const DOCKERFILE: &str = "Dockerfile";

/// Reads the log, tells what it means, and applies the first repair where that is asked for.
pub(super) fn run(arguments: &DiagnoseArguments, output: &mut Output) -> Result<Ending, Failure> {
    let packs = match load_packs(&arguments.packs) {
        Ok(packs) => packs,
        Err(failures) => return Ok(Ending { failures, ..Ending::CLEAN }),
    };
    let settings = settings(&arguments.assumptions, &Config::default());
    let build = dockerfile(arguments).map(|path| {
        let file = files::read_source(&path)?;
        let context = match &arguments.context {
            Some(folder) => DiskContext::new(folder),
            None => DiskContext::around(&path),
        };
        let facts = model::build(file, &context, &packs.knowledge, &settings);
        Ok::<_, Failure>((facts, context))
    });
    let build = build.transpose()?;
    let subject = Subject {
        packs: &packs,
        phase: None,
        build: build.as_ref().map(|(facts, context)| Build { facts, context, settings: &settings }),
    };
    let unreadable = |error: io::Error| Failure::Unreadable(arguments.log.clone(), files::words(&error));
    let found = diagnose_from(open(&arguments.log).map_err(unreadable)?, &subject).map_err(unreadable)?;
    let none = Facts::default();
    let sources = build.as_ref().map_or(&none.sources, |(facts, _)| &facts.sources);
    match arguments.format {
        DiagnoseFormat::Json => render_json(&found, sources, output)?,
        DiagnoseFormat::Text => render_text(&found, sources, arguments.log.as_str(), output.layout, output)?,
    }
    if arguments.apply {
        apply_first(&found, sources)?;
    }
    let verdict = if found.is_empty() { Verdict::Findings } else { Verdict::Clean };
    Ok(Ending { verdict, failures: Vec::new() })
}

/// The Dockerfile of the build: the named one, else that of the context or of the working directory, if there is one.
fn dockerfile(arguments: &DiagnoseArguments) -> Option<Utf8PathBuf> {
    if arguments.dockerfile.is_some() {
        return arguments.dockerfile.clone();
    }
    let in_context = arguments.context.as_ref().map(|folder| folder.join(DOCKERFILE));
    in_context.into_iter().chain([DOCKERFILE.into()]).find(|path| path.is_file())
}

fn open(path: &Utf8Path) -> io::Result<Box<dyn BufRead>> {
    if path == STDIN {
        return Ok(Box::new(io::stdin().lock()));
    }
    Ok(Box::new(BufReader::with_capacity(1 << 16, File::open(path)?)))
}

/// Writes what the first repair of the first diagnosis changes, and says so.
fn apply_first(found: &[Diagnosis], sources: &Sources) -> Result<(), Failure> {
    let fixes = found.first().map(|first| first.fixes.as_slice()).unwrap_or_default();
    let fix = fixes.iter().find(|fix| fix.safety > Safety::Display);
    let Some((fix, changed)) = fix.and_then(|fix| Some((fix, changed_by(fix, sources)?))) else {
        talk("dlint: there is no repair to apply");
        return Ok(());
    };
    write(&changed).map_err(|error| Failure::Plain(error.to_string()))?;
    for file in &changed {
        talk(format_args!("changed {}: {}", file.path, fix.title));
    }
    Ok(())
}
