//! dlint reads a Dockerfile and what it installs, finds what cannot work together, says why, and
//! rewrites both into something that works. Its rules are data: TOML packs that this library loads,
//! checks and evaluates.
//!
//! The rooms, in the order in which data flows through them; each knows only those above it:
//!
//! - [`source`]: files, spans, and text that remembers where it came from.
//! - [`version`]: versions, specifiers and sets of versions, as PEP 440 has them.
//! - [`syntax`]: bytes to trees in which every node has its span.
//! - [`knowledge`]: what packs know of command lines, images and versions, as plain types.
//! - [`model`]: trees to facts.
//! - [`rules`]: packs of TOML to checked rules and knowledge.
//! - [`builtin`]: the packs that are part of dlint.
//! - [`stack`]: which versions an image assembles, and which of them cannot work together.
//! - [`diagnostic`]: findings and the edits that would mend them.
//! - [`engine`]: facts, rules and the stack to findings.
//! - [`diagnose`]: what the log of a failed build means, and what would mend it.
//! - [`shellcheck`]: what `shellcheck` says of the scripts in a Dockerfile.
//! - [`fix`]: edits to new bytes, round after round until the text is still.
//! - `build` (a feature): images, and what becomes of them; built, read, repaired, tested.
//! - [`examples`]: what rules say of themselves, put to the test.
//! - [`report`]: findings to text, for people and for tools.

pub mod date;
pub mod source;
pub mod version;

pub mod syntax;

pub mod knowledge;

pub mod model;

pub mod builtin;
pub mod rules;

pub mod stack;

pub mod diagnose;
pub mod engine;
pub mod shellcheck;

#[cfg(feature = "build")]
pub mod build;
pub mod diagnostic;
pub mod examples;
pub mod fix;
pub mod report;

pub mod cli;
