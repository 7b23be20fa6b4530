//! The build context as a stream of tar: what `.dockerignore` keeps, with the changed files in place of theirs.
//!
//! The files are read while the engine takes them, so that memory does not grow with the context and no copy is made.
//! Modes and links are kept; owners are root, as Docker's own client has it.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs::{self, File, Metadata};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use super::connect::words;
use super::error::BuildError;
use crate::syntax::dockerignore::Ignore;

/// Folders deeper than this are refused: a link to a folder above is not followed, so none is that deep by accident.
const MAX_DEPTH: usize = 256;

/// A build context.
#[derive(Clone, Debug, Default)]
pub struct BuildContext {
    /// The folder.
    pub root: PathBuf,
    /// What stays behind.
    pub ignore: Ignore,
    /// Files that are sent in a changed form, by their path in the context.
    pub changed: BTreeMap<PathBuf, Vec<u8>>,
    /// The path of the Dockerfile in the archive. It is sent even where `.dockerignore` leaves it out.
    pub dockerfile: PathBuf,
    /// Where the Dockerfile is on disk.
    pub origin: PathBuf,
    /// Files that are sent although `.dockerignore` leaves them out: the engine wants to read them.
    pub needed: Vec<PathBuf>,
}

impl BuildContext {
    /// The context in `root` of a Dockerfile, which may lie outside of it and is then sent as a further file.
    ///
    /// `NAME.dockerignore` beside the Dockerfile comes before the `.dockerignore` of the context.
    pub fn new(root: &Path, dockerfile: &Path) -> Result<Self, BuildError> {
        let real = fs::canonicalize(root).map_err(|error| unreadable(root, &error))?;
        let origin = fs::canonicalize(dockerfile).map_err(|error| unreadable(dockerfile, &error))?;
        let mut changed = BTreeMap::new();
        let path = if let Ok(path) = origin.strip_prefix(&real) {
            path.to_owned()
        } else {
            let bytes = fs::read(&origin).map_err(|error| unreadable(dockerfile, &error))?;
            // A name that no COPY asks for by chance.
            let path = PathBuf::from(".dlint.Dockerfile");
            changed.insert(path.clone(), bytes);
            path
        };
        let mut own = dockerfile.as_os_str().to_owned();
        own.push(".dockerignore");
        let ignore = [PathBuf::from(own), real.join(".dockerignore")];
        let bytes = ignore.iter().find_map(|path| match fs::read(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            other => Some(other.map_err(|error| unreadable(path, &error))),
        });
        let ignore = bytes.transpose()?.map(|bytes| Ignore::parse(&bytes)).unwrap_or_default();
        Ok(Self { root: real, ignore, changed, dockerfile: path, origin, needed: Vec::new() })
    }

    /// The path in the context of a file as the user knows it; `None` where it lies outside.
    pub fn path_of(&self, shown: &Path) -> Option<PathBuf> {
        let real = fs::canonicalize(shown).ok()?;
        Some(real.strip_prefix(&self.root).ok()?.to_owned())
    }

    /// Whether the file is the Dockerfile.
    pub fn is_dockerfile(&self, shown: &Path) -> bool {
        fs::canonicalize(shown).is_ok_and(|path| path == self.origin)
    }

    /// Writes the archive. The error is the context's; that of `out` ends it silently, since whoever reads there knows.
    pub fn write_tar(&self, out: impl Write) -> Result<(), BuildError> {
        let mut archive = Archive { context: self, tar: tar::Builder::new(out), sent: Vec::new() };
        archive.tar.follow_symlinks(false);
        match archive.folder(Path::new(""), 0).and_then(|()| archive.rest()) {
            Err(Stop::Context(error)) => Err(error),
            Err(Stop::Closed) | Ok(()) => Ok(()),
        }
    }

    fn sends_anyway(&self, path: &Path) -> bool {
        path == self.dockerfile || self.needed.iter().any(|needed| needed == path)
    }
}

/// Why no more is written.
enum Stop {
    Context(BuildError),
    /// Nobody reads any more.
    Closed,
}

struct Archive<'c, W: Write> {
    context: &'c BuildContext,
    tar: tar::Builder<W>,
    /// The changed files that were sent.
    sent: Vec<PathBuf>,
}

