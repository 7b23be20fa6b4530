//! What to change so that an environment holds together, and the edits that do it.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::Arc;

use super::assemble::{Sources, provided};
use super::image::{Tag, nearest};
use super::pin::{Origin, Pin, versions};
use super::problem::Problem;
use super::rewrite::respecify;
use super::solve::{self, Bits, Conflict, Handle, Move, Relation, Row, Variable};
use super::world::{ComponentId, Known, public};
use crate::diagnostic::Edit;
use crate::knowledge::Component;
use crate::model::facts::{Image, Index, Package};
use crate::model::schema::Kind;
use crate::model::value::Value;
use crate::source::{Location, Span};
use crate::version::{Version, VersionSet};

/// How many tags of an image a repair chooses from.
const MOST_TAGS: usize = 2000;

/// Changes that make everything hold together.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Repair {
    /// What changes, in words: `torchvision 0.16.2`.
    pub changes: Vec<String>,
    /// The components that get another version.
    pub moved: BTreeMap<ComponentId, Version>,
    /// Whether something is taken away rather than moved.
    pub drops: bool,
    /// The edits; none where a change cannot be written, because no file says what must change.
    pub edits: Option<Vec<Edit>>,
}

/// Something that a person wrote and a repair may change.
enum Lever {
    /// The specifiers of a package.
    Package(Index),
    /// The tag of an image, and those it may become.
    Image(Index, Vec<Tag>),
    /// The text that a reading captured.
    Reading(Kind, Index, Vec<Value>, Version),
}

/// The cheapest repair of an environment: everything holds afterwards. `movable` says which components may move;
/// `conflicts` are those that are known.
pub fn repair(
    sources: Sources<'_>,
    pins: &[Pin],
    problem: &Problem,
    conflicts: &[Conflict],
    movable: &dyn Fn(&str) -> bool,
) -> Option<Repair> {
    let mut levers = Levers::new(sources, pins, problem);
    let involved: BTreeSet<usize> = conflicts.iter().flat_map(|conflict| &conflict.pins).copied().collect();
    levers.packages(movable);
    levers.readings(movable);
    levers.images(&involved, movable);
    let found = solve::repair(&levers.domains, &levers.relations, &problem.pins, &levers.handles)?;
    levers.explain(&found)
}

struct Levers<'a> {
    sources: Sources<'a>,
    pins: &'a [Pin],
    problem: &'a Problem,
    domains: Vec<Bits>,
    relations: Vec<Relation>,
    handles: Vec<Handle>,
    written: Vec<Lever>,
}

impl<'a> Levers<'a> {
    fn new(sources: Sources<'a>, pins: &'a [Pin], problem: &'a Problem) -> Self {
        Self {
            sources,
            pins,
            problem,
            domains: problem.domains.clone(),
            relations: problem.relations.clone(),
            handles: Vec::new(),
            written: Vec::new(),
        }
    }

    fn known(&self, pin: &Pin) -> Option<&'a Known<'a>> {
        self.sources.world.components.get(pin.component)
    }

    fn kept(&self, name: &str) -> bool {
        self.sources.settings.keep.iter().any(|kept| kept == name)
    }

    /// Packages whose specifiers are written somewhere.
    fn packages(&mut self, movable: &dyn Fn(&str) -> bool) {
        for (place, pin) in self.pins.iter().enumerate() {
            let Origin::Package(index) = pin.origin else { continue };
            let Some(known) = self.known(pin) else { continue };
            let Some(package) = self.sources.facts.packages.get(index) else { continue };
            let Some(variable) = self.problem.variable_of(pin.component) else { continue };
            if pin.versions.is_any() || self.kept(known.name) || !movable(known.name) {
                continue;
            }
            let written = package.url.is_none() && package.specifier.as_ref().is_some_and(Value::is_known);
            let order = if written { by_nearness(known, pin) } else { Vec::new() };
            let handle = Handle { cost: known.cost(), pins: vec![place], variable, order, droppable: true };
            self.handles.push(handle);
            self.written.push(Lever::Package(index));
        }
    }

