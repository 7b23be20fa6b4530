//! A build context some of whose files have been changed in memory.

use std::collections::BTreeMap;

use camino::{Utf8Path, Utf8PathBuf};

use crate::model::context::Context;

/// Changed files by the path under which the user knows them, and their new bytes.
pub type ChangedFiles = BTreeMap<Utf8PathBuf, Vec<u8>>;

/// A context that answers with the changed bytes of a file, where there are any.
pub struct Overlay<'a> {
    /// The context underneath.
    pub base: &'a dyn Context,
    /// What has changed.
    pub changed: &'a ChangedFiles,
}

impl Context for Overlay<'_> {
    fn read(&self, path: &Utf8Path) -> Option<Result<Vec<u8>, String>> {
        match self.changed.get(&self.base.shown(path)) {
            Some(bytes) => Some(Ok(bytes.clone())),
            None => self.base.read(path),
        }
    }

    fn shown(&self, path: &Utf8Path) -> Utf8PathBuf {
        self.base.shown(path)
    }

    fn is_folder(&self, path: &Utf8Path) -> bool {
        self.base.is_folder(path)
    }
}
