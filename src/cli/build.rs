//! `dlint build` and `dlint fix --build`: make an image, and what it takes to make it.
//!
//! The files on disk are written at the very end, all at once, and only if the image was built and ran.

mod finish;
mod project;
mod works;

use std::path::Path;
use std::time::{Duration, Instant};

use camino::{Utf8Path, Utf8PathBuf};

use super::Ending;
use super::args::{BuildArguments, BuildOptionArguments, CheckArguments, FixArguments, InputArguments};
use super::context::DiskContext;
use super::discover::discover;
use super::failure::Failure;
use super::files::STDIN;
use super::output::Output;
use super::session::{Query, Session};
use crate::build::archive::BuildContext;
use crate::build::image::BuildOptions;
use crate::build::redact::{Redactor, secret_arguments};
use crate::build::repair::{Limits, Repaired, repair};
use crate::build::result::BuildResult;
use crate::build::site::{Site, system_path};
use crate::build::status::{Amount, Sign, Status};
use crate::build::{BuildError, name, requirements};
use crate::diagnostic::{Category, Checked};
use crate::fix::overlay::ChangedFiles;
use crate::syntax;
use finish::Finish;
use project::{Project, registries};
use works::Works;

/// Builds that are tried unless the user says otherwise.
const ATTEMPTS: u32 = 3;

/// How long nothing may happen unless the user says otherwise: compilers are silent for long.
const PATIENCE: Duration = Duration::from_secs(3600);

/// What the user asks for, by either of the commands.
pub(super) struct Order<'a> {
    check: &'a CheckArguments,
    options: &'a BuildOptionArguments,
    fix: bool,
    diff: bool,
}

impl<'a> From<&'a BuildArguments> for Order<'a> {
    fn from(arguments: &'a BuildArguments) -> Self {
        let BuildArguments { no_fix, diff, options, check } = arguments;
        Self { check, options, fix: !no_fix, diff: *diff }
    }
}

impl<'a> From<&'a FixArguments> for Order<'a> {
    fn from(arguments: &'a FixArguments) -> Self {
        let FixArguments { diff, options, check, .. } = arguments;
        Self { check, options, fix: true, diff: *diff }
    }
}

/// Builds, and says what became of it.
pub(super) fn run(order: &Order<'_>, output: &mut Output) -> Result<Ending, Failure> {
    let begun = Instant::now();
    let mut redactor = given_secrets(order);
    let attempted = attempt(order, &mut redactor, begun, output);
    attempted.or_else(|failure| {
        let failure = without_secrets(failure, &redactor);
        if order.options.json {
            let error = Some(failure.to_string());
            let build_time = seconds(begun);
            finish::print_json(&BuildResult { build_time, error, ..BuildResult::default() }, output)?;
        }
        Ok(Ending { failures: vec![failure], ..Ending::CLEAN })
    })
}

/// What hides the secrets that are known from the beginning.
fn given_secrets(order: &Order<'_>) -> Redactor {
    let arguments = &order.check.assumptions.build_args;
    let secrets = secret_arguments(arguments, |_| false);
    Redactor::new(secrets)
}

/// The failure with its secrets hidden, and what to do about it.
fn without_secrets(failure: Failure, redactor: &Redactor) -> Failure {
    match failure {
        Failure::Trouble { message, help, interrupted } => {
            let message = redactor.hide(&message).into_owned();
            Failure::Trouble { message, help, interrupted }
        }
        other => other,
    }
}

impl From<BuildError> for Failure {
    fn from(error: BuildError) -> Self {
        let interrupted = matches!(error, BuildError::Interrupted);
        Self::Trouble { message: error.to_string(), help: error.help(), interrupted }
    }
}

/// How long it took since then.
fn seconds(begun: Instant) -> String {
    format!("{:.1}s", begun.elapsed().as_secs_f64())
}

