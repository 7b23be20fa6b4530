//! The loop: build, read why it failed, change one thing, build again.
//!
//! Takes a [`Workshop`], which builds, runs and reads logs; this file only decides. It gives a [`BuildResult`] and the
//! files as they have to be. No edit that a build showed to be of no use is made again, and no state of the files is
//! built twice.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use super::error::BuildError;
use super::image::Outcome;
use super::result::{AppliedFix, AttemptLog, BuildResult};
use super::smoke::SmokeReport;
use crate::fix::overlay::ChangedFiles;
use crate::rules::{Answer, Phase};

/// Pauses before a build is repeated that failed for a reason that passes.
const PAUSES: [Duration; 3] = [Duration::from_secs(2), Duration::from_secs(8), Duration::from_secs(30)];

/// What a log means, with what would mend it.
#[derive(Clone, Debug)]
pub struct Cause {
    /// Who says so: `pack/diagnosis`.
    pub rule: String,
    /// What went wrong.
    pub cause: String,
    /// What a person can do.
    pub advice: Option<String>,
    /// What answers it.
    pub answer: Answer,
    /// What tells this cause from others of the same rule: what the log says, and where.
    pub key: String,
    /// Edits of the files as they were built, best first.
    pub repairs: Vec<Repair>,
}

/// A set of edits that stand or fall together.
#[derive(Clone, Debug, Default)]
pub struct Repair {
    /// What it does.
    pub title: String,
    /// The edits as they are told of.
    pub edits: Vec<AppliedFix>,
    /// The changed files once they are made.
    pub files: ChangedFiles,
}

/// A form of the files to begin with.
#[derive(Clone, Debug, Default)]
pub struct Start {
    /// The files that are changed.
    pub files: ChangedFiles,
    /// The edits that change them.
    pub edits: Vec<AppliedFix>,
}

/// What the loop may do.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Builds, transient failures not counted.
    pub attempts: u32,
    /// Whether files may be changed.
    pub fix: bool,
}

/// What the loop has to tell while it goes on.
#[derive(Clone, Debug)]
pub enum News<'n> {
    /// A build begins.
    Building {
        /// Which.
        attempt: u32,
    },
    /// A build or a smoke test failed.
    Failed {
        /// Which of them.
        phase: Phase,
        /// In one line.
        error: &'n str,
        /// What it means.
        cause: Option<&'n Cause>,
        /// The log.
        log: &'n str,
    },
    /// A failure may pass; the build is repeated after a pause.
    Waiting {
        /// The pause.
        pause: Duration,
    },
    /// Something is changed.
    Fixing {
        /// What.
        title: &'n str,
    },
    /// Fixes are taken back.
    Withdrawing {
        /// How many.
        count: usize,
    },
    /// There is an image.
    Built,
}

/// A build and its log.
#[derive(Clone, Debug)]
pub struct Built {
    /// How it ended.
    pub outcome: Outcome,
    /// The whole log, secrets included.
    pub log: String,
}

