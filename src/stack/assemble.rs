//! From facts to pins: for every environment of every stage, what was said last about each component.
//!
//! A stage begins with what its image has; then its commands install, replace and remove, those of the stages it
//! starts from before its own. What one call installs is resolved together; what a later call installs replaces
//! what an earlier one did, unless the earlier one will do. The image's own environment lends the others what is
//! shared, such as the interpreter.

use std::collections::{BTreeMap, BTreeSet};

use super::image::fill;
use super::marker::applies;
use super::pin::{Origin, Pin, alternatives, versions, word};
use super::reading::Reading;
use super::world::{ComponentId, Known, World, public};
use crate::knowledge::{ImagePattern, Knowledge};
use crate::model::facts::{Command, Facts, Index, Package};
use crate::model::schema::{Kind, Order};
use crate::model::settings::Settings;
use crate::source::Location;
use crate::version::{Specifier, Version, VersionSet};

/// The world of package names in which a package is a component of the same name without a pack saying so.
const USUAL_ECOSYSTEM: &str = "pypi";

/// A stage further than this from its image is not looked at: every stage is the sum of all before it, and an image
/// of more layers than Docker allows (127) cannot be built anyway.
const LONGEST_CHAIN: usize = 128;

/// One environment of a stage: what an interpreter in it would see.
#[derive(Clone, Debug)]
pub struct Environment {
    /// The stage.
    pub stage: Index,
    /// Its name; empty for the image's own.
    pub name: String,
    /// What was said, in the order of the build.
    pub pins: Vec<Pin>,
}

/// What everything is made from.
#[derive(Clone, Copy, Debug)]
pub struct Sources<'a> {
    /// The facts of one Dockerfile.
    pub facts: &'a Facts,
    /// What packs know.
    pub knowledge: &'a Knowledge,
    /// The same, indexed.
    pub world: &'a World<'a>,
    /// What facts say by the packs' sources.
    pub readings: &'a [Reading],
    /// What the user says.
    pub settings: &'a Settings,
}

/// The environments of every stage that the target needs, in order; the image's own comes first in each.
pub fn environments(sources: Sources<'_>) -> Vec<Environment> {
    let mut environments = Vec::new();
    let said = Said::new(sources);
    for (stage, _) in sources.facts.stages.iter().enumerate().filter(|(_, stage)| stage.reached) {
        let chain = chain(sources.facts, stage);
        if chain.len() > LONGEST_CHAIN {
            continue;
        }
        let events = events(sources, &said, &chain);
        let own = gather(sources, stage, "", &events, Vec::new());
        let mut names: BTreeSet<&str> = events.iter().map(|event| event.environment.as_str()).collect();
        names.remove("");
        let lent: Vec<Pin> =
            own.iter().filter(|pin| pin.known(sources.world).is_some_and(Known::shared)).cloned().collect();
        environments.push(Environment { stage, name: String::new(), pins: own });
        for name in names {
            let pins = gather(sources, stage, name, &events, lent.clone());
            environments.push(Environment { stage, name: name.to_owned(), pins });
        }
    }
    environments
}

/// Something that changes an environment.
struct Event {
    environment: String,
    order: Option<Order>,
    change: Change,
}

enum Change {
    /// Packages of one call and readings of the same fact or call, which hold together.
    Say { packages: Vec<Index>, readings: Vec<usize> },
    /// Packages of these names go.
    Remove { ecosystem: String, names: Vec<String> },
}

/// What facts are about when they are grouped: a call, a command, or a fact of its own.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Group {
    Call(usize),
    Command(Index),
    Fact(Kind, Index),
}

/// What is said in each stage, by its index.
#[derive(Debug, Default)]
struct Said {
    packages: BTreeMap<Index, Vec<Index>>,
    readings: BTreeMap<Index, Vec<usize>>,
    commands: BTreeMap<Index, Vec<Index>>,
}

impl Said {
    fn new(sources: Sources<'_>) -> Self {
        let facts = sources.facts;
        let mut said = Self::default();
        let is_void = |package: &Package| package.applies == Some(false) || package.removed;
        for (index, package) in facts.packages.iter().enumerate() {
            if let Some(stage) = Kind::Package.stage(facts, index).filter(|_| !is_void(package)) {
                said.packages.entry(stage).or_default().push(index);
            }
        }
        for (index, reading) in sources.readings.iter().enumerate() {
            let package =
                (reading.kind == Kind::Package).then(|| facts.packages.get(reading.index)).flatten();
            if let Some(stage) = reading.kind.stage(facts, reading.index)
                && !package.is_some_and(is_void)
            {
                said.readings.entry(stage).or_default().push(index);
            }
        }
        for (index, command) in facts.commands.iter().enumerate() {
            if let Some(stage) = command.stage {
                said.commands.entry(stage).or_default().push(index);
            }
        }
        said
    }
}