    /// Texts that a source captured and that can be written anew.
    fn readings(&mut self, movable: &dyn Fn(&str) -> bool) {
        for (place, pin) in self.pins.iter().enumerate() {
            let Origin::Reading(kind, index, captures) = &pin.origin else { continue };
            let Some(known) = self.known(pin) else { continue };
            let Some(variable) = self.problem.variable_of(pin.component) else { continue };
            if captures.is_empty() || self.kept(known.name) || !movable(known.name) {
                continue;
            }
            let Some(old) = pin.versions.specifiers().find_map(|one| one.version()).cloned() else {
                continue;
            };
            let mut order = by_nearness(known, pin);
            order.retain(|value| {
                let version = known.versions().get(*value);
                version.is_some_and(|new| self.recapture(*kind, *index, captures, &old, new).is_some())
            });
            if order.is_empty() {
                continue;
            }
            self.handles.push(Handle {
                cost: known.cost(),
                pins: vec![place],
                variable,
                order,
                droppable: false,
            });
            self.written.push(Lever::Reading(*kind, *index, captures.clone(), old));
        }
    }

    /// Images of which it is known which tags exist: the tag becomes a variable, on which what it brings depends.
    fn images(&mut self, involved: &BTreeSet<usize>, movable: &dyn Fn(&str) -> bool) {
        let mut by_image: BTreeMap<Index, Vec<usize>> = BTreeMap::new();
        for (place, pin) in self.pins.iter().enumerate() {
            if let Origin::Image(index) = pin.origin {
                by_image.entry(index).or_default().push(place);
            }
        }
        for (index, places) in by_image {
            let blamed = places.iter().filter(|place| involved.contains(place));
            let costs = blamed.filter_map(|place| self.known(self.pins.get(*place)?)).map(Known::cost);
            let Some(cost) = costs.max() else { continue };
            let may_move = places
                .iter()
                .filter(|place| involved.contains(place))
                .filter_map(|place| self.known(self.pins.get(*place)?))
                .all(|known| movable(known.name));
            if may_move && let Some((tags, relation)) = self.tags(index, &places, involved) {
                let variable = self.domains.len();
                self.domains.push(Bits::all(tags.len()));
                self.relations.push(Relation { key: vec![variable], ..relation });
                let order = (0..tags.len()).collect();
                self.handles.push(Handle { cost, pins: places, variable, order, droppable: false });
                self.written.push(Lever::Image(index, tags));
            }
        }
    }

