//! `shellcheck`'s judgement of shell scripts, where its program is on the `PATH`.
//!
//! Takes the scripts of one Dockerfile, writes each to a temporary file, and asks one process about all of them. Gives
//! its remarks with their bytes in the scripts. This is the only room that starts a process. It fixes nothing.

mod answer;

use std::fmt::Write as _;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use crate::engine::{Remark, Script, ScriptJudge};

/// The name of the program, and of the pack that its rules have.
const PROGRAM: &str = "shellcheck";

/// What has no meaning in a Dockerfile: files that it cannot follow (SC1090, SC1091), and that ash is read as dash
/// (SC2187).
const EXCLUDED: &str = "SC1090,SC1091,SC2187";

/// The program.
#[derive(Debug)]
pub struct ShellCheck {
    program: PathBuf,
    /// Why it could not be asked, the first time it could not.
    failure: OnceLock<String>,
}

impl ShellCheck {
    /// Finds the program in the folders of `path`, as the environment variable has them.
    pub fn find(path: &std::ffi::OsStr) -> Option<Self> {
        let names = [PROGRAM.to_owned(), format!("{PROGRAM}{}", std::env::consts::EXE_SUFFIX)];
        let mut candidates = std::env::split_paths(path)
            .filter(|folder| folder.is_absolute())
            .flat_map(|folder| names.each_ref().map(|name| folder.join(name)));
        let program = candidates.find(|candidate| candidate.is_file())?;
        Some(Self { program, failure: OnceLock::new() })
    }

    /// Why it could not be asked, if it could not.
    pub fn failure(&self) -> Option<&str> {
        self.failure.get().map(String::as_str)
    }

    fn ask(&self, scripts: &[Script<'_>]) -> io::Result<Vec<Vec<Remark>>> {
        let folder = tempfile::tempdir()?;
        let files: Vec<PathBuf> =
            (0..scripts.len()).map(|number| folder.path().join(format!("{number}.sh"))).collect();
        let preambles: Vec<String> = scripts.iter().map(preamble).collect();
        for ((script, preamble), file) in scripts.iter().zip(&preambles).zip(&files) {
            std::fs::write(file, format!("{preamble}{}\n", script.text.as_str()))?;
        }
        let output = Command::new(&self.program)
            .args(["--norc", "--format=json1", "--severity=style", "--exclude", EXCLUDED, "--"])
            .args(&files)
            .stdin(Stdio::null())
            .output()?;
        // 0: nothing found, 1: findings; else it could not do its work.
        if !matches!(output.status.code(), Some(0 | 1)) {
            let words = String::from_utf8_lossy(&output.stderr);
            return Err(io::Error::other(words.lines().next().unwrap_or("it failed").to_owned()));
        }
        let answer = answer::Answer::read(&output.stdout)?;
        let remarks = files.iter().zip(scripts).zip(&preambles);
        Ok(remarks
            .map(|((file, script), preamble)| answer.remarks(Path::new(file), script.text.as_str(), preamble))
            .collect())
    }
}

impl ScriptJudge for ShellCheck {
    fn pack(&self) -> &str {
        PROGRAM
    }

    fn judge(&self, scripts: &[Script<'_>]) -> Vec<Vec<Remark>> {
        self.ask(scripts).unwrap_or_else(|error| {
            self.failure.get_or_init(|| format!("{}: {error}", self.program.display()));
            Vec::new()
        })
    }
}

/// The lines before a script: which shell reads it, and variables that come from the Dockerfile.
fn preamble(script: &Script<'_>) -> String {
    let mut lines = format!("#!/bin/{}\n", script.dialect.name());
    for name in script.variables {
        // Writing to a text cannot fail.
        let _ = writeln!(lines, "export {name}=1");
    }
    lines
}
