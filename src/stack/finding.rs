//! What the stack has to say about one environment: conflicts in plain words, with the pins they rest on and what
//! would repair them.

use super::pin::Pin;
use super::repair::Repair;
use crate::model::facts::Index;

/// Pins that cannot hold together.
#[derive(Clone, Debug)]
pub struct Finding {
    /// The stage.
    pub stage: Index,
    /// The environment; empty for the image's own.
    pub environment: String,
    /// The tables that the conflict rests on; for one that rests on none, those of the component's own releases.
    pub relations: Vec<RelationUse>,
    /// The pins, cheapest to change first.
    pub pins: Vec<Pin>,
    /// Whether it is a single pin that no release satisfies.
    pub missing: bool,
    /// The conflict in plain words, all of it.
    pub words: Words,
    /// What would repair it together with all other conflicts of its environment, best first.
    pub repairs: Vec<Repair>,
    /// What else was said of the environment, the conflict's own pins included, without what only other conflicts
    /// rest on.
    pub around: Vec<Pin>,
    /// The soft table that it takes to see the conflict, by its place among those of all packs.
    pub soft: Option<usize>,
}

/// A table, and the columns of it that matter.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct RelationUse {
    /// The place of the table among those of all packs.
    pub table: usize,
    /// The columns.
    pub columns: Vec<String>,
}

/// The words for a finding, as rules use them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Words {
    /// All of it: `torchvision 0.17.0 needs torch 2.2.0, but requirements.txt:3 pins torch 2.1.2`.
    pub conflict: String,
    /// The component that needs something.
    pub key: String,
    /// Its version.
    pub key_version: String,
    /// The component that is needed.
    pub column: String,
    /// The versions that would do.
    pub wanted: String,
    /// The versions that are there.
    pub found: String,
}
