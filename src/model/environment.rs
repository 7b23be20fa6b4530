//! Which environment for packages a command uses: the image's own, a virtual environment, or one that a tool manages
//! by name.
//!
//! A folder is taken for a virtual environment where a program of its `bin` is called by path, where it has been
//! activated, where `VIRTUAL_ENV` names it, or where its `bin` is in `PATH` and an earlier command that can make
//! environments has named it, or it was copied from another stage.

use std::borrow::Cow;

use super::builder::Builder;
use super::call::Call;
use super::command::environment_options;
use super::facts::{Command, Index};
use super::paths;
use super::run::Surroundings;
use super::value::{Text, Value};
use crate::knowledge::{Knowledge, Program, Wrapping};

/// Folders whose `bin` belongs to the image itself.
const OWN: [&str; 4] = ["/", "/usr", "/usr/local", ""];

/// Longer texts are not taken for folders.
const LONGEST_FOLDER: usize = 256;

impl<'a> Builder<'a> {
    pub(super) fn environment_of(
        &self,
        command: &Command,
        call: &Call<'a>,
        around: &Surroundings<'a>,
    ) -> Text {
        let own = call.program.map(|program| (program, &command.flags));
        let wrappers = call.through.iter().rev().chain(around.through.iter().rev());
        let wrappers = wrappers.map(|wrapper| (wrapper.program, &wrapper.flags));
        for (program, flags) in own.into_iter().chain(wrappers) {
            let named = flags.iter().find(|flag| environment_options(program).any(|name| *name == flag.name));
            if let Some(name) = named.and_then(|flag| flag.value.as_ref()) {
                let path = name.known().filter(|path| path.contains('/'));
                let folder = path.and_then(|path| {
                    folder_of(path, around).or_else(|| paths::join(around.directory.as_deref(), path))
                });
                return self.canonical(folder.map_or_else(|| name.text.clone(), Text::from));
            }
        }
        let called = call.called.text.split(' ').next().filter(|_| call.called.is_known());
        let callers = call.through.iter().rev().filter_map(|wrapper| wrapper.called.known());
        called
            .into_iter()
            .chain(callers)
            .find_map(|program| folder_of(program, around))
            .or_else(|| around.activated.clone())
            .or_else(|| {
                let folder = around.scope.value("VIRTUAL_ENV")?;
                paths::join(around.directory.as_deref(), &folder.text)
            })
            .or_else(|| self.first_of_path(around))
            .map(|folder| self.canonical(folder.into()))
            .unwrap_or_default()
    }

    /// One name for an environment: none for the image's own, and the name that a tool gave it in place of its folder.
    fn canonical(&self, environment: Text) -> Text {
        if OWN.contains(&environment.as_str()) {
            return Text::default();
        }
        if self.is_named_environment(&environment) {
            return paths::base_name(&environment).into();
        }
        environment
    }

    /// Whether a folder is called like an environment that a tool was told by name.
    fn is_named_environment(&self, folder: &str) -> bool {
        self.environments.contains(paths::base_name(folder))
    }

    /// The first folder of `PATH` that is a virtual environment.
    fn first_of_path(&self, around: &Surroundings<'a>) -> Option<String> {
        let path = around.scope.raw("PATH")?;
        let text = path.known().map_or_else(|| path.masked('\u{1}').into(), Cow::from);
        text.split(':')
            .filter(|entry| !entry.contains('\u{1}'))
            .filter_map(|entry| entry.trim_end_matches('/').strip_suffix("/bin"))
            .find(|folder| {
                !OWN.contains(folder) && (self.is_mentioned(folder) || self.is_named_environment(folder))
            })
            .map(str::to_owned)
    }

    fn is_mentioned(&self, folder: &str) -> bool {
        let mentions =
            |stage: Index| self.mentioned.get(stage).is_some_and(|mentioned| mentioned.contains(folder));
        self.chain().any(mentions)
    }

    /// Whether a command of the stage has named a file of that name, which may then be its doing.
    pub(super) fn is_named(&self, path: &str) -> bool {
        let name = paths::base_name(path);
        self.mentioned.last().is_some_and(|mentioned| mentioned.contains(name))
    }

    /// Notes the files that a command names, and the folders if it can make environments.
    pub(super) fn mention(&mut self, command: Index, program: Option<&Program>, around: &Surroundings<'a>) {
        let Some(command) = self.facts.commands.get(command) else { return };
        let makes = program.is_some_and(|program| makes_environments(program, self.knowledge));
        let values = command.flags.iter().filter_map(|flag| flag.value.as_ref());
        let named = command.operands().chain(values).filter_map(Value::known);
        let named_environments = program.into_iter().flat_map(environment_options);
        let options: Vec<&String> = named_environments.collect();
        for flag in command.flags.iter().filter(|flag| options.iter().any(|name| **name == flag.name)) {
            let name = flag.value.as_ref().and_then(Value::known);
            self.environments.extend(name.filter(|name| !name.contains('/')).map(str::to_owned));
        }
        let Some(mentioned) = self.mentioned.last_mut() else { return };
        for text in named.filter(|text| text.len() < LONGEST_FOLDER) {
            mentioned.insert(paths::base_name(text).into());
            let folder = if makes { paths::join(around.directory.as_deref(), text) } else { None };
            mentioned.extend(folder.filter(|folder| folder.starts_with('/')).map(Text::from));
        }
    }
}

/// Whether a program may make an environment out of a folder that it is given: an interpreter and what runs as one of
/// its modules, an installer with environments, the head of such a family, or a shell, whose script may be an installer.
fn makes_environments(program: &Program, knowledge: &Knowledge) -> bool {
    let runs = matches!(program.wraps, Some(Wrapping::Module(_) | Wrapping::Script(_)));
    let has_members = || knowledge.programs.members(&program.name).next().is_some();
    runs || !program.module.is_empty() || environment_options(program).next().is_some() || has_members()
}

/// The folder in whose `bin` a program called by path stands.
fn folder_of(program: &str, around: &Surroundings<'_>) -> Option<String> {
    let (folder, _) = program.rsplit_once('/')?;
    let folder = if folder == "bin" { "." } else { folder.strip_suffix("/bin")? };
    let folder = if folder.is_empty() { "/" } else { folder };
    paths::join(around.directory.as_deref(), folder)
}
