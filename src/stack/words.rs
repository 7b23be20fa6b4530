//! A conflict in plain words.

use super::finding::Words;
use super::pin::{Origin, Pin};
use super::problem::Problem;
use super::solve::conflict::pinned;
use super::solve::{Answer, Bits, Conflict, Network, Variable};
use super::world::{Known, World};
use crate::model::facts::Facts;
use crate::model::schema::Kind;
use crate::source::Location;
use crate::version::{Specifier, Version, VersionSet};

/// More versions than this are told as a range.
const MOST_LISTED: usize = 4;

/// What words are made from.
#[derive(Clone, Copy, Debug)]
pub struct Speaker<'a> {
    /// The facts.
    pub facts: &'a Facts,
    /// What packs know.
    pub world: &'a World<'a>,
}

impl Speaker<'_> {
    /// The words for a conflict among `pins`, which are those of the problem in the same order.
    pub fn conflict(&self, problem: &Problem, pins: &[Pin], conflict: &Conflict) -> Words {
        let involved: Vec<&Pin> = conflict.pins.iter().filter_map(|index| pins.get(*index)).collect();
        if conflict.relations.is_empty() {
            return self.contradiction(&involved);
        }
        let mut words = Words::default();
        let mut needs: Vec<String> = Vec::new();
        let mut told: Vec<usize> = Vec::new();
        for (relation, columns) in &conflict.relations {
            for column in columns {
                let Some(need) = self.need(problem, conflict, *relation, *column) else { continue };
                if words.key.is_empty() || involved.iter().any(|pin| pin.component == need.column_id) {
                    words.key.clone_from(&need.key);
                    words.key_version.clone_from(&need.key_version);
                    words.column.clone_from(&need.column);
                    words.wanted.clone_from(&need.wanted);
                }
                told.extend(need.keys.iter().copied());
                needs.push(need.text);
            }
        }
        let others: Vec<&Pin> = involved
            .iter()
            .copied()
            .filter(|pin| !told.contains(&pin.component) || is_needed(problem, conflict, pin))
            .collect();
        words.found = others.first().map(|pin| self.shown(pin)).unwrap_or_default();
        let said: Vec<String> = others.iter().map(|pin| self.said(pin)).collect();
        words.conflict = match (join(&needs), join(&said)) {
            (needs, said) if said.is_empty() => format!("{needs}, which cannot be had together"),
            (needs, said) => format!("{needs}, but {said}"),
        };
        words
    }

    /// Pins that no table is needed to tell apart, or a single one that nothing satisfies.
    fn contradiction(&self, pins: &[&Pin]) -> Words {
        let title = pins.first().and_then(|pin| pin.known(self.world)).map_or("", Known::title);
        let found = pins.first().map(|pin| self.shown(pin)).unwrap_or_default();
        let conflict = match pins {
            [pin] if pin.versions.pinned().is_some() => format!("there is no {title} {}", self.shown(pin)),
            [pin] => format!("no release of {title} is {}", self.shown(pin)),
            _ => join(&pins.iter().map(|pin| self.said(pin)).collect::<Vec<_>>())
                .replacen(" and ", ", but ", 1),
        };
        Words { conflict, key: title.to_owned(), column: title.to_owned(), found, ..Words::default() }
    }

    /// What one column of one relation asks for.
    fn need(&self, problem: &Problem, conflict: &Conflict, relation: usize, column: usize) -> Option<Need> {
        let variables = problem.relations.get(relation)?;
        let target = *variables.columns.get(column)?;
        let domains = pinned(&problem.domains, &problem.pins, |pin| conflict.pins.contains(&pin));
        let rest =
            |index: usize| index != relation && conflict.relations.iter().any(|(one, _)| *one == index);
        // The keys as the other pins and relations of the conflict leave them.
        let mut without = domains.clone();
        if let Some(domain) = without.get_mut(target) {
            domain.clone_from(problem.domains.get(target)?);
        }
        let network = Network::new(problem.domains.len(), problem.relations.clone());
        let left = match network.solve(without, &rest) {
            Answer::Possible(left) => left,
            _ => domains,
        };
        let mut admitted = Bits::none(problem.size(self.world, target));
        for row in &variables.rows {
            let chosen = row.key.iter().zip(&variables.key);
            if chosen
                .clone()
                .all(|(value, variable)| left.get(*variable).is_some_and(|bits| bits.contains(*value)))
            {
                match row.cells.get(column) {
                    Some(Some(cell)) => admitted.unite(cell),
                    _ => admitted.unite(problem.domains.get(target)?),
                }
            }
        }
        let keys_named: Vec<(&Known<'_>, String)> = variables
            .key
            .iter()
            .filter_map(|variable| {
                let known = self.known(problem, *variable)?;
                Some((known, named(known, &self.list(problem, *variable, left.get(*variable)?))))
            })
            .collect();
        // That a package came from the usual index goes without saying.
        let keys: Vec<&str> = keys_named
            .iter()
            .filter(|(known, _)| {
                !keys_named.iter().any(|(whole, _)| is_part(known, whole) && only_words(known))
            })
            .map(|(_, text)| text.as_str())
            .collect();
        let known = self.known(problem, target)?;
        let wanted = cells_in_words(self.world, problem, relation, column, &left)
            .unwrap_or_else(|| self.list(problem, target, &admitted));
        let first = *variables.key.first()?;
        let brings = keys_named.iter().any(|(whole, _)| is_part(known, whole));
        let verb = if brings { "comes with" } else { "needs" };
        let column_named = named(known, &wanted);
        Some(Need {
            text: format!("{} {verb} {column_named}", keys.join(" with ")),
            keys: variables
                .key
                .iter()
                .filter_map(|variable| problem.components.get(*variable))
                .copied()
                .collect(),
            key: self.known(problem, first)?.title().to_owned(),
            key_version: self.list(problem, first, left.get(first)?),
            column: known.title().to_owned(),
            column_id: *problem.components.get(target)?,
            wanted,
        })
    }

    fn known(&self, problem: &Problem, variable: Variable) -> Option<&Known<'_>> {
        self.world.components.get(*problem.components.get(variable)?)
    }

    /// Values as people read them: a few versions, or the range between the first and the last that exists.
    pub fn list(&self, problem: &Problem, variable: Variable, values: &Bits) -> String {
        let Some(known) = self.known(problem, variable) else { return String::new() };
        let exist: Vec<&Version> = values
            .iter()
            .filter(|value| known.released().contains(*value) || *value >= known.versions().len())
            .filter_map(|value| problem.version(self.world, variable, value))
            .collect();
        match exist.as_slice() {
            [] => "of a version that does not exist".to_owned(),
            few if few.len() <= MOST_LISTED => {
                let words: Vec<String> = few.iter().map(|version| known.shown(version)).collect();
                match words.split_last() {
                    Some((last, rest)) if !rest.is_empty() => format!("{} or {last}", rest.join(", ")),
                    _ => words.concat(),
                }
            }
            [first, .., last] => {
                let every = values.count() == problem.size(self.world, variable);
                let open_below = values.contains(0);
                let open_above = values.contains(known.versions().len().saturating_sub(1));
                match (every, open_below, open_above) {
                    (true, ..) => "of any version".to_owned(),
                    (_, true, false) => format!("{} or older", known.shown(last)),
                    (_, false, true) => format!("{} or newer", known.shown(first)),
                    _ => format!("{} to {}", known.shown(first), known.shown(last)),
                }
            }
            [only] => known.shown(only),
        }
    }

    /// The versions of a pin.
    pub fn shown(&self, pin: &Pin) -> String {
        pin.known(self.world).map(|known| known.shown_set(&pin.versions)).unwrap_or_default()
    }

    /// Who says what: `requirements.txt:3 pins torch 2.1.2`.
    pub fn said(&self, pin: &Pin) -> String {
        let Some(known) = pin.known(self.world) else { return String::new() };
        let named = named(known, &self.shown(pin));
        match &pin.origin {
            Origin::Given(text) => format!("the machine has {} {text}", known.title()),
            Origin::Image(index) => {
                let reference = self.facts.images.get(*index).and_then(|image| image.reference.as_ref());
                format!("the image {} has {named}", reference.map_or("", |reference| reference.text.as_str()))
            }
            Origin::Package(_) if pin.versions.pinned().is_some() => {
                format!("{} pins {named}", self.place(pin.at))
            }
            Origin::Package(_) => {
                let set: &VersionSet = &pin.versions;
                format!("{} asks for {} {set}", self.place(pin.at), known.title())
            }
            Origin::Reading(Kind::File, ..) => format!("{} is {named}", self.place(pin.at)),
            Origin::Reading(..) => format!("{} brings {named}", self.place(pin.at)),
        }
    }

    /// `requirements.txt:3`
    pub fn place(&self, at: Location) -> String {
        let file = self.facts.sources.get(at.file);
        format!("{}:{}", file.path(), file.position(at.span.start).line)
    }
}

