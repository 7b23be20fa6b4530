//! `dlint completions`: a script that completes the command line.

use std::io::Write;

use clap::CommandFactory;

use super::Ending;
use super::args::{Arguments, CompletionsArguments};
use super::failure::Failure;
use super::output::Output;

/// Prints the script for a shell.
pub(super) fn run(arguments: &CompletionsArguments, output: &mut Output) -> Result<Ending, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut Arguments::command(), "dlint", &mut script);
    output.write_all(&script)?;
    Ok(Ending::CLEAN)
}