    /// The tags that an image may get, nearest first, and what each of them brings.
    fn tags(
        &self,
        index: Index,
        places: &[usize],
        involved: &BTreeSet<usize>,
    ) -> Option<(Vec<Tag>, Relation)> {
        let Sources { facts, knowledge, world, .. } = self.sources;
        let image: &Image = facts.images.get(index)?;
        let pattern = knowledge.images.get(image.pattern?)?;
        let tag = image.tag.as_ref().and_then(Value::known)?;
        if image.digest.is_some() {
            return None;
        }
        let current = |name: &str| -> Option<&Pin> {
            let mut pins = places.iter().filter_map(|place| self.pins.get(*place));
            pins.find(|pin| self.known(pin).is_some_and(|known| known.name == name))
        };
        let known = image
            .parts
            .iter()
            .filter_map(|(part, value)| Some((part.to_string(), value.known()?.to_owned())));
        let now = provided(pattern, &known.collect());
        // What something else has replaced does not depend on the image any more.
        let replaced = |name: &str| {
            let elsewhere =
                || self.pins.iter().any(|pin| self.known(pin).is_some_and(|known| known.name == name));
            current(name).is_none() && (now.contains_key(name) || elsewhere())
        };
        let mut tags = nearest(pattern, tag, |one| one.text != tag);
        tags.truncate(MOST_TAGS);
        let mut brought: Vec<BTreeMap<String, String>> = Vec::new();
        tags.retain(|tag| {
            let parts = tag.parts.iter().filter(|(_, value)| !value.is_empty());
            let parts = parts.map(|(part, value)| (part.clone(), value.clone())).collect();
            let mut brings = provided(pattern, &parts);
            brings.retain(|name, _| !replaced(name));
            let keeps = self.sources.settings.keep.iter().all(|name| {
                let now = current(name).map(|pin| &pin.versions);
                let declared = world.component(name).and_then(|id| world.components.get(id)?.declared);
                now.is_none_or(|now| {
                    brings.get(name).and_then(|text| versions(declared, text)).as_ref() == Some(now)
                })
            });
            if keeps {
                brought.push(brings);
            }
            keeps
        });
        let leaders = self.leaders(places, involved);
        if !leaders.is_empty() {
            let mut order: Vec<(Tag, BTreeMap<String, String>)> = tags.into_iter().zip(brought).collect();
            order.sort_by_key(|(tag, brings)| {
                let lost = image.parts.iter().filter(|(part, value)| {
                    let other = tag.parts.get(part.as_str()).filter(|other| !other.is_empty());
                    // A tag may name a part without its version: `cudnn` after `cudnn8`.
                    value
                        .known()
                        .is_some_and(|value| other.is_none_or(|other| !value.starts_with(other.as_str())))
                });
                (lost.count(), !leaders.iter().all(|leader| leader.is_followed(brings)))
            });
            (tags, brought) = order.into_iter().unzip();
        }
        let names: BTreeSet<&String> = brought.iter().flat_map(BTreeMap::keys).collect();
        let columns: Vec<(&String, Variable, &Known<'_>)> = names
            .into_iter()
            .filter_map(|name| {
                let component = world.component(name)?;
                Some((name, self.problem.variable_of(component)?, world.components.get(component)?))
            })
            .collect();
        let rows = brought.iter().enumerate().map(|(value, brings)| Row {
            key: vec![value],
            cells: columns
                .iter()
                .map(|(name, variable, known)| {
                    let set = versions(known.declared, brings.get(*name)?)?;
                    Some(Arc::new(self.problem.admitted(world, *variable, &public(&set))))
                })
                .collect(),
        });
        let rows = rows.collect();
        let columns = columns.into_iter().map(|(_, variable, _)| variable).collect();
        (!tags.is_empty()).then_some((tags, Relation { key: Vec::new(), columns, rows }))
    }

    /// What the components that an image has to change for would rather follow than stay near.
    fn leaders(&self, places: &[usize], involved: &BTreeSet<usize>) -> Vec<Leader<'_>> {
        let followers = places.iter().filter(|place| involved.contains(place)).filter_map(|place| {
            let declared = self.known(self.pins.get(*place)?)?.declared?;
            Some((declared, declared.follows.as_deref()?))
        });
        let leader = |(follower, name)| {
            let mut pins =
                self.pins.iter().filter(|pin| self.known(pin).is_some_and(|known| known.name == name));
            pins.next_back().map(|pin| Leader { follower, wanted: &pin.versions })
        };
        followers.filter_map(leader).collect()
    }

