//! `dlint fix`: make what is found good, or show how.

use std::io::{self, Write};
use std::sync::Arc;

use camino::Utf8PathBuf;

use super::args::{FixArguments, Format};
use super::check::render;
use super::failure::Failure;
use super::output::Output;
use super::session::{Job, Linter, Session};
use super::{Ending, Verdict, talk};
use crate::diagnostic::{Checked, Safety};
use crate::fix::diff::render_diff;
use crate::fix::group::groups;
use crate::fix::write::write;
use crate::fix::{Attempt, Changed, Fixed, Target, converge};
use crate::model::context::Context;
use crate::report::Report;
use crate::report::text::render_attempts;
use crate::source::{FileId, SourceFile};

/// Fixes the files and reports what is left.
pub(super) fn run(arguments: &FixArguments, output: &mut Output) -> Result<Ending, Failure> {
    #[cfg(feature = "build")]
    {
        if arguments.build {
            return super::build::run(&super::build::Order::from(arguments), output);
        }
        if arguments.options != super::args::BuildOptionArguments::default() {
            return Err(Failure::Plain("options of builds need `--build`".to_owned()));
        }
    }
    let (session, mut failures) = Session::open(arguments.check.query())?;
    let mut jobs = Vec::new();
    let mut checks = Vec::new();
    let linter = session.linter();
    linter.check_each(|job, result| {
        match result {
            Ok(checked) => {
                jobs.push(job);
                checks.push(checked);
            }
            Err(failure) => failures.push(failure),
        }
        Ok(())
    })?;
    let trust = if arguments.r#unsafe { Safety::Unsafe } else { Safety::Safe };
    let mut groups = groups_of_jobs(jobs, checks);
    session.each(&mut groups, |group| group.fix(&linter, trust));
    if arguments.diff {
        let verdict = print_diff(&groups, output)?;
        return Ok(Ending { verdict, failures });
    }
    for group in &groups {
        if let Err(error) = write(&group.files_on_disk()) {
            failures.push(error.into());
        }
    }
    let verdict = report(&groups, &session, arguments, output)?;
    Ok(Ending { verdict, failures })
}

/// Dockerfiles that are fixed together.
struct Group<'a> {
    members: Vec<(&'a Job, Checked)>,
    fixed: Fixed,
}

fn groups_of_jobs(jobs: Vec<&Job>, checks: Vec<Checked>) -> Vec<Group<'_>> {
    let groups = groups(&checks);
    let mut members: Vec<Option<(&Job, Checked)>> = jobs.into_iter().zip(checks).map(Some).collect();
    let mut take = |index: usize| members.get_mut(index).and_then(Option::take);
    groups
        .into_iter()
        .map(|group| Group {
            members: group.into_iter().filter_map(&mut take).collect(),
            fixed: Fixed::default(),
        })
        .collect()
}

impl Group<'_> {
    fn fix(&mut self, linter: &Linter<'_>, trust: Safety) {
        let checks: Vec<_> = self
            .members
            .iter()
            .map(|(job, _)| move |file: SourceFile, context: &dyn Context| linter.check(job, file, context))
            .collect();
        let targets: Vec<Target<'_>> = self
            .members
            .iter()
            .zip(&checks)
            .map(|((job, checked), check)| Target { checked: checked.clone(), context: &*job.context, check })
            .collect();
        self.fixed = converge(&targets, trust);
    }

    /// What is to be written: a Dockerfile from standard input is printed instead.
    fn files_on_disk(&self) -> Vec<Changed> {
        let from_stdin =
            |path: &Utf8PathBuf| self.members.iter().any(|(job, _)| job.stdin && job.path == *path);
        self.fixed.files.iter().filter(|file| !from_stdin(&file.path)).cloned().collect()
    }

    /// The members and their last checks.
    fn results(&self) -> impl Iterator<Item = (&Job, &Checked)> {
        self.members.iter().zip(&self.fixed.checked).map(|((job, _), checked)| (*job, Arc::as_ref(checked)))
    }
}

fn print_diff(groups: &[Group<'_>], output: &mut Output) -> Result<Verdict, Failure> {
    let mut files: Vec<&Changed> = groups.iter().flat_map(|group| &group.fixed.files).collect();
    files.sort_by_key(|file| file.path.as_str());
    files.iter().try_for_each(|file| output.write_all(&render_diff(file)))?;
    say_unfinished(groups);
    Ok(if files.is_empty() { Verdict::Clean } else { Verdict::Findings })
}

/// Reports what is left. The text of a Dockerfile from standard input takes the place of the report, so that an
/// editor can pipe through dlint.
fn report(
    groups: &[Group<'_>],
    session: &Session,
    arguments: &FixArguments,
    output: &mut Output,
) -> Result<Verdict, Failure> {
    let results = || groups.iter().flat_map(Group::results);
    let attempts: Vec<Attempt> = groups.iter().flat_map(|group| group.fixed.attempts.clone()).collect();
    let options = &arguments.check.output;
    if let Some((_, checked)) = results().find(|(job, _)| job.stdin) {
        output.write_all(checked.sources.get(FileId(0)).bytes())?;
        render_attempts(&attempts, "fixed", &mut io::stderr())?;
    } else {
        if options.format == Format::Text && !options.quiet {
            render_attempts(&attempts, "fixed", output)?;
        }
        let report = Report::new(results().map(|(_, checked)| checked));
        render(&report, &session.rules(), Some(&attempts), options, output)?;
        say_unfinished(groups);
    }
    let failing = results().any(|(job, checked)| session.fails(job, checked));
    Ok(if failing { Verdict::Findings } else { Verdict::Clean })
}

/// Says which rules would go on changing the text for ever.
fn say_unfinished(groups: &[Group<'_>]) {
    for group in groups.iter().filter(|group| !group.fixed.unsettled.is_empty()) {
        let path = group.members.first().map_or("", |(job, _)| job.path.as_str());
        talk(format_args!(
            "dlint: {path}: the fixes of these rules do not come to rest: {}",
            group.fixed.unsettled.join(", ")
        ));
    }
}
