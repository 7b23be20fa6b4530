//! The build context as folders on disk.

use std::fs;
use std::path::PathBuf;
use std::sync::OnceLock;

use camino::{Utf8Path, Utf8PathBuf};

use super::files;
use crate::model::context::Context;

/// The folders whose files a Dockerfile may use. Nothing outside of them is read, whatever links point there.
#[derive(Clone, Debug)]
pub(super) struct DiskContext {
    /// The folder that comes first.
    folder: Utf8PathBuf,
    /// Whether files may come from the folders above it in the same repository as well.
    goes_up: bool,
    /// A file is taken from the first folder that has it; there is at least one. They are looked for when something is
    /// read, which few Dockerfiles ask for.
    roots: OnceLock<Vec<Root>>,
}

/// A folder that is, or may be, the build context.
#[derive(Clone, Debug)]
struct Root {
    /// The folder as the user knows it; empty for the working directory.
    shown: Utf8PathBuf,
    /// The folder without links; `None` where there is no such folder.
    real: Option<PathBuf>,
}

impl DiskContext {
    /// The context in that folder.
    pub(super) fn new(folder: &Utf8Path) -> Self {
        Self { folder: folder.to_owned(), goes_up: false, roots: OnceLock::new() }
    }

    /// The context of a Dockerfile of which nobody said where it is built: its folder, and for what is not there the
    /// folders above it in the same repository, as for `docker build -f docker/Dockerfile .`
    pub(super) fn around(dockerfile: &Utf8Path) -> Self {
        let folder = dockerfile.parent().unwrap_or(Utf8Path::new(""));
        Self { goes_up: true, ..Self::new(folder) }
    }

    /// Its folders, the first one first.
    fn roots(&self) -> &[Root] {
        self.roots.get_or_init(|| self.find_roots())
    }

    fn find_roots(&self) -> Vec<Root> {
        let mut roots = vec![Root::new(&self.folder)];
        if !self.goes_up {
            return roots;
        }
        let mut above = Vec::new();
        while let Some(root) = above.last().or(roots.first()) {
            let Some(real) = &root.real else { break };
            if real.join(".git").exists() {
                roots.append(&mut above);
                break;
            }
            let Some(parent) = root.parent() else { break };
            above.push(parent);
        }
        roots
    }

    /// The first folder that has the file, and the file's real path there.
    fn find(&self, path: &Utf8Path) -> Option<(&Root, Result<PathBuf, String>)> {
        self.roots().iter().find_map(|root| Some((root, root.find(path)?)))
    }
}

impl Root {
    fn new(folder: &Utf8Path) -> Self {
        let shown = without_dots(folder);
        let folder = if shown.as_str().is_empty() { Utf8Path::new(".") } else { &shown };
        Self { real: fs::canonicalize(folder).ok(), shown }
    }

    /// The folder above.
    fn parent(&self) -> Option<Self> {
        let real = self.real.as_ref()?.parent()?.to_owned();
        let shown = match self.shown.file_name() {
            Some(_) => self.shown.parent()?.to_owned(),
            // The working directory, or one above it.
            None => self.shown.join(".."),
        };
        Some(Self { shown, real: Some(real) })
    }

    /// The file's real path, if it is there and inside.
    fn find(&self, path: &Utf8Path) -> Option<Result<PathBuf, String>> {
        let root = self.real.as_ref()?;
        match fs::canonicalize(root.join(path)) {
            Ok(real) if real.starts_with(root) => Some(Ok(real)),
            Ok(_) => Some(Err("it is a link that leaves the build context".to_owned())),
            Err(error) => match error.kind() {
                std::io::ErrorKind::NotFound | std::io::ErrorKind::NotADirectory => None,
                _ => Some(Err(files::words(&error))),
            },
        }
    }
}

impl Context for DiskContext {
    fn read(&self, path: &Utf8Path) -> Option<Result<Vec<u8>, String>> {
        let read = |real: PathBuf| {
            let real = Utf8PathBuf::from_path_buf(real).map_err(|_| "its path is not UTF-8".to_owned())?;
            files::read(&real).map_err(|error| files::words(&error))
        };
        self.find(path).map(|(_, found)| found.and_then(read))
    }