/// The stage and those it starts from, as far as [`LONGEST_CHAIN`] and one more.
fn chain(facts: &Facts, stage: Index) -> BTreeSet<Index> {
    facts.chain(stage).take(LONGEST_CHAIN + 1).collect()
}

/// What happens in the stages of a chain, in order.
fn events(sources: Sources<'_>, said: &Said, chain: &BTreeSet<Index>) -> Vec<Event> {
    let facts = sources.facts;
    let mut groups: BTreeMap<(String, Group), (Vec<Index>, Vec<usize>)> = BTreeMap::new();
    for index in chain.iter().filter_map(|stage| said.packages.get(stage)).flatten() {
        let Some(package) = facts.packages.get(*index) else { continue };
        let key = (package.environment.to_string(), Group::Call(package.call));
        groups.entry(key).or_default().0.push(*index);
    }
    for index in chain.iter().filter_map(|stage| said.readings.get(stage)).flatten() {
        let Some(reading) = sources.readings.get(*index) else { continue };
        let package = (reading.kind == Kind::Package).then(|| facts.packages.get(reading.index)).flatten();
        let group = match (package, reading.kind.command(facts, reading.index)) {
            (Some(package), _) => Group::Call(package.call),
            (None, Some(command)) => Group::Command(command),
            (None, None) => Group::Fact(reading.kind, reading.index),
        };
        let environment = environment(facts, reading.kind, reading.index);
        groups.entry((environment, group)).or_default().1.push(*index);
    }
    let mut events: Vec<Event> = Vec::new();
    for ((environment, group), (packages, readings)) in groups {
        let order = match group {
            Group::Call(_) => {
                let first = readings.iter().filter_map(|index| sources.readings.get(*index));
                let first = first.map(|reading| reading.kind.order(facts, reading.index));
                packages.iter().map(|index| Kind::Package.order(facts, *index)).chain(first).min()
            }
            Group::Command(command) => Some(Kind::Command.order(facts, command)),
            Group::Fact(kind, index) => Some(kind.order(facts, index)),
        };
        events.push(Event { environment, order, change: Change::Say { packages, readings } });
    }
    for index in chain.iter().filter_map(|stage| said.commands.get(stage)).flatten() {
        let Some(command) = facts.commands.get(*index) else { continue };
        events.extend(removals(sources, command).into_iter().map(|change| Event {
            environment: command.environment.to_string(),
            order: Some(Kind::Command.order(facts, *index)),
            change,
        }));
    }
    events.sort_by_key(|event| event.order);
    events
}

/// The environment that a fact speaks of.
fn environment(facts: &Facts, kind: Kind, index: Index) -> String {
    if kind == Kind::Package {
        return facts.packages.get(index).map(|package| package.environment.to_string()).unwrap_or_default();
    }
    let command = kind.command(facts, index).and_then(|command| facts.commands.get(command));
    command.map(|command| command.environment.to_string()).unwrap_or_default()
}

/// What a command removes.
fn removals(sources: Sources<'_>, command: &Command) -> Vec<Change> {
    let programs = sources.knowledge.programs.iter().filter(|program| program.name == command.program);
    let subcommand = command.subcommand.as_ref().map_or("", |value| value.text.as_str());
    programs
        .flat_map(|program| &program.removes)
        .filter(|(wanted, _)| wanted == subcommand)
        .map(|(_, ecosystem)| Change::Remove {
            ecosystem: ecosystem.clone(),
            names: command.operands().filter_map(|operand| Some(operand.known()?.to_lowercase())).collect(),
        })
        .collect()
}

/// Plays the events of one environment.
fn gather(sources: Sources<'_>, stage: Index, name: &str, events: &[Event], lent: Vec<Pin>) -> Vec<Pin> {
    let mut playing = State { sources, pins: lent };
    if name.is_empty() {
        playing.pins.extend(given(sources));
        playing.start(stage);
    }
    for event in events.iter().filter(|event| event.environment == name) {
        match &event.change {
            Change::Say { packages, readings } => playing.say(packages, readings),
            Change::Remove { ecosystem, names } => playing.remove(ecosystem, names),
        }
    }
    playing.pins
}

