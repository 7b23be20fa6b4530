//! The walk over a Dockerfile's instructions, which carries along what holds at each of them: variables, working
//! directory, user, shell and files.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::rc::Rc;

use super::context::Context;
use super::expand::{expand, place, plain};
use super::facts::{Facts, Image, Index, Instruction, Stage, Variable};
use super::files::Files;
use super::paths::{self, Layers};
use super::platform::{arguments as platform_arguments, parse as parse_platform};
use super::scope::{Binding, Scope, bounded_text};
use super::settings::Settings;
use super::value::{Text, Value};
use super::{image, labels, notes, reference, stages};
use crate::knowledge::Knowledge;
use crate::source::{Location, SourceFile, Span};
use crate::syntax::dockerfile::{
    self as tree, Dockerfile, Escape, InstructionKind, Lexer, Pair, Typed, Word,
};
use crate::syntax::dockerignore::Ignore;

/// The platform that is built for unless the user says otherwise.
const DEFAULT_PLATFORM: &str = "linux/amd64";

/// How a further build context says that it is an image.
const IMAGE_CONTEXT: &str = "docker-image://";

/// How many stages back the effects of commands are followed.
const FARTHEST: usize = 64;

/// So many instructions in all are brought by the `ONBUILD`s of parent stages: each of many stages would bring all of
/// one parent.
const MOST_TRIGGERED: usize = 1000;

/// How an instruction comes to be where it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Standing {
    /// It is written there.
    Written,
    /// It stands behind `ONBUILD`.
    Onbuild,
    /// The stage starts from one with an `ONBUILD`.
    Triggered,
}

/// What holds at one point of a stage.
#[derive(Clone, Debug, Default)]
pub(super) struct State {
    pub(super) scope: Rc<Scope>,
    /// The image on which the stage, or the first one of its chain, stands.
    pub(super) image: Option<Index>,
    /// As [`paths`] has it; `None` where it is not known.
    pub(super) directory: Option<String>,
    pub(super) user: Option<Value>,
    pub(super) shell: Vec<Word>,
}

/// Facts in the making.
pub(super) struct Builder<'a> {
    pub(super) facts: Facts,
    pub(super) context: &'a dyn Context,
    pub(super) knowledge: &'a Knowledge,
    pub(super) settings: &'a Settings,
    pub(super) escape: Escape,
    /// What holds now.
    pub(super) state: State,
    /// What held at the end of each stage so far.
    ends: Vec<State>,
    pub(super) layers: Vec<Layers>,
    /// The folders that commands and copies of each stage name.
    pub(super) mentioned: Vec<HashSet<Text>>,
    pub(super) files: Files,
    /// The environments that tools were told by name.
    pub(super) environments: BTreeSet<String>,
    /// For each stage, its packages by name.
    pub(super) by_name: Vec<HashMap<Text, Vec<Index>>>,
    /// How many installs there were.
    pub(super) calls: usize,
    /// The variables before the first `FROM`.
    pub(super) globals: Rc<Scope>,
    /// The stages that are complete, by name.
    names: BTreeMap<String, Index>,
    /// The values of variables before the first `FROM` where nobody gives build arguments.
    defaults: BTreeMap<String, String>,
    /// For each stage, the `ONBUILD`s in it, by their place in the tree.
    triggers: Vec<Vec<usize>>,
    /// How many instructions they have brought.
    triggered: usize,
    /// Where facts stand while such an instruction is read.
    elsewhere: Option<Location>,
    /// How often a similar name was looked for.
    pub(super) suggestions: usize,
    /// What `.dockerignore` says, once it is asked for.
    pub(super) ignore: Option<Ignore>,
}

impl<'a> Builder<'a> {
    pub(super) fn new(context: &'a dyn Context, knowledge: &'a Knowledge, settings: &'a Settings) -> Self {
        let mut globals = Scope::default();
        let mut defaults = BTreeMap::new();
        for (name, value) in platform_arguments(settings.platform.as_deref().unwrap_or(DEFAULT_PLATFORM)) {
            defaults.insert(name.clone(), value.text.to_string());
            globals.set_argument(&name, Binding::Set(value.into()));
        }
        let globals = Rc::new(globals);
        Self {
            facts: Facts::default(),
            context,
            knowledge,
            settings,
            escape: Escape::default(),
            state: State { scope: Rc::clone(&globals), ..State::default() },
            ends: Vec::new(),
            layers: Vec::new(),
            mentioned: Vec::new(),
            files: Files::default(),
            environments: BTreeSet::new(),
            by_name: Vec::new(),
            calls: 0,
            globals,
            names: BTreeMap::new(),
            defaults,
            triggers: Vec::new(),
            triggered: 0,
            elsewhere: None,
            suggestions: 0,
            ignore: None,
        }
    }

