//! dlint beside hadolint over the same files: whole processes, both times and their ratio.
//!
//! The files are those listed in the file that `DLINT_BENCH_FILES` names, a path a line; without it, the examples of
//! the built-in rules, written to a temporary folder until there are a thousand. `HADOLINT` names the peer; `hadolint`
//! is looked for in `PATH` otherwise, and where there is none, dlint runs alone and the bench says so.

#![expect(clippy::print_stdout, reason = "a bench tells what it measured")]

use std::error::Error;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// How many files are written where none are given.
const FILES: usize = 1000;

/// How often each is run; the median counts.
const RUNS: usize = 5;

fn main() -> Result<(), Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    let files = files(folder.path())?;
    let list = folder.path().join("list");
    std::fs::write(&list, names(&files))?;
    let dlint = median(RUNS, || {
        let mut dlint = Command::new(env!("CARGO_BIN_EXE_dlint"));
        dlint
            .args(["check", "--isolated", "--fail-on", "never", "--format", "json", "--files-from"])
            .arg(&list);
        dlint
    })?;
    println!("dlint: {} files in {:.3} s", files.len(), dlint.as_secs_f64());
    let peer = std::env::var_os("HADOLINT").unwrap_or_else(|| OsString::from("hadolint"));
    let hadolint = || {
        let mut hadolint = Command::new(&peer);
        hadolint.args(["--no-fail", "--format", "json"]).args(&files).current_dir(folder.path());
        hadolint
    };
    match median(1, hadolint) {
        Ok(time) => {
            let ratio = time.as_secs_f64() / dlint.as_secs_f64();
            println!("hadolint: the same in {:.3} s; dlint is {ratio:.0} times as fast", time.as_secs_f64());
        }
        Err(error) => println!("no hadolint to compare with ({error}); name it in HADOLINT"),
    }
    Ok(())
}

/// The paths, one a line.
fn names(files: &[PathBuf]) -> String {
    files.iter().map(|file| file.display().to_string()).collect::<Vec<_>>().join("\n")
}

/// The files that are checked.
fn files(folder: &Path) -> Result<Vec<PathBuf>, Box<dyn Error>> {
    if let Some(list) = std::env::var_os("DLINT_BENCH_FILES") {
        return Ok(std::fs::read_to_string(list)?.lines().map(PathBuf::from).collect());
    }
    let packs = dlint::builtin::load_with([]).map_err(|_| "the built-in packs are broken")?;
    let examples: Vec<&str> = packs
        .rules
        .iter()
        .flat_map(|rule| rule.examples.iter())
        .map(|example| example.text.as_str())
        .collect();
    let mut files = Vec::with_capacity(FILES);
    for (index, text) in examples.iter().cycle().take(FILES).enumerate() {
        let file = folder.join(format!("{index}.Dockerfile"));
        std::fs::write(&file, text)?;
        files.push(file);
    }
    Ok(files)
}

/// The median of the times that the command takes.
fn median(runs: usize, command: impl Fn() -> Command) -> std::io::Result<Duration> {
    let mut times = Vec::with_capacity(runs);
    for _ in 0..runs {
        let start = Instant::now();
        command().stdout(Stdio::null()).stderr(Stdio::null()).status()?;
        times.push(start.elapsed());
    }
    times.sort_unstable();
    Ok(times.get(times.len() / 2).copied().unwrap_or_default())
}
