//! The work that `check` and `fix` share: which files, under which configuration, with which rules, and checking
//! them all.

use std::collections::{BTreeMap, BTreeSet};
use std::mem::ManuallyDrop;
use std::sync::mpsc;

use camino::{Utf8Path, Utf8PathBuf};
use rayon::iter::{IntoParallelRefIterator, IntoParallelRefMutIterator, ParallelBridge, ParallelIterator};

use super::args::{AssumptionArguments, FailOn, InputArguments, RuleArguments, Shellcheck};
use super::baseline::BaselineFile;
use super::context::{DiskContext, tidy};
use super::discover::{Found, discover, is_compose_file};
use super::failure::Failure;
use super::files::{self, STDIN};
use super::profile::{Profile, Profiles};
use super::settings::service_settings;
use crate::diagnostic::{Checked, Embedded};
use crate::engine::{Engine, OWN_RULES, Request, ScriptJudge, Selectable, check_one};
use crate::model::context::{Context, NoContext};
use crate::model::settings::Settings;
use crate::report::RuleInfo;
use crate::report::stack::Assembly;
#[cfg(feature = "build")]
use crate::rules::Packs;
use crate::shellcheck::ShellCheck;
use crate::source::{FileId, SourceFile, Span};
use crate::syntax::compose::{self, Build, Compose, Dockerfile, Inline};

/// The stack of a worker: parsers recurse to a bounded depth, which a debug build needs more room for.
const STACK_BYTES: usize = 16 << 20;

/// What the user asks for.
#[derive(Clone, Copy)]
pub(super) struct Query<'a> {
    pub(super) input: &'a InputArguments,
    pub(super) rules: &'a RuleArguments,
    pub(super) assumptions: &'a AssumptionArguments,
    /// Before what the configuration says.
    pub(super) fail_on: Option<FailOn>,
    /// How many threads; as many as there are processors if nothing is said.
    pub(super) jobs: Option<u16>,
}

/// What a run of `check` or `fix` looks at.
pub(super) struct Session {
    /// The Dockerfiles in order.
    jobs: Vec<Job>,
    profiles: Vec<Profile>,
    services: Vec<Service>,
    pool: rayon::ThreadPool,
    /// Where any configuration wants it.
    shellcheck: Option<ShellCheck>,
}

/// One Dockerfile and how it is checked.
pub(super) struct Job {
    /// The path under which the user knows it.
    pub(super) path: Utf8PathBuf,
    /// Whether it comes from standard input.
    pub(super) stdin: bool,
    /// The folder of its other files.
    pub(super) context: Box<dyn Context + Send>,
    /// Its text; read only when its turn comes where it is on disk.
    bytes: Option<Vec<u8>>,
    /// What is wrong with a Compose file; no other file has any.
    faults: Vec<(Span, String)>,
    profile: usize,
    /// The service that builds it, where a Compose file says so.
    service: Option<usize>,
    /// Whether the file is that Compose file, and the Dockerfile a part of it.
    inline: bool,
}

/// A service of a Compose file: it is built under its own assumptions.
struct Service {
    name: String,
    profile: usize,
    settings: Settings,
}

impl Session {
    /// Finds the files and prepares how to check them. What cannot be prepared is among the failures.
    ///
    /// The process ends with its session; giving the packs back piece by piece would take longer than reading them did.
    pub(super) fn open(query: Query<'_>) -> Result<(ManuallyDrop<Self>, Vec<Failure>), Failure> {
        let jobs = query.jobs.map_or(0, usize::from);
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(jobs)
            .stack_size(STACK_BYTES)
            .build()
            .map_err(|error| Failure::Plain(format!("cannot start threads: {error}")))?;
        let (found, mut failures) = discover(&paths(query.input)?);
        let mut preparation = Preparation::new(query);
        let mut jobs = Vec::with_capacity(found.len());
        for file in found {
            let compose = file.named && is_compose_file(&file.path);
            let made = if compose {
                preparation.compose_jobs(&file)
            } else {
                preparation.job(&file).map(|job| job.into_iter().collect())
            };
            match made {
                Ok(made) => jobs.extend(made),
                Err(more) => failures.extend(more),
            }
        }
        jobs.sort_by(|a: &Job, b| a.path.as_str().cmp(b.path.as_str()));
        let Preparation { profiles: Profiles { list: profiles, .. }, services, .. } = preparation;
        let shellcheck = find_shellcheck(&profiles)?;
        Ok((ManuallyDrop::new(Self { jobs, profiles, services, pool, shellcheck }), failures))
    }

