//! Components of a stack and the tables that say which of their versions go together.

use serde::{Deserialize, Serialize};

use super::packed::Packed;
use crate::version::{Version, VersionSet};

/// Something of which a stack has a version: a package, an interpreter, a toolkit, a driver.
///
/// A component `a.b` belongs to `a`: when `a` is replaced by another release, what was known of `a.b` is forgotten.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Component {
    /// The name that tables and rules use.
    pub name: String,
    /// The name that people read.
    pub title: String,
    /// How dear it is to change; repairs move the cheapest first.
    pub cost: u32,
    /// The versions that exist where no table lists them.
    pub domain: Vec<Version>,
    /// Words that stand for versions: `cpu` among the CUDA variants, the names of GPUs for their compute
    /// capability. Compared without case, blanks, `-` and `_`; a message shows the word.
    pub words: Vec<(String, Version)>,
    /// Whether a version stands for its whole series: `3.12` for every 3.12.x, so that a set admits it when it
    /// admits some version of the series.
    pub series: bool,
    /// Whether its version is the one for which markers of requirements ask (`python_version < "3.11"`).
    pub interpreter: bool,
    /// Whether it holds for every environment of the image (an interpreter, a toolkit) unless that environment
    /// says otherwise; else only for the environment into which it was installed.
    pub shared: bool,
    /// The component whose version it takes, if it can, when an image has to change for it: a compiler that of the
    /// packages it compiles for.
    pub follows: Option<String>,
}

/// A relation: when the key components have a row's versions, its cells say what else must hold.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Table {
    /// The name by which rules address the table.
    pub name: String,
    /// The components whose versions select a row.
    pub key: Vec<String>,
    /// The components that a row constrains.
    pub columns: Vec<String>,
    /// The releases of the first key component that the table knows completely: one inside that no row has
    /// does not exist.
    pub covers: Option<VersionSet>,
    /// Releases of the first key component that were withdrawn: a pin on one still installs it, no repair takes it.
    pub withdrawn: Vec<Version>,
    /// A name for several tables at once.
    pub group: Option<String>,
    /// The relation counts only where the stack has these components.
    pub when: Vec<String>,
    /// The relation counts only where nothing else says a version of these: its rows give what holds by default,
    /// such as the runtime that a wheel of the usual index brings.
    pub unless: Vec<String>,
    /// A soft relation is no part of the join; only rules that name the table see it.
    pub soft: bool,
    /// The rows, in the pack's order.
    pub rows: Packed<Vec<TableRow>>,
    /// Where the rows were read.
    pub source: String,
}

/// One row of a [`Table`].
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct TableRow {
    /// One version for each key component. A pack may list several in one cell; the row then stands for each.
    pub key: Vec<Version>,
    /// One cell for each column: alternatives, any of which will do; `None` constrains nothing.
    pub cells: Vec<Option<Vec<VersionSet>>>,
}
