//! Replacing files on disk, so that a reader sees the old bytes or the new ones and nothing between.
//!
//! The new bytes are written beside each target and renamed over it; a symbolic link keeps pointing where it did and
//! its target changes. Mode and, where the system permits, owner are kept. A file that is no longer what was read
//! is left alone, and so are all others of the set.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use camino::Utf8PathBuf;
use tempfile::NamedTempFile;

use super::converge::Changed;

/// Why files were not replaced.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// The file is not what was read.
    #[error("`{path}` has changed since it was read; nothing was written")]
    ChangedMeanwhile {
        /// The file.
        path: Utf8PathBuf,
    },
    /// A new file could not be prepared; nothing was replaced.
    #[error("cannot write `{path}`: {error}; nothing was written")]
    Prepare {
        /// The file.
        path: Utf8PathBuf,
        /// What the system says.
        error: io::Error,
    },
    /// Some files were replaced, this one could not be.
    #[error("cannot replace `{path}`: {error}; {}", already_written(.written))]
    Replace {
        /// The file.
        path: Utf8PathBuf,
        /// What the system says.
        error: io::Error,
        /// The files that had been replaced by then.
        written: Vec<Utf8PathBuf>,
    },
}

fn already_written(written: &[Utf8PathBuf]) -> String {
    if written.is_empty() {
        return "nothing was written".to_owned();
    }
    let names: Vec<String> = written.iter().map(|path| format!("`{path}`")).collect();
    format!("written before it: {}", names.join(", "))
}

/// Replaces all files, or none where one of them cannot be prepared.
pub fn write(files: &[Changed]) -> Result<(), WriteError> {
    let mut prepared = Vec::with_capacity(files.len());
    for file in files {
        let failed = |error| WriteError::Prepare { path: file.path.clone(), error };
        let target = fs::canonicalize(&file.path).map_err(failed)?;
        if fs::read(&target).map_err(failed)? != file.before {
            return Err(WriteError::ChangedMeanwhile { path: file.path.clone() });
        }
        prepared.push((file, prepare(&target, &file.after).map_err(failed)?, target));
    }
    let mut written = Vec::new();
    for (file, new, target) in prepared {
        if let Err(error) = new.persist(&target) {
            return Err(WriteError::Replace { path: file.path.clone(), error: error.error, written });
        }
        written.push(file.path.clone());
    }
    Ok(())
}

/// The new bytes in a file beside the target, with its mode and owner. Dropping it removes it.
fn prepare(target: &Path, bytes: &[u8]) -> io::Result<NamedTempFile> {
    let metadata = fs::metadata(target)?;
    let folder = target.parent().map_or_else(|| PathBuf::from("."), Path::to_owned);
    let mut file = tempfile::Builder::new().prefix(".dlint-").tempfile_in(folder)?;
    file.write_all(bytes)?;
    keep_owner(file.path(), &metadata);
    file.as_file().set_permissions(metadata.permissions())?;
    file.as_file().sync_all()?;
    Ok(file)
}

/// Only root may give files away; for everybody else the file was and stays their own.
#[cfg(unix)]
fn keep_owner(path: &Path, metadata: &fs::Metadata) {
    use std::os::unix::fs::{MetadataExt, chown};
    let _ = chown(path, Some(metadata.uid()), Some(metadata.gid()));
}

#[cfg(not(unix))]
fn keep_owner(_: &Path, _: &fs::Metadata) {}

#[cfg(test)]
mod tests {
    use super::*;

    fn changed(path: PathBuf, before: &str, after: &str) -> Changed {
        Changed {
            path: Utf8PathBuf::from_path_buf(path).unwrap(),
            before: before.as_bytes().to_vec(),
            after: after.as_bytes().to_vec(),
        }
    }

    #[test]
    fn a_file_that_changed_meanwhile_stops_all() {
        let folder = tempfile::tempdir().unwrap();
        let (first, second) = (folder.path().join("a"), folder.path().join("b"));
        fs::write(&first, "one").unwrap();
        fs::write(&second, "other").unwrap();
        let result = write(&[changed(first.clone(), "one", "ONE"), changed(second, "two", "TWO")]);
        assert!(matches!(result, Err(WriteError::ChangedMeanwhile { .. })));
        assert_eq!(fs::read_to_string(first).unwrap(), "one");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2);
    }

    #[cfg(unix)]
    #[test]
    fn mode_and_link_are_kept() {
        use std::os::unix::fs::{PermissionsExt, symlink};
        let folder = tempfile::tempdir().unwrap();
        let (target, link) = (folder.path().join("real"), folder.path().join("link"));
        fs::write(&target, "old").unwrap();
        fs::set_permissions(&target, fs::Permissions::from_mode(0o640)).unwrap();
        symlink("real", &link).unwrap();
        write(&[changed(link.clone(), "old", "new")]).unwrap();
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(fs::read_to_string(&target).unwrap(), "new");
        assert_eq!(fs::metadata(&target).unwrap().permissions().mode() & 0o777, 0o640);
    }
}
