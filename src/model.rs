//! Trees to facts: what one Dockerfile and the files that it installs say, with variables replaced, stages
//! connected and every text still knowing where it was written.
//!
//! Takes the tree, the build context and what packs know of command lines and images. Gives [`facts::Facts`]. It
//! judges nothing.

pub mod context;
pub mod facts;
pub mod schema;
pub mod settings;
pub mod value;
