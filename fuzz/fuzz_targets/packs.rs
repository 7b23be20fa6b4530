//! Any bytes as a pack: it is loaded or refused.

#![no_main]

use dlint::rules::{PackFile, Packs};
use dlint::source::SourceFile;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let _ = Packs::load(&[PackFile { file: SourceFile::new("pack.toml", bytes), builtin: false }]);
});
