//! The tables of all packs, made ready for the solver: which releases of each component there are, and which of
//! them each cell admits.
//!
//! Takes [`Knowledge`]; gives [`World`], which is made once and asked for every environment of every stage. The
//! releases of a component, the rows of a table and what a cell admits are computed when they are first needed, and
//! kept: most files touch few of them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, OnceLock};

use super::solve::Bits;
use crate::knowledge::{Component, Knowledge, Table};
use crate::version::{Specifier, Version, VersionSet};

/// A component, by its place in [`World::components`].
pub type ComponentId = usize;

/// The cost of moving a component that no pack declares.
const USUAL_COST: u32 = 10;

/// What the packs know, indexed.
#[derive(Debug)]
pub struct World<'a> {
    /// Every component that a pack declares or a table speaks of.
    pub components: Vec<Known<'a>>,
    /// The tables, in the order of the packs.
    pub tables: Vec<Indexed<'a>>,
    by_name: BTreeMap<&'a str, ComponentId>,
    /// For each component, the tables in whose key it stands first.
    by_key: Vec<Vec<usize>>,
}

/// One component with the versions that the tables know.
#[derive(Debug)]
pub struct Known<'a> {
    /// Its name.
    pub name: &'a str,
    /// What a pack declares of it.
    pub declared: Option<&'a Component>,
    /// The tables in whose keys it stands, and at which place.
    in_keys: Vec<(&'a Table, usize)>,
    /// The tables that have a column for it, and which.
    in_columns: Vec<(&'a Table, usize)>,
    releases: OnceLock<Releases>,
}

/// The versions of a component.
#[derive(Debug)]
struct Releases {
    versions: Vec<Version>,
    released: Bits,
    offered: Bits,
    /// Inside these, there are no releases but the listed ones.
    covers: Vec<VersionSet>,
}

/// One table with its components and the releases of its rows by number.
#[derive(Debug)]
pub struct Indexed<'a> {
    /// The table.
    pub table: &'a Table,
    /// The components of its key.
    pub key: Vec<ComponentId>,
    /// The components of its columns.
    pub columns: Vec<ComponentId>,
    rows: OnceLock<Vec<IndexedRow>>,
}

/// One row by number.
#[derive(Debug)]
struct IndexedRow {
    /// The places of its key's versions in the components' lists.
    key: Vec<usize>,
    /// What its cells admit.
    cells: Vec<OnceLock<Option<Arc<Bits>>>>,
}

impl<'a> World<'a> {
    /// Indexes what the packs know.
    pub fn new(knowledge: &'a Knowledge) -> Self {
        let mut names: BTreeSet<&str> = knowledge.components.iter().map(|one| one.name.as_str()).collect();
        for table in &knowledge.tables {
            names.extend(table.key.iter().chain(&table.columns).map(String::as_str));
        }
        let by_name: BTreeMap<&str, ComponentId> =
            names.into_iter().enumerate().map(|(index, name)| (name, index)).collect();
        let components = components(knowledge, &by_name);
        let ids = |names: &[String]| -> Vec<ComponentId> {
            names.iter().filter_map(|name| by_name.get(name.as_str()).copied()).collect()
        };
        let mut by_key = vec![Vec::new(); by_name.len()];
        let mut tables = Vec::with_capacity(knowledge.tables.len());
        for (index, table) in knowledge.tables.iter().enumerate() {
            let (key, columns) = (ids(&table.key), ids(&table.columns));
            if let Some(list) = key.first().and_then(|first| by_key.get_mut(*first)) {
                list.push(index);
            }
            tables.push(Indexed { table, key, columns, rows: OnceLock::new() });
        }
        Self { components, tables, by_name, by_key }
    }

    /// The component of that name.
    pub fn component(&self, name: &str) -> Option<ComponentId> {
        self.by_name.get(name).copied()
    }

    /// The tables in whose key the component stands first.
    pub fn tables_of(&self, component: ComponentId) -> &[usize] {
        self.by_key.get(component).map_or(&[], Vec::as_slice)
    }

    /// Which listed versions of its column a cell admits; `None`: all.
    pub fn cell(&self, table: usize, row: usize, column: usize) -> Option<Arc<Bits>> {
        let indexed = self.tables.get(table)?;
        let component = self.components.get(*indexed.columns.get(column)?)?;
        let alternatives = indexed.table.rows.get(row)?.cells.get(column)?.as_ref()?;
        let lock = self.rows(indexed).get(row)?.cells.get(column)?;
        lock.get_or_init(|| {
            let versions = component.versions();
            let admits = |index: usize| {
                versions.get(index).is_some_and(|version| component.admits_any(alternatives, version))
            };
            Some(Arc::new(Bits::filter(versions.len(), admits)))
        })
        .clone()
    }