    /// Sorts the rules of every configuration.
    pub(super) fn linter(&self) -> Linter<'_> {
        let engines = self.profiles.iter().map(|profile| self.engine(profile, &profile.settings));
        let services = self.services.iter().filter_map(|service| {
            let profile = self.profiles.get(service.profile)?;
            Some(self.engine(profile, &service.settings))
        });
        Linter { session: self, engines: engines.collect(), services: services.collect() }
    }

    fn engine<'s>(&'s self, profile: &'s Profile, settings: &'s Settings) -> Engine<'s> {
        let judge = self.shellcheck.as_ref().filter(|_| profile.shellcheck != Shellcheck::Off);
        let judge = judge.map(|judge| judge as &dyn ScriptJudge);
        Engine::new(&profile.packs, settings, &profile.selection).with_scripts(judge)
    }

    /// Where the known findings of a Dockerfile are.
    pub(super) fn baseline(&self, job: &Job) -> BaselineFile {
        self.profiles.get(job.profile).map(|profile| profile.baseline.clone()).unwrap_or_default()
    }

    /// What configurations say that is not heeded.
    pub(super) fn notes(&self) -> BTreeSet<String> {
        let files =
            self.profiles.iter().filter_map(|profile| Some((&profile.config, profile.config.file.as_ref()?)));
        files
            .flat_map(|(config, file)| config.notes.iter().map(|note| format!("{}: {note}", file.path())))
            .collect()
    }

    /// Why `shellcheck` did not do its work, where somebody insists on that.
    pub(super) fn shellcheck_failure(&self) -> Option<Failure> {
        let wanted = self.profiles.iter().any(|profile| profile.shellcheck == Shellcheck::On);
        let why = self.shellcheck.as_ref().filter(|_| wanted)?.failure()?;
        Some(Failure::Plain(why.to_owned()))
    }

    /// The only Dockerfile, and what its configuration calls the build context; `None` where there are others or none.
    #[cfg(feature = "build")]
    pub(super) fn single(&self) -> Option<(&Job, Option<&Utf8Path>)> {
        let [job] = self.jobs.as_slice() else { return None };
        let profile = self.profiles.get(job.profile)?;
        Some((job, profile.config.context.as_deref()))
    }

    /// Does something on a thread with room for deep files.
    #[cfg(feature = "build")]
    pub(super) fn install<T: Send>(&self, work: impl FnOnce() -> T + Send) -> T {
        self.pool.install(work)
    }

    /// Does something with each of `items` on all threads.
    pub(super) fn each<T: Send>(&self, items: &mut [T], work: impl Fn(&mut T) + Send + Sync) {
        self.pool.install(|| items.par_iter_mut().for_each(work));
    }

    /// Whether the findings of a file make the run fail.
    pub(super) fn fails(&self, job: &Job, checked: &Checked) -> bool {
        let fail_on = self.profiles.get(job.profile).map_or(FailOn::Warning, |profile| profile.fail_on);
        checked.diagnostics.iter().any(|diagnostic| fail_on.includes(diagnostic.severity))
    }

    /// What formats tell about the rules that speak in any of the files.
    pub(super) fn rules(&self) -> Vec<RuleInfo> {
        let mut rules: BTreeMap<&str, RuleInfo> = BTreeMap::new();
        for Profile { packs, settings, selection, .. } in &self.profiles {
            for rule in &packs.rules {
                if let Some(severity) = selection.severity_of(Selectable::under(rule, settings)) {
                    rules.entry(&rule.id).or_insert_with(|| RuleInfo {
                        id: rule.id.clone(),
                        aliases: rule.aliases.clone(),
                        category: rule.category,
                        severity,
                        summary: rule.summary.clone(),
                        why: rule.why.clone(),
                    });
                }
            }
            for rule in &OWN_RULES {
                if let Some(severity) = selection.severity_of(rule.selectable()) {
                    rules.entry(rule.id).or_insert_with(|| RuleInfo {
                        id: rule.id.to_owned(),
                        aliases: Vec::new(),
                        category: rule.category,
                        severity,
                        summary: rule.summary.to_owned(),
                        why: rule.why.to_owned(),
                    });
                }
            }
        }
        rules.into_values().collect()
    }
}

