//! `dlint fix`: what it changes, and above all what it leaves alone.

mod support;

use std::fs;

use proptest::prelude::*;
use support::{Project, assert_snapshot};

const DOCKERFILE: &str =
    "FROM python:3.10-slim\nWORKDIR /srv\nCOPY requirements.txt .\nRUN pip install -r requirements.txt\n";
const FIXED: &str = "FROM python:3.10-slim\nWORKDIR /srv\nCOPY requirements.txt .\nRUN pip install --no-cache-dir -r requirements.txt\n";
const REQUIREMENTS: &str = "torch==2.1.2\ntorchvision==0.17.0  # newest\n";

fn project() -> Project {
    Project::new(&[("Dockerfile", DOCKERFILE), ("requirements.txt", REQUIREMENTS)])
}

#[test]
fn a_diff_shows_and_changes_nothing() {
    let project = project();
    assert_snapshot("fix-diff", &project.run(&["fix", "--diff", "--unsafe"]));
    assert_eq!(
        (project.read("Dockerfile"), project.read("requirements.txt")),
        (DOCKERFILE.to_owned(), REQUIREMENTS.to_owned())
    );
    project.write("Dockerfile", "FROM scratch\nCOPY a /a\n");
    let run = project.run(&["fix", "--diff"]);
    assert_eq!((run.status, run.stdout.as_str()), (0, ""));
}

#[test]
fn fixes_are_made_in_all_files() {
    let project = project();
    assert_snapshot("fix", &project.run(&["fix", "--unsafe"]));
    assert_eq!(project.read("Dockerfile"), FIXED);
    assert_eq!(project.read("requirements.txt"), "torch==2.1.2\ntorchvision==0.16.2  # newest\n");
    let files = fs::read_dir(project.path("")).unwrap().count();
    assert_eq!(files, 2, "nothing is left behind");
}

#[test]
fn a_diff_is_what_a_fix_does() {
    let (shown, made) = (project(), project());
    let diff = shown.run(&["fix", "--diff", "--unsafe"]).stdout;
    made.run(&["fix", "--unsafe"]);
    shown.write("fix.patch", diff);
    let patch = std::process::Command::new("git")
        .args(["apply", "fix.patch"])
        .current_dir(shown.path(""))
        .status()
        .unwrap();
    assert!(patch.success());
    for path in ["Dockerfile", "requirements.txt"] {
        assert_eq!(shown.read(path), made.read(path));
    }
}

#[test]
fn only_what_is_selected_is_fixed() {
    let project = project();
    project.run(&["fix", "--unsafe", "--select", "pip"]);
    assert_eq!(
        (project.read("Dockerfile"), project.read("requirements.txt")),
        (FIXED.to_owned(), REQUIREMENTS.to_owned())
    );
}

#[test]
fn a_shared_requirement_file_is_fixed_once_for_all() {
    let project = project();
    project.write("Dockerfile.gpu", DOCKERFILE.replace("3.10", "3.11"));
    project.run(&["fix", "--unsafe"]);
    assert_eq!(project.read("requirements.txt"), "torch==2.1.2\ntorchvision==0.16.2  # newest\n");
    assert_eq!(project.run(&["fix", "--diff", "--unsafe"]).stdout, "");
}

#[test]
fn standard_input_comes_back_fixed() {
    let run = Project::new(&[]).run_with_input(&["fix", "-"], "FROM a\nRUN pip install b==1\n");
    assert_eq!(run.stdout, "FROM a\nRUN pip install --no-cache-dir b==1\n");
}

#[test]
fn json_says_what_became_of_the_fixes() {
    let document = project().json(&["fix", "--format", "json"]);
    let attempts = document["attempts"].as_array().unwrap();
    let applied: Vec<_> = attempts.iter().filter(|attempt| attempt["outcome"] == "applied").collect();
    assert!(applied.iter().any(|attempt| attempt["rule"] == "pip/no-cache-dir"), "{document:#}");
}

#[test]
fn line_endings_and_marks_are_kept() {
    let crlf = DOCKERFILE.replace('\n', "\r\n");
    let project = Project::new(&[
        ("Dockerfile", &format!("\u{feff}{crlf}")),
        ("requirements.txt", "requests==2.32.3\n"),
    ]);
    project.run(&["fix"]);
    assert_eq!(project.read("Dockerfile"), format!("\u{feff}{}", FIXED.replace('\n', "\r\n")));
}

