//! `dlint init`: a configuration to begin with.

use std::io::Write;

use camino::Utf8Path;

use super::args::InitArguments;
use super::config::{Hadolint, NAME, find_hadolint};
use super::failure::Failure;
use super::output::Output;
use super::{Ending, files};

/// What a project begins with: every key, and none that changes anything.
const BEGINNING: &str = include_str!("config/beginning.toml");

/// Writes `dlint.toml` in the working directory, unless there is one.
pub(super) fn run(arguments: &InitArguments, output: &mut Output) -> Result<Ending, Failure> {
    let text = if arguments.from_hadolint {
        let Some(path) = find_hadolint() else {
            return Err(Failure::Plain("there is no `.hadolint.yaml` here".to_owned()));
        };
        Hadolint::read(&files::read_source(&path)?)?.to_toml()
    } else {
        BEGINNING.to_owned()
    };
    files::write_new(Utf8Path::new(NAME), &text)?;
    writeln!(output, "wrote {NAME}")?;
    Ok(Ending::CLEAN)
}