    /// The moves as changes and edits.
    fn explain(&self, found: &solve::Repair) -> Option<Repair> {
        let facts = self.sources.facts;
        let mut repair = Repair::default();
        let mut edits: Option<Vec<Edit>> = Some(Vec::new());
        for (index, to) in &found.moves {
            let handle = self.handles.get(*index)?;
            let component = self.problem.components.get(handle.variable);
            let known = component.and_then(|component| self.sources.world.components.get(*component));
            let version = match to {
                Move::To(value) => self.problem.version(self.sources.world, handle.variable, *value).cloned(),
                Move::Drop => None,
            };
            if let (Some(component), Some(version)) = (component, &version) {
                repair.moved.insert(*component, version.clone());
            }
            let change = match (self.written.get(*index)?, to, &version) {
                (Lever::Image(image, tags), Move::To(value), _) => {
                    let (image, tag) = (facts.images.get(*image)?, tags.get(*value)?);
                    let repository = image.repository.as_ref().map_or("", |value| value.text.as_str());
                    repair.changes.push(format!("{repository}:{}", tag.text));
                    image.tag.as_ref().and_then(|old| rewrite(old, &tag.text))
                }
                (Lever::Package(package), _, Some(version)) => {
                    repair.changes.push(format!("{} {}", known?.title(), known?.shown(version)));
                    facts.packages.get(*package)?.specifier.as_ref().and_then(|old| respecified(old, version))
                }
                (Lever::Package(package), ..) => {
                    repair.drops = true;
                    repair.changes.push(format!("no {}", known?.title()));
                    self.removed(facts.packages.get(*package)?)
                }
                (Lever::Reading(kind, index, captures, old), _, Some(version)) => {
                    repair.changes.push(format!("{} {}", known?.title(), known?.shown(version)));
                    self.recapture(*kind, *index, captures, old, version)
                }
                _ => None,
            };
            edits = edits.zip(change).map(|(mut edits, change)| {
                edits.extend(change);
                edits
            });
        }
        repair.changes.sort();
        repair.changes.dedup();
        repair.edits = edits.filter(|edits| !edits.is_empty()).map(|mut edits| {
            edits.sort();
            edits.dedup();
            edits
        });
        Some(repair)
    }

    /// Takes a requirement away: its whole line in a file of them, its word and the blank before it in a command.
    fn removed(&self, package: &Package) -> Option<Vec<Edit>> {
        let file = self.sources.facts.sources.get(package.at.file);
        let span = package.at.span;
        let span = if package.origin == "command" {
            let before = file.text().get(..span.start as usize)?;
            let blank = before.len() - before.trim_end_matches([' ', '\t']).len();
            Span::new(span.start - blank as u32, span.end)
        } else {
            let line = |offset| file.line_span(file.position(offset).line);
            line(span.start)?.to(line(span.end.max(span.start + 1) - 1)?)
        };
        Some(vec![Edit { file: package.at.file, span, text: String::new() }])
    }

    /// The edits that make a captured `old` version read `new`, in every text of the fact that has it.
    fn recapture(
        &self,
        kind: Kind,
        index: Index,
        captures: &[Value],
        old: &Version,
        new: &Version,
    ) -> Option<Vec<Edit>> {
        let joined: String = captures.iter().map(|value| value.text.as_str()).collect();
        let (from, to) = spelled(&joined, captures, old, new)?;
        let mut texts: Vec<&Value> = Vec::new();
        match kind {
            Kind::Package => {
                let package = self.sources.facts.packages.get(index)?;
                texts.extend(&package.specifier);
                texts.extend(package.indexes.iter().chain(&package.find_links));
                let command = package.command.and_then(|command| self.sources.facts.commands.get(command));
                let flags = command.into_iter().flat_map(|command| &command.flags);
                texts.extend(flags.filter_map(|flag| flag.value.as_ref()));
                texts.extend(&package.written_name);
            }
            Kind::Command => {
                texts.extend(&self.sources.facts.commands.get(index)?.words);
            }
            Kind::Variable => texts.extend(&self.sources.facts.variables.get(index)?.value),
            _ => {}
        }
        let mut edits = Vec::new();
        for text in texts {
            for range in occurrences(&text.text, &from) {
                edits.extend(rewrite(&text.slice(range), &to)?);
            }
        }
        (!edits.is_empty()).then_some(edits)
    }
}

