//! Logs of builds that really failed, as three builders wrote them, and what dlint makes of each: the cause, the
//! instruction, the repair. And logs of builds that went well, of which it must say nothing.

#![expect(clippy::unwrap_used, reason = "a test may stop where it stands")]

mod support;

use std::fmt::Write as _;
use std::fs;
use std::io::{self, BufReader, Read};
use std::path::{Path, PathBuf};

use camino::{Utf8Path, Utf8PathBuf};
use dlint::builtin;
use dlint::diagnose::{Build, Diagnosis, Subject, diagnose, diagnose_from};
use dlint::fix::Changed;
use dlint::fix::apply::apply;
use dlint::fix::diff::render_diff;
use dlint::model::context::Context;
use dlint::model::facts::Facts;
use dlint::model::settings::Settings;
use dlint::rules::{Packs, Phase};
use dlint::source::SourceFile;
use proptest::prelude::*;
use serde::Deserialize;

use support::Project;

/// One failing build.
#[derive(Debug, Deserialize)]
struct Case {
    name: String,
    /// What must be diagnosed first; nothing where nothing may be.
    cause: Option<String>,
    /// The line of the instruction that failed, where a builder says which.
    line: Option<u32>,
    /// The builders of which there is a log.
    builders: Vec<String>,
}

#[derive(Debug, Deserialize)]
struct Cases {
    case: Vec<Case>,
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/diagnose")
}

fn cases() -> Vec<Case> {
    let text = fs::read_to_string(folder().join("cases.toml")).unwrap();
    toml::from_str::<Cases>(&text).unwrap().case
}

/// The files of a case.
struct Files(PathBuf);

impl Context for Files {
    fn read(&self, path: &Utf8Path) -> Option<Result<Vec<u8>, String>> {
        fs::read(self.0.join(path)).ok().map(Ok)
    }

    fn shown(&self, path: &Utf8Path) -> Utf8PathBuf {
        path.to_owned()
    }

    fn is_folder(&self, path: &Utf8Path) -> bool {
        self.0.join(path).is_dir()
    }
}

/// What the log of that builder means.
fn read(case: &Case, builder: &str, packs: &Packs) -> (Facts, Vec<Diagnosis>) {
    let own = folder().join(&case.name);
    let context = Files(own.join("context"));
    let settings = Settings::default();
    let dockerfile = SourceFile::new("Dockerfile", fs::read(own.join("context/Dockerfile")).unwrap());
    let facts = dlint::model::build(dockerfile, &context, &packs.knowledge, &settings);
    let log = BufReader::new(fs::File::open(own.join(format!("{builder}.log"))).unwrap());
    let build = Build { facts: &facts, context: &context, settings: &settings };
    let found =
        diagnose_from(log, &Subject { packs, phase: Some(Phase::Build), build: Some(build) }).unwrap();
    (facts, found)
}

/// The first diagnosis as people would be told of it, with what its first repair changes.
fn told(facts: &Facts, found: &[Diagnosis]) -> String {
    let Some(first) = found.first() else { return "nothing\n".to_owned() };
    let mut text = format!("{}: {}\n", first.rule, first.cause);
    if let Some(advice) = &first.advice {
        writeln!(text, "{advice}").unwrap();
    }
    if let Some(fix) = first.fixes.first() {
        writeln!(text, "{} ({})", fix.title, fix.safety.name()).unwrap();
        for (id, file) in facts.sources.iter() {
            let own: Vec<_> = fix.edits().iter().filter(|edit| edit.file == id).collect();
            let edits: Vec<_> = own.iter().map(|edit| (edit.span, edit.text.as_str())).collect();
            if !edits.is_empty() {
                let after = apply(file.bytes(), &edits).unwrap();
                let changed = Changed { path: file.path().into(), before: file.bytes().to_vec(), after };
                text.push_str(&String::from_utf8_lossy(&render_diff(&changed)));
            }
        }
    }
    text
}