/// Who does what the loop decides.
pub trait Workshop {
    /// Builds the files.
    fn build(&mut self, files: &ChangedFiles) -> Result<Built, BuildError>;
    /// Runs the image; the text is what it printed. `None` where no test is wanted.
    fn test(
        &mut self,
        image_id: &str,
        files: &ChangedFiles,
    ) -> Result<Option<(SmokeReport, String)>, BuildError>;
    /// Says what a log means, earliest cause first.
    fn diagnose(&mut self, log: &str, phase: Phase, files: &ChangedFiles) -> Vec<Cause>;
    /// Whether the engine can read the files.
    fn accepts(&mut self, files: &ChangedFiles) -> bool;
    /// Removes an image that did not pass.
    fn discard(&mut self, image_id: &str) -> Result<(), BuildError>;
    /// Waits.
    fn pause(&mut self, pause: Duration) -> Result<(), BuildError>;
    /// Hears what happens.
    fn hear(&mut self, news: News<'_>);
    /// Where the whole log of builds is.
    fn log_path(&self) -> Option<String>;
    /// The text without secrets.
    fn hide(&self, text: &str) -> String;
}

/// What became of it all.
#[derive(Debug)]
pub struct Repaired {
    /// For scripts. Times, names and files are not filled in.
    pub result: BuildResult,
    /// The files that are changed, in the form that was built last.
    pub files: ChangedFiles,
}

/// An edit under trial: what it is for, what to go back to, and what else could be tried.
struct Trial {
    key: String,
    before: ChangedFiles,
    edits: usize,
    others: Vec<Repair>,
}

/// Builds until it works or nothing more can be tried.
///
/// `start` is how the files are built first; `fallback` is what to go back to where that fails for no known reason.
pub fn repair(
    workshop: &mut dyn Workshop,
    limits: Limits,
    start: Start,
    fallback: Option<Start>,
) -> Result<Repaired, BuildError> {
    let mut state = Loop {
        result: BuildResult { fixes_applied: start.edits, ..BuildResult::default() },
        tried: BTreeSet::from([fingerprint(&start.files)]),
        files: start.files,
        fallback,
        trial: None,
    };
    loop {
        state.result.attempts += 1;
        let Some(causes) = state.attempt(workshop)? else { break };
        let last = state.result.attempts >= limits.attempts;
        if last || !limits.fix || !state.change(workshop, causes) {
            break;
        }
    }
    Ok(Repaired { result: state.result, files: state.files })
}

struct Loop {
    result: BuildResult,
    files: ChangedFiles,
    fallback: Option<Start>,
    trial: Option<Trial>,
    /// Fingerprints of the files that were built.
    tried: BTreeSet<u64>,
}

impl Loop {
    /// Builds and tests the files as they are; repeats that where a failure passes by itself. Gives why it failed; `None`
    /// where it works.
    fn attempt(&mut self, workshop: &mut dyn Workshop) -> Result<Option<Vec<Cause>>, BuildError> {
        let mut pauses = PAUSES.iter();
        loop {
            workshop.hear(News::Building { attempt: self.result.attempts });
            let begun = Instant::now();
            let Some((error, log, phase)) = self.build_and_test(workshop)? else {
                self.note(workshop, begun, None, None);
                self.result.success = true;
                (self.result.error, self.result.advice) = (None, None);
                return Ok(None);
            };
            let causes = workshop.diagnose(&log, phase, &self.files);
            let first = causes.first();
            let error = workshop.hide(&error);
            self.note(workshop, begun, Some(&error), first);
            workshop.hear(News::Failed { phase, error: &error, cause: first, log: &log });
            self.result.error = Some(first.map_or(error, |cause| workshop.hide(&cause.cause)));
            self.result.advice =
                first.and_then(|cause| cause.advice.as_deref()).map(|advice| workshop.hide(advice));
            if first.is_some_and(|cause| cause.answer == Answer::Retry)
                && let Some(pause) = pauses.next()
            {
                workshop.hear(News::Waiting { pause: *pause });
                workshop.pause(*pause)?;
                continue;
            }
            return Ok(Some(causes));
        }
    }

    /// `None` where it works; else the error, the log that tells of it, and when it was.
    fn build_and_test(
        &mut self,
        workshop: &mut dyn Workshop,
    ) -> Result<Option<(String, String, Phase)>, BuildError> {
        let Built { outcome, log } = workshop.build(&self.files)?;
        let image_id = match outcome {
            Outcome::Built { image_id } => image_id,
            Outcome::Failed { error, step } => {
                let error = error.lines().next().unwrap_or_default().to_owned();
                let error = step.map_or(error.clone(), |step| format!("{step}: {error}"));
                return Ok(Some((error, log, Phase::Build)));
            }
            Outcome::Silent { step } => {
                let step = step.unwrap_or_else(|| "the build".to_owned());
                return Ok(Some((format!("nothing happened any more in {step}"), log, Phase::Build)));
            }
        };
        workshop.hear(News::Built);
        let Some((report, log)) = workshop.test(&image_id, &self.files)? else {
            self.result.image_id = Some(image_id);
            return Ok(None);
        };
        let failed = (!report.success).then(|| {
            let error = report.error.clone().unwrap_or_else(|| "the smoke test failed".to_owned());
            (error, log, Phase::Run)
        });
        self.result.smoke_test = Some(report);
        match failed {
            Some(_) => workshop.discard(&image_id)?,
            None => self.result.image_id = Some(image_id),
        }
        Ok(failed)
    }

