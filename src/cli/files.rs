//! Reading files and standard input, within reason, and writing what a command makes.

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Read, Write};

use camino::{Utf8Path, Utf8PathBuf};

use super::failure::Failure;
use crate::fix::Changed;
use crate::fix::write::write;
use crate::source::SourceFile;

/// Larger files are refused: no Dockerfile or requirement file is, and spans count with 32 bits.
const MAX_BYTES: u64 = 256 << 20;

/// The path that means standard input.
pub(super) const STDIN: &str = "-";

/// The bytes of a file.
pub(super) fn read(path: &Utf8Path) -> io::Result<Vec<u8>> {
    if fs::metadata(path)?.is_dir() {
        return Err(io::Error::other("it is a folder"));
    }
    read_all(File::open(path)?)
}

/// A file, shown under the path by which it was reached.
pub(super) fn read_source(path: &Utf8Path) -> Result<SourceFile, Failure> {
    let bytes = read(path).map_err(|error| Failure::Unreadable(path.to_owned(), words(&error)))?;
    Ok(SourceFile::new(path, bytes))
}

/// All of standard input.
pub(super) fn read_stdin() -> Result<Vec<u8>, Failure> {
    read_all(io::stdin().lock()).map_err(|error| Failure::Unreadable(STDIN.into(), words(&error)))
}

fn read_all(reader: impl Read) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    reader.take(MAX_BYTES + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MAX_BYTES {
        return Err(io::Error::other("it is larger than 256 MiB"));
    }
    Ok(bytes)
}

/// Writes a file that is not there yet.
pub(super) fn write_new(path: &Utf8Path, text: &str) -> Result<(), Failure> {
    let written = OpenOptions::new().write(true).create_new(true).open(path);
    written.and_then(|mut file| file.write_all(text.as_bytes())).map_err(|error| {
        Failure::Plain(match error.kind() {
            ErrorKind::AlreadyExists => format!("`{path}` is there already; nothing was written"),
            _ => format!("cannot write `{path}`: {}", words(&error)),
        })
    })
}

/// Writes a file, which takes the place of one that is there at once.
pub(super) fn write_whole(path: &Utf8Path, text: &str) -> Result<(), Failure> {
    match read(path) {
        Ok(before) => {
            let changed = Changed { path: path.to_owned(), before, after: text.into() };
            write(&[changed]).map_err(|error| Failure::Plain(error.to_string()))
        }
        Err(error) if error.kind() == ErrorKind::NotFound => write_new(path, text),
        Err(error) => Err(Failure::Unreadable(path.to_owned(), words(&error))),
    }
}

/// What the system says, without its error number.
pub(super) fn words(error: &io::Error) -> String {
    let text = error.to_string();
    let text = text.split(" (os error").next().unwrap_or(&text);
    let mut characters = text.chars();
    characters.next().map_or_else(String::new, |first| first.to_lowercase().chain(characters).collect())
}

/// The paths named in a list: one a line, or separated by NULs where there is one.
pub(super) fn read_list(path: &Utf8Path) -> Result<Vec<Utf8PathBuf>, Failure> {
    let bytes = if path == STDIN { read_stdin()? } else { read_source(path)?.bytes().to_vec() };
    let text = String::from_utf8(bytes)
        .map_err(|_| Failure::Unreadable(path.to_owned(), "it is not UTF-8".to_owned()))?;
    Ok(split_list(&text))
}

fn split_list(text: &str) -> Vec<Utf8PathBuf> {
    let paths: Vec<&str> =
        if text.contains('\0') { text.split('\0').collect() } else { text.lines().collect() };
    paths.into_iter().filter(|path| !path.is_empty()).map(Utf8PathBuf::from).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_separated_by_lines_or_nuls() {
        assert_eq!(split_list("a b\r\n\nc\n"), ["a b", "c"]);
        assert_eq!(split_list("a\nb\0c\0"), ["a\nb", "c"]);
    }
}
