//! The stack that an image assembles: which components in which versions, whether they can work together, and the
//! nearest stack that can.
//!
//! Takes facts and what packs know; names no package, tool or image itself.

pub mod image;
pub mod problem;
pub mod rewrite;
pub mod solve;
pub mod world;