impl<W: Write> Archive<'_, W> {
    /// Writes what is in a folder, in the order of names.
    fn folder(&mut self, path: &Path, depth: usize) -> Result<(), Stop> {
        let full = self.context.root.join(path);
        let failed = |error: &io::Error| Stop::Context(unreadable(&full, error));
        if depth > MAX_DEPTH {
            return Err(failed(&io::Error::other("the folders are nested too deeply")));
        }
        let entries = fs::read_dir(&full).map_err(|error| failed(&error))?;
        let mut names = entries
            .map(|entry| entry.map(|entry| entry.file_name()))
            .collect::<io::Result<Vec<_>>>()
            .map_err(|error| failed(&error))?;
        names.sort();
        names.iter().try_for_each(|name| self.entry(&path.join(name), depth))
    }

    fn entry(&mut self, path: &Path, depth: usize) -> Result<(), Stop> {
        let full = self.context.root.join(path);
        let name = slashed(path.as_os_str());
        let left_out = self.context.ignore.leaves_out(&name) && !self.context.sends_anyway(path);
        let metadata = match fs::symlink_metadata(&full) {
            Ok(metadata) => metadata,
            // It went away since the folder was read.
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(Stop::Context(unreadable(&full, &error))),
        };
        let kind = metadata.file_type();
        if kind.is_dir() {
            if !left_out {
                self.header(path, &metadata, 0, tar::EntryType::Directory)?;
                return self.folder(path, depth + 1);
            }
            // What is in it may stay all the same; the engine makes the folders above by itself.
            let below = |file: &PathBuf| file.starts_with(path);
            if self.context.ignore.may_keep_below(&name)
                || below(&self.context.dockerfile)
                || self.context.needed.iter().any(below)
            {
                return self.folder(path, depth + 1);
            }
            return Ok(());
        }
        if left_out {
            return Ok(());
        }
        if kind.is_symlink() {
            return self.link(path, &full, &metadata);
        }
        if !kind.is_file() {
            // Sockets, pipes and devices are no part of a context.
            return Ok(());
        }
        if let Some(bytes) = self.context.changed.get(path) {
            self.sent.push(path.to_owned());
            return self.file(path, &metadata, bytes.len() as u64, bytes.as_slice(), &full);
        }
        let file = File::open(&full).map_err(|error| Stop::Context(unreadable(&full, &error)))?;
        self.file(path, &metadata, metadata.len(), file, &full)
    }

    /// Writes the changed files that are not in the folder, such as a Dockerfile from elsewhere, and the end.
    fn rest(&mut self) -> Result<(), Stop> {
        for (path, bytes) in &self.context.changed {
            if !self.sent.contains(path) {
                let mut header = tar::Header::new_gnu();
                header.set_mode(0o644);
                header.set_uid(0);
                header.set_gid(0);
                header.set_mtime(0);
                header.set_size(bytes.len() as u64);
                self.tar.append_data(&mut header, path, bytes.as_slice()).map_err(|_| Stop::Closed)?;
            }
        }
        self.tar.finish().map_err(|_| Stop::Closed)?;
        self.tar.get_mut().flush().map_err(|_| Stop::Closed)
    }

    fn header(
        &mut self,
        path: &Path,
        metadata: &Metadata,
        size: u64,
        kind: tar::EntryType,
    ) -> Result<(), Stop> {
        let mut header = header(metadata, size, kind);
        self.tar.append_data(&mut header, path, io::empty()).map_err(|_| Stop::Closed)
    }

    fn link(&mut self, path: &Path, full: &Path, metadata: &Metadata) -> Result<(), Stop> {
        let target = fs::read_link(full).map_err(|error| Stop::Context(unreadable(full, &error)))?;
        let mut header = header(metadata, 0, tar::EntryType::Symlink);
        self.tar.append_link(&mut header, path, target).map_err(|_| Stop::Closed)
    }

    /// Writes exactly `size` bytes; a file that has fewer by now would shift all that follows.
    fn file(
        &mut self,
        path: &Path,
        metadata: &Metadata,
        size: u64,
        bytes: impl Read,
        full: &Path,
    ) -> Result<(), Stop> {
        let mut header = header(metadata, size, tar::EntryType::Regular);
        let mut exact = Exact { bytes: bytes.take(size), left: size, failed: None };
        let appended = self.tar.append_data(&mut header, path, &mut exact);
        match (exact.failed, appended) {
            (Some(error), _) => Err(Stop::Context(unreadable(full, &error))),
            (None, Err(_)) => Err(Stop::Closed),
            (None, Ok(())) => Ok(()),
        }
    }
}

/// A reader that remembers its own failure, and takes an early end for one.
struct Exact<R> {
    bytes: io::Take<R>,
    left: u64,
    failed: Option<io::Error>,
}

impl<R: Read> Read for Exact<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let failure = match self.bytes.read(buffer) {
            Ok(0) if self.left > 0 && !buffer.is_empty() => {
                io::Error::other("it became shorter while it was read")
            }
            Ok(count) => {
                self.left = self.left.saturating_sub(count as u64);
                return Ok(count);
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => return Err(error),
            Err(error) => error,
        };
        let told = io::Error::new(failure.kind(), failure.to_string());
        self.failed = Some(failure);
        Err(told)
    }
}

fn header(metadata: &Metadata, size: u64, kind: tar::EntryType) -> tar::Header {
    let mut header = tar::Header::new_gnu();
    header.set_metadata_in_mode(metadata, tar::HeaderMode::Complete);
    header.set_uid(0);
    header.set_gid(0);
    header.set_entry_type(kind);
    header.set_size(size);
    header
}