#[test]
fn bytes_that_are_not_text_are_kept() {
    let project = Project::new(&[]);
    project.write("Dockerfile", b"# caf\xe9\nFROM a\nRUN pip install b==1");
    project.run(&["fix"]);
    assert_eq!(project.bytes("Dockerfile"), b"# caf\xe9\nFROM a\nRUN pip install --no-cache-dir b==1");
}

#[cfg(unix)]
#[test]
fn modes_and_links_are_kept() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let project = project();
    fs::rename(project.path("Dockerfile"), project.path("real")).unwrap();
    symlink("real", project.path("Dockerfile")).unwrap();
    fs::set_permissions(project.path("real"), fs::Permissions::from_mode(0o750)).unwrap();
    project.run(&["fix"]);
    assert!(fs::symlink_metadata(project.path("Dockerfile")).unwrap().is_symlink());
    assert_eq!(project.read("real"), FIXED);
    assert_eq!(fs::metadata(project.path("real")).unwrap().permissions().mode() & 0o777, 0o750);
}

#[test]
fn a_file_that_docker_refuses_is_still_mended_where_it_can_be() {
    let project = Project::new(&[("Dockerfile", "FROM a\nRUNX\nRUN pip install b==1\n")]);
    let run = project.run(&["fix"]);
    assert_eq!(run.status, 1);
    assert!(run.stdout.contains("syntax/invalid"), "{run}");
}

/// Lines from which Dockerfiles are put together, many of them with something to fix.
fn line() -> impl Strategy<Value = String> {
    prop_oneof![
        Just("RUN pip install torch==2.1.2 torchvision==0.17.0".to_owned()),
        Just("RUN pip install -r requirements.txt \\\n    && pip install numpy==1.26.4".to_owned()),
        Just("RUN apt-get update && apt-get install -y curl".to_owned()),
        Just("FROM nvidia/cuda:12.1-devel-ubuntu22.04".to_owned()),
        Just("FROM pytorch/pytorch:2.1.0-cuda12.1-cudnn8-runtime AS a".to_owned()),
        Just("ARG CUDA=12.1\nFROM nvidia/cuda:${CUDA}-base-ubuntu22.04".to_owned()),
        Just("RUN <<EOF\npip install a==1\nEOF".to_owned()),
        Just("# a comment, é".to_owned()),
        Just("COPY . /app\n\n".to_owned()),
        "[A-Z]{3,5} [ -~]{0,30}",
    ]
}

fn dockerfile() -> impl Strategy<Value = String> {
    (prop::collection::vec(line(), 0..8), any::<bool>(), any::<bool>()).prop_map(|(lines, crlf, open)| {
        let text = format!("FROM python:3.10-slim\n{}{}", lines.join("\n"), if open { "" } else { "\n" });
        if crlf { text.replace('\n', "\r\n") } else { text }
    })
}

/// The lines of a unified diff that are taken away or added.
fn changed_lines(diff: &str) -> impl Iterator<Item = &str> {
    diff.lines().filter(|line| {
        (line.starts_with('-') || line.starts_with('+'))
            && !line.starts_with("---")
            && !line.starts_with("+++")
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 16, ..ProptestConfig::default() })]

    #[test]
    fn a_second_fix_changes_nothing(text in dockerfile()) {
        let project = Project::new(&[("Dockerfile", &text), ("requirements.txt", REQUIREMENTS)]);
        let first = project.run(&["fix", "--unsafe"]);
        prop_assert!(first.status < 2, "{first}");
        prop_assert!(!first.stdout.contains("took back"), "{first}");
        let second = project.run(&["fix", "--unsafe", "--diff"]);
        prop_assert_eq!(second.stdout, "");
    }

    #[test]
    fn lines_without_a_finding_stay(text in dockerfile()) {
        let project = Project::new(&[("Dockerfile", &text), ("requirements.txt", "requests==2.32.3\n")]);
        let diff = project.run(&["fix", "--diff"]).stdout;
        let touched = changed_lines(&diff);
        for line in touched {
            prop_assert!(line.contains("pip") || line.contains("cuda") || line.contains("apt") || line.contains("CUDA"), "{diff}");
        }
        let crlf = text.contains("\r\n");
        project.run(&["fix"]);
        let fixed = project.read("Dockerfile");
        prop_assert_eq!(fixed.matches('\n').count() == fixed.matches("\r\n").count(), crlf || !fixed.contains('\n'));
        prop_assert_eq!(fixed.ends_with('\n'), text.ends_with('\n'));
    }
}
