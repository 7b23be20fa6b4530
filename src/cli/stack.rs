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
    let mut assemblies = Vec::new();
    for assembly in session.linter().assemblies() {
        match assembly {
            Ok(assembly) => assemblies.push(assembly),
            Err(failure) => failures.push(failure),
        }
    }
    match arguments.format {
        StackFormat::Text => render_text(&assemblies, output)?,
        StackFormat::Json => render_json(&assemblies, output)?,
    }
    if assemblies.is_empty() && failures.is_empty() {
        talk("dlint: no Dockerfile found");
    }
    let mut stacks = assemblies.iter().flat_map(|assembly| &assembly.stacks);
    let broken = stacks.any(|stack| stack.verdict == crate::stack::Verdict::Conflict);
    let verdict = if broken { Verdict::Findings } else { Verdict::Clean };
    Ok(Ending { verdict, failures })
}