    /// For each row of a table, the places of its key's versions in the components' lists.
    pub fn keys<'w>(&'w self, indexed: &'w Indexed<'a>) -> impl Iterator<Item = &'w [usize]> {
        self.rows(indexed).iter().map(|row| row.key.as_slice())
    }

    fn rows<'w>(&'w self, indexed: &'w Indexed<'a>) -> &'w [IndexedRow] {
        let place =
            |(component, version): (&ComponentId, &Version)| self.components.get(*component)?.place(version);
        indexed.rows.get_or_init(|| {
            let rows = indexed.table.rows.iter();
            rows.map(|row| IndexedRow {
                key: indexed.key.iter().zip(&row.key).filter_map(place).collect(),
                cells: indexed.columns.iter().map(|_| OnceLock::new()).collect(),
            })
            .collect()
        })
    }
}

impl<'a> Known<'a> {
    /// A component of which nothing is known yet.
    fn named(name: &'a str) -> Self {
        Self { name, declared: None, in_keys: Vec::new(), in_columns: Vec::new(), releases: OnceLock::new() }
    }

    /// The name that people read.
    pub fn title(&self) -> &str {
        self.declared.map_or(self.name, |component| component.title.as_str())
    }

    /// How dear it is to change.
    pub fn cost(&self) -> u32 {
        self.declared.map_or(USUAL_COST, |component| component.cost)
    }

    /// Whether every environment sees it.
    pub fn shared(&self) -> bool {
        self.declared.is_some_and(|component| component.shared)
    }

    /// Versions in rising order: releases, and between them the points at which some cell changes its mind.
    pub fn versions(&self) -> &[Version] {
        &self.releases().versions
    }

    /// Which of the versions are releases that exist.
    pub fn released(&self) -> &Bits {
        &self.releases().released
    }

    /// Which of them a repair may take: final releases that were not withdrawn.
    pub fn offered(&self) -> &Bits {
        &self.releases().offered
    }

    fn releases(&self) -> &Releases {
        self.releases.get_or_init(|| Lists::gather(self).finish())
    }

    /// The place of a version in the list.
    pub fn place(&self, version: &Version) -> Option<usize> {
        self.versions().binary_search(version).ok()
    }

    /// Whether there would be a row for the version if it existed.
    ///
    /// Tables list no pre-releases, so there may be any.
    pub fn covers(&self, version: &Version) -> bool {
        !version.is_pre_release() && self.releases().covers.iter().any(|covered| covered.contains(version))
    }

    /// Whether one of the sets admits the version, or, where a version stands for its series, one of the series.
    pub fn admits_any(&self, sets: &[VersionSet], version: &Version) -> bool {
        sets.iter().any(|set| self.admits(set, version))
    }

    /// See [`Known::admits_any`].
    pub fn admits(&self, set: &VersionSet, version: &Version) -> bool {
        if set.contains(version) {
            return true;
        }
        if !self.series() || version.is_pre_release() {
            return false;
        }
        let series = series_of(version);
        // Most sets are one version, and most of those are of another series.
        set.pinned().is_none_or(|pin| series.contains(pin)) && !set.and(&series).is_empty_for_sure()
    }

    /// Whether a version stands for its whole series.
    fn series(&self) -> bool {
        self.declared.is_some_and(|component| component.series)
    }

    /// Whether the version is listed, or is part of a listed series.
    pub fn lists(&self, version: &Version) -> bool {
        self.place(version).is_some() || (self.series() && in_series(self.versions(), version))
    }

    /// The version as people write it: a word where one stands for it.
    pub fn shown(&self, version: &Version) -> String {
        let Some(declared) = self.declared else { return version.to_string() };
        let word = declared.words.iter().find(|(_, meant)| meant == version);
        match word {
            // Where the number has a name as well as a place in the domain, the number is what tables speak of.
            Some((word, _)) if !declared.domain.contains(version) => word.clone(),
            _ => version.to_string(),
        }
    }

    /// A set as people write it: `==2.1.*` is 2.1.
    pub fn shown_set(&self, set: &VersionSet) -> String {
        let mut specifiers = set.specifiers();
        match (set.pinned(), specifiers.next(), specifiers.next()) {
            (Some(version), ..) | (None, Some(Specifier::EqualPrefix(version)), None) => self.shown(version),
            _ => set.to_string(),
        }
    }
}

/// The components, with the tables that speak of them.
fn components<'a>(knowledge: &'a Knowledge, by_name: &BTreeMap<&'a str, ComponentId>) -> Vec<Known<'a>> {
    let mut components: Vec<Known<'a>> = by_name.keys().map(|name| Known::named(name)).collect();
    let id = |name: &str| by_name.get(name).copied();
    for component in &knowledge.components {
        if let Some(known) = id(&component.name).and_then(|id| components.get_mut(id)) {
            known.declared = Some(component);
        }
    }
    for table in &knowledge.tables {
        for (place, name) in table.key.iter().enumerate() {
            if let Some(known) = id(name).and_then(|id| components.get_mut(id)) {
                known.in_keys.push((table, place));
            }
        }
        for (place, name) in table.columns.iter().enumerate() {
            if let Some(known) = id(name).and_then(|id| components.get_mut(id)) {
                known.in_columns.push((table, place));
            }
        }
    }
    components
}

