//! Many files at once.

use std::panic::{AssertUnwindSafe, catch_unwind};

use rayon::iter::{IndexedParallelIterator, IntoParallelIterator, ParallelIterator};

use super::Engine;
use super::own::INTERNAL;
use crate::diagnostic::Checked;
use crate::model::context::Context;
use crate::source::{Location, SourceFile, Sources};

/// One file to check.
pub struct Request<'c> {
    /// The Dockerfile as it was read.
    pub dockerfile: SourceFile,
    /// Where its other files are.
    pub context: &'c dyn Context,
}

/// Checks every file, on `jobs` threads (0: as many as the machine has); the answers are in the order of the
/// requests, whatever the number of threads.
pub fn check_all(engine: &Engine<'_>, requests: Vec<Request<'_>>, jobs: usize) -> Vec<Checked> {
    let check = |request: Request<'_>| check_one(engine, request);
    if jobs == 1 || requests.len() < 2 {
        return requests.into_iter().map(check).collect();
    }
    let Ok(pool) = rayon::ThreadPoolBuilder::new().num_threads(jobs).build() else {
        return requests.into_iter().map(check).collect();
    };
    pool.install(|| {
        let mut checked = Vec::new();
        requests.into_par_iter().map(check).collect_into_vec(&mut checked);
        checked
    })
}

/// Checks one file; a panic becomes a finding about dlint.
pub fn check_one(engine: &Engine<'_>, request: Request<'_>) -> Checked {
    let Request { dockerfile, context } = request;
    let kept = dockerfile.clone();
    // The engine holds nothing that a panic could leave half done.
    catch_unwind(AssertUnwindSafe(|| engine.check(dockerfile, context))).unwrap_or_else(|panic| {
        let words = panic.downcast_ref::<String>().map(String::as_str);
        let words = words.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("no message");
        let message = format!("dlint failed on this file: {words}");
        let mut sources = Sources::default();
        let file = sources.add(kept);
        let at = Location { file, ..Location::default() };
        Checked {
            sources,
            diagnostics: INTERNAL.finding(engine.selection, at, message).into_iter().collect(),
        }
    })
}
