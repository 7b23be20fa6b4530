//! The files of the build context that were read, each once.

use std::collections::BTreeMap;
use std::rc::Rc;

use camino::Utf8Path;

use super::context::Context;
use crate::source::{FileId, SourceFile, Sources};

/// A file of the context: its name among the sources, or why it could not be read.
type Read = Result<FileId, String>;

/// The files of the build context.
#[derive(Clone, Debug, Default)]
pub(super) struct Files {
    read: BTreeMap<String, Option<Read>>,
    sources: BTreeMap<FileId, Rc<SourceFile>>,
}

impl Files {
    /// Reads a file of the context; `None` where there is none.
    pub(super) fn read(&mut self, path: &str, context: &dyn Context, sources: &mut Sources) -> Option<Read> {
        if let Some(read) = self.read.get(path) {
            return read.clone();
        }
        let read = context.read(Utf8Path::new(path)).map(|bytes| {
            bytes.map(|bytes| sources.add(SourceFile::new(context.shown(Utf8Path::new(path)), bytes)))
        });
        self.read.insert(path.to_owned(), read.clone());
        read
    }

    /// A file that was read, to be held while facts are added.
    pub(super) fn source(&mut self, file: FileId, sources: &Sources) -> Rc<SourceFile> {
        Rc::clone(self.sources.entry(file).or_insert_with(|| Rc::new(sources.get(file).clone())))
    }
}
