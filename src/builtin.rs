//! The packs that are part of dlint, embedded when it is built.
//!
//! `build.rs` finds them under `rules/` and loads them as dlint does, so that a broken one breaks the build. What it
//! loaded is embedded as bytes that take a millisecond to unpack where reading the TOML takes fifty.

use crate::rules::{BrokenPack, PackFile, Packs};
use crate::source::SourceFile;

/// Path in the source tree and text of every built-in pack.
const PACKS: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/builtin_packs.rs"));

/// All of them, loaded and packed.
const PACKED: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/builtin_packs.bin"));

/// The built-in packs.
pub fn load() -> Packs {
    // The bytes were written by the same types when dlint was built, so they unpack.
    postcard::from_bytes(PACKED).unwrap_or_default()
}

/// The built-in packs as files, in the order of their paths.
pub fn files() -> Vec<PackFile> {
    PACKS.iter().map(|(path, text)| PackFile { file: SourceFile::new(*path, *text), builtin: true }).collect()
}

/// The built-in packs and the user's behind them.
///
/// Packs refer to one another, so with one of the user's all are read from their texts.
/// Errors: every broken file with everything found wrong in it.
pub fn load_with(user: impl IntoIterator<Item = SourceFile>) -> Result<Packs, Vec<BrokenPack>> {
    let user: Vec<_> = user.into_iter().map(|file| PackFile { file, builtin: false }).collect();
    if user.is_empty() {
        return Ok(load());
    }
    let mut files = files();
    files.extend(user);
    Packs::load(&files)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_packed_is_what_is_written() {
        let read = Packs::load(&files()).unwrap();
        assert!(!read.rules.is_empty());
        assert_eq!(postcard::to_allocvec(&load()), postcard::to_allocvec(&read));
    }
}