/// Checks the files of a session.
pub(super) struct Linter<'s> {
    session: &'s Session,
    /// In the order of the profiles.
    engines: Vec<Engine<'s>>,
    /// In the order of the services.
    services: Vec<Engine<'s>>,
}

impl<'s> Linter<'s> {
    /// Checks a text of the Dockerfile.
    pub(super) fn check(&self, job: &Job, dockerfile: SourceFile, context: &dyn Context) -> Checked {
        match self.engine(job) {
            Some(engine) if !job.faults.is_empty() => engine.refuse(dockerfile, job.faults.clone()),
            Some(engine) if job.inline => self.check_inline(engine, job, &dockerfile, context),
            Some(engine) => check_one(engine, Request { dockerfile, context }),
            None => Checked::default(),
        }
    }

    /// Checks what a text of the Compose file says of the service's Dockerfile.
    fn check_inline(
        &self,
        engine: &Engine<'_>,
        job: &Job,
        host: &SourceFile,
        context: &dyn Context,
    ) -> Checked {
        match self.inline(job, host) {
            Ok((inline, span)) => {
                let dockerfile = SourceFile::new(host.path(), inline.text);
                let embedded = Embedded { host, place: inline.place.as_ref(), span, write: compose::written };
                embedded.told_of_host(check_one(engine, Request { dockerfile, context }))
            }
            Err(fault) => engine.refuse(host.clone(), [fault]),
        }
    }

    /// The Dockerfile that the Compose file holds for the job's service, and where; or why there is none.
    fn inline(&self, job: &Job, host: &SourceFile) -> Result<(Inline, Span), (Span, String)> {
        let Compose { builds, faults } = compose::parse(host);
        if let Some(fault) = faults.into_iter().next() {
            return Err((fault.span, fault.message));
        }
        let name =
            job.service.and_then(|service| self.session.services.get(service)).map(|service| &service.name);
        let build = builds.into_iter().find(|build| Some(&build.service) == name);
        match build.map(|build| (build.dockerfile, build.span)) {
            Some((Dockerfile::Inline(inline), span)) => Ok((inline, span)),
            _ => Err((Span::default(), "the Dockerfile of the service is not there any more".to_owned())),
        }
    }

    /// The service that builds the job's Dockerfile.
    fn service_name(&self, job: &Job) -> &str {
        job.service.and_then(|service| self.session.services.get(service)).map_or("", |service| &service.name)
    }

    /// What a Dockerfile is checked with: its engine, packs and settings.
    #[cfg(feature = "build")]
    pub(super) fn tools(&self, job: &Job) -> Option<(&Engine<'s>, &'s Packs, &'s Settings)> {
        let profile = self.session.profiles.get(job.profile)?;
        Some((self.engines.get(job.profile)?, &profile.packs, &profile.settings))
    }

