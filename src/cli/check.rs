//! `dlint check`: find, and report.

use std::io::Write;

use super::args::{CheckArguments, Format, OutputArguments};
use super::baseline::Baselines;
use super::failure::Failure;
use super::output::Output;
use super::session::{Session, Told};
use super::{Ending, Verdict, talk};
use crate::fix::Attempt;
use crate::report::{self, Report, RuleInfo, findings_of};

/// Checks the files and writes the report.
pub(super) fn run(arguments: &CheckArguments, output: &mut Output) -> Result<Ending, Failure> {
    let (session, mut failures) = Session::open(arguments.query())?;
    let stream = arguments.output.format == Format::Jsonl;
    let mut checks = Vec::new();
    let mut verdict = Verdict::Clean;
    let (mut told, mut baselines) = (Told::new(&session), Baselines::default());
    if arguments.output.verbose {
        session.notes().iter().for_each(talk);
    }
    session.linter().check_each(|job, result| {
        if arguments.output.verbose {
            talk(format_args!("checked {}", job.path));
        }
        match result {
            Ok(mut checked) => {
                told.keep_new(&mut checked);
                baselines.keep_new(&session, job, &mut checked)?;
                if session.fails(job, &checked) {
                    verdict = Verdict::Findings;
                }
                if stream {
                    findings_of(&checked)
                        .try_for_each(|finding| report::json::render_line(&finding, output))?;
                    output.flush()?;
                }
                checks.push(checked);
            }
            Err(failure) => failures.push(failure),
        }
        Ok(())
    })?;
    failures.extend(session.shellcheck_failure());
    if arguments.output.verbose {
        baselines.tell_gone();
    }
    if !stream {
        render(&Report::new(&checks), &session.rules(), None, &arguments.output, output)?;
    }
    if checks.is_empty() && failures.is_empty() {
        talk("dlint: no Dockerfile found");
    }
    Ok(Ending { verdict, failures })
}

/// Writes the report in the format that the user wants; `attempts` are those of a fixing run.
pub(super) fn render(
    report: &Report<'_>,
    rules: &[RuleInfo],
    attempts: Option<&[Attempt]>,
    arguments: &OutputArguments,
    output: &mut Output,
) -> Result<(), Failure> {
    match arguments.format {
        Format::Text => {
            let layout = output.layout;
            report::text::render(report, layout, output)?;
            if !arguments.quiet && report.summary.files > 0 {
                report::text::render_summary(&report.summary, output)?;
            }
        }
        Format::Json => report::json::render(report, attempts, output)?,
        Format::Jsonl => {
            report.findings.iter().try_for_each(|finding| report::json::render_line(finding, output))?;
        }
        Format::Sarif => report::sarif::render(report, rules, output)?,
        Format::Github => report::github::render(report, output)?,
        Format::Gitlab => report::gitlab::render(report, output)?,
        Format::Checkstyle => report::checkstyle::render(report, output)?,
        Format::Junit => report::junit::render(report, output)?,
    }
    Ok(())
}