    fn note(&mut self, workshop: &dyn Workshop, begun: Instant, error: Option<&str>, cause: Option<&Cause>) {
        self.result.attempt_log.push(AttemptLog {
            attempt: self.result.attempts,
            success: error.is_none(),
            error: error.map(str::to_owned),
            diagnosis: cause.map(|cause| workshop.hide(&cause.cause)),
            rule: cause.map(|cause| cause.rule.clone()),
            log: workshop.log_path(),
            seconds: (begun.elapsed().as_secs_f64() * 10.0).round() / 10.0,
        });
    }

    /// Changes the files for the next attempt; whether there is anything to try.
    fn change(&mut self, workshop: &mut dyn Workshop, causes: Vec<Cause>) -> bool {
        let mut causes = causes.into_iter();
        let first = causes.next();
        // The same cause again: the edit did not help. What was proposed beside it may.
        if let Some(trial) =
            self.trial.take_if(|trial| first.as_ref().is_some_and(|cause| cause.key == trial.key))
        {
            self.take_back(trial.edits);
            self.files = trial.before;
            if self.apply_first(workshop, &trial.key, trial.others) {
                return true;
            }
            return self.fall_back(workshop);
        }
        match first {
            Some(cause) if cause.answer == Answer::Edit => {
                self.apply_first(workshop, &cause.key, cause.repairs) || self.fall_back(workshop)
            }
            Some(_) => false,
            None => self.fall_back(workshop),
        }
    }

    /// Makes the first repair that leads to files that were not built yet and that the engine can read.
    fn apply_first(&mut self, workshop: &mut dyn Workshop, key: &str, repairs: Vec<Repair>) -> bool {
        let mut repairs = repairs.into_iter();
        while let Some(mut repair) = repairs.next() {
            let new = !self.tried.contains(&fingerprint(&repair.files));
            if !new || !workshop.accepts(&repair.files) {
                continue;
            }
            self.tried.insert(fingerprint(&repair.files));
            workshop.hear(News::Fixing { title: &repair.title });
            for edit in &mut repair.edits {
                edit.attempt = self.result.attempts + 1;
            }
            let before = std::mem::replace(&mut self.files, repair.files);
            let edits = repair.edits.len();
            self.result.fixes_applied.append(&mut repair.edits);
            self.trial = Some(Trial { key: key.to_owned(), before, edits, others: repairs.collect() });
            return true;
        }
        false
    }

    /// Goes back to the files before the fixes that only a build can prove.
    fn fall_back(&mut self, workshop: &mut dyn Workshop) -> bool {
        let Some(start) = self.fallback.take() else { return false };
        if !self.tried.insert(fingerprint(&start.files)) {
            return false;
        }
        let kept = |fix: &AppliedFix| {
            start
                .edits
                .iter()
                .any(|edit| (&edit.file, &edit.new, &edit.rule) == (&fix.file, &fix.new, &fix.rule))
        };
        let (_, withdrawn): (Vec<_>, Vec<_>) =
            std::mem::take(&mut self.result.fixes_applied).into_iter().partition(kept);
        workshop.hear(News::Withdrawing { count: withdrawn.len() });
        self.result.fixes_withdrawn.extend(withdrawn);
        self.result.fixes_applied = start.edits;
        self.files = start.files;
        self.trial = None;
        true
    }