    fn engine(&self, job: &Job) -> Option<&Engine<'s>> {
        job.service.map_or_else(|| self.engines.get(job.profile), |service| self.services.get(service))
    }

    /// Tells what all files assemble, in order; a broken Compose file is a failure.
    pub(super) fn assemblies(&self) -> Vec<Result<Assembly, Failure>> {
        let assembly = |job: &Job| {
            if let Some((_, message)) = job.faults.first() {
                return Some(Err(Failure::Unreadable(job.path.clone(), message.clone())));
            }
            let file = match job.read() {
                Ok(file) => file,
                Err(failure) => return Some(Err(failure)),
            };
            let file = match job.inline.then(|| self.inline(job, &file)) {
                None => file,
                // Its lines are counted by themselves, so it is not called like the file that holds it.
                Some(Ok((inline, _))) => {
                    SourceFile::new(format!("{}#{}", file.path(), self.service_name(job)), inline.text)
                }
                Some(Err((_, message))) => return Some(Err(Failure::Unreadable(job.path.clone(), message))),
            };
            let (facts, stacks) = self.engine(job)?.stacks(file, &*job.context);
            Some(Ok(Assembly { facts, stacks }))
        };
        self.session.pool.install(|| {
            let assemblies: Vec<_> = self.session.jobs.par_iter().map(assembly).collect();
            assemblies.into_iter().flatten().collect()
        })
    }

    /// Checks all files and hands over each result as soon as it and those before it are there.
    pub(super) fn check_each(
        &self,
        mut done: impl FnMut(&'s Job, Result<Checked, Failure>) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        let jobs = &self.session.jobs;
        std::thread::scope(|scope| {
            let (sender, receiver) = mpsc::channel();
            scope.spawn(move || {
                self.session.pool.install(|| {
                    jobs.iter().enumerate().par_bridge().for_each_with(sender, |sender, (index, job)| {
                        let result = job.read().map(|file| self.check(job, file, &*job.context));
                        // Nobody listens any more where the output is closed; the work is for nothing then.
                        let _ = sender.send((index, result));
                    });
                });
            });
            let mut early = BTreeMap::new();
            let mut next = 0;
            for (index, result) in receiver {
                early.insert(index, result);
                while let Some(result) = early.remove(&next) {
                    if let Some(job) = jobs.get(next) {
                        done(job, result)?;
                    }
                    next += 1;
                }
            }
            Ok(())
        })
    }
}

impl Job {
    /// A Dockerfile on disk.
    fn new(path: Utf8PathBuf, context: Box<dyn Context + Send>, profile: usize) -> Self {
        let (bytes, faults) = (None, Vec::new());
        Self { path, stdin: false, context, bytes, faults, profile, service: None, inline: false }
    }

    /// Whether it is a Dockerfile of its own, and not one that a Compose file tells of.
    #[cfg(feature = "build")]
    pub(super) fn is_plain_file(&self) -> bool {
        !self.stdin && self.service.is_none() && self.faults.is_empty()
    }

    /// The Dockerfile.
    pub(super) fn read(&self) -> Result<SourceFile, Failure> {
        match &self.bytes {
            Some(bytes) => Ok(SourceFile::new(&self.path, bytes.clone())),
            None => files::read_source(&self.path),
        }
    }
}

/// The findings in files that several jobs may share: each is told once.
#[derive(Debug)]
pub(super) struct Told {
    /// Whether Dockerfiles are among them, as they are where Compose files say how to build them.
    dockerfiles: bool,
    told: BTreeSet<(Utf8PathBuf, Span, String, String)>,
}

impl Told {
    pub(super) fn new(session: &Session) -> Self {
        Self { dockerfiles: !session.services.is_empty(), told: BTreeSet::new() }
    }

    /// Leaves only the findings that no job before had.
    pub(super) fn keep_new(&mut self, checked: &mut Checked) {
        let Checked { sources, diagnostics } = checked;
        diagnostics.retain(|found| {
            let shared = self.dockerfiles || found.at.file != FileId(0);
            let path = || sources.get(found.at.file).path().to_owned();
            !shared || self.told.insert((path(), found.at.span, found.rule.clone(), found.message.clone()))
        });
    }
}

/// `shellcheck`, where a profile wants it and it is there; a failure where one insists on it.
fn find_shellcheck(profiles: &[Profile]) -> Result<Option<ShellCheck>, Failure> {
    let wanted = |how| profiles.iter().any(|profile| profile.shellcheck == how);
    let (on, auto) = (wanted(Shellcheck::On), wanted(Shellcheck::Auto));
    let path = std::env::var_os("PATH").filter(|_| on || auto);
    match path.as_deref().and_then(ShellCheck::find) {
        None if on => Err(Failure::Plain("--shellcheck on: there is no `shellcheck` on the PATH".to_owned())),
        found => Ok(found),
    }
}

