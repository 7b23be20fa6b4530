//! Loading the packs that the user names, behind the built-in ones.

use camino::Utf8PathBuf;

use super::failure::{Failure, Spot};
use super::files;
use crate::builtin;
use crate::rules::{BrokenPack, Packs};

/// The built-in packs and these; or everything that is wrong with them.
pub(super) fn load_packs<'a>(
    paths: impl IntoIterator<Item = &'a Utf8PathBuf>,
) -> Result<Packs, Vec<Failure>> {
    let (mut packs, mut failures) = (Vec::new(), Vec::new());
    for path in paths {
        match files::read_source(path) {
            Ok(file) => packs.push(file),
            Err(failure) => failures.push(failure),
        }
    }
    if !failures.is_empty() {
        return Err(failures);
    }
    builtin::load_with(packs).map_err(|broken| broken.into_iter().map(failure).collect())
}

fn failure(pack: BrokenPack) -> Failure {
    let spots = pack.errors.iter().map(|error| Spot {
        span: error.span,
        message: error.to_string(),
        help: error.help(),
    });
    let spots = spots.collect();
    Failure::Broken(Box::new(pack.file), spots)
}