    pub(super) fn build(mut self, file: SourceFile) -> Facts {
        let tree = tree::parse(&file);
        self.escape = tree.escape;
        self.facts.sources.add(file);
        for (node, instruction) in tree.instructions.iter().enumerate() {
            let index = self.facts.instructions.len();
            self.instruction(instruction, node, Standing::Written);
            if let Some(fact) = self.facts.instructions.get_mut(index) {
                fact.described = notes::described(instruction, tree.comments_of(instruction));
            }
            if let Some(inner) = &instruction.onbuild {
                self.onbuild(inner, node);
            }
            if instruction.kind == Some(InstructionKind::From) {
                self.trigger(&tree, node);
            }
        }
        self.set_extents(&tree);
        self.open_stage();
        self.facts.stages.pop();
        let target = self.settings.target.as_deref().and_then(|target| self.stage_referred(target));
        stages::reach(&mut self.facts.stages, target);
        stages::connect(&mut self.facts.stages);
        labels::find_missing(&mut self.facts, self.settings);
        self.facts.comments = notes::comments(&tree, &self.facts);
        self.facts.casing = notes::majority(&self.facts.instructions, &self.facts);
        self.facts.tree = tree;
        self.facts
    }

    pub(super) fn current_stage(&self) -> Option<Index> {
        self.facts.stages.len().checked_sub(1)
    }

    /// The current stage and those that it starts from, nearest first, as far back as effects are followed.
    pub(super) fn chain(&self) -> impl Iterator<Item = Index> {
        let parent = |stage: &Index| self.layers.get(*stage).and_then(|layers| layers.parent);
        std::iter::successors(self.current_stage(), parent).take(FARTHEST)
    }

    /// What stands behind `ONBUILD` runs in another build: its facts are told, its effects are not felt.
    fn onbuild(&mut self, inner: &tree::Instruction, node: usize) {
        let state = self.state.clone();
        let placements = self.layers.last().map_or(0, |layers| layers.placements.len());
        if inner.kind != Some(InstructionKind::From) {
            self.instruction(inner, node, Standing::Onbuild);
        }
        if let Some(triggers) = self.triggers.last_mut() {
            triggers.push(node);
        }
        self.state = state;
        if let Some(layers) = self.layers.last_mut() {
            layers.placements.truncate(placements);
        }
    }

    /// What the `ONBUILD`s of the stage from which a `FROM` starts do there. What they run and copy is told where it is
    /// written alone.
    fn trigger(&mut self, tree: &Dockerfile, from: usize) {
        let parent = self.facts.stages.last().and_then(|stage| stage.parent);
        let Some(nodes) = parent.and_then(|parent| self.triggers.get(parent)).cloned() else { return };
        self.elsewhere = tree.instructions.get(from).map(|from| place(from.span));
        for node in nodes {
            let inner = tree.instructions.get(node).and_then(|outer| outer.onbuild.as_deref());
            if let Some(inner) = inner.filter(|_| self.triggered < MOST_TRIGGERED) {
                self.triggered += 1;
                self.instruction(inner, from, Standing::Triggered);
            }
        }
        self.elsewhere = None;
    }

    /// Where a fact stands that is written there.
    pub(super) fn here(&self, span: Span) -> Location {
        self.elsewhere.unwrap_or_else(|| place(span))
    }