/// All paths that the command line names.
fn paths(input: &InputArguments) -> Result<Vec<Utf8PathBuf>, Failure> {
    let mut paths = input.paths.clone();
    match &input.files_from {
        Some(list) if list == STDIN && paths.iter().any(|path| path == STDIN) => {
            let message = "standard input cannot be both a Dockerfile and a list of them";
            return Err(Failure::Plain(message.to_owned()));
        }
        Some(list) => paths.extend(files::read_list(list)?),
        None if paths.is_empty() => paths.push(".".into()),
        None => {}
    }
    Ok(paths)
}

/// Finds out how each file is to be checked.
struct Preparation<'a> {
    query: Query<'a>,
    profiles: Profiles<'a>,
    services: Vec<Service>,
}

impl<'a> Preparation<'a> {
    fn new(query: Query<'a>) -> Self {
        Self { query, profiles: Profiles::new(query), services: Vec::new() }
    }

    /// How to check the file; nothing where its configuration leaves it out, or is known to be broken.
    fn job(&mut self, found: &Found) -> Result<Option<Job>, Vec<Failure>> {
        let input = self.query.input;
        let stdin = found.path == STDIN;
        let path = if stdin { input.stdin_filename.as_ref().unwrap_or(&found.path) } else { &found.path };
        let Some(index) = self.profiles.of(path)? else { return Ok(None) };
        let config = self.profiles.list.get(index).map(|profile| &profile.config);
        if !found.named && config.is_some_and(|config| config.excludes(path)) {
            return Ok(None);
        }
        let folder = input.context.as_ref().or_else(|| config?.context.as_ref());
        let context: Box<dyn Context + Send> = match folder {
            Some(folder) => Box::new(DiskContext::new(folder)),
            None if stdin && input.stdin_filename.is_none() => Box::new(NoContext),
            None => Box::new(DiskContext::around(path)),
        };
        let bytes = if stdin { Some(files::read_stdin().map_err(|failure| vec![failure])?) } else { None };
        Ok(Some(Job { stdin, bytes, ..Job::new(path.clone(), context, index) }))
    }

    /// How to check what the services of a Compose file build.
    fn compose_jobs(&mut self, found: &Found) -> Result<Vec<Job>, Vec<Failure>> {
        let source = files::read_source(&found.path).map_err(|failure| vec![failure])?;
        let Compose { builds, faults } = compose::parse(&source);
        let mut faults: Vec<_> = faults.into_iter().map(|fault| (fault.span, fault.message)).collect();
        let mut jobs = Vec::new();
        for build in builds {
            let folder = tidy(&found.path.parent().unwrap_or(Utf8Path::new("")).join(&build.context));
            match &build.dockerfile {
                Dockerfile::Inline(_) => {
                    jobs.extend(self.service_job(&build, found.path.clone(), &folder)?);
                }
                Dockerfile::File(path) => {
                    let path = tidy(&folder.join(path));
                    if path.is_file() {
                        jobs.extend(self.service_job(&build, path, &folder)?);
                    } else {
                        let service = &build.service;
                        let message = format!("`{path}`, the Dockerfile of `{service}`, does not exist");
                        faults.push((build.span, message));
                    }
                }
            }
        }
        if !faults.is_empty()
            && let Some(profile) = self.profiles.of(&found.path)?
        {
            jobs.push(Job { faults, ..Job::new(found.path.clone(), Box::new(NoContext), profile) });
        }
        Ok(jobs)
    }

    /// How to check the Dockerfile of a service.
    fn service_job(
        &mut self,
        build: &Build,
        path: Utf8PathBuf,
        folder: &Utf8Path,
    ) -> Result<Option<Job>, Vec<Failure>> {
        let Some(profile) = self.profiles.of(&path)? else { return Ok(None) };
        let Some(Profile { settings, .. }) = self.profiles.list.get(profile) else { return Ok(None) };
        let settings = service_settings(settings, self.query.assumptions, build);
        self.services.push(Service { name: build.service.clone(), profile, settings });
        let folder = self.query.input.context.as_deref().unwrap_or(folder);
        let context = Box::new(DiskContext::new(folder));
        let service = Some(self.services.len() - 1);
        let inline = matches!(build.dockerfile, Dockerfile::Inline(_));
        Ok(Some(Job { service, inline, ..Job::new(path, context, profile) }))
    }
}