/// How the captured text spells the old version, and how it would spell the new one; `None` where it is not clear.
fn spelled(joined: &str, captures: &[Value], old: &Version, new: &Version) -> Option<(String, String)> {
    let numbers = |version: &Version, length: usize| -> Option<Vec<String>> {
        Some(version.release().get(..length)?.iter().map(ToString::to_string).collect())
    };
    let length = old.release().len();
    let (old, new) = (numbers(old, length)?, numbers(new, length)?);
    for separator in ["", "."] {
        if joined == old.join(separator) && (separator == "." || captures.len() > 1 || length > 1) {
            return Some((joined.to_owned(), new.join(separator)));
        }
    }
    (captures.len() == 1 && length == 1 && joined == old.concat()).then(|| (joined.to_owned(), new.concat()))
}

/// Where a number stands in a text as a number of its own.
fn occurrences(text: &str, number: &str) -> Vec<Range<usize>> {
    let part_of_it = |next: char| next.is_ascii_digit() || next == '.';
    text.match_indices(number)
        .filter(|(at, _)| {
            let before = text.get(..*at).and_then(|text| text.chars().next_back());
            let after = text.get(at + number.len()..).and_then(|text| text.chars().next());
            !before.is_some_and(part_of_it) && !after.is_some_and(|next| next.is_ascii_digit())
        })
        .map(|(at, _)| at..at + number.len())
        .collect()
}

fn rewrite(old: &Value, new: &str) -> Option<Vec<Edit>> {
    let edit = |(Location { file, span }, text)| Edit { file, span, text };
    Some(old.rewrite(new)?.into_iter().map(edit).collect())
}

/// The specifiers with the version in them changed.
fn respecified(old: &Value, version: &Version) -> Option<Vec<Edit>> {
    let mut edits = Vec::new();
    for (range, text) in respecify(&old.text, version)? {
        edits.extend(rewrite(&old.slice(range), &text)?);
    }
    Some(edits)
}

/// A component of an image, and the versions of another that it follows.
struct Leader<'a> {
    follower: &'a Component,
    wanted: &'a VersionSet,
}

impl Leader<'_> {
    /// Whether a tag brings the follower in a version that the leader has.
    fn is_followed(&self, brings: &BTreeMap<String, String>) -> bool {
        let set = brings.get(&self.follower.name).and_then(|text| versions(Some(self.follower), text));
        set.is_some_and(|set| !set.and(self.wanted).is_empty_for_sure())
    }
}

/// The releases of a component, those nearest to what a pin says first: the same line and in it the newest, then
/// the lines around it, the newer of two that are equally far.
fn by_nearness(known: &Known<'_>, pin: &Pin) -> Vec<usize> {
    let set = public(&pin.versions);
    let inside = |value: &usize| known.versions().get(*value).is_some_and(|version| set.contains(version));
    let admitted = known.released().iter().filter(inside).last();
    let home =
        set.pinned().cloned().or_else(|| admitted.and_then(|value| known.versions().get(value)).cloned());
    let bound = || set.specifiers().filter_map(|one| one.version()).max().cloned();
    let Some(home) = home.or_else(bound) else { return Vec::new() };
    let line = |version: &Version| version.truncated(2);
    let releases: Vec<(usize, &Version)> =
        known.offered().iter().filter_map(|value| Some((value, known.versions().get(value)?))).collect();
    let lines: BTreeSet<Version> = releases.iter().map(|(_, version)| line(version)).collect();
    let lines: Vec<Version> = lines.into_iter().collect();
    let rank = |version: &Version| lines.partition_point(|one| *one < line(version));
    let here = rank(&home);
    let between = !lines.contains(&line(&home));
    let mut order: Vec<(usize, Reverse<&Version>, usize)> = releases
        .into_iter()
        .map(|(value, version)| {
            let there = rank(version);
            // Home between two lines is as far from the one below as from the one above.
            let apart = if between && there >= here { there - here + 1 } else { there.abs_diff(here) };
            (apart, Reverse(version), value)
        })
        .collect();
    order.sort();
    order.into_iter().map(|(_, _, value)| value).collect()
}