/// What the user says.
fn given(sources: Sources<'_>) -> Vec<Pin> {
    let pin = |(name, text): &(String, String)| {
        let component = sources.world.component(name)?;
        let declared = sources.world.components.get(component)?.declared;
        // A driver 550 is whichever 550 it may be.
        let series = || Version::parse(text).ok().map(Specifier::EqualPrefix).map(VersionSet::from);
        let named = declared.and_then(|component| word(component, text)).map(VersionSet::exactly);
        let versions = named.or_else(series).or_else(|| versions(declared, text))?;
        Some(Pin {
            component,
            versions,
            origin: Origin::Given(text.clone()),
            at: Location::default(),
            constraint: false,
        })
    };
    sources.settings.given.iter().filter_map(pin).collect()
}

/// What an image with these parts brings: component to the text of its versions.
pub fn provided(pattern: &ImagePattern, parts: &BTreeMap<String, String>) -> BTreeMap<String, String> {
    let mut parts = parts.clone();
    let mut provided = BTreeMap::new();
    for provision in &pattern.provides {
        let applies = provision.when.iter().all(|(part, names)| {
            let value = parts.get(part).map_or("", String::as_str);
            names.iter().any(|name| name.is(value))
        });
        if !applies {
            continue;
        }
        for (part, template) in &provision.parts {
            if let (text, true) = fill(template, &parts) {
                parts.insert(part.clone(), text);
            }
        }
        for (component, template) in &provision.components {
            if let (text, true) = fill(template, &parts) {
                provided.insert(component.clone(), text);
            }
        }
    }
    provided
}

/// Whether the pin is on the interpreter.
fn known_interpreter(world: &World<'_>, pin: &Pin) -> bool {
    pin.known(world).and_then(|known| known.declared).is_some_and(|component| component.interpreter)
}

struct State<'a> {
    sources: Sources<'a>,
    pins: Vec<Pin>,
}

