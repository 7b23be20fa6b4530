//! The place where images are built: an engine, a runtime to wait for it in, and what is the same for every build.
//!
//! Everything outside of this room is synchronous; here the one runtime stands, and each call waits in it.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use camino::Utf8PathBuf;
use tokio::runtime::Runtime;

use super::archive::BuildContext;
use super::connect::Engine;
use super::credentials::{self, Credentials};
use super::endpoint::{Address, Surroundings};
use super::error::BuildError;
use super::image::{self, BuildOptions, Watch};
use super::interrupt::Interrupt;
use super::log::Log;
use super::redact::Redactor;
use super::repair::Built;
use super::smoke::{self, SmokePlan, SmokeReport};
use super::status::Status;
use super::transcript::Line;
use crate::fix::overlay::ChangedFiles;
use crate::syntax::dockerignore::Ignore;

/// An engine and how it is used.
#[derive(Debug)]
pub struct Site {
    runtime: Runtime,
    interrupt: Interrupt,
    /// The engine.
    pub engine: Engine,
    /// What hides secrets.
    pub redactor: Redactor,
    credentials: Credentials,
    log_file: Option<LogFile>,
}

#[derive(Debug)]
struct LogFile {
    path: Utf8PathBuf,
    writer: BufWriter<File>,
}

impl Site {
    /// Connects to the engine that `builder` names, or to the usual one.
    pub fn open(builder: Option<&str>, sudo: bool) -> Result<Self, BuildError> {
        let surroundings = Surroundings::of_process();
        let address = match surroundings.endpoint(builder) {
            // Where sockets are not to be seen, root may see one.
            Err(BuildError::NoSocket { .. }) if sudo => Address::Unix(surroundings.system_socket.clone()),
            other => other?,
        };
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|error| BuildError::Engine(format!("no runtime to wait for it in: {error}")))?;
        let (interrupt, engine) = runtime.block_on(async {
            let interrupt = Interrupt::listen();
            let engine = interrupt.or(Engine::connect(&address, sudo)).await??;
            Ok::<_, BuildError>((interrupt, engine))
        })?;
        Ok(Self {
            runtime,
            interrupt,
            engine,
            redactor: Redactor::default(),
            credentials: Credentials::default(),
            log_file: None,
        })
    }

    /// Reads who the user is at the registries; gives the secrets among that.
    pub fn log_in(&mut self, registries: &[&str]) -> Vec<String> {
        self.credentials = credentials::read(&Surroundings::of_process().config, registries);
        self.credentials.secrets()
    }

    /// Writes the log of every build to a file from now on.
    pub fn log_to(&mut self, path: &Utf8PathBuf) -> Result<(), BuildError> {
        let file = File::create(path)
            .map_err(|error| BuildError::Log { path: path.clone(), reason: super::connect::words(&error) })?;
        self.log_file = Some(LogFile { path: path.clone(), writer: BufWriter::new(file) });
        Ok(())
    }

    /// Where the log is written.
    pub fn log_path(&self) -> Option<&Utf8PathBuf> {
        self.log_file.as_ref().map(|log| &log.path)
    }

    /// Builds the context with changed files, which are named as the user knows them.
    pub fn build(
        &mut self,
        context: &BuildContext,
        files: &ChangedFiles,
        options: &BuildOptions,
        status: &Status,
    ) -> Result<Built, BuildError> {
        let context = Arc::new(with_changed_files(context, files));
        let mut observer =
            Observer { log: Log::default(), status, redactor: &self.redactor, file: self.log_file.as_mut() };
        status.begin();
        let building = image::build(&self.engine, context, options, &self.credentials, &mut observer);
        // The cancelled request has to be seen off before the runtime sleeps again.
        let outcome = self.runtime.block_on(async {
            let outcome = self.interrupt.or(building).await;
            if outcome.is_err() {
                tokio::time::sleep(Duration::from_millis(200)).await;
            }
            outcome
        });
        status.end();
        let log = observer.log.text();
        if let Some(file) = &mut self.log_file {
            let _ = file.writer.flush();
        }
        Ok(Built { outcome: outcome??, log })
    }

    /// Runs the smoke test; the text is what it printed.
    pub fn test(
        &mut self,
        image_id: &str,
        plan: &SmokePlan,
        status: &Status,
    ) -> Result<(SmokeReport, String), BuildError> {
        status.begin();
        let tested = self.runtime.block_on(smoke::run(&self.engine, image_id, plan, &self.interrupt));
        status.end();
        let (mut report, log) = tested?;
        report.error = report.error.map(|error| self.redactor.hide(&error).into_owned());
        let text = log.text();
        if let Some(file) = &mut self.log_file {
            for line in text.lines() {
                let _ = writeln!(file.writer, "{}", self.redactor.hide(line));
            }
            let _ = file.writer.flush();
        }
        if !report.success || status.says_all() {
            let lines: Vec<_> = text.lines().map(|line| self.redactor.hide(line)).collect();
            status.quote(&lines.iter().map(AsRef::as_ref).collect::<Vec<_>>());
        }
        Ok((report, text))
    }

    /// Gives the image its name.
    pub fn tag(&self, image_id: &str, name: &str) -> Result<(), BuildError> {
        self.runtime.block_on(image::tag(&self.engine, image_id, name))
    }

    /// Removes an image that is not wanted.
    pub fn discard(&self, image_id: &str) {
        self.runtime.block_on(image::discard(&self.engine, image_id));
    }

    /// Waits, unless somebody asks to end.
    pub fn pause(&self, pause: Duration) -> Result<(), BuildError> {
        self.runtime.block_on(self.interrupt.or(tokio::time::sleep(pause)))
    }

    /// Whether somebody asked to end meanwhile.
    pub fn heed_interrupt(&self) -> Result<(), BuildError> {
        self.runtime.block_on(self.interrupt.or(tokio::task::yield_now()))
    }
}

/// The context with the changed files in place of theirs. The Dockerfile is always among them where it lies outside.
fn with_changed_files(context: &BuildContext, files: &ChangedFiles) -> BuildContext {
    let mut context = context.clone();
    for (shown, bytes) in files {
        let path = Path::new(shown.as_str());
        if let Some(path) = context.path_of(path) {
            if path == Path::new(".dockerignore") {
                context.ignore = Ignore::parse(bytes);
            }
            context.changed.insert(path, bytes.clone());
        } else if context.is_dockerfile(path) {
            context.changed.insert(context.dockerfile.clone(), bytes.clone());
        }
    }
    context
}

/// Hears a build: keeps its log, shows it, and writes it, the last two without secrets.
struct Observer<'o> {
    log: Log,
    status: &'o Status,
    redactor: &'o Redactor,
    file: Option<&'o mut LogFile>,
}

impl Watch for Observer<'_> {
    fn line(&mut self, line: &Line, step: Option<&str>) {
        self.log.push(&line.text, line.mark);
        let shown = self.redactor.hide(&line.text);
        if let Some(file) = &mut self.file {
            // A full disk must not end the build; what was written so far is kept.
            let _ = writeln!(file.writer, "{shown}");
        }
        let step = step.map(|step| self.redactor.hide(step));
        self.status.log(&shown, line.mark, step.as_deref());
    }
}

/// The folder as a path of the system.
pub fn system_path(path: &camino::Utf8Path) -> PathBuf {
    if path.as_str().is_empty() { PathBuf::from(".") } else { path.as_std_path().to_owned() }
}
