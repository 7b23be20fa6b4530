//! `dlint baseline`: record what is found today, so that only new findings count; and what `check` makes of that.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;

use camino::{Utf8Path, Utf8PathBuf};

use super::args::BaselineArguments;
use super::config::absolute;
use super::failure::Failure;
use super::output::Output;
use super::session::{Job, Session};
use super::{Ending, Verdict, files, talk};
use crate::diagnostic::Checked;
use crate::report::baseline::{Baseline, Known};
use crate::report::{Finding, Report, findings_of};

/// The name of the file beside the configuration, unless that says otherwise.
pub(super) const NAME: &str = ".dlint-baseline.json";

/// Records the findings, each in the baseline that its Dockerfile's configuration names.
pub(super) fn run(arguments: &BaselineArguments, output: &mut Output) -> Result<Ending, Failure> {
    let (session, mut failures) = Session::open(arguments.query())?;
    let mut checks: BTreeMap<Utf8PathBuf, Vec<Checked>> = BTreeMap::new();
    session.linter().check_each(|job, result| {
        match result {
            Ok(checked) => checks.entry(session.baseline(job).path).or_default().push(checked),
            Err(failure) => failures.push(failure),
        }
        Ok(())
    })?;
    for (path, checks) in &checks {
        let report = Report::new(checks);
        let findings = report.findings.iter();
        let baseline = Baseline::record(findings.map(|finding| (*finding, seen_from(path, finding))));
        files::write_whole(path, &baseline.render())?;
        let count = report.findings.len();
        let noun = if count == 1 { "finding" } else { "findings" };
        writeln!(output, "recorded {count} {noun} in {path}")?;
    }
    Ok(Ending { verdict: Verdict::Clean, failures })
}

/// The file in which a Dockerfile's known findings are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct BaselineFile {
    pub(super) path: Utf8PathBuf,
    /// Whether anybody wants it read.
    pub(super) heeded: bool,
}

/// The baselines of a run, each read when it is first asked for.
#[derive(Debug, Default)]
pub(super) struct Baselines {
    by_path: BTreeMap<Utf8PathBuf, Option<Known>>,
    /// The files that were checked, seen from the folder of their baseline.
    checked: BTreeMap<Utf8PathBuf, BTreeSet<Utf8PathBuf>>,
}

impl Baselines {
    /// Leaves only the findings that are new.
    pub(super) fn keep_new(
        &mut self,
        session: &Session,
        job: &Job,
        checked: &mut Checked,
    ) -> Result<(), Failure> {
        let BaselineFile { path, heeded } = session.baseline(job);
        if !heeded {
            return Ok(());
        }
        if !self.by_path.contains_key(&path) {
            self.by_path.insert(path.clone(), load(&path)?);
        }
        let Some(Some(known)) = self.by_path.get_mut(&path) else { return Ok(()) };
        let is_new: Vec<bool> =
            findings_of(checked).map(|finding| !known.knows(&finding, &seen_from(&path, &finding))).collect();
        let mut is_new = is_new.into_iter();
        checked.diagnostics.retain(|_| is_new.next() == Some(true));
        let files: Vec<Utf8PathBuf> =
            checked.sources.iter().map(|(_, file)| relative(&path, file.path())).collect();
        self.checked.entry(path).or_default().extend(files);
        Ok(())
    }

    /// Says which known findings are gone from the files that were checked.
    pub(super) fn tell_gone(&self) {
        for (path, known) in &self.by_path {
            let (Some(known), Some(files)) = (known, self.checked.get(path)) else { continue };
            for entry in known.gone(files) {
                let count =
                    if entry.count == 1 { String::new() } else { format!(" ({} times)", entry.count) };
                talk(format_args!("gone from {path}: {} {}{count}: {}", entry.file, entry.rule, entry.line));
            }
        }
    }
}

fn load(path: &Utf8Path) -> Result<Option<Known>, Failure> {
    if !path.is_file() {
        return Ok(None);
    }
    let file = files::read_source(path)?;
    let baseline =
        Baseline::parse(file.text()).map_err(|error| Failure::Unreadable(path.to_owned(), error))?;
    Ok(Some(Known::new(baseline)))
}

/// The path of a finding's file, seen from the folder of the baseline.
fn seen_from(baseline: &Utf8Path, finding: &Finding<'_>) -> Utf8PathBuf {
    relative(baseline, finding.file().path())
}

fn relative(baseline: &Utf8Path, file: &Utf8Path) -> Utf8PathBuf {
    let baseline = absolute(baseline);
    let folder = baseline.parent().unwrap_or(Utf8Path::new(""));
    absolute(file).strip_prefix(folder).map_or_else(|_| file.to_owned(), Utf8Path::to_owned)
}
