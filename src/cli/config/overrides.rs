//! `[[overrides]]`: further words of a configuration for some Dockerfiles.

use camino::Utf8Path;
use ignore::gitignore::Gitignore;

use super::super::failure::Spot;
use super::{Config, Named, globs, matches};
use crate::diagnostic::Severity;

/// What holds besides for the Dockerfiles that it means, and for what they install.
#[derive(Clone, Debug, Default)]
pub(in super::super) struct Override {
    /// Patterns as in a `.gitignore` beside the configuration.
    pub(in super::super) paths: Vec<Named>,
    pub(in super::super) extend_select: Vec<Named>,
    pub(in super::super) ignore: Vec<Named>,
    /// `None` switches the rule off.
    pub(in super::super) severity: Vec<(Named, Option<Severity>)>,
    pub(super) patterns: Option<Gitignore>,
}

impl Override {
    /// Makes the paths ready, seen from the folder of the configuration.
    pub(super) fn compile(&mut self, folder: &Utf8Path) -> Result<(), Spot> {
        self.patterns = Some(globs(folder, &self.paths)?);
        Ok(())
    }

    fn means(&self, path: &Utf8Path) -> bool {
        self.patterns.as_ref().is_some_and(|patterns| matches(patterns, path))
    }
}

impl Config {
    /// The overrides that hold for a Dockerfile, as indices.
    pub(in super::super) fn overrides_for(&self, path: &Utf8Path) -> Vec<usize> {
        let overrides = self.overrides.iter().enumerate();
        overrides.filter(|(_, part)| part.means(path)).map(|(index, _)| index).collect()
    }

    /// The configuration with these overrides put in: they come later, and so win where both speak of a rule by the
    /// same name.
    #[must_use]
    pub(in super::super) fn with(&self, overrides: &[usize]) -> Self {
        let mut config = self.clone();
        for part in overrides.iter().filter_map(|index| self.overrides.get(*index)) {
            config.extend_select.extend(part.extend_select.iter().cloned());
            config.ignore.extend(part.ignore.iter().cloned());
            config.severity.extend(part.severity.iter().cloned());
        }
        config
    }
}
