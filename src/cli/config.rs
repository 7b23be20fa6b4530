//! `dlint.toml`: what a project says once instead of on every command line.
//!
//! ```toml
//! select = ["all"]                 # rules, aliases or packs; default: every rule that is on by default
//! ignore = ["DL3008"]
//! fail-on = "warning"
//! packs = ["lint/ours.toml"]       # paths are relative to the configuration
//! exclude = ["vendor/**"]
//! context = "."                    # default: the folder of each Dockerfile
//! keep = ["torch"]                 # no fix moves these
//!
//! [severity]
//! "pip/no-cache-dir" = "error"     # or "off"
//!
//! [target]
//! gpu = "H100"
//! cuda-driver = "550.54"
//! python = "3.11"
//! platform = "linux/amd64"
//!
//! [build-args]
//! CUDA = "12.4.1"
//! ```
//!
//! The nearest one above a file holds for it; they do not add up.

mod read;

use std::collections::BTreeMap;

use camino::{Utf8Path, Utf8PathBuf};
use ignore::gitignore::{Gitignore, GitignoreBuilder};

use super::args::FailOn;
use super::failure::Failure;
use super::files;
use crate::diagnostic::Severity;
use crate::source::{SourceFile, Span};

/// The name under which it is looked for.
pub(super) const NAME: &str = "dlint.toml";

/// What a configuration says. Rule names are not checked here: packs are loaded later.
#[derive(Clone, Debug, Default)]
pub(super) struct Config {
    /// The file; `None` where there is none.
    pub(super) file: Option<SourceFile>,
    pub(super) select: Vec<Named>,
    pub(super) ignore: Vec<Named>,
    pub(super) fail_on: Option<FailOn>,
    pub(super) packs: Vec<Utf8PathBuf>,
    pub(super) context: Option<Utf8PathBuf>,
    pub(super) keep: Vec<String>,
    /// `None` switches the rule off.
    pub(super) severity: Vec<(Named, Option<Severity>)>,
    pub(super) gpu: Option<String>,
    pub(super) cuda_driver: Option<String>,
    pub(super) python: Option<String>,
    pub(super) platform: Option<String>,
    pub(super) build_args: Vec<(String, String)>,
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
        let mut config = read::read(&file).map_err(|spots| Failure::Broken(Box::new(file.clone()), spots))?;
        let folder = path.parent().unwrap_or(Utf8Path::new(""));
        for path in config.packs.iter_mut().chain(&mut config.context) {
            *path = folder.join(&*path);
        }
        config.excluded = Some(exclusion(folder, &config.exclude, &file)?);
        config.file = Some(file);
        Ok(config)
    }

    /// Whether the project does not want the file looked at when its folder is searched.
    pub(super) fn excludes(&self, path: &Utf8Path) -> bool {
        let path = absolute(path);
        self.excluded
            .as_ref()
            .filter(|excluded| path.as_std_path().starts_with(excluded.path()))
            .is_some_and(|excluded| excluded.matched_path_or_any_parents(&path, false).is_ignore())
    }
}

/// The `exclude` patterns, which read as in a `.gitignore` beside the configuration.
fn exclusion(folder: &Utf8Path, patterns: &[Named], file: &SourceFile) -> Result<Gitignore, Failure> {
    let broken = |span, message: String| {
        let spot = super::failure::Spot { span, message, help: None };
        Failure::Broken(Box::new(file.clone()), vec![spot])
    };
    let mut builder = GitignoreBuilder::new(absolute(folder));
    for pattern in patterns {
        builder.add_line(None, &pattern.name).map_err(|error| broken(pattern.span, error.to_string()))?;
    }
    builder.build().map_err(|error| broken(Span::at(0), error.to_string()))
}

/// The path from the root of the file system, links and all.
fn absolute(path: &Utf8Path) -> Utf8PathBuf {
    let absolute = std::path::absolute(path.as_std_path()).ok();
    absolute.and_then(|path| Utf8PathBuf::from_path_buf(path).ok()).unwrap_or_else(|| path.to_owned())
}

/// The path as seen from the working directory, where it lies in that: as the user would write it.
fn from_here(path: &Utf8Path) -> Utf8PathBuf {
    let here = std::env::current_dir().ok();
    let inside =
        here.and_then(|here| path.strip_prefix(Utf8Path::from_path(&here)?).ok().map(Utf8Path::to_owned));
    inside.unwrap_or_else(|| path.to_owned())
}

/// The nearest configuration of every folder that was asked about.
#[derive(Debug, Default)]
pub(super) struct Configs {
    /// By folder: the path of the nearest configuration.
    nearest: BTreeMap<Utf8PathBuf, Option<Utf8PathBuf>>,
}

impl Configs {
    /// The nearest configuration at or above the folder of the file.
    pub(super) fn nearest(&mut self, file: &Utf8Path) -> Option<Utf8PathBuf> {
        let file = absolute(file);
        let mut asked = Vec::new();
        let mut found = None;
        for folder in file.ancestors().skip(1) {
            if let Some(known) = self.nearest.get(folder) {
                found.clone_from(known);
                break;
            }
            asked.push(folder.to_owned());
            let candidate = folder.join(NAME);
            if candidate.is_file() {
                found = Some(from_here(&candidate));
                break;
            }
        }
        self.nearest.extend(asked.into_iter().map(|folder| (folder, found.clone())));
        found
    }
}
