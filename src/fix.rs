//! Findings to new bytes: which fixes are made, in which order, when to stop, and how files are replaced.
//!
//! [`converge`](converge::converge) works in memory, over an [`overlay`] of changed files, until nothing that may be
//! fixed is left; [`mod@write`] alone touches the disk, and [`diff`] shows what it would do. Which findings there are,
//! and what would mend them, is `engine`'s to say: it comes in as a function.

pub mod apply;
pub mod converge;
pub mod diff;
pub mod group;
pub mod overlay;
pub mod plan;
mod verdict;
pub mod write;

pub use converge::{Attempt, Change, Changed, Fixed, Outcome, Target, converge};
pub use verdict::Regression;
