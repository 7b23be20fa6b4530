//! `dlint.toml`: what a project says once instead of on every command line. `docs/configuration.md` shows all of it.
//!
//! The nearest one above a file holds for it; they do not add up. `[tool.dlint]` in a `pyproject.toml` says the same,
//! and hadolint's configuration in the working directory is read where there is neither.

mod find;
mod hadolint;
mod overrides;
mod read;

use camino::{Utf8Path, Utf8PathBuf};
use ignore::gitignore::{Gitignore, GitignoreBuilder};

use super::args::{FailOn, Shellcheck};
use super::failure::{Failure, Spot};
use super::files;
use crate::diagnostic::Severity;
use crate::model::settings::ParameterValue;
use crate::source::{SourceFile, Span};

pub(super) use find::Configs;
pub(super) use hadolint::{Hadolint, find as find_hadolint};
pub(super) use overrides::Override;

/// The name under which it is looked for.
pub(super) const NAME: &str = "dlint.toml";

/// The file of a Python project, of which it may be a part.
const PROJECT: &str = "pyproject.toml";

/// What a configuration says. Rule names are not checked here: packs are loaded later.
#[derive(Clone, Debug, Default)]
pub(super) struct Config {
    /// The file; `None` where there is none.
    pub(super) file: Option<SourceFile>,
    /// It is another linter's: its names may mean nothing here.
    pub(super) foreign: bool,
    pub(super) select: Vec<Named>,
    pub(super) extend_select: Vec<Named>,
    pub(super) ignore: Vec<Named>,
    pub(super) fail_on: Option<FailOn>,
    pub(super) packs: Vec<Utf8PathBuf>,
    pub(super) context: Option<Utf8PathBuf>,
    pub(super) keep: Vec<String>,
    /// `None` switches the rule off.
    pub(super) severity: Vec<(Named, Option<Severity>)>,
    pub(super) overrides: Vec<Override>,
    pub(super) gpu: Option<String>,
    pub(super) cuda_driver: Option<String>,
    pub(super) python: Option<String>,
    pub(super) platform: Option<String>,
    pub(super) build_args: Vec<(String, String)>,
    /// Parameters of rules: rule, parameter, value.
    pub(super) parameters: Vec<(Named, Named, ParameterValue)>,
    /// What parameters of that name have, whatever their rule.
    pub(super) shared: Vec<(String, ParameterValue)>,
    pub(super) hadolint: bool,
    pub(super) without_comments: bool,
    /// Where the findings stand that do not count.
    pub(super) baseline: Option<Utf8PathBuf>,
    pub(super) shellcheck: Option<Shellcheck>,
    /// What is not heeded, for those who ask.
    pub(super) notes: Vec<String>,
    exclude: Vec<Named>,
    excluded: Option<Gitignore>,
}

/// A name and where the configuration says it.
#[derive(Clone, Debug)]
pub(super) struct Named {
    pub(super) name: String,
    pub(super) span: Span,
}

impl Config {
    /// Reads a configuration.
    pub(super) fn load(path: &Utf8Path) -> Result<Self, Failure> {
        let file = files::read_source(path)?;
        let broken = |spots| Failure::Broken(Box::new(file.clone()), spots);
        let mut config = match path.file_name() {
            _ if hadolint::is_one(path) => Hadolint::read(&file)?.into_config(),
            Some(PROJECT) => read::read_project(&file).map_err(broken)?,
            _ => read::read(&file).map_err(broken)?,
        };
        let folder = path.parent().unwrap_or(Utf8Path::new(""));
        for path in config.packs.iter_mut().chain(&mut config.context).chain(&mut config.baseline) {
            *path = folder.join(&*path);
        }
        config.excluded = Some(globs(folder, &config.exclude).map_err(|spot| broken(vec![spot]))?);
        for part in &mut config.overrides {
            part.compile(folder).map_err(|spot| broken(vec![spot]))?;
        }
        config.file = Some(file);
        Ok(config)
    }

    /// Whether the project does not want the file looked at when its folder is searched.
    pub(super) fn excludes(&self, path: &Utf8Path) -> bool {
        self.excluded.as_ref().is_some_and(|excluded| matches(excluded, path))
    }
}

/// Whether the patterns mean the file.
fn matches(patterns: &Gitignore, path: &Utf8Path) -> bool {
    let path = absolute(path);
    let below = path.as_std_path().starts_with(patterns.path());
    below && patterns.matched_path_or_any_parents(&path, false).is_ignore()
}

/// Patterns that read as in a `.gitignore` in the folder.
fn globs(folder: &Utf8Path, patterns: &[Named]) -> Result<Gitignore, Spot> {
    let broken = |span, message: String| Spot { span, message, help: None };
    let mut builder = GitignoreBuilder::new(absolute(folder));
    for pattern in patterns {
        builder.add_line(None, &pattern.name).map_err(|error| broken(pattern.span, error.to_string()))?;
    }
    builder.build().map_err(|error| broken(Span::at(0), error.to_string()))
}

/// What rules are told of a schema of labels: all labels, those of each type, and all again where no others may be.
pub(super) fn label_lists(labels: &[(String, String)], strict: bool) -> Vec<(String, ParameterValue)> {
    let mut lists: Vec<(String, Vec<String>)> = Vec::new();
    let mut add = |name: String, label: &String| match lists.iter_mut().find(|(known, _)| *known == name) {
        Some((_, list)) => list.push(label.clone()),
        None => lists.push((name, vec![label.clone()])),
    };
    for (label, kind) in labels {
        add("label-schema".to_owned(), label);
        add(format!("label-schema-{kind}"), label);
        if strict {
            add("strict-labels".to_owned(), label);
        }
    }
    lists.into_iter().map(|(name, list)| (name, ParameterValue::Texts(list))).collect()
}

/// The path from the root of the file system, links and all.
pub(super) fn absolute(path: &Utf8Path) -> Utf8PathBuf {
    // The working directory, where nothing stands before a file's name.
    let path = if path.as_str().is_empty() { Utf8Path::new(".") } else { path };
    let absolute = std::path::absolute(path.as_std_path()).ok();
    absolute.and_then(|path| Utf8PathBuf::from_path_buf(path).ok()).unwrap_or_else(|| path.to_owned())
}
