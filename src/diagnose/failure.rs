//! What failed, by what a [`Reader`] has sorted: the step, how it ended, and what was said there.
//!
//! A good build fails nowhere, whatever its steps print.

use super::matcher::Hits;
use super::reader::{Builder, Reader};

/// What failed, and what was said there.
#[derive(Clone, Debug, Default)]
pub(super) struct Failure {
    /// The step as the builder names it: `[build 2/3] RUN make`, `RUN make`.
    pub step: Option<String>,
    /// Its number among all instructions, where the builder counts them.
    pub number: Option<usize>,
    /// The line of the Dockerfile, where the builder says it.
    pub dockerfile_line: Option<u32>,
    /// The exit status.
    pub status: Option<usize>,
    /// The last line that told of the failure, from 1.
    pub line: usize,
    /// What expressions matched.
    pub hits: Hits,
    /// Whether the step did not fail but never ended.
    pub stalled: bool,
    /// Whether a builder wrote the log, rather than a program that ran in an image.
    pub by_builder: bool,
}

/// One step.
#[derive(Clone, Debug, Default)]
pub(super) struct Step {
    /// As the builder names it.
    pub name: Option<String>,
    /// Its number, where the builder counts.
    pub number: Option<usize>,
    /// How it stands.
    pub state: StepState,
    /// The exit status.
    pub status: Option<usize>,
    /// The last line about it.
    pub line: usize,
    /// What expressions matched in it.
    pub hits: Hits,
}

/// How a step stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum StepState {
    /// It runs, or nobody says how it ended.
    #[default]
    Running,
    /// It ended well, or was stopped.
    Done,
    /// It failed.
    Failed,
}

impl Reader<'_> {
    /// What failed; `None` for a build that went well.
    pub(super) fn finish(self) -> Option<Failure> {
        match self.builder {
            Builder::None => Some(self.whole()),
            Builder::Serial => self.serial(),
            Builder::BuildKit => self.buildkit(),
        }
    }

    /// A log without steps: what a program, or a client that did not get as far, has written.
    fn whole(self) -> Failure {
        let mut hits = self.outside;
        hits.join(&self.last);
        Failure {
            status: self.status,
            line: self.line,
            dockerfile_line: self.dockerfile_line,
            hits,
            by_builder: self.failed,
            ..Failure::default()
        }
    }

    fn serial(self) -> Option<Failure> {
        if self.success && !self.failed {
            return None;
        }
        let step = self.steps.into_iter().next_back()?;
        let mut hits = step.hits;
        hits.join(&self.last);
        Some(Failure {
            step: step.name,
            number: step.number,
            dockerfile_line: None,
            status: step.status.or(self.status),
            line: self.line.max(step.line),
            hits,
            stalled: false,
            by_builder: true,
        })
    }

    fn buildkit(self) -> Option<Failure> {
        let failed = self.steps.iter().position(|step| step.state == StepState::Failed);
        if let Some(step) = failed.and_then(|index| self.steps.get(index)) {
            let mut hits = step.hits.clone();
            hits.join(&self.last);
            return Some(Failure {
                step: step.name.clone(),
                number: None,
                dockerfile_line: self.dockerfile_line,
                status: step.status.or(self.status),
                line: step.line,
                hits,
                stalled: false,
                by_builder: true,
            });
        }
        if self.failed {
            let mut hits = self.outside;
            hits.join(&self.last);
            return Some(Failure {
                dockerfile_line: self.dockerfile_line,
                status: self.status,
                line: self.line,
                hits,
                by_builder: true,
                ..Failure::default()
            });
        }
        // A log that breaks off: the step that was running is the one to look at.
        let exported = |step: &Step| step.name.as_deref().is_some_and(|name| name.contains("exporting to"));
        if self.success || self.steps.iter().any(exported) {
            return None;
        }
        let running = |step: &&Step| {
            step.state == StepState::Running && step.name.as_deref().is_some_and(is_instruction)
        };
        let step = self.steps.iter().rev().find(running)?;
        Some(Failure {
            step: step.name.clone(),
            dockerfile_line: None,
            line: self.line,
            hits: step.hits.clone(),
            stalled: true,
            by_builder: true,
            ..Failure::default()
        })
    }
}

/// Whether a vertex runs an instruction: `[2/3] RUN make`, not `[internal] load …`.
fn is_instruction(name: &str) -> bool {
    name.split_once("] ").is_some_and(|(number, _)| number.contains('/'))
}