    fn take_back(&mut self, count: usize) {
        let kept = self.result.fixes_applied.len().saturating_sub(count);
        self.result.fixes_withdrawn.extend(self.result.fixes_applied.split_off(kept));
    }
}

/// A number for the state of the files; the same state has the same number.
fn fingerprint(files: &ChangedFiles) -> u64 {
    use std::hash::{DefaultHasher, Hash, Hasher};
    let mut hasher = DefaultHasher::new();
    files.hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Files that are one text, and an engine that fails where the text has a word that it knows.
    #[derive(Default)]
    struct Toy {
        /// Word, cause, what to write instead.
        faults: Vec<(&'static str, Answer, Vec<&'static str>)>,
        /// Words that fail while the image runs.
        at_run: Vec<&'static str>,
        /// Builds that fail for a reason that passes.
        hiccups: u32,
        built: Vec<String>,
        discarded: usize,
        paused: usize,
    }

    const PATH: &str = "Dockerfile";

    fn files(text: &str) -> ChangedFiles {
        ChangedFiles::from([(PATH.into(), text.as_bytes().to_vec())])
    }

    fn text(files: &ChangedFiles) -> String {
        files.values().map(|bytes| String::from_utf8_lossy(bytes).into_owned()).collect()
    }

    fn edit(rule: &str, old: &str, new: &str) -> AppliedFix {
        let [rule, old, new] = [rule, old, new].map(str::to_owned);
        AppliedFix { rule, old, new, file: PATH.to_owned(), ..AppliedFix::default() }
    }

    impl Toy {
        fn failing(&self, files: &ChangedFiles) -> Option<&'static str> {
            let text = text(files);
            self.faults.iter().map(|(word, ..)| *word).find(|word| text.contains(word))
        }
    }

    impl Workshop for Toy {
        fn build(&mut self, files: &ChangedFiles) -> Result<Built, BuildError> {
            self.built.push(text(files));
            let fault = self.failing(files).filter(|word| !self.at_run.contains(word));
            let failed = |log: &str| Built {
                outcome: Outcome::Failed { error: log.to_owned(), step: None },
                log: log.to_owned(),
            };
            if self.hiccups > 0 {
                self.hiccups -= 1;
                return Ok(failed("hiccup"));
            }
            Ok(match fault {
                Some(word) => failed(word),
                None => Built { outcome: Outcome::Built { image_id: "id".to_owned() }, log: String::new() },
            })
        }

        fn test(
            &mut self,
            _: &str,
            files: &ChangedFiles,
        ) -> Result<Option<(SmokeReport, String)>, BuildError> {
            let fault = self.failing(files);
            let report = SmokeReport { success: fault.is_none(), ..SmokeReport::default() };
            Ok(Some((report, fault.unwrap_or_default().to_owned())))
        }

        fn diagnose(&mut self, log: &str, phase: Phase, files: &ChangedFiles) -> Vec<Cause> {
            if log == "hiccup" {
                return vec![Cause {
                    rule: "t/hiccup".to_owned(),
                    cause: String::new(),
                    advice: None,
                    answer: Answer::Retry,
                    key: String::new(),
                    repairs: Vec::new(),
                }];
            }
            let Some((word, answer, instead)) = self.faults.iter().find(|(word, ..)| *word == log) else {
                return Vec::new();
            };
            assert_eq!(phase == Phase::Run, self.at_run.contains(word));
            let repairs = instead.iter().map(|new| Repair {
                title: format!("{word} to {new}"),
                edits: vec![edit("t/edit", word, new)],
                files: self::files(&text(files).replace(word, new)),
            });
            let cause = Cause {
                rule: format!("t/{word}"),
                cause: (*word).to_owned(),
                advice: None,
                answer: *answer,
                key: (*word).to_owned(),
                repairs: repairs.collect(),
            };
            // A diagnosis without a name for it stands for a log that nobody understands.
            if word.starts_with('?') { Vec::new() } else { vec![cause] }
        }

        fn accepts(&mut self, files: &ChangedFiles) -> bool {
            !text(files).contains("unreadable")
        }

        fn discard(&mut self, _: &str) -> Result<(), BuildError> {
            self.discarded += 1;
            Ok(())
        }

        fn pause(&mut self, _: Duration) -> Result<(), BuildError> {
            self.paused += 1;
            Ok(())
        }

        fn hear(&mut self, _: News<'_>) {}

        fn log_path(&self) -> Option<String> {
            None
        }

        fn hide(&self, text: &str) -> String {
            text.to_owned()
        }
    }

