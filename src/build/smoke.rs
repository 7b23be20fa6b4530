//! Whether the image runs: a container of it imports what the image is for.
//!
//! Takes an image and probes, which packs bring. The container has the image's own user, environment and Python, no
//! network, and not the image's entrypoint; it is removed whatever happens. Gives what was imported, and all that was
//! printed, for `diagnose` to read.

use std::collections::BTreeMap;
use std::time::Duration;

use bollard::container::LogOutput;
use bollard::errors::Error;
use bollard::models::{ContainerCreateBody, DeviceRequest, HostConfig};
use bollard::query_parameters::{
    CreateContainerOptions, LogsOptions, RemoveContainerOptions, StartContainerOptions, WaitContainerOptions,
};
use futures_util::StreamExt;
use serde::{Deserialize, Serialize};

use super::connect::{Engine, chain};
use super::error::BuildError;
use super::image::random_name;
use super::interrupt::Interrupt;
use super::log::Log;
use super::transcript::take_lines;
use crate::knowledge::Probe;

/// What is run in the container.
const SCRIPT: &str = include_str!("smoke.py");

/// The label of the containers, so that a person can find one that a power cut left behind.
const LABEL: &str = "dlint.smoke-test";

/// Where there is no GPU.
pub const NO_GPU: &str = "no GPU on this host";

/// What to try.
#[derive(Clone, Debug, Default)]
pub struct SmokePlan {
    /// What to import.
    pub probes: Vec<Probe>,
    /// Interpreters, of which the first that is there is taken.
    pub interpreters: Vec<String>,
    /// A command of the user's, run by the image's shell.
    pub command: Option<String>,
    /// Which GPUs the container gets: `all`, or a number.
    pub gpus: Option<String>,
    /// The platform of the image, where it is not the engine's.
    pub platform: Option<String>,
    /// After how long it is given up.
    pub patience: Duration,
}

/// What came of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct SmokeReport {
    /// Whether all went well.
    pub success: bool,
    /// The modules that could be imported, with their versions.
    pub imports: BTreeMap<String, String>,
    /// Whether a GPU can be used.
    pub cuda_available: bool,
    /// The CUDA release that the framework was built for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cuda_build: Option<String>,
    /// The Python that ran.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub python: Option<String>,
    /// Why something was not tried.
    pub skipped: Option<String>,
    /// What went wrong, in one line.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

/// What the script tells behind its mark.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Told {
    python: Option<String>,
    begin: Option<String>,
    module: Option<String>,
    version: Option<String>,
    failed: Option<String>,
    cuda: Option<bool>,
    cuda_build: Option<String>,
    done: bool,
}

/// How a container ended.
struct Ended {
    status: i64,
    told: Vec<Told>,
}

/// Runs the smoke test. The second value is the log.
pub async fn run(
    engine: &Engine,
    image_id: &str,
    plan: &SmokePlan,
    interrupt: &Interrupt,
) -> Result<(SmokeReport, Log), BuildError> {
    let mut test = Test { engine, image_id, plan, interrupt, log: Log::default() };
    let mut report = SmokeReport { success: true, ..SmokeReport::default() };
    if plan.probes.is_empty() {
        report.skipped = plan.command.is_none().then(|| "nothing is known to import".to_owned());
    } else {
        test.import(&mut report).await?;
    }
    if let Some(command) = plan.command.as_ref().filter(|_| report.success) {
        let entrypoint = ["/bin/sh", "-c", command].map(str::to_owned).to_vec();
        match test.contained(entrypoint, false, "").await? {
            Ran::Ended(Ended { status: 0, .. }) => {}
            Ran::Ended(Ended { status, .. }) => {
                fail(&mut report, format!("`{command}` ended with status {status}"));
            }
            Ran::Missing(reason) | Ran::NoGpu(reason) => fail(&mut report, reason),
            Ran::Silent => fail(&mut report, format!("`{command}` did not end in time")),
        }
    }
    Ok((report, test.log))
}

fn fail(report: &mut SmokeReport, error: String) {
    report.success = false;
    report.error = Some(error);
}

/// A smoke test under way.
struct Test<'t> {
    engine: &'t Engine,
    image_id: &'t str,
    plan: &'t SmokePlan,
    interrupt: &'t Interrupt,
    log: Log,
}

