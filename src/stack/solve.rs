//! The solver: pins on variables with finite domains, relations between them; which pins cannot hold together, and
//! which of them to move, and where to.
//!
//! Pure: everything is a number here. `problem` says what the numbers mean.

pub mod bits;
pub mod conflict;
pub mod network;
pub mod repair;

pub use bits::Bits;
pub use conflict::{Conflict, Pin, conflicts};
pub use network::{Answer, Network, Relation, Row, Variable};
pub use repair::{Handle, Move, Repair, repair};

#[cfg(test)]
mod tests;
