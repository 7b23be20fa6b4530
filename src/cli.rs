//! Arguments in, exit status out: parse, call, print.
//!
//! One file a subcommand; what `check` and `fix` share is in [`session`]. Findings go to standard output, talk goes to
//! standard error.

mod args;
mod ast;
mod baseline;
#[cfg(feature = "build")]
mod build;
mod check;
mod completions;
mod config;
mod context;
mod diagnose;
mod discover;
mod explain;
mod failure;
mod files;
mod fix;
mod init;
mod output;
mod packs;
mod parameters;
mod profile;
mod rules;
mod selection;
mod session;
mod settings;
mod stack;

use std::fmt::Display;
use std::io::Write;
use std::process::ExitCode;

use clap::Parser;

use args::{Arguments, Command};
use failure::Failure;
use output::Output;

/// The exit status of a command that Ctrl-C ended, as shells have it.
const INTERRUPTED: u8 = 130;

/// Whether a command found what it looks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    /// Nothing that counts.
    Clean,
    /// Findings, or changes that would be made.
    Findings,
}

/// How a command ended: its verdict, and what it could not do on the way.
#[derive(Debug)]
struct Ending {
    verdict: Verdict,
    failures: Vec<Failure>,
}

impl Ending {
    /// All went well.
    const CLEAN: Self = Self { verdict: Verdict::Clean, failures: Vec::new() };
}

/// Runs the command line and returns the process's exit status: 0 where nothing was found, 1 for findings, 2 for
/// wrong usage, unreadable files, and broken configuration and packs.
pub fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            // Where even this cannot be printed there is nobody to tell.
            let _ = error.print();
            return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2));
        }
    };
    let layout = output::stderr_layout(arguments.color);
    let ending =
        run(&arguments).unwrap_or_else(|failure| Ending { verdict: Verdict::Clean, failures: vec![failure] });
    if ending.failures.iter().any(Failure::is_broken_pipe) {
        return ExitCode::SUCCESS;
    }
    for failure in &ending.failures {
        talk(failure.render(layout).trim_end());
    }
    match ending {
        Ending { failures, .. } if failures.iter().any(Failure::is_interrupt) => ExitCode::from(INTERRUPTED),
        Ending { failures, .. } if !failures.is_empty() => ExitCode::from(2),
        Ending { verdict: Verdict::Findings, .. } => ExitCode::FAILURE,
        Ending { verdict: Verdict::Clean, .. } => ExitCode::SUCCESS,
    }
}

fn run(arguments: &Arguments) -> Result<Ending, Failure> {
    let color = arguments.color;
    let file = match &arguments.command {
        Command::Check(check) => check.output.output.as_ref(),
        Command::Fix(fix) => fix.check.output.output.as_ref(),
        #[cfg(feature = "build")]
        Command::Build(build) => build.check.output.output.as_ref(),
        _ => None,
    };
    let mut output = match file {
        Some(path) => Output::file(path, color)?,
        None => Output::stdout(color),
    };
    let ending = match &arguments.command {
        Command::Check(arguments) => check::run(arguments, &mut output)?,
        Command::Fix(arguments) => fix::run(arguments, &mut output)?,
        #[cfg(feature = "build")]
        Command::Build(arguments) => build::run(&build::Order::from(arguments), &mut output)?,
        Command::Explain(arguments) => explain::run(arguments, &mut output)?,
        Command::Rules(command) => rules::run(command, &mut output)?,
        Command::Baseline(arguments) => baseline::run(arguments, &mut output)?,
        Command::Init(arguments) => init::run(arguments, &mut output)?,
        Command::Ast(arguments) => ast::run(arguments, &mut output)?,
        Command::Diagnose(arguments) => diagnose::run(arguments, &mut output)?,
        Command::Stack(arguments) => stack::run(arguments, &mut output)?,
        Command::Completions(arguments) => completions::run(arguments, &mut output)?,
    };
    output.flush()?;
    Ok(ending)
}

/// Says something on standard error; where that is closed, nobody listens.
fn talk(words: impl Display) {
    let _ = writeln!(std::io::stderr(), "{words}");
}
