//! `dlint stack`: which versions an image assembles, and whether they can work together.

use super::args::{RuleArguments, StackArguments, StackFormat};
use super::failure::Failure;
use super::output::Output;
use super::session::{Query, Session};
use super::{Ending, Verdict, talk};
use crate::report::stack::{render_json, render_text};

/// Prints the stack of every Dockerfile.
pub(super) fn run(arguments: &StackArguments, output: &mut Output) -> Result<Ending, Failure> {
    let rules = RuleArguments { packs: arguments.packs.clone(), ..RuleArguments::default() };
    let query = Query {
        input: &arguments.input,
        rules: &rules,
        assumptions: &arguments.assumptions,
        fail_on: None,
        jobs: None,
    };
    let (session, mut failures) = Session::open(query)?;
    let mut surveys = Vec::new();
    for survey in session.linter().surveys() {
        match survey {
            Ok(survey) => surveys.push(survey),
            Err(failure) => failures.push(failure),
        }
    }
    match arguments.format {
        StackFormat::Text => render_text(&surveys, output)?,
        StackFormat::Json => render_json(&surveys, output)?,
    }
    if surveys.is_empty() && failures.is_empty() {
        talk("dlint: no Dockerfile found");
    }
    let mut environments = surveys.iter().flat_map(|survey| &survey.environments);
    let broken = environments.any(|environment| !environment.conflicts.is_empty());
    let verdict = if broken { Verdict::Findings } else { Verdict::Clean };
    Ok(Ending { verdict, failures })
}