fn attempt(
    order: &Order<'_>,
    redactor: &mut Redactor,
    begun: Instant,
    output: &mut Output,
) -> Result<Ending, Failure> {
    let Order { check, options, .. } = *order;
    if options.keep_going && !order.fix {
        return Err(Failure::Plain("--keep-going writes fixes, and --no-fix makes none".to_owned()));
    }
    if !options.secrets.is_empty() || !options.ssh.is_empty() {
        let reason =
            "this dlint cannot hand secrets and agents to the engine; build with `docker build` instead";
        return Err(unsupported("`--secret` and `--ssh`", reason).into());
    }
    let (dockerfile, folder) = dockerfile(&check.input)?;
    let input = input_of(&check.input, &dockerfile);
    let query = Query { input: &input, ..check.query() };
    let (session, failures) = Session::open(query)?;
    if !failures.is_empty() {
        return Ok(Ending { failures, ..Ending::CLEAN });
    }
    let linter = session.linter();
    let Some((job, configured)) = session.single().filter(|(job, _)| job.is_plain_file()) else {
        return Err(unsupported("building what that file tells of", "name the Dockerfile itself").into());
    };
    let root = input.context.as_deref().or(configured).unwrap_or(&folder);
    let Some((engine, packs, settings)) = linter.tools(job) else {
        return Err(Failure::Plain(format!("`{dockerfile}` cannot be checked")));
    };
    let file = job.read()?;
    let project = Project {
        session: &session,
        engine,
        packs,
        settings,
        tree: syntax::dockerfile::parse(&file),
        dockerfile: file,
        context: DiskContext::new(root),
        kept: options.base_image.as_deref(),
    };
    let amount = match &check.output {
        output if output.quiet => Amount::Little,
        output if output.verbose => Amount::All,
        _ => Amount::Usual,
    };
    let status = Status::new(amount);
    status.say(Sign::Look, "Analyzing Dockerfile…");
    let mut site = Site::open(options.builder.as_deref(), options.use_sudo)?;
    if !site.engine.buildkit {
        let engine = format!("{} {}", site.engine.name, site.engine.version);
        status.say(Sign::Note, &format!("{engine} builds without BuildKit"));
    }
    if let Some(log) = &options.log {
        site.log_to(log)?;
    }
    let image_name = image_name(options.tag.as_deref(), &folder)?;
    let original = project.check(&project.dockerfile, &ChangedFiles::new());
    say_conflicts(&original, &status);
    let starts = project.starts(&original, order.fix, &status)?;
    let facts = project.facts(&starts.first.files);
    requirements::check(&site.engine, facts.sources.get(crate::source::FileId(0)), &facts.tree)?;
    let tokens = site.log_in(&registries(&facts));
    let is_public = |text: &str| original.sources.iter().any(|(_, file)| file.text().contains(text));
    *redactor = Redactor::new(
        secret_arguments(&settings.build_args, is_public)
            .into_iter()
            .chain(tokens.iter().map(String::as_str)),
    );
    site.redactor = redactor.clone();
    let context = BuildContext::new(&system_path(root), Path::new(dockerfile.as_str()))?;
    status.say(Sign::Note, &format!("The image will be called {image_name}"));
    let build_options = BuildOptions {
        arguments: settings.build_args.clone(),
        target: settings.target.clone(),
        platform: settings.platform.clone(),
        no_cache: options.no_cache,
        pull: options.pull,
        network: options.network.clone(),
        patience: options.timeout.unwrap_or(PATIENCE),
    };
    let limits = Limits { attempts: options.max_attempts.unwrap_or(ATTEMPTS), fix: order.fix };
    let mut works = Works {
        project: &project,
        site,
        status: &status,
        context,
        build_options,
        options,
        limits,
        image_name: &image_name,
    };
    let Repaired { mut result, files } = repair(&mut works, limits, starts.first, starts.fallback)?;
    works.site.heed_interrupt()?;
    if let Some(image_id) = result.image_id.as_ref().filter(|_| result.success) {
        works.site.tag(image_id, &image_name)?;
        result.image_name = Some(image_name.clone());
    }
    result.build_time = seconds(begun);
    let finish = Finish { order, status: &status, originals: &original };
    finish.end(result, &files, output)
}

fn unsupported(what: &str, reason: &str) -> BuildError {
    BuildError::Unsupported { what: what.to_owned(), reason: reason.to_owned() }
}

/// The Dockerfile that the paths mean, and the folder that is its context unless somebody says otherwise.
fn dockerfile(input: &InputArguments) -> Result<(Utf8PathBuf, Utf8PathBuf), Failure> {
    let several = |found: Vec<String>| Err(BuildError::SeveralDockerfiles { found }.into());
    let path = match input.paths.as_slice() {
        _ if input.files_from.is_some() => {
            return Err(unsupported("building a list of files", "name one Dockerfile").into());
        }
        [] => Utf8PathBuf::from("."),
        [path] if path == STDIN => {
            return Err(unsupported("building from standard input", "fixes could not be written").into());
        }
        [path] => path.clone(),
        several_paths => return several(several_paths.iter().map(ToString::to_string).collect()),
    };
    if !path.is_dir() {
        if !path.exists() {
            return Err(BuildError::NoDockerfile { path }.into());
        }
        let folder = path.parent().map(Utf8Path::to_owned).unwrap_or_default();
        return Ok((path, folder));
    }
    let usual = ["Dockerfile", "Containerfile"].map(|name| path.join(name));
    if let Some(dockerfile) = usual.into_iter().find(|path| path.is_file()) {
        return Ok((dockerfile, path));
    }
    let (found, mut failures) = discover(std::slice::from_ref(&path));
    match found.as_slice() {
        _ if !failures.is_empty() => Err(failures.remove(0)),
        [] => Err(BuildError::NoDockerfile { path }.into()),
        [found] => {
            let folder = found.path.parent().map(Utf8Path::to_owned).unwrap_or_default();
            Ok((found.path.clone(), folder))
        }
        found => several(found.iter().map(|found| found.path.to_string()).collect()),
    }
}

/// The input with that Dockerfile alone.
fn input_of(input: &InputArguments, dockerfile: &Utf8Path) -> InputArguments {
    InputArguments {
        paths: vec![dockerfile.to_owned()],
        files_from: None,
        stdin_filename: None,
        context: input.context.clone(),
        config: input.config.clone(),
        isolated: input.isolated,
    }
}

fn image_name(tag: Option<&str>, folder: &Utf8Path) -> Result<String, Failure> {
    match tag {
        None | Some("auto") => Ok(name::auto(&system_path(folder))),
        Some(given) => match name::check(given) {
            Ok(()) => Ok(given.to_owned()),
            Err(reason) => Err(Failure::Plain(format!("--tag: {reason}"))),
        },
    }
}

/// Says which versions cannot work together.
fn say_conflicts(checked: &Checked, status: &Status) {
    let conflicts = checked.diagnostics.iter().filter(|diagnostic| diagnostic.category == Category::Compat);
    for conflict in conflicts {
        status.say(Sign::Conflict, &format!("Detected conflict: {}", conflict.message));
    }
}