    fn instruction(&mut self, tree: &tree::Instruction, node: usize, standing: Standing) {
        let onbuild = standing == Standing::Onbuild;
        if tree.kind == Some(InstructionKind::From) && standing == Standing::Written {
            self.open_stage();
        }
        let index = self.facts.instructions.len();
        let stage = self.current_stage();
        let fact = self.describe(tree, node);
        let triggered = standing == Standing::Triggered;
        self.facts.instructions.push(Instruction { onbuild, triggered, ..fact });
        self.references(tree, index);
        if let Some(stage) = stage.and_then(|stage| self.facts.stages.get_mut(stage)) {
            stage.instructions.push(index);
        }
        match tree.typed() {
            Some(Typed::From(_)) if triggered => {}
            Some(Typed::From(from)) => self.from(&from, tree, index),
            Some(Typed::Arg(pairs)) => self.arguments(pairs, index, onbuild),
            Some(Typed::Env(pairs)) => self.environment(pairs, index, onbuild),
            Some(Typed::Workdir(word)) => {
                let path = expand(word, &self.state.scope, self.escape);
                let directory = self.state.directory.as_deref();
                self.state.directory = path.known().and_then(|path| paths::join(directory, path));
            }
            Some(Typed::User(word)) => {
                self.state.user = Some(expand(word, &self.state.scope, self.escape));
            }
            Some(Typed::Shell(words)) => self.state.shell = words.to_vec(),
            Some(Typed::Label(pairs)) => self.labels(pairs, index),
            Some(Typed::Expose(words)) => self.ports(words, index),
            _ if triggered => {}
            Some(Typed::Copy(transfer)) => self.transfer(&transfer, index, "copy"),
            Some(Typed::Add(transfer)) => self.transfer(&transfer, index, "add"),
            Some(Typed::Run(run)) => self.run(&run, tree, index),
            _ => {}
        }
    }

    /// Closes the stage before and begins an empty one.
    fn open_stage(&mut self) {
        let ended = std::mem::take(&mut self.state);
        match self.facts.stages.last() {
            None => self.globals = ended.scope,
            Some(stage) => {
                if let Some(name) = &stage.name {
                    self.names.insert(name.clone(), self.ends.len());
                }
                self.ends.push(ended);
            }
        }
        self.facts.stages.push(Stage::default());
        self.layers.push(Layers::default());
        self.triggers.push(Vec::new());
        self.mentioned.push(HashSet::new());
        self.by_name.push(HashMap::new());
    }

    /// The complete stage of that name; of several, the last.
    fn stage_named(&self, name: &str) -> Option<Index> {
        self.names.get(&name.to_ascii_lowercase()).copied()
    }

    /// The complete stage that `--from` means: by name, or by number.
    fn stage_referred(&self, name: &str) -> Option<Index> {
        let by_number = || name.parse().ok().filter(|number| *number < self.ends.len());
        self.stage_named(name).or_else(by_number)
    }

    fn from(&mut self, from: &tree::From<'_>, tree: &tree::Instruction, instruction: Index) {
        let written = expand(from.image, &self.globals, self.escape);
        let name = from.alias.map(|alias| alias.text.to_ascii_lowercase());
        let parent = written.known().and_then(|name| self.stage_named(name));
        let platform = from.platform.map(|word| expand(word, &self.globals, self.escape));
        let mut image = None;
        if let Some(parent) = parent {
            self.state = self.ends.get(parent).cloned().unwrap_or_default();
        } else {
            let index = self.refer(written, instruction, "from", platform.clone());
            let default_valid = self.default_of(from.image).map(|text| reference::is_valid(&text));
            if let Some(image) = self.facts.images.get_mut(index) {
                image.default_valid = default_valid;
            }
            image = Some(index);
            self.state.image = image;
            self.state.directory = Some(String::new());
            let variables = self.facts.images.get(index).map(|image| image::variables(image, self.knowledge));
            let scope = Rc::make_mut(&mut self.state.scope);
            for (name, value) in variables.unwrap_or_default() {
                scope.set_environment(&name, value);
            }
        }
        if let Some(layers) = self.layers.last_mut() {
            layers.parent = parent;
        }
        if let Some(stage) = self.facts.stages.last_mut() {
            stage.name = name;
            stage.written_name = from.alias.map(plain);
            stage.by = from.alias.and_then(|_| tree.words().get(1)).map(plain);
            let names = platform.as_ref().and_then(Value::known).and_then(parse_platform);
            (stage.platform_system, stage.platform_architecture) = names.unzip();
            stage.platform = platform;
            stage.written_platform = from.platform.map(plain);
            stage.image = image;
            stage.parent = parent;
        }
    }

    /// What a word of a `FROM` reads where nobody gives build arguments, and what nobody sets is empty.
    fn default_of(&self, word: &Word) -> Option<String> {
        if !word.text.contains(['$', '"', '\'', '\\', '`']) {
            return Some(word.text.clone());
        }
        let lookup = |name: &str| self.defaults.get(name).cloned();
        Lexer::new(self.escape).expand(word, &lookup).ok().map(|expanded| expanded.text)
    }