/// What is gathered about one component.
#[derive(Clone, Debug, Default)]
struct Lists<'a> {
    series: bool,
    /// Keys of rows and declared versions.
    released: BTreeSet<Version>,
    /// What cells pin with `==`: taken to exist.
    named: BTreeSet<Version>,
    /// The bounds in other cells.
    mentioned: BTreeSet<Version>,
    covers: Vec<&'a VersionSet>,
    withdrawn: BTreeSet<Version>,
}

impl<'a> Lists<'a> {
    fn gather(known: &Known<'a>) -> Self {
        let mut list = Self { series: known.series(), ..Self::default() };
        if let Some(declared) = known.declared {
            list.released.extend(declared.domain.iter().map(Version::without_local));
        }
        for &(table, place) in &known.in_keys {
            let keys = table.rows.iter().filter_map(|row| row.key.get(place));
            list.released.extend(keys.map(Version::without_local));
            if place == 0 {
                list.covers.extend(&table.covers);
                list.withdrawn.extend(table.withdrawn.iter().cloned());
            }
        }
        for &(table, place) in &known.in_columns {
            for set in table.rows.iter().filter_map(|row| row.cells.get(place)).flatten().flatten() {
                match set.pinned() {
                    Some(version) => {
                        list.named.insert(version.without_local());
                    }
                    None => list.mentioned.extend(set.specifiers().filter_map(Specifier::version).cloned()),
                }
            }
        }
        list
    }

    fn finish(self) -> Releases {
        let covered = |version: &Version| self.covers.iter().any(|covered| covered.contains(version));
        let mut released = self.released;
        released.extend(self.named.iter().filter(|version| !covered(version)).cloned());
        let mut versions = released.clone();
        let listed: Vec<Version> = released.iter().cloned().collect();
        let further = points(&self.mentioned).into_iter().chain([oldest(), newest()]);
        versions
            .extend(further.filter(|point| !(covered(point) || self.series && in_series(&listed, point))));
        let versions: Vec<Version> = versions.into_iter().collect();
        let among =
            |set: &BTreeSet<Version>, index| versions.get(index).is_some_and(|version| set.contains(version));
        let exists = |index: usize| among(&released, index);
        let offered = |index: usize| {
            let preliminary = versions.get(index).is_none_or(Version::is_pre_release);
            exists(index) && !preliminary && !among(&self.withdrawn, index)
        };
        Releases {
            released: Bits::filter(versions.len(), exists),
            offered: Bits::filter(versions.len(), offered),
            covers: self.covers.into_iter().cloned().collect(),
            versions,
        }
    }
}

/// Every version of the series that a version stands for.
fn series_of(version: &Version) -> VersionSet {
    VersionSet::from(Specifier::EqualPrefix(version.clone()))
}

/// Whether a version belongs to the series of one of the versions, which are in rising order.
fn in_series(versions: &[Version], version: &Version) -> bool {
    let before = versions.partition_point(|one| one <= version);
    let nearest = before.checked_sub(1).and_then(|place| versions.get(place));
    nearest.is_some_and(|one| !one.is_pre_release() && series_of(one).contains(version))
}

/// A version older than all that anybody names.
pub fn oldest() -> Version {
    Version::parse("0.dev0").unwrap_or_else(|_| Version::from_release(&[0]))
}

/// A version newer than all that anybody names.
pub fn newest() -> Version {
    Version::from_release(&[1_000_000_000])
}

/// The versions at which a set with these bounds may change its mind: the bounds, and something just below and just
/// above each.
pub fn points<'v>(bounds: impl IntoIterator<Item = &'v Version>) -> BTreeSet<Version> {
    let mut points = BTreeSet::new();
    for bound in bounds {
        let bound = bound.without_local();
        let mut above = bound.release().to_vec();
        above.resize(above.len().max(4), 0);
        above.push(1);
        points.insert(Version::from_release(&above));
        let mut below = bound.release().to_vec();
        while below.last() == Some(&0) {
            below.pop();
        }
        if let Some(last) = below.last_mut() {
            *last -= 1;
            below.push(999_999_999);
            points.insert(Version::from_release(&below));
        }
        points.insert(bound);
    }
    points
}

/// The set without local labels: tables speak of public versions.
pub fn public(set: &VersionSet) -> VersionSet {
    match set.pinned() {
        Some(version) if version.local().is_some() => VersionSet::exactly(version.without_local()),
        _ => set.clone(),
    }
}

/// The bounds that a set names.
pub fn bounds(set: &VersionSet) -> Vec<Version> {
    set.specifiers().filter_map(Specifier::version).map(Version::without_local).collect()
}
