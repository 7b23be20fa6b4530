//! How a Dockerfile is checked: what its configuration and the command line make together.

use std::collections::BTreeMap;
use std::sync::Arc;

use camino::{Utf8Path, Utf8PathBuf};

use super::args::{FailOn, Shellcheck};
use super::baseline::{self, BaselineFile};
use super::config::{Config, Configs};
use super::failure::Failure;
use super::packs::load_packs;
use super::parameters::parameters;
use super::selection::selection;
use super::session::Query;
use super::settings::settings;
use crate::engine::Selection;
use crate::model::settings::Settings;
use crate::rules::Packs;

/// What one configuration and the command line make together, for the Dockerfiles that the same overrides mean.
pub(super) struct Profile {
    pub(super) packs: Arc<Packs>,
    pub(super) settings: Settings,
    pub(super) selection: Selection,
    pub(super) fail_on: FailOn,
    pub(super) shellcheck: Shellcheck,
    pub(super) baseline: BaselineFile,
    pub(super) config: Config,
}

/// A configuration and the packs that it loads.
struct Base {
    config: Config,
    packs: Arc<Packs>,
}

/// The profiles of a run.
pub(super) struct Profiles<'a> {
    query: Query<'a>,
    configs: Configs,
    /// By the path of the configuration; nothing for a broken one.
    bases: BTreeMap<Option<Utf8PathBuf>, Option<Base>>,
    /// By the path of the configuration and the overrides; nothing for a broken one.
    known: BTreeMap<(Option<Utf8PathBuf>, Vec<usize>), Option<usize>>,
    pub(super) list: Vec<Profile>,
}

impl<'a> Profiles<'a> {
    pub(super) fn new(query: Query<'a>) -> Self {
        Self {
            query,
            configs: Configs::default(),
            bases: BTreeMap::new(),
            known: BTreeMap::new(),
            list: Vec::new(),
        }
    }

    /// The profile of a file, as an index of the list; nothing where its configuration failed before.
    pub(super) fn of(&mut self, path: &Utf8Path) -> Result<Option<usize>, Vec<Failure>> {
        let input = self.query.input;
        let config = match &input.config {
            _ if input.isolated => None,
            Some(config) => Some(config.clone()),
            None => self.configs.nearest(path),
        };
        if !self.bases.contains_key(&config) {
            self.bases.insert(config.clone(), None);
            let base = self.load(config.as_deref())?;
            self.bases.insert(config.clone(), Some(base));
        }
        let Some(Some(base)) = self.bases.get(&config) else { return Ok(None) };
        let overrides = base.config.overrides_for(path);
        let key = (config, overrides);
        if let Some(known) = self.known.get(&key) {
            return Ok(*known);
        }
        let made = self.make(base, &key.1);
        self.known.insert(key, made.is_ok().then_some(self.list.len()));
        self.list.push(made?);
        Ok(Some(self.list.len() - 1))
    }

    fn load(&self, config: Option<&Utf8Path>) -> Result<Base, Vec<Failure>> {
        let Query { input, rules, .. } = self.query;
        let alone = |failure| vec![failure];
        if let Some(context) = input.context.as_ref().filter(|context| !context.is_dir()) {
            return Err(alone(Failure::Plain(format!("--context: `{context}` is not a folder"))));
        }
        let config = config.map_or_else(|| Ok(Config::default()), Config::load).map_err(alone)?;
        let packs = load_packs(config.packs.iter().chain(&rules.packs))?;
        Ok(Base { config, packs: Arc::new(packs) })
    }

    fn make(&self, base: &Base, overrides: &[usize]) -> Result<Profile, Vec<Failure>> {
        let Query { input, rules, assumptions, fail_on, .. } = self.query;
        let alone = |failure| vec![failure];
        let config = base.config.with(overrides);
        let selection = selection(rules, &config, &base.packs).map_err(alone)?;
        let mut settings = settings(assumptions, &config);
        settings.parameters = parameters(&config, &base.packs).map_err(alone)?;
        let folder = config.file.as_ref().and_then(|file| file.path().parent());
        let beside = || folder.unwrap_or(Utf8Path::new("")).join(baseline::NAME);
        let baseline =
            BaselineFile { path: config.baseline.clone().unwrap_or_else(beside), heeded: !input.isolated };
        Ok(Profile {
            packs: Arc::clone(&base.packs),
            settings,
            selection,
            fail_on: fail_on.or(config.fail_on).unwrap_or(FailOn::Warning),
            shellcheck: rules.shellcheck.or(config.shellcheck).unwrap_or(Shellcheck::Auto),
            baseline,
            config,
        })
    }
}
