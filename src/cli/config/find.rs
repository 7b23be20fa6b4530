//! Finds the configuration of a file: the nearest one above it.

use std::collections::BTreeMap;

use camino::{Utf8Path, Utf8PathBuf};

use super::super::files;
use super::{NAME, PROJECT, absolute, hadolint};

/// The nearest configuration of every folder that was asked about.
#[derive(Debug, Default)]
pub(in super::super) struct Configs {
    /// By folder: the path of the nearest configuration.
    nearest: BTreeMap<Utf8PathBuf, Option<Utf8PathBuf>>,
}

impl Configs {
    /// The nearest configuration at or above the folder of the file; where there is none, that of hadolint in the
    /// working directory.
    pub(in super::super) fn nearest(&mut self, file: &Utf8Path) -> Option<Utf8PathBuf> {
        self.above(file).or_else(hadolint::find)
    }

    fn above(&mut self, file: &Utf8Path) -> Option<Utf8PathBuf> {
        let file = absolute(file);
        let mut asked = Vec::new();
        let mut found = None;
        for folder in file.ancestors().skip(1) {
            if let Some(known) = self.nearest.get(folder) {
                found.clone_from(known);
                break;
            }
            asked.push(folder.to_owned());
            if let Some(candidate) = in_folder(folder) {
                found = Some(from_here(&candidate));
                break;
            }
        }
        self.nearest.extend(asked.into_iter().map(|folder| (folder, found.clone())));
        found
    }
}

/// The configuration in the folder: a file of its own before a part of the Python project's.
fn in_folder(folder: &Utf8Path) -> Option<Utf8PathBuf> {
    let own = folder.join(NAME);
    if own.is_file() {
        return Some(own);
    }
    let project = folder.join(PROJECT);
    let text = if project.is_file() { files::read(&project).ok()? } else { return None };
    let says = String::from_utf8_lossy(&text).lines().any(|line| {
        line.trim_start().strip_prefix("[tool.dlint").is_some_and(|rest| rest.starts_with(['.', ']']))
    });
    says.then_some(project)
}

/// The path as seen from the working directory, where it lies in that: as the user would write it.
fn from_here(path: &Utf8Path) -> Utf8PathBuf {
    let here = std::env::current_dir().ok();
    let inside =
        here.and_then(|here| path.strip_prefix(Utf8Path::from_path(&here)?).ok().map(Utf8Path::to_owned));
    inside.unwrap_or_else(|| path.to_owned())
}