    /// What a further build context puts in the place of an image: another image, or files that nobody knows.
    fn context_named(&self, written: Value) -> Value {
        let Some(name) = written.known().filter(|_| !self.settings.contexts.is_empty()) else {
            return written;
        };
        let context = self.settings.contexts.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
        match context.map(|(_, context)| context.strip_prefix(IMAGE_CONTEXT)) {
            None => written,
            Some(Some(image)) => Value::given(image, written.written),
            Some(None) => Value::unknown(name, written.written),
        }
    }

    /// Adds an image.
    pub(super) fn refer(
        &mut self,
        written: Value,
        instruction: Index,
        role: &'static str,
        platform: Option<Value>,
    ) -> Index {
        let written = self.context_named(written);
        let parts = reference::parse(&written);
        let mut image = Image {
            instruction,
            stage: self.current_stage(),
            role,
            registry: parts.registry,
            repository: Some(parts.repository),
            tag: parts.tag,
            digest: parts.digest,
            platform,
            at: written.written,
            valid: written.known().map(reference::is_valid),
            reference: Some(written),
            ..Image::default()
        };
        image::recognise(&mut image, self.knowledge);
        self.facts.images.push(image);
        self.facts.images.len() - 1
    }

    /// What `--from` names: an earlier stage, which the current one then reads, or an image.
    pub(super) fn read_from(
        &mut self,
        from: &Value,
        instruction: Index,
        role: &'static str,
    ) -> Option<Index> {
        let current = self.current_stage()?;
        let found = self.stage_referred(from.known()?);
        match found {
            Some(found) => {
                let reads = &mut self.facts.stages.get_mut(current)?.reads;
                if !reads.contains(&found) {
                    reads.push(found);
                }
            }
            None => {
                self.refer(from.clone(), instruction, role, None);
            }
        }
        found
    }

    fn arguments(&mut self, pairs: &[Pair], instruction: Index, onbuild: bool) {
        for pair in pairs {
            let name = expand(&pair.key, &self.state.scope, self.escape).text;
            let given = self.settings.build_args.iter().rev().find(|(key, _)| *key == name);
            if self.facts.stages.is_empty()
                && let Some(text) = pair.value.as_ref().and_then(|value| self.default_of(value))
            {
                self.defaults.insert(name.to_string(), bounded_text(text));
            }
            let default = pair.value.as_ref().map(|value| expand(value, &self.state.scope, self.escape));
            let value = match (given, default) {
                (Some((_, text)), _) => Some(Value::given(text.as_str(), place(pair.span()))),
                (None, Some(default)) => Some(default),
                (None, None) => self.globals.value(&name).map(|value| (*value).clone()),
            };
            let binding = value.clone().map_or(Binding::Declared, |value| Binding::Set(value.into()));
            if !onbuild {
                Rc::make_mut(&mut self.state.scope).set_argument(&name, binding);
            }
            self.variable(name, value, "arg", instruction, pair.span());
        }
    }

    fn environment(&mut self, pairs: &[Pair], instruction: Index, onbuild: bool) {
        // One instruction sees the environment before it, not what its own pairs set.
        let first = self.facts.variables.len();
        for pair in pairs {
            let name = expand(&pair.key, &self.state.scope, self.escape).text;
            let value = pair.value.as_ref().map(|value| expand(value, &self.state.scope, self.escape));
            self.variable(name, value, "env", instruction, pair.span());
        }
        if onbuild {
            return;
        }
        let scope = Rc::make_mut(&mut self.state.scope);
        for variable in self.facts.variables.get(first..).unwrap_or_default() {
            if let Some(value) = &variable.value {
                scope.set_environment(&variable.name, value.clone());
            }
        }
    }

    fn variable(
        &mut self,
        name: Text,
        value: Option<Value>,
        kind: &'static str,
        instruction: Index,
        span: Span,
    ) {
        self.facts.variables.push(Variable {
            name,
            value,
            kind,
            instruction,
            stage: self.current_stage(),
            command: None,
            at: self.here(span),
        });
    }

    /// A stage reaches from its `FROM` to the end of its last instruction.
    fn set_extents(&mut self, tree: &Dockerfile) {
        for stage in &mut self.facts.stages {
            let node = |index: Option<&Index>| {
                let node = self.facts.instructions.get(*index?)?.node;
                tree.instructions.get(node)
            };
            let first = node(stage.instructions.first());
            let last = node(stage.instructions.last());
            if let (Some(first), Some(last)) = (first, last) {
                stage.at = place(first.span.to(last.span));
            }
        }
    }
}
