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

mod builder;
mod call;
mod command;
mod describe;
mod environment;
mod expand;
mod files;
mod flow;
mod image;
mod install;
mod labels;
mod lists;
mod notes;
mod options;
mod paths;
mod platform;
mod ports;
mod project;
mod reference;
mod references;
mod run;
mod scope;
mod specs;
mod stages;
mod transfer;
mod words;

#[cfg(test)]
mod tests;

use context::Context;
use facts::Facts;
use settings::Settings;

use crate::knowledge::Knowledge;
use crate::source::SourceFile;

/// The facts of a Dockerfile and of the files that it installs. Never fails: faults are facts, and what cannot be
/// known is unknown.
pub fn build(
    dockerfile: SourceFile,
    context: &dyn Context,
    knowledge: &Knowledge,
    settings: &Settings,
) -> Facts {
    builder::Builder::new(context, knowledge, settings).build(dockerfile)
}