    fn run(toy: &mut Toy, begin: &str, fallback: Option<&str>) -> Repaired {
        let start = Start { files: files(begin), edits: vec![edit("t/fix", "", begin)] };
        let fallback = fallback.map(|text| Start { files: files(text), edits: Vec::new() });
        repair(toy, Limits { attempts: 3, fix: true }, start, fallback).unwrap()
    }

    #[test]
    fn causes_are_mended_one_after_the_other() {
        let faults = vec![("a", Answer::Edit, vec!["b"]), ("b", Answer::Edit, vec!["c"])];
        let mut toy = Toy { faults, at_run: vec!["b"], ..Toy::default() };
        let Repaired { result, files } = run(&mut toy, "a", None);
        assert!(result.success && result.error.is_none());
        assert_eq!((toy.built, toy.discarded), (vec!["a".to_owned(), "b".to_owned(), "c".to_owned()], 1));
        assert_eq!(text(&files), "c");
        let attempts: Vec<_> =
            result.fixes_applied.iter().map(|fix| (fix.attempt, fix.new.as_str())).collect();
        assert_eq!(attempts, [(0, "a"), (2, "b"), (3, "c")]);
        assert_eq!(
            result.attempt_log.iter().map(|log| log.success).collect::<Vec<_>>(),
            [false, false, true]
        );
    }

    #[test]
    fn an_edit_that_does_not_help_is_taken_back_and_another_tried() {
        let faults = vec![("a", Answer::Edit, vec!["a1", "unreadable", "good"])];
        let mut toy = Toy { faults, ..Toy::default() };
        let Repaired { result, files } = run(&mut toy, "a", None);
        assert!(result.success);
        assert_eq!(text(&files), "good");
        assert_eq!(toy.built, ["a", "a1", "good"]);
        assert_eq!(result.fixes_withdrawn.len(), 1);
        assert_eq!(result.fixes_applied.len(), 2);
    }

    #[test]
    fn no_state_is_built_twice_and_attempts_are_counted() {
        let faults = vec![("a", Answer::Edit, vec!["b"]), ("b", Answer::Edit, vec!["a"])];
        let mut toy = Toy { faults, ..Toy::default() };
        let result = run(&mut toy, "a", None).result;
        assert!(!result.success);
        assert_eq!(toy.built, ["a", "b"]);
        let faults = vec![("a", Answer::Edit, vec!["ab"]), ("b", Answer::Edit, vec!["c"])];
        let mut toy = Toy { faults, ..Toy::default() };
        assert_eq!(run(&mut toy, "a", None).result.attempts, 2, "the edit is no help, and there is no other");
    }

    #[test]
    fn transient_failures_cost_no_attempt() {
        let mut toy = Toy { hiccups: 2, ..Toy::default() };
        let result = run(&mut toy, "a", None).result;
        assert!(result.success);
        assert_eq!((result.attempts, toy.paused, result.attempt_log.len()), (1, 2, 3));
        let mut toy = Toy { hiccups: 99, ..Toy::default() };
        let result = run(&mut toy, "a", None).result;
        assert!(!result.success);
        assert_eq!((result.attempts, toy.paused), (1, PAUSES.len()));
    }

    #[test]
    fn fixes_that_no_build_proves_are_taken_back() {
        let mut toy = Toy { faults: vec![("?a", Answer::Edit, vec![])], ..Toy::default() };
        let Repaired { result, files } = run(&mut toy, "?a", Some("safe"));
        assert!(result.success);
        assert_eq!(text(&files), "safe");
        assert_eq!((result.fixes_applied.len(), result.fixes_withdrawn.len()), (0, 1));
    }

    #[test]
    fn what_asks_for_a_person_ends_it() {
        let mut toy = Toy { faults: vec![("a", Answer::Ask, vec!["b"])], ..Toy::default() };
        let result = run(&mut toy, "a", Some("b")).result;
        assert_eq!((result.success, result.attempts, result.error.as_deref()), (false, 1, Some("a")));
    }
}
