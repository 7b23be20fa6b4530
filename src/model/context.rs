//! The build context as the model sees it: a folder that can be asked for files.

use camino::{Utf8Path, Utf8PathBuf};

/// Where the files of a build context are read from.
///
/// Paths are relative to the context's root, with `/` between their parts and neither `.` nor `..` in them.
pub trait Context: Sync {
    /// The bytes of a file, `None` where there is none.
    fn read(&self, path: &Utf8Path) -> Option<Result<Vec<u8>, String>>;

    /// How the file is named to the user.
    fn shown(&self, path: &Utf8Path) -> Utf8PathBuf;

    /// Whether there is a folder of that name.
    fn is_folder(&self, path: &Utf8Path) -> bool;
}

/// The `.dockerignore` that counts for the Dockerfile of that name: its own, or else that of the context.
pub fn ignore_file(context: &dyn Context, dockerfile: &Utf8Path) -> Option<Result<Vec<u8>, String>> {
    let own = [Some(dockerfile.as_str()), dockerfile.file_name()].into_iter().flatten();
    let all = own.map(|name| format!("{name}.dockerignore")).chain([".dockerignore".to_owned()]);
    let mut inside = all.filter(|path| !path.starts_with('/') && !path.split('/').any(|part| part == ".."));
    inside.find_map(|path| context.read(path.as_str().into()))
}

/// A context without files: a Dockerfile from standard input.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoContext;

impl Context for NoContext {
    fn read(&self, _: &Utf8Path) -> Option<Result<Vec<u8>, String>> {
        None
    }

    fn shown(&self, path: &Utf8Path) -> Utf8PathBuf {
        path.to_owned()
    }

    fn is_folder(&self, _: &Utf8Path) -> bool {
        false
    }
}