/// What one cell asks for.
struct Need {
    text: String,
    keys: Vec<usize>,
    key: String,
    key_version: String,
    column: String,
    column_id: usize,
    wanted: String,
}

/// Whether a relation of the conflict narrows the component of the pin.
fn is_needed(problem: &Problem, conflict: &Conflict, pin: &Pin) -> bool {
    conflict.relations.iter().any(|(relation, columns)| {
        problem.relations.get(*relation).is_some_and(|relation| {
            let variable = problem.variable_of(pin.component);
            columns
                .iter()
                .filter_map(|column| relation.columns.get(*column))
                .any(|one| Some(*one) == variable)
        })
    })
}

/// What the cells of the rows that are left say, where each is the same single bound.
fn cells_in_words(
    world: &World<'_>,
    problem: &Problem,
    relation: usize,
    column: usize,
    left: &[Bits],
) -> Option<String> {
    let indexed = world.tables.get(*problem.tables.get(relation)?)?;
    let key = &problem.relations.get(relation)?.key;
    let chosen = indexed.table.rows.iter().zip(world.keys(indexed)).filter(|(_, values)| {
        let mut values = values.iter().zip(key);
        values.all(|(value, variable)| left.get(*variable).is_some_and(|bits| bits.contains(*value)))
    });
    let cells = chosen.map(|(row, _)| row.cells.get(column)?.as_deref());
    let mut cells: Vec<&[VersionSet]> = cells.collect::<Option<_>>()?;
    cells.dedup();
    let [[set]] = cells.as_slice() else { return None };
    let mut specifiers = set.specifiers();
    match (specifiers.next()?, specifiers.next()) {
        (Specifier::AtLeast(version), None) => Some(format!("{version} or newer")),
        (Specifier::AtMost(version), None) => Some(format!("{version} or older")),
        (Specifier::Less(version), None) => Some(format!("older than {version}")),
        (Specifier::Greater(version), None) => Some(format!("newer than {version}")),
        _ => {
            let component = problem.components.get(*problem.relations.get(relation)?.columns.get(column)?)?;
            // Without a list of releases the bounds are all there is to say.
            world.components.get(*component)?.released().is_empty().then(|| set.to_string())
        }
    }
}

/// A component with its version, as people say it.
fn named(known: &Known<'_>, versions: &str) -> String {
    let title = known.title();
    match versions {
        "yes" if title.starts_with("a ") => title.to_owned(),
        "yes" => format!("a {title}"),
        "no" => format!("no {title}"),
        _ => format!("{title} {versions}"),
    }
}

/// Whether a component such as `a.b` is a part of the other, `a`.
fn is_part(part: &Known<'_>, whole: &Known<'_>) -> bool {
    part.name.strip_prefix(whole.name).is_some_and(|rest| rest.starts_with('.'))
}

/// Whether all versions of the component are words.
fn only_words(known: &Known<'_>) -> bool {
    known.declared.is_some_and(|component| {
        let word = |version: &Version| component.words.iter().any(|(_, meant)| meant == version);
        known.released().iter().filter_map(|value| known.versions().get(value)).all(word)
    })
}

fn join(parts: &[String]) -> String {
    parts.join(" and ")
}