    fn shown(&self, path: &Utf8Path) -> Utf8PathBuf {
        let root = self.find(path).map_or_else(|| self.roots().first(), |(root, _)| Some(root));
        root.map_or_else(|| path.to_owned(), |root| root.shown.join(path))
    }

    fn is_folder(&self, path: &Utf8Path) -> bool {
        matches!(self.find(path), Some((_, Ok(real))) if real.is_dir())
    }
}

/// The path without its `.` parts, so that a file has one name however its folder was reached.
pub(super) fn without_dots(path: &Utf8Path) -> Utf8PathBuf {
    path.components().filter(|part| *part != camino::Utf8Component::CurDir).collect()
}

/// The path without `.`, and without `..` where a folder stands before it, as Compose joins paths.
pub(super) fn tidy(path: &Utf8Path) -> Utf8PathBuf {
    let mut tidy = Utf8PathBuf::new();
    for part in without_dots(path).components() {
        let folder = matches!(tidy.components().next_back(), Some(camino::Utf8Component::Normal(_)));
        if part == camino::Utf8Component::ParentDir && folder {
            tidy.pop();
        } else {
            tidy.push(part);
        }
    }
    tidy
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder() -> (tempfile::TempDir, DiskContext) {
        let folder = tempfile::tempdir().unwrap();
        let context = DiskContext::new(Utf8Path::from_path(folder.path()).unwrap());
        (folder, context)
    }

    #[test]
    fn files_are_read_and_shown_under_the_folder() {
        let (folder, context) = folder();
        fs::create_dir(folder.path().join("sub")).unwrap();
        fs::write(folder.path().join("sub/f"), "x").unwrap();
        assert_eq!(context.read("sub/f".into()), Some(Ok(b"x".to_vec())));
        assert_eq!(context.read("sub/g".into()), None);
        assert_eq!(context.read("sub/f/g".into()), None);
        assert!(context.is_folder("sub".into()) && !context.is_folder("sub/f".into()));
        assert!(matches!(context.read("sub".into()), Some(Err(_))));
        assert!(context.shown("sub/f".into()).as_str().ends_with("/sub/f"));
        assert_eq!(DiskContext::new("./a/./b".into()).shown("c".into()), "a/b/c");
        assert_eq!(DiskContext::new(".".into()).shown("c".into()), "c");
    }

    #[test]
    fn what_is_not_beside_the_dockerfile_is_looked_for_above_it() {
        let (folder, _) = folder();
        let root = Utf8Path::from_path(folder.path()).unwrap();
        let dockerfile = root.join("docker/gpu/Dockerfile");
        fs::create_dir_all(dockerfile.parent().unwrap()).unwrap();
        fs::write(root.join("requirements.txt"), "root").unwrap();
        fs::write(root.join("docker/gpu/own.txt"), "own").unwrap();
        let context = DiskContext::around(&dockerfile);
        assert_eq!(context.read("requirements.txt".into()), None, "not in a repository");

        fs::create_dir(root.join(".git")).unwrap();
        let context = DiskContext::around(&dockerfile);
        assert_eq!(context.read("requirements.txt".into()), Some(Ok(b"root".to_vec())));
        assert_eq!(context.shown("requirements.txt".into()), root.join("requirements.txt"));
        assert_eq!(context.shown("own.txt".into()), root.join("docker/gpu/own.txt"));
        assert_eq!(context.read("nowhere.txt".into()), None);
    }

    #[cfg(unix)]
    #[test]
    fn links_do_not_leave_the_folder() {
        let (folder, context) = folder();
        std::os::unix::fs::symlink("/etc/hostname", folder.path().join("out")).unwrap();
        fs::write(folder.path().join("in"), "x").unwrap();
        std::os::unix::fs::symlink("in", folder.path().join("link")).unwrap();
        assert!(matches!(context.read("out".into()), Some(Err(_))));
        assert_eq!(context.read("link".into()), Some(Ok(b"x".to_vec())));
    }
}