/// The path as patterns have it. One that is not UTF-8 is matched as far as it is.
fn slashed(path: &OsStr) -> String {
    path.to_string_lossy().into_owned()
}

fn unreadable(path: &Path, error: &io::Error) -> BuildError {
    BuildError::Context { path: path.display().to_string(), reason: words(error) }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{PermissionsExt, symlink};

    use super::*;

    fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for (path, text) in files {
            let path = folder.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        folder
    }

    /// Every entry as `path mode text`.
    fn entries(context: &BuildContext) -> Vec<String> {
        let mut bytes = Vec::new();
        context.write_tar(&mut bytes).unwrap();
        let mut archive = tar::Archive::new(bytes.as_slice());
        let entries = archive.entries().unwrap().map(|entry| {
            let mut entry = entry.unwrap();
            let header = entry.header();
            assert_eq!((header.uid().unwrap(), header.gid().unwrap()), (0, 0));
            let mode = header.mode().unwrap() & 0o777;
            let mut text = String::new();
            entry.read_to_string(&mut text).unwrap();
            if let Some(target) = entry.link_name().unwrap() {
                text = format!("-> {}", target.display());
            }
            format!("{} {mode:o} {text}", entry.path().unwrap().display())
        });
        entries.collect()
    }

    #[test]
    fn changed_files_stand_in_for_theirs() {
        let folder = folder(&[("Dockerfile", "old"), ("b/x", "x"), ("b/y", "y"), (".dockerignore", "b/y\n")]);
        fs::set_permissions(folder.path().join("b/x"), fs::Permissions::from_mode(0o755)).unwrap();
        symlink("b/x", folder.path().join("link")).unwrap();
        let mut context = BuildContext::new(folder.path(), &folder.path().join("Dockerfile")).unwrap();
        context.changed.insert("Dockerfile".into(), b"new and longer".to_vec());
        let mut found = entries(&context);
        found.retain(|entry| !entry.starts_with("b ") && !entry.starts_with("link"));
        assert_eq!(found, [".dockerignore 644 b/y\n", "Dockerfile 644 new and longer", "b/x 755 x"]);
        assert!(entries(&context).iter().any(|entry| entry.starts_with("link") && entry.ends_with("-> b/x")));
    }

    #[test]
    fn the_dockerfile_is_sent_even_if_ignored_or_elsewhere() {
        let folder =
            folder(&[("Dockerfile", "FROM a"), ("x", "x"), ("c/y", "y"), (".dockerignore", "*\n!x\n")]);
        let context = BuildContext::new(folder.path(), &folder.path().join("Dockerfile")).unwrap();
        assert_eq!(entries(&context), ["Dockerfile 644 FROM a", "x 644 x"]);
        let dockerfile = folder.path().join("Dockerfile");
        let mut context = BuildContext::new(&folder.path().join("c"), &dockerfile).unwrap();
        assert_eq!(entries(&context), ["y 644 y", ".dlint.Dockerfile 644 FROM a"]);
        assert!(context.is_dockerfile(&dockerfile));
        context.changed.insert(context.dockerfile.clone(), b"FROM b".to_vec());
        assert_eq!(entries(&context), ["y 644 y", ".dlint.Dockerfile 644 FROM b"]);
    }

    #[test]
    fn the_dockerfile_has_its_own_ignore_file_first() {
        let files = [
            ("Dockerfile", ""),
            ("a", ""),
            ("Dockerfile.dockerignore", "a"),
            (".dockerignore", "Dockerfile"),
        ];
        let folder = folder(&files);
        let context = BuildContext::new(folder.path(), &folder.path().join("Dockerfile")).unwrap();
        assert!(context.ignore.leaves_out("a") && !context.ignore.leaves_out("Dockerfile"));
    }

    #[test]
    fn exceptions_reach_into_folders_that_are_left_out() {
        let folder = folder(&[
            ("Dockerfile", ""),
            ("a/b/c.py", "1"),
            ("a/d", "2"),
            (".dockerignore", "*\n!**/*.py\n"),
        ]);
        let context = BuildContext::new(folder.path(), &folder.path().join("Dockerfile")).unwrap();
        assert_eq!(entries(&context), ["Dockerfile 644 ", "a/b/c.py 644 1"]);
    }

    #[test]
    fn names_may_be_long() {
        let long = format!("{}/{}", "d".repeat(120), "f".repeat(120));
        let folder = folder(&[("Dockerfile", ""), (&long, "x")]);
        let context = BuildContext::new(folder.path(), &folder.path().join("Dockerfile")).unwrap();
        assert!(entries(&context).contains(&format!("{long} 644 x")));
    }

    #[test]
    fn a_file_that_shrinks_ends_the_stream() {
        let mut exact = Exact { bytes: b"ab".take(5), left: 5, failed: None };
        let mut text = Vec::new();
        assert!(exact.read_to_end(&mut text).is_err());
        assert!(exact.failed.is_some());
    }
}