#[test]
fn real_logs_are_understood() {
    let packs = builtin::load();
    let mut wrong = Vec::new();
    for case in cases() {
        let mut tellings: Vec<(String, String)> = Vec::new();
        for builder in &case.builders {
            let (facts, found) = read(&case, builder, &packs);
            let name = format!("{} of {builder}", case.name);
            let first = found.first().and_then(|first| first.aliases.first());
            if first != case.cause.as_ref() {
                wrong.push(format!("{name}: {first:?}, not {:?}", case.cause));
            }
            let place = found.first().and_then(|first| first.place);
            let line = place.map(|at| facts.sources.get(at.file).position(at.span.start).line);
            // A builder that does not say where it stopped leaves the place open, but none may be wrong.
            if line.is_some() && line != case.line {
                wrong.push(format!("{name}: at line {line:?}, not {:?}", case.line));
            }
            let telling = told(&facts, &found);
            match tellings.iter_mut().find(|(_, known)| *known == telling) {
                Some((builders, _)) => write!(builders, ", {builder}").unwrap(),
                None => tellings.push((builder.clone(), telling)),
            }
        }
        let mut text = String::new();
        for (builders, telling) in &tellings {
            write!(text, "{builders}\n{telling}").unwrap();
        }
        let mut settings = insta::Settings::clone_current();
        settings.set_snapshot_path("../snapshots/diagnose");
        settings.set_prepend_module_to_snapshot(false);
        settings.set_omit_expression(true);
        settings.bind(|| insta::assert_snapshot!(case.name.as_str(), text));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn enough_of_them_are_there() {
    let cases = cases();
    let failed = cases.iter().filter(|case| case.cause.is_some()).count();
    assert!(failed >= 30, "{failed}");
    assert!(cases.iter().any(|case| case.cause.is_none()));
}

fn first_alias(log: &str, packs: &Packs) -> Option<String> {
    let found = diagnose(log, &Subject { packs, phase: None, build: None });
    found.into_iter().next().and_then(|first| first.aliases.into_iter().next())
}

#[test]
fn logs_come_in_many_clothes() {
    let packs = builtin::load();
    let missing = Some("command-not-found".to_owned());
    let terminal = "[+] Building 1.2s (5/5) FINISHED\n => [internal] load build definition from Dockerfile   0.0s\n \
                    => CACHED [1/2] FROM docker.io/library/debian:12   0.0s\n => ERROR [2/2] RUN git clone x   0.3s\n\
                    ------\n > [2/2] RUN git clone x:\n0.213 /bin/sh: 1: git: not found\n------\n\
                    ERROR: failed to solve: process \"/bin/sh -c git clone x\" did not complete successfully: exit code: 127\n";
    let actions = "2024-02-13T14:30:22.1234567Z #6 [2/2] RUN git clone x\n2024-02-13T14:30:22.2234567Z #6 0.213 /bin/sh: 1: git: not found\n\
                   2024-02-13T14:30:22.3234567Z #6 ERROR: process \"/bin/sh -c git clone x\" did not complete successfully: exit code: 127\n";
    let podman = "STEP 1/2: FROM debian:12\nSTEP 2/2: RUN git clone x\n/bin/sh: 1: git: not found\n\
                  Error: building at STEP \"RUN git clone x\": while running runtime: exit status 127\n";
    let cloud = "Step #0 - \"build\": Step 2/2 : RUN git clone x\nStep #0 - \"build\":  ---> Running in 3f2a9c1b7d4e\n\
                 Step #0 - \"build\": \u{1b}[91m/bin/sh: 1: gi\u{1b}[0m\u{1b}[91mt: not found\u{1b}[0m\n\
                 Step #0 - \"build\": The command '/bin/sh -c git clone x' returned a non-zero code: 127\n";
    let kaniko = "INFO[0000] FROM debian:12\nINFO[0003] RUN git clone x\n/bin/sh: 1: git: not found\n\
                  error building image: error building stage: failed to execute command: waiting for process to exit: exit status 127\n";
    let bare = "/bin/sh: 1: git: not found\n";
    for log in [terminal, actions, podman, cloud, kaniko, bare] {
        assert_eq!(first_alias(log, &packs), missing, "{log}");
        assert_eq!(first_alias(&log.replace('\n', "\r\n"), &packs), missing, "{log}");
    }
}

#[test]
fn only_the_step_that_failed_counts() {
    let packs = builtin::load();
    let log = "#5 [a 2/2] RUN make\n#6 [b 2/2] RUN cmake .\n#5 0.1 ModuleNotFoundError: No module named 'x'\n\
               #6 0.2 /bin/sh: 1: cmake: not found\n#5 0.3 error: externally-managed-environment\n\
               #6 ERROR: process \"/bin/sh -c cmake .\" did not complete successfully: exit code: 127\n#5 CANCELED\n";
    assert_eq!(first_alias(log, &packs).as_deref(), Some("cmake-missing"));
    let echoed = "#5 [2/2] RUN echo 'error: externally-managed-environment' && false\n\
                  #5 ERROR: process \"/bin/sh -c echo 'error: externally-managed-environment' && false\" did not complete successfully: exit code: 1\n";
    assert_eq!(first_alias(echoed, &packs), None);
    let again = "#5 [2/2] RUN a\n#5 0.1 /bin/sh: 1: a: not found\n#5 DONE 0.1s\n#6 exporting to image\n#6 DONE 0.1s\n";
    assert_eq!(first_alias(again, &packs), None);
}

#[test]
fn secrets_in_addresses_are_not_told() {
    let packs = builtin::load();
    let log = "fatal: could not read Username for 'https://me:hunter2@git.corp': No such device or address\n";
    let found = diagnose(log, &Subject { packs: &packs, phase: None, build: None });
    let told = format!("{found:?}");
    assert!(!found.is_empty() && !told.contains("hunter2"), "{told}");
}

/// A log as large as wanted, made while it is read.
struct Endless {
    left: usize,
    line: &'static [u8],
    tail: &'static [u8],
    at: usize,
}

impl Read for Endless {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.left == 0 {
            let end = self.tail.len().min(buffer.len());
            buffer[..end].copy_from_slice(&self.tail[..end]);
            self.tail = &self.tail[end..];
            return Ok(end);
        }
        let mut written = 0;
        while written < buffer.len() && self.left > 0 {
            let rest = &self.line[self.at..];
            let part = rest.len().min(buffer.len() - written);
            buffer[written..written + part].copy_from_slice(&rest[..part]);
            written += part;
            self.at += part;
            if self.at == self.line.len() {
                self.at = 0;
                self.left -= 1;
            }
        }
        Ok(written)
    }
}

#[test]
fn a_large_log_is_read_through() {
    let packs = builtin::load();
    let tail = b"#6 9.9 error: externally-managed-environment\n#6 ERROR: process \"/bin/sh -c pip install x\" did not complete successfully: exit code: 1\n";
    let log = Endless {
        left: 200_000,
        line: b"#6 1.234 Collecting something-or-other==1.2.3 (from -r requirements.txt)\n",
        tail,
        at: 0,
    };
    let found =
        diagnose_from(BufReader::new(log), &Subject { packs: &packs, phase: None, build: None }).unwrap();
    assert_eq!(found[0].aliases, ["pip-externally-managed"]);
    assert_eq!(found[0].log_line, 200_001);
    // A progress bar without a single end of line.
    let bar = Endless {
        left: 400_000,
        line: b"#6 1.2 |#####     | 50%\r",
        tail: b"\n/bin/sh: 1: git: not found\n",
        at: 0,
    };
    let found =
        diagnose_from(BufReader::new(bar), &Subject { packs: &packs, phase: None, build: None }).unwrap();
    assert_eq!(found[0].aliases, ["command-not-found"]);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]
    #[test]
    fn no_log_panics(pieces in prop::collection::vec(prop::sample::select(vec![
        "#6 ", "[2/2] ", "RUN a", "ERROR: ", "process \"", "\" did not complete successfully: exit code: ", "1", "\n", "\r", "\r\n", "\u{1b}[91m",
        "Step 2/3 : ", "STEP 1/2: ", "> [", "]:", "------", "=> ", "# ", "é", "\u{0}", "  3 | >>> ", "executor failed running [", "]: exit code: 127",
        "No matching distribution found for a==1+b", "CACHED", "DONE", "building at STEP \"", "\": ", "#99999999999 ", "not found", "lib.so.1: cannot open shared object file: No such file or directory",
    ]), 0..60)) {
        let packs = builtin::load();
        let dockerfile = SourceFile::new("Dockerfile", "FROM python:3.11 AS a\nRUN a\nONBUILD RUN a\nFROM a\nRUN a\n");
        let settings = Settings::default();
        let context = Files(PathBuf::from("/nowhere"));
        let facts = dlint::model::build(dockerfile, &context, &packs.knowledge, &settings);
        let build = Build { facts: &facts, context: &context, settings: &settings };
        let _ = diagnose(&pieces.concat(), &Subject { packs: &packs, phase: None, build: Some(build) });
    }
}

