//! The stack that an image assembles: which components in which versions, whether they can work together, and the
//! nearest stack that can.
//!
//! Takes facts and what packs know; names no package, tool or image itself. [`environments`] gathers what was said
//! of each component, [`Problem`](problem::Problem) poses it to the solver, [`findings`] tells what cannot hold
//! together and what would repair it.

pub mod assemble;
pub mod check;
pub mod finding;
pub mod image;
pub mod marker;
pub mod overview;
pub mod pin;
pub mod problem;
pub mod reading;
pub mod repair;
pub mod rewrite;
pub mod solve;
pub mod words;
pub mod world;

pub use assemble::{Environment, Sources, environments};
pub use check::{findings, repair_of};
pub use finding::{Finding, RelationUse, Words};
pub use overview::{Part, PartOrigin, Stack, Verdict, stacks};
pub use pin::{Origin, Pin};
pub use reading::Reading;
pub use repair::Repair;
pub use world::World;

#[cfg(test)]
mod tests;
