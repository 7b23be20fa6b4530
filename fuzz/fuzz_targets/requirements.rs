//! Any bytes as a requirements file.

#![no_main]

use dlint::source::SourceFile;
use dlint::syntax::requirements;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let file = SourceFile::new("requirements.txt", bytes);
    let _ = requirements::parse(&file);
});
