//! Finds the built-in packs, so that adding one needs no Rust, and loads them as dlint will, so that a broken one
//! breaks the build at its line.
//!
//! Writes `builtin_packs.rs`, a list of path and text of every TOML file under `rules/` in the order of the paths, and
//! `builtin_packs.bin`, the same loaded and packed, so that starting dlint reads no TOML.
//!
//! The rooms that read packs are part of this program too. They need the declaration of the facts but no tree, so
//! the parsers stay out.

#![allow(dead_code, unused_imports, reason = "this program uses a part of each room")]
#![allow(
    unreachable_pub,
    unfulfilled_lint_expectations,
    clippy::struct_field_names,
    reason = "what the library makes public is public to nobody here"
)]

#[path = "src"]
mod rooms {
    pub mod date;
    pub mod diagnostic;
    pub mod knowledge;
    pub mod model {
        pub mod facts;
        pub mod schema;
        pub mod settings;
        pub mod value;
    }
    pub mod rules;
    pub mod source;
    pub mod version;
}
// The rooms know each other by these names.
use rooms::{date, diagnostic, knowledge, model, rules, source, version};

/// Stands in for the parsers: facts hold a tree, but reading a pack looks into none.
mod syntax {
    pub mod dockerfile {
        /// The tree of no Dockerfile.
        #[derive(Clone, Debug, Default)]
        pub struct Dockerfile;
    }
}

use std::error::Error;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

use rules::{BrokenPack, PackFile, Packs};
use source::SourceFile;

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=rules");
    let root = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?);
    let mut paths = Vec::new();
    find(&root.join("rules"), &mut paths)?;
    paths.sort();
    let mut list = String::from("&[\n");
    let mut files = Vec::new();
    for path in paths {
        let name = path.strip_prefix(&root)?.to_string_lossy().replace('\\', "/");
        let text = path.to_string_lossy();
        writeln!(list, "    ({name:?}, include_str!({text:?})),")?;
        files.push(PackFile { file: SourceFile::new(name, fs::read(&path)?), builtin: true });
    }
    list.push_str("]\n");
    let out = PathBuf::from(env::var("OUT_DIR")?);
    fs::write(out.join("builtin_packs.rs"), list)?;
    match Packs::load(&files) {
        Ok(packs) => fs::write(out.join("builtin_packs.bin"), postcard::to_allocvec(&packs)?)?,
        Err(broken) => broken.iter().for_each(tell),
    }
    Ok(())
}

/// Every TOML file below the folder.
fn find(folder: &Path, files: &mut Vec<PathBuf>) -> Result<(), Box<dyn Error>> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            find(&path, files)?;
        } else if path.extension().is_some_and(|extension| extension == "toml") {
            files.push(path);
        }
    }
    Ok(())
}

/// Fails the build with everything that is wrong with a pack.
fn tell(pack: &BrokenPack) {
    for error in &pack.errors {
        let place = pack.file.position(error.span.start);
        let help = error.help().map(|help| format!(" ({help})")).unwrap_or_default();
        println!("cargo::error={}:{}:{}: {error}{help}", pack.file.path(), place.line, place.column);
    }
}