impl Test<'_> {
    /// Imports the modules with the first interpreter that is there.
    async fn import(&mut self, report: &mut SmokeReport) -> Result<(), BuildError> {
        let plan = self.plan;
        let mut gpu = plan.gpus.is_some();
        let probes = serde_json::to_string(&plan.probes).unwrap_or_default();
        let mark = format!("{} ", random_name());
        let mut interpreters = plan.interpreters.iter();
        let mut next = interpreters.next();
        while let Some(interpreter) = next {
            let words = [interpreter.as_str(), "-c", SCRIPT, &mark, if gpu { "gpu" } else { "" }, &probes];
            match self.contained(words.map(str::to_owned).to_vec(), gpu, &mark).await? {
                Ran::Missing(_) => next = interpreters.next(),
                Ran::NoGpu(_) => gpu = false,
                Ran::Silent => {
                    fail(report, "the imports did not end in time".to_owned());
                    return Ok(());
                }
                Ran::Ended(ended) => {
                    judge(&ended, plan, gpu, report);
                    return Ok(());
                }
            }
        }
        report.skipped = Some("the image has no Python".to_owned());
        Ok(())
    }

    /// Runs a container to its end and removes it, whatever happens.
    async fn contained(&mut self, entrypoint: Vec<String>, gpu: bool, mark: &str) -> Result<Ran, BuildError> {
        let name = random_name();
        let ran = self
            .interrupt
            .or(ran(self.engine, &name, self.body(entrypoint, gpu), mark, self.plan, &mut self.log))
            .await;
        let options = RemoveContainerOptions { force: true, v: true, ..RemoveContainerOptions::default() };
        // One that was never made cannot be removed.
        let _ = self.engine.docker.remove_container(&name, Some(options)).await;
        match ran? {
            Ok(ran) => Ok(ran),
            Err(Error::DockerResponseServerError { message, .. }) if is_missing(&message) => {
                Ok(Ran::Missing(message))
            }
            Err(Error::DockerResponseServerError { message, .. }) if gpu => Ok(Ran::NoGpu(message)),
            Err(error) => Err(BuildError::Engine(chain(&error))),
        }
    }

    fn body(&self, entrypoint: Vec<String>, gpu: bool) -> ContainerCreateBody {
        let devices = self.plan.gpus.as_deref().filter(|_| gpu).map(|gpus| vec![devices(gpus)]);
        ContainerCreateBody {
            image: Some(self.image_id.to_owned()),
            entrypoint: Some(entrypoint),
            cmd: Some(Vec::new()),
            labels: Some([(LABEL.to_owned(), "1".to_owned())].into()),
            host_config: Some(HostConfig {
                network_mode: Some("none".to_owned()),
                device_requests: devices,
                ..HostConfig::default()
            }),
            ..ContainerCreateBody::default()
        }
    }
}

/// The GPUs of `--gpus`: `all`, a number, or `device=…`.
fn devices(gpus: &str) -> DeviceRequest {
    let ids = gpus.strip_prefix("device=").map(|ids| ids.split(',').map(str::to_owned).collect());
    DeviceRequest {
        driver: Some(String::new()),
        count: if ids.is_some() { None } else { Some(gpus.parse().unwrap_or(-1)) },
        device_ids: ids,
        capabilities: Some(vec![vec!["gpu".to_owned()]]),
        ..DeviceRequest::default()
    }
}

/// What the script's words mean.
fn judge(ended: &Ended, plan: &SmokePlan, gpu: bool, report: &mut SmokeReport) {
    let mut last = None;
    for told in &ended.told {
        report.python = told.python.clone().or(report.python.take());
        report.cuda_build = told.cuda_build.clone().or(report.cuda_build.take());
        report.cuda_available |= told.cuda.unwrap_or(false);
        last = told.begin.as_ref().or(told.failed.as_ref()).or(last);
        if let Some(module) = &told.module {
            report.imports.insert(module.clone(), told.version.clone().unwrap_or_default());
        }
    }
    let done = ended.told.iter().any(|told| told.done);
    if !done {
        let module = last.map_or_else(|| "Python".to_owned(), |module| format!("`import {module}`"));
        fail(report, format!("{module} failed with status {}", ended.status));
    }
    let asks = plan.probes.iter().any(|probe| !probe.cuda.is_empty());
    if asks && !report.cuda_available && !gpu {
        report.skipped = Some(NO_GPU.to_owned());
    }
}

/// How the attempt to run a container ended.
enum Ran {
    Ended(Ended),
    /// The program is not in the image.
    Missing(String),
    /// The engine has no GPU to give.
    NoGpu(String),
    /// It did not end in time.
    Silent,
}