#[test]
fn the_command_line_keeps_its_contract() {
    let project = Project::new(&[
        ("Dockerfile", "FROM debian:12\nRUN git clone https://example.org/a.git\n"),
        (
            "log",
            "#6 [2/2] RUN git clone https://example.org/a.git\n#6 0.2 /bin/sh: 1: git: not found\n#6 ERROR: process \"/bin/sh -c git clone https://example.org/a.git\" did not complete successfully: exit code: 127\n",
        ),
        ("good", "Step 1/1 : FROM debian:12\n ---> 1a2b3c4d5e6f\nSuccessfully built 1a2b3c4d5e6f\n"),
    ]);
    let run = project.run(&["diagnose", "log", "--format", "json"]);
    assert_eq!(run.status, 0, "{}", run.stderr);
    let json: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
    let first = &json["diagnoses"][0];
    assert_eq!(first["rule"], "shell/command");
    assert_eq!(first["aliases"][0], "command-not-found");
    assert_eq!((&first["log_line"], &first["instruction"]["line"]), (&2.into(), &2.into()));
    assert_eq!(first["fixes"][0]["edits"][0]["file"], "Dockerfile");
    let text = project.run(&["diagnose", "log", "--color", "never"]);
    assert!(text.stdout.contains("the image has no command `git`"), "{}", text.stdout);
    assert!(text.stdout.contains("Install git before the step"), "{}", text.stdout);

    let good = project.run(&["diagnose", "good", "--format", "json"]);
    assert_eq!(good.status, 1);
    assert_eq!(
        serde_json::from_str::<serde_json::Value>(&good.stdout).unwrap(),
        serde_json::json!({ "diagnoses": [] })
    );
    assert_eq!(project.run(&["diagnose", "nowhere"]).status, 2);

    let piped = project.run_with_input(&["diagnose", "-", "--apply"], &project.read("log"));
    assert_eq!(piped.status, 0, "{}", piped.stderr);
    assert!(
        project.read("Dockerfile").contains("install -y --no-install-recommends git"),
        "{}",
        piped.stderr
    );
}