impl State<'_> {
    /// What the image of the first stage has.
    fn start(&mut self, stage: Index) {
        let facts = self.sources.facts;
        let first = chain(facts, stage).first().and_then(|first| facts.stages.get(*first));
        let Some(index) = first.and_then(|stage| stage.image) else { return };
        let Some(image) = facts.images.get(index).filter(|image| image.exists != Some(false)) else { return };
        let Some(pattern) = image.pattern.and_then(|pattern| self.sources.knowledge.images.get(pattern))
        else {
            return;
        };
        let known = image
            .parts
            .iter()
            .filter_map(|(part, value)| Some((part.to_string(), value.known()?.to_owned())));
        for (name, text) in provided(pattern, &known.collect()) {
            let Some(component) = self.sources.world.component(&name) else { continue };
            let declared = self.sources.world.components.get(component).and_then(|known| known.declared);
            let Some(versions) = versions(declared, &text) else { continue };
            self.replace(
                component,
                vec![Pin {
                    component,
                    versions,
                    origin: Origin::Image(index),
                    at: image.tag.as_ref().map_or(image.at, |tag| tag.written),
                    constraint: false,
                }],
            );
        }
    }

    /// What one call, command or fact says.
    fn say(&mut self, packages: &[Index], readings: &[usize]) {
        let (new, narrowing) = self.new_pins(packages, readings);
        let mut kept: BTreeSet<ComponentId> = BTreeSet::new();
        // Parts of a component come after the component: whether they are news depends on whether it is.
        for (component, pins) in &new {
            if self.whole(*component).is_some() {
                continue;
            }
            if self.will_do(*component, pins) {
                kept.insert(*component);
                if pins.iter().any(|pin| pin.versions.pinned().is_some()) {
                    self.pins.retain(|pin| pin.component != *component);
                }
                self.pins.extend(pins.iter().cloned());
            } else {
                self.replace(*component, pins.clone());
            }
        }
        for (component, pins) in &new {
            match self.whole(*component) {
                Some(whole) if !kept.contains(&whole) => self.replace(*component, pins.clone()),
                _ => {}
            }
        }
        for pin in narrowing {
            if !self.pins.iter().any(|own| own.component == pin.component) {
                self.pins.push(pin);
            }
        }
    }

    /// What is said, by component, and the constraints on components that the call does not name.
    fn new_pins(
        &self,
        packages: &[Index],
        readings: &[usize],
    ) -> (BTreeMap<ComponentId, Vec<Pin>>, Vec<Pin>) {
        let facts = self.sources.facts;
        let mut new: BTreeMap<ComponentId, Vec<Pin>> = BTreeMap::new();
        let mut constraints = Vec::new();
        for index in packages {
            let Some(package) = facts.packages.get(*index) else { continue };
            if package.ecosystem != USUAL_ECOSYSTEM || !self.applies(package) {
                continue;
            }
            let Some(component) = self.sources.world.component(&package.name) else { continue };
            let pin = Pin {
                component,
                versions: package.versions.clone(),
                origin: Origin::Package(*index),
                at: package.at,
                constraint: package.constraint,
            };
            if package.constraint {
                constraints.push(pin);
            } else {
                new.entry(component).or_default().push(pin);
            }
        }
        for reading in readings.iter().filter_map(|index| self.sources.readings.get(*index)) {
            let Some(pin) = self.read(reading) else { continue };
            let package =
                (reading.kind == Kind::Package).then(|| facts.packages.get(reading.index)).flatten();
            if package.is_none_or(|package| !package.constraint && self.applies(package)) {
                new.entry(pin.component).or_default().push(pin);
            }
        }
        let mut narrowing = Vec::new();
        for pin in constraints {
            match new.get_mut(&pin.component) {
                Some(pins) => pins.push(Pin { constraint: false, ..pin }),
                None => narrowing.push(pin),
            }
        }
        (new, narrowing)
    }

    /// Whether the marker of a package holds, by the interpreter of the environment where it asks for that.
    fn applies(&self, package: &Package) -> bool {
        let pins = self.pins.iter().rev();
        let mut interpreters =
            pins.filter(|pin| known_interpreter(self.sources.world, pin)).map(|pin| &pin.versions);
        applies(package, interpreters.next(), self.sources.settings)
    }

    fn read(&self, reading: &Reading) -> Option<Pin> {
        let facts = self.sources.facts;
        let component = self.sources.world.component(&reading.component)?;
        let declared = self.sources.world.components.get(component)?.declared;
        let at = reading.kind.at(facts, reading.index);
        let (versions, origin) = match &reading.versions {
            Some(texts) => {
                let origin = Origin::Reading(reading.kind, reading.index, reading.captures.clone());
                (alternatives(declared, texts)?, origin)
            }
            None => (facts.packages.get(reading.index)?.versions.clone(), Origin::Package(reading.index)),
        };
        Some(Pin { component, versions, origin, at, constraint: false })
    }

    /// The component that a component such as `a.b` is a part of.
    fn whole(&self, component: ComponentId) -> Option<ComponentId> {
        let name = self.sources.world.components.get(component)?.name;
        let (whole, _) = name.rsplit_once('.')?;
        self.sources.world.component(whole)
    }

    /// Whether what is there already satisfies what is asked for, so that an installer leaves it.
    fn will_do(&self, component: ComponentId, new: &[Pin]) -> bool {
        let own: Vec<&Pin> =
            self.pins.iter().filter(|pin| pin.component == component && !pin.constraint).collect();
        let labelled = |pin: &Pin| pin.versions.pinned().is_some_and(|version| version.local().is_some());
        if own.is_empty() || new.iter().any(labelled) || new.iter().all(|pin| pin.versions.is_any()) {
            return false;
        }
        let Some(known) = self.sources.world.components.get(component) else { return false };
        let together =
            own.into_iter().chain(new).fold(VersionSet::all(), |set, pin| set.and(&public(&pin.versions)));
        let listed = known.versions().iter().any(|version| known.admits(&together, version));
        listed || together.pinned().is_some_and(|version| together.contains(version))
    }

    /// Forgets what was known of a component and its parts, and says something new.
    fn replace(&mut self, component: ComponentId, pins: Vec<Pin>) {
        self.forget(component);
        self.pins.extend(pins);
    }

    fn forget(&mut self, component: ComponentId) {
        let world = self.sources.world;
        let name = world.components.get(component).map_or("", |known| known.name);
        self.pins.retain(|pin| {
            let other = world.components.get(pin.component).map_or("", |known| known.name);
            pin.component != component && other.strip_prefix(name).is_none_or(|rest| !rest.starts_with('.'))
        });
    }

    /// Packages that go: the components that came from packages of that name.
    fn remove(&mut self, ecosystem: &str, names: &[String]) {
        let facts = self.sources.facts;
        let gone: BTreeSet<ComponentId> = self
            .pins
            .iter()
            .filter(|pin| {
                let package = match pin.origin {
                    Origin::Package(index) | Origin::Reading(Kind::Package, index, _) => {
                        facts.packages.get(index)
                    }
                    _ => None,
                };
                if let Some(package) = package {
                    return package.ecosystem == ecosystem && names.iter().any(|name| *name == package.name);
                }
                // What an image has of the usual packages goes by the component's name.
                let meant =
                    |known: &Known<'_>| !known.shared() && names.iter().any(|name| name == known.name);
                ecosystem == USUAL_ECOSYSTEM && pin.known(self.sources.world).is_some_and(meant)
            })
            .map(|pin| pin.component)
            .collect();
        for component in gone {
            self.forget(component);
        }
    }
}
