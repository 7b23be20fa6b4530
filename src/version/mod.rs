//! Versions, version specifiers, and sets of versions, as PEP 440 defines them.
//!
//! One scheme serves everything whose releases are numbers with dots: Python packages, Python itself,
//! CUDA, drivers, Ubuntu, compute capabilities. Schemes that order otherwise (Debian, Alpine, npm) are not
//! read here.
//!
//! - [`Version`]: one version, in PEP 440's total order.
//! - [`Specifier`] and [`Specifiers`]: `>=2.1` and `>=2.1,<2.3`.
//! - [`VersionSet`]: what is still possible once several specifiers and lists have been put together.
//!
//! Everything is a value: cheap to clone, comparable, written and read by serde as text.

mod bounds;
mod error;
mod number;
mod parse;
mod set;
mod specifier;
#[cfg(test)]
mod tests;

pub use error::{VersionError, VersionFault};
pub use number::{Pre, PreKind, Version};
pub use set::VersionSet;
pub use specifier::{LocatedSpecifier, Specifier, Specifiers};
