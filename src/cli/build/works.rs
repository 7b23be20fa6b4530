//! What the repair loop works with: the engine, the files, and whoever reads logs.

use std::time::Duration;

use super::project::Project;
use crate::build::BuildError;
use crate::build::archive::BuildContext;
use crate::build::image::BuildOptions;
use crate::build::repair::{Built, Cause, Limits, News, Workshop};
use crate::build::site::Site;
use crate::build::smoke::{SmokePlan, SmokeReport};
use crate::build::status::{Sign, Status};
use crate::cli::args::BuildOptionArguments;
use crate::fix::overlay::ChangedFiles;
use crate::rules::Phase;

/// Lines of the log that are shown of a failure.
const SHOWN: usize = 15;

/// See the module.
pub(super) struct Works<'w> {
    pub(super) project: &'w Project<'w>,
    pub(super) site: Site,
    pub(super) status: &'w Status,
    pub(super) context: BuildContext,
    pub(super) build_options: BuildOptions,
    pub(super) options: &'w BuildOptionArguments,
    pub(super) limits: Limits,
    pub(super) image_name: &'w str,
}

impl Workshop for Works<'_> {
    fn build(&mut self, files: &ChangedFiles) -> Result<Built, BuildError> {
        self.site.build(&self.context, files, &self.build_options, self.status)
    }

    fn test(
        &mut self,
        image_id: &str,
        files: &ChangedFiles,
    ) -> Result<Option<(SmokeReport, String)>, BuildError> {
        if self.options.no_smoke_test {
            return Ok(None);
        }
        let plan = SmokePlan {
            command: self.options.smoke.clone(),
            gpus: self.options.gpus.clone(),
            platform: self.build_options.platform.clone(),
            patience: self.build_options.patience,
            ..self.project.smoke_plan(files)
        };
        if !plan.probes.is_empty() || plan.command.is_some() {
            self.status.say(Sign::Test, "Running smoke test…");
        }
        self.site.test(image_id, &plan, self.status).map(Some)
    }

    fn diagnose(&mut self, log: &str, phase: Phase, files: &ChangedFiles) -> Vec<Cause> {
        self.project.diagnose(log, phase, files)
    }

    fn accepts(&mut self, files: &ChangedFiles) -> bool {
        self.project.facts(files).tree.first_fault().is_none()
    }

    fn discard(&mut self, image_id: &str) -> Result<(), BuildError> {
        self.site.discard(image_id);
        Ok(())
    }

    fn pause(&mut self, pause: Duration) -> Result<(), BuildError> {
        self.site.pause(pause)
    }

    fn hear(&mut self, news: News<'_>) {
        let status = self.status;
        match news {
            News::Building { attempt } => {
                status.say(
                    Sign::Build,
                    &format!("Building image (attempt {attempt}/{})…", self.limits.attempts),
                );
            }
            News::Failed { phase, error, cause, log } => {
                self.show_end_of(log, phase);
                let what = if phase == Phase::Run { "Smoke test" } else { "Build" };
                status.say(Sign::Failure, &format!("{what} failed: {error}"));
                if let Some(cause) = cause {
                    status.say(Sign::Look, &format!("{} ({})", self.hide(&cause.cause), cause.rule));
                    if let Some(advice) = &cause.advice {
                        status.say(Sign::Note, &self.hide(advice));
                    }
                }
            }
            News::Waiting { pause } => {
                status
                    .say(Sign::Wait, &format!("This may pass: trying again in {} seconds…", pause.as_secs()));
            }
            News::Fixing { title } => status.say(Sign::Fix, &format!("Auto-fixing: {}", self.hide(title))),
            News::Withdrawing { count } => {
                let plural = if count == 1 { "edit" } else { "edits" };
                status.say(Sign::Fix, &format!("Taking back {count} {plural} that the build does not prove"));
            }
            News::Built => status.say(Sign::Success, &format!("Build successful: {}", self.image_name)),
        }
    }

    fn log_path(&self) -> Option<String> {
        self.site.log_path().map(ToString::to_string)
    }

    fn hide(&self, text: &str) -> String {
        self.site.redactor.hide(text).into_owned()
    }
}

impl Works<'_> {
    /// Shows the last lines of the step that failed. With the whole log, or a smoke test's, they are there already.
    fn show_end_of(&self, log: &str, phase: Phase) {
        if self.status.says_all() || phase == Phase::Run {
            return;
        }
        let is_failure = |line: &&str| {
            line.starts_with('#') && line.split_once(' ').is_some_and(|(_, rest)| rest.starts_with("ERROR: "))
        };
        let failure = log.lines().rev().find(is_failure);
        let step = failure.and_then(|line| line.split_once(' ')).map(|(number, _)| number);
        let of_step = |line: &&str| {
            step.is_none_or(|step| line.split_once(' ').is_some_and(|(number, _)| number == step))
        };
        let lines: Vec<String> =
            log.lines().rev().filter(of_step).take(SHOWN).map(|line| self.hide(line)).collect();
        self.status.quote(&lines.iter().rev().map(String::as_str).collect::<Vec<_>>());
    }
}
