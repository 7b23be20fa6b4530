//! The packs that are part of dlint, embedded when it is built.

use super::pack::PackFile;
use crate::source::SourceFile;

/// Path in the source tree and text of every built-in pack.
const PACKS: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/builtin_packs.rs"));

/// The built-in packs as files, in the order of their paths.
pub fn builtin_files() -> Vec<PackFile> {
    PACKS.iter().map(|(path, text)| PackFile { file: SourceFile::new(*path, *text), builtin: true }).collect()
}
