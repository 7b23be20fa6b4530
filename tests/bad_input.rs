//! What can go wrong outside of dlint: each is a clear finding or failure, nothing panics, other files are still
//! checked, and no file is touched.

mod support;

use std::fs;

use support::{Project, Run, assert_snapshot};

const GOOD: &str = "FROM python:3.10-slim\nRUN pip install requests==2.32.3\n";

/// Checks beside a good file, whose finding must be there whatever happens to the other.
fn check(project: &Project) -> Run {
    project.write("zzz/Dockerfile", GOOD);
    let run = project.run(&["check", "Dockerfile", "zzz/Dockerfile"]);
    assert!(run.stdout.contains("zzz/Dockerfile:2:9"), "{run}");
    assert!(!run.stdout.contains("dlint/internal") && !run.stderr.contains("panicked"), "{run}");
    run
}

fn check_dockerfile(text: impl AsRef<[u8]>) -> Run {
    let project = Project::new(&[]);
    project.write("Dockerfile", text);
    check(&project)
}

#[test]
fn an_empty_dockerfile_is_a_finding() {
    assert_snapshot("bad-empty", &check_dockerfile(""));
    assert!(check_dockerfile("# only a comment\n").stdout.contains("syntax/invalid"));
}

#[test]
fn what_docker_refuses_is_a_finding() {
    assert_snapshot("bad-invalid", &check_dockerfile("FROM a\nRUN\nCOPY one\n"));
}

#[test]
fn bytes_that_are_not_text_are_a_finding() {
    let run = check_dockerfile(b"FROM a\n# caf\xe9\nRUN echo \xff\xfe\n");
    assert_eq!(run.status, 1);
    assert!(run.stdout.contains("syntax/encoding"), "{run}");
    check_dockerfile([0_u8, 159, 146, 150].repeat(1000));
}

#[test]
fn what_is_not_there_or_not_a_file_is_status_2() {
    let project = Project::new(&[]);
    assert_snapshot("bad-missing", &check(&project));
    project.write("Dockerfile/inner", "");
    let run = check(&project);
    assert_eq!(run.status, 1, "a folder is searched, whatever it is called: {run}");
}

#[cfg(unix)]
#[test]
fn what_may_not_be_read_is_status_2() {
    use std::os::unix::fs::PermissionsExt;
    let project = Project::new(&[("Dockerfile", GOOD)]);
    fs::set_permissions(project.path("Dockerfile"), fs::Permissions::from_mode(0o000)).unwrap();
    // Root reads everything.
    if fs::read(project.path("Dockerfile")).is_err() {
        let run = check(&project);
        assert_eq!(run.status, 2);
        assert!(run.stderr.contains("permission denied"), "{run}");
    }
}

/// What grows without end in one direction. Each is small enough for a debug build, and large enough that an algorithm
/// of quadratic time would be felt; `benches/check.rs` measures the ratio.
#[test]
fn large_files_are_checked_to_their_end() {
    let lines = |count: usize, line: &dyn Fn(usize) -> String| (0..count).map(line).collect::<String>();
    let nested = |count: usize| format!("{}x{}", "${A:-".repeat(count), "}".repeat(count));
    for text in [
        format!("FROM a\n{}", "RUN echo some words of a command\n".repeat(5_000)),
        format!("FROM a\nRUN {}b\n", "echo some words && \\\n".repeat(10_000)),
        format!("FROM a\nRUN echo {}\n", "x".repeat(1 << 20)),
        format!("FROM a\nENV {}\n", lines(5_000, &|index| format!("A{index}=$A{} \\\n", index / 2))),
        lines(5_000, &|index| format!("FROM a AS s{index}\nRUN b\n")),
        format!(
            "FROM a AS s0\n{}",
            lines(3_000, &|index| format!("FROM s{index} AS s{}\nENV A{index}=1\n", index + 1))
        ),
        format!(
            "FROM a\n{}",
            lines(3_000, &|index| format!("RUN pip install p{index}==1\nWORKDIR w{index}\n"))
        ),
        format!("FROM a\nENV A={}\nRUN echo {}\n", nested(10_000), nested(10_000)),
    ] {
        check_dockerfile(text);
    }
}

fn check_requirements(files: &[(&str, &str)]) -> Run {
    let project = Project::new(files);
    project.write(
        "Dockerfile",
        "FROM python:3.10-slim\nCOPY . .\nRUN pip install --no-cache-dir -r requirements.txt\n",
    );
    check(&project)
}

#[test]
fn a_bad_requirement_is_a_finding_at_its_line() {
    assert_snapshot(
        "bad-requirement",
        &check_requirements(&[("requirements.txt", "requests==2.32.3\ntorch==\n")]),
    );
}

#[test]
fn a_missing_requirement_file_is_a_finding_where_it_is_named() {
    assert_snapshot("bad-missing-requirements", &check_requirements(&[]));
    assert_snapshot(
        "bad-missing-include",
        &check_requirements(&[("requirements.txt", "requests==2.32.3\n-r more.txt\n")]),
    );
}

#[test]
fn requirement_files_that_include_each_other_end() {
    let run = check_requirements(&[
        ("requirements.txt", "-r more.txt\nrequests==2.32.3\n"),
        ("more.txt", "-r requirements.txt\n"),
    ]);
    assert!(run.status < 2, "{run}");
}

#[cfg(unix)]
#[test]
fn links_out_of_the_context_are_not_followed() {
    let outside = Project::new(&[("secret.txt", "torch==2.1.2\ntorchvision==0.17.0\n")]);
    let project = Project::new(&[(
        "Dockerfile",
        "FROM python:3.10-slim\nCOPY . .\nRUN pip install --no-cache-dir -r requirements.txt\n",
    )]);
    std::os::unix::fs::symlink(outside.path("secret.txt"), project.path("requirements.txt")).unwrap();
    let run = check(&project);
    assert!(!run.stdout.contains("torchvision"), "{run}");
}

#[test]
fn a_broken_pack_or_configuration_touches_nothing() {
    let project = Project::new(&[("Dockerfile", GOOD), ("bad.toml", "[[rule]\n")]);
    for arguments in [
        &["fix", "--pack", "bad.toml"][..],
        &["fix", "--config", "bad.toml"],
        &["fix", "--pack", "gone.toml"],
    ] {
        let run = project.run(arguments);
        assert_eq!(run.status, 2, "{run}");
        assert_eq!(project.read("Dockerfile"), GOOD);
    }
}

#[test]
fn a_closed_output_is_no_fault() {
    use std::process::{Command, Stdio};
    let project = Project::new(&[]);
    for index in 0..200 {
        project.write(&format!("{index}/Dockerfile"), GOOD.repeat(20));
    }
    let mut child = Command::new(env!("CARGO_BIN_EXE_dlint"))
        .args(["check", "--format", "jsonl"])
        .current_dir(project.path(""))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
}
