//! The packs that are part of dlint, embedded when it is built.
//!
//! `build.rs` finds them under `rules/` and loads them as dlint does, so that a broken one breaks the build.

use crate::rules::{BrokenPack, PackFile, Packs};
use crate::source::SourceFile;

/// Path in the source tree and text of every built-in pack.
const PACKS: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/builtin_packs.rs"));

/// The built-in packs as files, in the order of their paths.
pub fn files() -> Vec<PackFile> {
    PACKS.iter().map(|(path, text)| PackFile { file: SourceFile::new(*path, *text), builtin: true }).collect()
}

/// Loads the built-in packs and the user's behind them.
///
/// Errors: every broken file with everything found wrong in it.
pub fn load_with(user: impl IntoIterator<Item = SourceFile>) -> Result<Packs, Vec<BrokenPack>> {
    let mut files = files();
    files.extend(user.into_iter().map(|file| PackFile { file, builtin: false }));
    Packs::load(&files)
}
