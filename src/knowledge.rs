//! What packs know of the world, as plain checked types: how a tool's command line is read, what an image's
//! tag says, which components a stack has, and the tables that relate them.
//!
//! `rules` fills these from TOML; `model` and `stack` read them. Nothing here evaluates anything. The names of
//! tools, images and packages live in the packs alone.

pub mod image;
pub mod lookup;
pub mod packed;
pub mod probe;
pub mod program;
pub mod programs;
pub mod stack;

use serde::{Deserialize, Serialize};

pub use image::{ImagePattern, Provision, TagRow, Tags};
pub use lookup::Lookup;
pub use packed::{Expression, Packed};
pub use probe::Probe;
pub use program::{Installs, Name, OperandSyntax, Program, Wrapping};
pub use programs::Programs;
pub use stack::{Component, Table, TableRow};

/// Everything that the loaded packs know, in pack order.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Knowledge {
    /// Command-line syntaxes.
    pub programs: Programs,
    /// Image names and their tags.
    pub images: Vec<ImagePattern>,
    /// Components that packs declare; tables imply further ones.
    pub components: Vec<Component>,
    /// Relations between components.
    pub tables: Vec<Table>,
    /// Texts by texts: the package that has a header, the distribution that has a module.
    pub lookups: Vec<Lookup>,
    /// What shows that a package works.
    pub probes: Vec<Probe>,
}