/// Makes a container of that name, starts it, and follows it to its end.
async fn ran(
    engine: &Engine,
    name: &str,
    body: ContainerCreateBody,
    mark: &str,
    plan: &SmokePlan,
    log: &mut Log,
) -> Result<Ran, Error> {
    let platform = plan.platform.clone().unwrap_or_default();
    let options = CreateContainerOptions { name: Some(name.to_owned()), platform };
    engine.docker.create_container(Some(options), body).await?;
    engine.docker.start_container(name, None::<StartContainerOptions>).await?;
    match tokio::time::timeout(plan.patience, follow(engine, name, mark, log)).await {
        Ok(ended) => ended.map(Ran::Ended),
        Err(_) => Ok(Ran::Silent),
    }
}

/// Whether the engine could not find the program, in the words of runc and crun.
fn is_missing(message: &str) -> bool {
    ["executable file not found", "no such file or directory", "not a directory"]
        .iter()
        .any(|words| message.to_lowercase().contains(words))
}

/// Reads what the container prints until it ends.
async fn follow(engine: &Engine, name: &str, mark: &str, log: &mut Log) -> Result<Ended, Error> {
    let options = LogsOptions { follow: true, stdout: true, stderr: true, ..LogsOptions::default() };
    let mut output = engine.docker.logs(name, Some(options));
    let mut told = Vec::new();
    let mut open = [Vec::new(), Vec::new()];
    while let Some(part) = output.next().await {
        let (stream, message) = match part? {
            LogOutput::StdErr { message } => (1, message),
            LogOutput::StdOut { message } | LogOutput::Console { message } | LogOutput::StdIn { message } => {
                (0, message)
            }
        };
        let Some(open) = open.get_mut(stream) else { continue };
        open.extend_from_slice(&message);
        for line in take_lines(open) {
            hear(&String::from_utf8_lossy(&line), mark, &mut told, log);
        }
    }
    for line in open.iter().filter(|line| !line.is_empty()) {
        hear(&String::from_utf8_lossy(line), mark, &mut told, log);
    }
    let mut waited = engine.docker.wait_container(name, None::<WaitContainerOptions>);
    let status = match waited.next().await {
        Some(Ok(answer)) => answer.status_code,
        Some(Err(Error::DockerContainerWaitError { code, .. })) => code,
        Some(Err(error)) => return Err(error),
        None => -1,
    };
    Ok(Ended { status, told })
}

fn hear(line: &str, mark: &str, told: &mut Vec<Told>, log: &mut Log) {
    match line.strip_prefix(mark).filter(|_| !mark.is_empty()) {
        Some(facts) => told.extend(serde_json::from_str::<Told>(facts)),
        None if line.trim().is_empty() => {}
        None => log.push(line.trim_end_matches('\r'), false),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAN: fn() -> SmokePlan = || SmokePlan {
        probes: vec![Probe { module: "m".to_owned(), cuda: "x".to_owned(), ..Probe::default() }],
        ..SmokePlan::default()
    };

    fn judged(lines: &str, status: i64, gpu: bool) -> SmokeReport {
        let (mut told, mut log) = (Vec::new(), Log::default());
        lines.lines().for_each(|line| hear(line, "MARK ", &mut told, &mut log));
        let mut report = SmokeReport { success: true, ..SmokeReport::default() };
        judge(&Ended { status, told }, &PLAN(), gpu, &mut report);
        report
    }

    #[test]
    fn what_was_told_is_reported() {
        let good = "noise\nMARK {\"begin\":\"m\"}\nMARK {\"module\":\"m\",\"version\":\"1.2\"}\nMARK {\"cuda\":false}\nMARK {\"done\":true}";
        let report = judged(good, 0, false);
        assert!(report.success && report.imports.get("m").is_some_and(|version| version == "1.2"));
        assert_eq!(report.skipped.as_deref(), Some(NO_GPU));
        assert_eq!(judged(good, 0, true).skipped, None);
        assert!(judged(&good.replace("{\"cuda\":false}", "{\"cuda\":true}"), 0, true).cuda_available);
    }

    #[test]
    fn a_crash_is_blamed_on_the_module_under_way() {
        let report = judged("MARK {\"begin\":\"m\"}", 139, false);
        assert_eq!(report.error.as_deref(), Some("`import m` failed with status 139"));
        assert!(!judged("", 1, false).success);
        assert!(!judged("{\"done\":true}", 0, false).success, "without the mark nothing was told");
    }

    #[test]
    fn gpus_are_asked_for_by_number_or_name() {
        assert_eq!(devices("all").count, Some(-1));
        assert_eq!(devices("2").count, Some(2));
        assert_eq!(devices("device=0,3").device_ids, Some(vec!["0".to_owned(), "3".to_owned()]));
    }
}
