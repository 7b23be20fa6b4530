//! The end: files are written if the image is good, and the result is told.

use std::io::Write;

use super::Order;
use crate::build::result::BuildResult;
use crate::build::status::{Sign, Status};
use crate::cli::failure::Failure;
use crate::cli::output::Output;
use crate::cli::{Ending, Verdict};
use crate::diagnostic::Checked;
use crate::fix::Changed;
use crate::fix::diff::render_diff;
use crate::fix::overlay::ChangedFiles;
use crate::fix::write::write;

/// What the end needs to know.
pub(super) struct Finish<'f> {
    pub(super) order: &'f Order<'f>,
    pub(super) status: &'f Status,
    /// The files as they were read at the beginning.
    pub(super) originals: &'f Checked,
}

impl Finish<'_> {
    /// Writes what is to be written, and tells the result.
    pub(super) fn end(
        &self,
        mut result: BuildResult,
        files: &ChangedFiles,
        output: &mut Output,
    ) -> Result<Ending, Failure> {
        let Order { options, diff, .. } = *self.order;
        let changed = self.changed(files);
        let mut failures = Vec::new();
        if diff {
            let patch: Vec<u8> = changed.iter().flat_map(render_diff).collect();
            if options.json {
                result.diff = Some(String::from_utf8_lossy(&patch).into_owned());
            } else {
                output.write_all(&patch)?;
            }
        } else if result.success || options.keep_going {
            match write(&changed) {
                Ok(()) => result.files_changed = changed.iter().map(|file| file.path.to_string()).collect(),
                Err(error) => failures.push(error.into()),
            }
        }
        self.say(&result, &changed);
        if options.json {
            print_json(&result, output)?;
        }
        let verdict = if result.success { Verdict::Clean } else { Verdict::Findings };
        Ok(Ending { verdict, failures })
    }

    /// The files that differ from what was read, with what was read.
    fn changed(&self, files: &ChangedFiles) -> Vec<Changed> {
        let changed = files.iter().filter_map(|(path, after)| {
            let read = self.originals.sources.iter().find(|(_, file)| file.path() == path);
            let before = match read {
                Some((_, file)) => file.bytes().to_vec(),
                None => std::fs::read(path).ok()?,
            };
            Some(Changed { path: path.clone(), before, after: after.clone() })
        });
        changed.filter(|changed| changed.before != changed.after).collect()
    }

    fn say(&self, result: &BuildResult, changed: &[Changed]) {
        let status = self.status;
        let name = result.image_name.as_deref().unwrap_or_default();
        if let Some(report) = &result.smoke_test {
            for (module, version) in &report.imports {
                status.say(Sign::Note, format!("{module} {version}").trim_end());
            }
            if let Some(skipped) = &report.skipped {
                status.say(Sign::Note, &format!("Not tried: {skipped}"));
            }
        }
        if !result.success {
            let error = result.error.as_deref().unwrap_or("the image could not be built");
            let builds = if result.attempts == 1 { "build" } else { "builds" };
            status.say(Sign::Failure, &format!("No image after {} {builds}: {error}", result.attempts));
            if result.files_changed.is_empty() {
                status.say(Sign::Note, "No file was changed");
            }
            for fix in &result.fixes_withdrawn {
                status.say(Sign::Note, &format!("Tried in vain: {} ({})", fix.reason, fix.rule));
            }
            return;
        }
        let with = if changed.is_empty() { "" } else { " with fixes applied" };
        status.say(Sign::Done, &format!("Image ready{with}: {name}"));
        for file in &result.files_changed {
            status.say(Sign::Note, &format!("Changed {file}"));
        }
    }
}

/// Prints the result.
pub(super) fn print_json(result: &BuildResult, output: &mut Output) -> Result<(), Failure> {
    let text = serde_json::to_string_pretty(result).map_err(std::io::Error::from)?;
    writeln!(output, "{text}")?;
    output.flush()?;
    Ok(())
}
